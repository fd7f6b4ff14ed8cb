"""HTML routes of the case officer: one case, and answering it (the queue: booking/cases/queue_pages.py)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import decide, queue_queries, showing
from booking.book_pages import AUDIENCES
from booking.own_pages import sent, version_of
from booking.schemas import ApplicationOut, BookingOut, DecisionIn, DecisionOn
from booking.told import refusal_view
from booking.views import View, booking_view
from core.db import AnyRow
from core.errors import NotFound, Refusal, SignInNeeded, WrongState
from core.spans import Span
from core.wire import has_nul
from people import queries as people
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere
from resources.activities import ACTIVITIES
from resources.views import labels

LONGEST_REASON = 5000


class Case(Struct, frozen=True):
    """An application with what an officer must see to decide."""

    out: ApplicationOut
    team: str | None
    rivals: Mapping[UUID, Sequence[AnyRow]]


def _demand_officer(actor: Actor) -> None:
    demand_somewhere(actor, "application.decide")


def _undecided(out: ApplicationOut) -> list[BookingOut]:
    return [each for each in out.bookings if each.state == "requested"]


async def _case(desk: Desk, application_id: UUID) -> Case:
    async def work(db: AsyncSession, actor: Actor) -> Case:
        _demand_officer(actor)
        out = await showing.application(db, actor, desk.tenant, application_id, desk.now)
        team = await people.team(db, out.team_id) if out.team_id is not None else None
        rivals = await queue_queries.rivals(db, [each.id for each in _undecided(out)])
        known = [row for rows in rivals.values() for row in rows if showing.may_read(actor, row)]
        await showing.note_others(db, actor, known, "booking", desk.now)
        return Case(out, team.name if team else None, rivals)

    return await desk.read(work)


@get("/requests/{application_id:uuid}")
async def request(desk: AtDesk, application_id: FromPath[UUID]) -> Response[str]:
    """One, to decide."""
    return _case_page(desk, await _case(desk, application_id), {})


@post("/requests/{application_id:uuid}", status_code=200)
async def answer(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """All that was chosen, or nothing."""
    values = await sent(desk)
    version, reason = version_of(values), values.get("reason", "").strip()
    case = await _case(desk, application_id)
    chosen = [
        DecisionOn(id=each.id, approve=said == "approve", reject=said == "reject")
        for each in _undecided(case.out)
        if (said := values.get(f"decision-{each.id}")) in {"approve", "reject"}
    ]
    if not _undecided(case.out):
        decided = refusal_view(WrongState(), desk.texts)
        return _case_page(desk, case, values, refusals=[decided], status=WrongState.status)
    errors = _errors(desk, case, chosen, reason)
    if errors:
        return _case_page(desk, case, values, errors=errors, status=422)
    form = DecisionIn(bookings=chosen, text=reason or None)
    try:
        await desk.change(
            lambda db, actor: decide.decide(
                db, actor, desk.tenant, application_id, form, now=desk.now, version=version
            )
        )
    except (SignInNeeded, NotFound):
        raise
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        now_is = await _case(desk, application_id)
        return _case_page(desk, now_is, values, refusals=views, status=refusal.status)
    return Redirect(desk.url("/requests", done="yes"), status_code=303)


def _errors(desk: Desk, case: Case, chosen: Sequence[DecisionOn], reason: str) -> dict[str, str]:
    waiting = _undecided(case.out)
    if not chosen:
        return {f"decision-{waiting[0].id}": desk.texts.gettext("Choose an answer to at least one time.")}
    if len(reason) > LONGEST_REASON or has_nul(reason):
        return {"reason": desk.texts.gettext("Write less.")}
    if any(each.reject for each in chosen) and not reason:
        return {"reason": desk.texts.gettext("Give the reason when you reject.")}
    return {}


def _case_page(
    desk: Desk,
    case: Case,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    out, texts = case.out, desk.texts
    bookings = [
        {
            **booking_view(each, base=desk.base, now=desk.now, may_change=False),
            "conflicts": [_rival(desk, row) for row in case.rivals.get(each.id, ())],
        }
        for each in out.bookings
    ]
    fields = [f"decision-{each.id}" for each in out.bookings]
    return desk.page(
        "booking/request.html",
        status=status,
        request={
            "title": out.title,
            "applicant": out.applicant,
            "association": out.association,
            "team": case.team,
            "purpose": out.purpose,
            "activity": labels([out.activity], ACTIVITIES, texts)[0] if out.activity else None,
            "audience": texts.gettext(AUDIENCES.get(out.audience, out.audience)) if out.audience else None,
            "people": out.people,
            "submitted_at": out.created_at,
            "version": out.version,
            "bookings": bookings,
        },
        form={name: values.get(name, "") for name in [*fields, "reason"]},
        errors=errors or {},
        refusals=refusals,
        post_url=desk.url(f"/requests/{out.id}"),
        back_url=desk.url("/requests"),
    )


def _rival(desk: Desk, row: AnyRow) -> View:
    """Who, only where the officer may read bookings."""
    knows = showing.may_read(desk.actor, row)
    who = f"{row.association or row.applicant}: {row.title}" if knows else desk.texts.gettext("Somebody else")
    return {"who": who, "span": Span(row.starts_at, row.ends_at), "state": row.state}


handlers = [request, answer]
