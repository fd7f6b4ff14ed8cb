"""HTML routes of the case officer's case: deciding it, offering other times, writing in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import decide
from booking.book_pages import AUDIENCES
from booking.cases import appeals, case, writing
from booking.cases.asking import MOST_OF_A_FORM, sent_with_files
from booking.cases.case import OfficersCase, decides_at
from booking.cases.case_schemas import AppealAnswerIn
from booking.cases.case_views import OUTCOMES, decision_views, entry_views, offer_views
from booking.cases.deciding_form import (
    OFFER_FIELDS,
    asked,
    offer_form,
    offer_of,
    undecided_of,
    what_is_wrong,
)
from booking.decisions import told_in
from booking.own_money import OwnMoney, money_of
from booking.own_pages import sent, version_of
from booking.price_views import officer_price
from booking.receipts import answer_pairs, questions_of
from booking.schemas import DecisionIn
from booking.showing import may_read
from booking.told import refusal_view
from booking.views import View, booking_view, span_of
from booking.weeks import ShownWeek, resource_week
from core.db import AnyRow
from core.errors import AlreadyDecided, Forbidden, Invalid, NotFound, Refusal, SignInNeeded
from core.page import link
from core.spans import DAY, Span, local_date, monday_of
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere
from resources.activities import ACTIVITIES
from resources.questions import Question
from resources.views import labels

DONE: Mapping[str, str] = {
    "decided": N_("The answer is sent."),
    "some": N_("What could be approved is approved. The rest waits for your answer."),
    "offered": N_("The offer is sent. The time is held until it is answered."),
    "written": N_("It is written in the case."),
    "appeal": N_("The outcome of the appeal is written down."),
}
WEEK = 7 * DAY


class Shown(Struct, frozen=True):
    """The case and the week picture beside it."""

    case: OfficersCase
    week: ShownWeek | None
    monday: date
    questions: Sequence[Question]
    """That were answered."""
    money: Mapping[UUID, OwnMoney]


@get("/requests/{application_id:uuid}")
async def request(desk: AtDesk, application_id: FromPath[UUID]) -> Response[str]:
    """One, to decide."""
    return _page(desk, await _shown(desk, application_id), {})


async def _shown(desk: Desk, application_id: UUID) -> Shown:
    query, zone = desk.request.query_params, desk.tenant.zone

    async def work(db: AsyncSession, actor: Actor) -> Shown:
        demand_somewhere(actor, "application.decide")
        found = await case.officers_case(db, actor, desk.tenant, application_id, desk.now)
        about = undecided_of(found.out) or found.out.bookings
        chosen = next((each for each in about if str(each.id) == query.get("offer")), about[0])
        monday = _monday(query.get("week")) or monday_of(local_date(zone, chosen.start))
        wanted = [span_of(each) for each in about if each.resource_id == chosen.resource_id]
        try:
            week = await resource_week(
                db, actor, desk.tenant, chosen.resource_id, monday, desk.now, wanted=wanted
            )
        except NotFound:
            week = None  # no longer published
        money = await money_of(db, actor, [each.id for each in found.out.bookings], desk.now)
        return Shown(found, week, monday, await questions_of(db, found.out), money)

    return await desk.read(work)


def _monday(code: str | None) -> date | None:
    """Of an ISO day in the address."""
    try:
        day = date.fromisoformat(code or "")
    except ValueError:
        return None
    return monday_of(day) if 2000 < day.year < 2100 else None


@post("/requests/{application_id:uuid}", status_code=200)
async def answer(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """All that was chosen, or nothing; by the buttons for all, all that can be."""
    values = await sent(desk)
    version = version_of(values)
    shown = await _shown(desk, application_id)
    waiting = [each for each in undecided_of(shown.case.out) if _decides(desk, shown, each.id)]
    if not waiting:
        refusal = AlreadyDecided()
        return _page(desk, shown, values, refusals=[refusal_view(refusal, desk.texts)], status=refusal.status)
    form = asked(values, waiting)
    errors = what_is_wrong(form, values, waiting, desk.texts)
    if form is None or errors:
        return _page(desk, shown, values, errors=errors, status=422)
    return await _decide(desk, application_id, form, values, version, done="decided")


@post("/requests/{application_id:uuid}/offer", status_code=200)
async def offer(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """Another time instead of one that was asked for."""
    values = await sent(desk)
    version = version_of(values)
    shown = await _shown(desk, application_id)
    waiting = [each for each in undecided_of(shown.case.out) if _decides(desk, shown, each.id)]
    form, errors = offer_of(values, waiting, desk.texts)
    if form is None:
        return _page(desk, shown, values, errors=errors, status=422)
    return await _decide(desk, application_id, form, values, version, done="offered")


def _decides(desk: Desk, shown: Shown, booking_id: UUID) -> bool:
    rows = shown.case.found.bookings
    return any(row.id == booking_id and decides_at(desk.actor, row) for row in rows)


async def _decide(
    desk: Desk,
    application_id: UUID,
    form: DecisionIn,
    values: Mapping[str, str],
    version: int,
    *,
    done: str,
) -> Response[Any]:
    try:
        out = await desk.change(
            lambda db, actor: decide.decide(
                db, actor, desk.tenant, application_id, form, now=desk.now, version=version
            )
        )
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        errors = {}
        if isinstance(refusal, Invalid):
            errors = {
                "from_time" if form.bookings[0].offer else "reason": refusal.expected(desk.texts.gettext)
            }
        views = [] if errors else [refusal_view(refusal, desk.texts)]
        now_is = await _shown(desk, application_id)
        return _page(desk, now_is, values, errors=errors, refusals=views, status=refusal.status)
    if form.if_taken == "skip" and undecided_of(out):
        done = "some"
    return Redirect(desk.url(f"/requests/{application_id}", done=done), status_code=303)


@post(
    "/requests/{application_id:uuid}/write",
    status_code=200,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def write(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """A message, a question that stops the clock, or a note inside."""
    values: dict[str, str] = {}
    try:
        values, attached = await sent_with_files(desk)
        kind: Any = values.get("kind")
        if kind not in {"message", "question", "note"}:
            raise Invalid(field="kind", expected=N_("a message, a question or a note"))
        text = values.get("text", "")
        await desk.change(
            lambda db, actor: writing.write(
                db, actor, desk.tenant, application_id, kind=kind, text=text, attached=attached, now=desk.now
            )
        )
    except Invalid as refusal:
        errors = {refusal.facts["field"]: refusal.expected(desk.texts.gettext)}
        return _page(desk, await _shown(desk, application_id), values, errors=errors, status=refusal.status)
    return Redirect(desk.url(f"/requests/{application_id}", done="written") + "#timeline", status_code=303)


@post("/requests/{application_id:uuid}/appeals/{number:int}", status_code=200)
async def close_appeal(desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """What came of it."""
    values = await sent(desk)
    outcome: Any = values.get("outcome")
    text = values.get("answer", "")
    if outcome not in OUTCOMES or len(text) > writing.LONGEST_TEXT:
        errors = {f"outcome-{number}": desk.texts.gettext("Choose what came of the appeal.")}
        return _page(desk, await _shown(desk, application_id), values, errors=errors, status=422)
    form = AppealAnswerIn(outcome=outcome, text=text)
    await desk.change(
        lambda db, actor: appeals.answer_appeal(
            db, actor, desk.tenant, application_id, number, form, desk.now
        )
    )
    return Redirect(desk.url(f"/requests/{application_id}", done="appeal"), status_code=303)


def _page(
    desk: Desk,
    shown: Shown,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    found, texts = shown.case, desk.texts
    out, application = found.out, found.found.application
    path = desk.url(f"/requests/{out.id}")
    waiting = undecided_of(out)
    done = DONE.get(desk.request.query_params.get("done") or "")
    fields = [*(f"decision-{each.id}" for each in out.bookings), "reason", "reason_key", "reject_rivals"]
    return desk.page(
        "booking/case.html",
        status=status,
        notice=None if done is None else texts.gettext(done),
        request={
            "title": out.title,
            "applicant": out.applicant,
            "association": out.association,
            "team": found.team,
            "purpose": out.purpose,
            "activity": labels([out.activity], ACTIVITIES, texts)[0] if out.activity else None,
            "audience": texts.gettext(AUDIENCES.get(out.audience, out.audience)) if out.audience else None,
            "people": out.people,
            "submitted_at": out.created_at,
            "answer_by": application.answer_by,
            "paused_at": application.paused_at,
            "answers": answer_pairs(shown.questions, out, texts),
            "version": out.version,
            "bookings": [
                {
                    **booking_view(each, base=desk.base, now=desk.now, may_change=False, texts=texts),
                    "conflicts": [_rival(desk, row) for row in found.rivals.get(each.id, ())],
                    "price": officer_price(shown.money[each.id], texts) if each.id in shown.money else None,
                    "may_decide": each.state == "requested" and _decides(desk, shown, each.id),
                    "offer_url": link(path, offer=each.id) + "#offer",
                }
                for each in out.bookings
            ],
        },
        waiting=len(waiting),
        has_rivals=any(row.state == "requested" for rows in found.rivals.values() for row in rows),
        form={name: values.get(name, "") for name in fields},
        write_form={"kind": values.get("kind", "message"), "text": values.get("text", "")},
        offer_form={**offer_form(desk, waiting), **{n: values[n] for n in OFFER_FIELDS if n in values}},
        waiting_choices=[
            (str(each.id), f"{texts.span(span_of(each))}, {each.resource_name}") for each in waiting
        ],
        resource_choices=[
            (str(each.resource.id), f"{each.resource.name}, {each.facility.name}") for each in found.places
        ],
        reasons=[(row.key, told_in(row.texts, desk.language)) for row in found.reasons],
        outcomes=[(key, texts.gettext(name)) for key, name in OUTCOMES.items()],
        offers=offer_views(found.offers, desk, out.id),
        entries=entry_views(found.entries, desk, out.id),
        decisions=decision_views(found.decisions, desk, out.id),
        week=_week_view(shown, path),
        errors=errors or {},
        refusals=refusals,
        post_url=path,
        back_url=desk.url("/requests"),
    )


def _week_view(shown: Shown, path: str) -> View | None:
    if shown.week is None:
        return None
    return {
        "week": shown.week.week,
        "name": shown.week.facts.name,
        "book_url": path,
        "week_number": shown.monday.isocalendar().week,
        "previous_url": link(path, week=shown.monday - WEEK) + "#week-section",
        "next_url": link(path, week=shown.monday + WEEK) + "#week-section",
        "now_url": None,
        "left": {},
        "capacity": 1,
    }


def _rival(desk: Desk, row: AnyRow) -> View:
    """Who, only where the officer may read bookings."""
    knows = may_read(desk.actor, row)
    who = f"{row.association or row.applicant}: {row.title}" if knows else desk.texts.gettext("Somebody else")
    return {"who": who, "span": Span(row.starts_at, row.ends_at), "state": row.state}


handlers = [request, answer, offer, write, close_appeal]
