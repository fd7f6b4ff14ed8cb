"""HTML routes of the applicant's side of a case: what has become of it, writing, answering offers, withdrawing."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking import doors, offers, replacing, showing
from booking.cases import case, writing
from booking.cases.asking import MOST_OF_A_FORM, sent_with_files
from booking.cases.case import OwnCase
from booking.cases.case_api import demand_of
from booking.cases.case_views import decision_views, entry_views, offer_views
from booking.own_money import OwnMoney, money_of
from booking.own_pages import sent, version_of
from booking.preview import Alternative, alternatives
from booking.receipts import answer_pairs, missed_views, questions_of
from booking.schemas import ApplicationOut, ReplacementOut
from booking.told import refusal_view
from booking.views import View, alternative_views, application_view, replacement_views, span_of
from core import files
from core.errors import Forbidden, Invalid, NotFound, Refusal, SignInNeeded
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources.questions import Question

DONE: Mapping[str, str] = {
    "written": N_("Your message is sent to the municipality."),
    "accepted": N_("The time is yours."),
    "declined": N_("You have declined. What you asked for waits for the municipality again."),
    "withdrawn": N_("Your request is withdrawn."),
    "appealed": N_("Your appeal is received."),
    "replaced": N_("The time is yours."),
    "gone": N_("Somebody was quicker. This is what is free now."),
}


class Shown(Struct, frozen=True):
    """The application, and the case for those who may see it."""

    out: ApplicationOut
    own: OwnCase | None
    others: list[Alternative]
    """Free times instead of the first that was not granted."""
    questions: Sequence[Question]
    instead: Mapping[UUID, Sequence[ReplacementOut]]
    """What her displaced bookings may have instead."""
    money: Mapping[UUID, OwnMoney]
    codes: Mapping[UUID, doors.Code]
    """What opens the doors: for the holder alone."""


@get("/applications/{application_id:uuid}")
async def application(desk: AtDesk, application_id: FromPath[UUID]) -> Response[str]:
    """The receipt, and later the case as the applicant sees it."""
    return _page(desk, await _shown(desk, application_id), {})


async def _shown(desk: Desk, application_id: UUID) -> Shown:
    async def work(db: AsyncSession, actor: Actor) -> Shown:
        out = await showing.application(db, actor, desk.tenant, application_id, desk.now)
        questions = await questions_of(db, out)
        instead = await replacing.for_application(db, actor, desk.tenant, out, desk.now)
        money = await money_of(db, actor, [each.id for each in out.bookings], desk.now)
        codes = await _codes(db, desk, actor, out)
        try:
            own = await case.own_case(db, actor, desk.tenant, application_id, desk.now)
        except Forbidden:
            return Shown(
                out, None, [], questions, instead, money, codes
            )  # staff who read bookings, and no cases
        others: list[Alternative] = []
        lost = next(
            (each for each in out.bookings if each.state == "rejected" and each.start > desk.now), None
        )
        if lost is not None and own.found.is_holder:
            with suppress(NotFound):
                others = await alternatives(db, actor, desk.tenant, lost.resource_id, span_of(lost), desk.now)
        return Shown(out, own, others, questions, instead, money, codes)

    return await desk.read(work)


async def _codes(
    db: AsyncSession, desk: Desk, actor: Actor, out: ApplicationOut
) -> Mapping[UUID, doors.Code]:
    if not showing.is_holder(actor, out.person_id, out.association_id):
        return {}
    coming = [each.id for each in out.bookings if each.state == "confirmed" and each.end > desk.now]
    return await doors.codes(db, desk.request.app.state.vault, coming)


def _page(
    desk: Desk,
    shown: Shown,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: tuple[View, ...] = (),
    status: int = 200,
) -> Response[str]:
    query = desk.request.query_params
    view = application_view(
        shown.out,
        desk.actor,
        base=desk.base,
        now=desk.now,
        is_new="new" in query,
        missed=missed_views(query.getall("missed", []), desk.texts),
        texts=desk.texts,
        answers=answer_pairs(shown.questions, shown.out, desk.texts),
        doors=shown.codes,
        money=shown.money,
    )
    done = DONE.get(query.get("done") or "")
    return desk.page(
        "booking/receipt.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        application=view,
        replacements=replacement_views(shown.out, shown.instead, base=desk.base),
        case=None if shown.own is None else _case_view(desk, shown, shown.own),
        form={"text": values.get("text", "")},
        errors=errors or {},
        refusals=refusals,
    )


def _case_view(desk: Desk, shown: Shown, own: OwnCase) -> View:
    out = shown.out
    path = desk.url(f"/applications/{out.id}")
    may_write = own.found.is_holder
    pending = any(each.state in {"held", "requested", "awaiting_payment"} for each in out.bookings)
    return {
        "may_write": may_write,
        "waits_for_you": own.found.application.paused_at is not None,
        "answer_by": own.found.application.answer_by,
        "offers": offer_views(own.offers, desk, out.id),
        "decisions": decision_views(own.decisions, desk, out.id),
        "entries": entry_views(own.entries, desk, out.id),
        "others": alternative_views(shown.others, base=desk.base),
        "version": out.version,
        "write_url": f"{path}/write",
        "withdraw_url": f"{path}/withdraw" if may_write and pending else None,
    }


@post(
    "/applications/{application_id:uuid}/write",
    status_code=200,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def write_own(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """A message, or the answer that the municipality waits for."""
    values: dict[str, str] = {}
    try:
        values, attached = await sent_with_files(desk)
        text = values.get("text", "")

        async def work(db: AsyncSession, actor: Actor) -> None:
            found = await case.seen(db, actor, application_id, desk.now)
            case.demand_holder(found, "case.write")
            kind = "answer" if found.application.paused_at is not None else "message"
            await writing.write(
                db, actor, desk.tenant, application_id, kind=kind, text=text, attached=attached, now=desk.now
            )

        await desk.change(work)
    except Invalid as refusal:
        errors = {refusal.facts["field"]: refusal.expected(desk.texts.gettext)}
        return _page(desk, await _shown(desk, application_id), values, errors=errors, status=refusal.status)
    return _back(desk, application_id, "written")


@post("/applications/{application_id:uuid}/offers/{offer_id:uuid}/accept", status_code=200)
async def accept(desk: AtDesk, application_id: FromPath[UUID], offer_id: FromPath[UUID]) -> Response[Any]:
    """By one button."""

    async def work(db: AsyncSession, actor: Actor) -> None:
        await demand_of(db, application_id, offer_id)
        await offers.accept_offer(db, actor, desk.tenant, offer_id, desk.now)

    return await _answered(desk, application_id, work, "accepted")


@post("/applications/{application_id:uuid}/offers/{offer_id:uuid}/decline", status_code=200)
async def decline(desk: AtDesk, application_id: FromPath[UUID], offer_id: FromPath[UUID]) -> Response[Any]:
    """The same."""

    async def work(db: AsyncSession, actor: Actor) -> None:
        await demand_of(db, application_id, offer_id)
        await offers.decline_offer(db, actor, desk.tenant, offer_id, desk.now)

    return await _answered(desk, application_id, work, "declined")


@post("/applications/{application_id:uuid}/withdraw", status_code=200)
async def withdraw_own(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """What is undecided."""
    version = version_of(await sent(desk))

    async def work(db: AsyncSession, actor: Actor) -> None:
        await applying.withdraw(db, actor, desk.tenant, application_id, desk.now, version=version)

    return await _answered(desk, application_id, work, "withdrawn")


async def _answered(desk: Desk, application_id: UUID, work: Any, done: str) -> Response[Any]:
    """Back to the case, or the case with why not."""
    try:
        await desk.change(work)
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        shown = await _shown(desk, application_id)
        views = (refusal_view(refusal, desk.texts),)
        return _page(desk, shown, {}, refusals=views, status=refusal.status)
    return _back(desk, application_id, done)


def _back(desk: Desk, application_id: UUID, done: str) -> Redirect:
    return Redirect(desk.url(f"/applications/{application_id}", done=done), status_code=303)


@get("/applications/{application_id:uuid}/files/{file_id:uuid}")
async def file(desk: AtDesk, application_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """As something to keep, never to show."""
    row = await desk.read(lambda db, actor: case.file(db, actor, application_id, file_id, desk.now))
    return Response(row.content, media_type=row.media_type, headers=files.headers_of(row.name))


handlers = [application, write_own, accept, decline, withdraw_own, file]
