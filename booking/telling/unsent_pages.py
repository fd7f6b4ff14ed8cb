"""HTML routes of what was to go out and has not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import unsent
from booking.telling.unsent import Failure
from core.errors import NotFound
from core.recurrence import RECURRING
from core.settings import Settings
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.profile_pages import sent

KINDS: Mapping[str, str] = {
    "LetterWritten": N_("A letter by e-mail"),
    "TextMessageWritten": N_("A text message (SMS)"),
    "BookingsChanged": N_("Telling of a change of bookings"),
    "CaseWritten": N_("Telling of a message in a case"),
    "CaseAssigned": N_("Telling of a case handed over"),
    "OfferMade": N_("Telling of an offer"),
    "ReplacementsFound": N_("Telling of other times"),
    "SeenFree": N_("Telling of something free"),
}
"""Kind of message → what it is to people; others stand for themselves."""


@get("/staff/messages")
async def outgoing(desk: AtDesk) -> Response[str]:
    """What fails, what was given up, what was never sent."""
    found = await desk.read(lambda db, actor: unsent.outgoing(db, actor, desk.now))
    settings: Settings = desk.request.app.state.settings
    done = "done" in desk.request.query_params
    return desk.page(
        "booking/outgoing.html",
        notice=desk.texts.gettext("It is sent again. Look here in a minute.") if done else None,
        letters=found.letters,
        text_messages=found.text_messages,
        left=found.left,
        has_mail=settings.mail_url is not None,
        has_sms=settings.sms_url is not None,
        failing=[_view(desk, each) for each in found.failing],
        dead=[_view(desk, each) for each in found.dead],
        post_url=desk.url("/staff/messages/resend"),
    )


def _view(desk: Desk, each: Failure) -> dict[str, Any]:
    name = each.kind.removeprefix(RECURRING)
    return {
        "id": each.id,
        "kind": desk.texts.gettext(KINDS[name]) if name in KINDS else name,
        "attempts": each.attempts,
        "error": each.error,
        "created_at": each.created_at,
        "at": each.at,
    }


@post("/staff/messages/resend", status_code=303)
async def send_again(desk: AtDesk) -> Redirect:
    """One that was given up (`message`), all of them, or (`what` is left) what was never sent."""
    values = await sent(desk)
    chosen = values.get("message") or None

    async def work(db: AsyncSession, actor: Actor) -> None:
        if values.get("what") == "left":
            await unsent.send_left(db, actor, desk.now)
        else:
            await unsent.send_again(db, actor, _id(chosen), desk.now)

    await desk.change(work)
    return Redirect(desk.url("/staff/messages", done="sent"), status_code=303)


def _id(text: str | None) -> UUID | None:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound(what="message") from error


handlers = [outgoing, send_again]
