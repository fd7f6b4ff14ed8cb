"""HTML routes of ending letters of a kind by the link in them, without signing in."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling.unsubscribing import Ending, end, is_on, read_token
from core.texts import N_
from core.vault import Vault
from people.actors import Actor
from people.desk import AtDesk, Desk

NAMES: Mapping[str, str] = {
    "reminder": N_("Reminders of your bookings"),
    "waiting": N_("Letters about times that become free"),
    "digest": N_("Letters each weekday morning about requests that wait"),
}
"""What is ended → how it is called."""


@get("/unsubscribe/{secret:str}")
async def ask(desk: AtDesk, secret: FromPath[str]) -> Response[str]:
    """Nothing is ended by following a link: programs that look for malice follow them all."""

    async def work(db: AsyncSession, _actor: Actor) -> tuple[Ending, bool]:
        ending = _ending(desk, secret)
        return ending, await is_on(db, ending)

    ending, gets_them = await desk.read(work)
    return _page(desk, ending, secret, is_over=not gets_them)


# Mail programs post here from their own servers, or from pages of theirs (RFC 8058 §3.1): the seal in the address is
# the proof, no cookie counts, and the worst that can be done is what the reader of the letter may do anyway.
@post("/unsubscribe/{secret:str}", status_code=200, opt={"from_servers": True, "takes_files": True})
async def unsubscribe(desk: AtDesk, secret: FromPath[str]) -> Response[str]:
    """One click; what the body says does not matter."""

    async def work(db: AsyncSession, _actor: Actor) -> Ending:
        ending = _ending(desk, secret)
        await end(db, ending, desk.now)
        return ending

    return _page(desk, await desk.change(work), secret, is_over=True)


def _ending(desk: Desk, secret: str) -> Ending:
    vault: Vault = desk.request.app.state.vault
    return read_token(vault, desk.tenant.id, secret)


def _page(desk: Desk, ending: Ending, secret: str, *, is_over: bool) -> Response[str]:
    return desk.page(
        "booking/unsubscribe.html",
        what=desk.texts.gettext(NAMES[ending.wish]),
        is_over=is_over,
        post_url=desk.url(f"/unsubscribe/{secret}"),
        profile_url=desk.url("/me"),
    )


handlers = [ask, unsubscribe]
