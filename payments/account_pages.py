"""HTML routes of the municipality's account with the payment provider."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.response import Redirect

from core.texts import N_
from payments import accounts as service
from payments import reconciling
from payments.onward_pages import onward
from payments.provider import Provider
from people.desk import AtDesk, Desk

PATH: Final = "/staff/provider"
A_MONTH: Final = timedelta(days=31)
DONE: Final[Mapping[str, str]] = {
    "asked": N_("This is what the provider says now."),
    "comparing": N_(
        "The provider's books are being compared with ours. What differs is shown among the payments."
    ),
    "again": N_("The address was used, or too old. Go on once more from here."),
}
"""What the address says was just done → how it is told."""
STATES: Final[Mapping[str, str]] = {
    "none": N_("Not connected"),
    "wanted": N_("Being connected"),
    "onboarding": N_("The provider does not know enough yet"),
    "active": N_("Money can be taken"),
    "restricted": N_("The provider takes no money for the municipality now"),
}
COLOURS: Final[Mapping[str, str]] = {"active": "success", "restricted": "danger"}


def _provider(desk: Desk) -> Provider | None:
    return desk.request.app.state.provider


@get(PATH)
async def account(desk: AtDesk) -> Response[str]:
    """How it stands, and what to do next."""
    provider = _provider(desk)
    found = await desk.read(lambda db, actor: service.standing(db, actor, provider))
    done = DONE.get(desk.request.query_params.get("done") or "")
    return desk.page(
        "payments/provider.html",
        notice=None if done is None else desk.texts.gettext(done),
        account=None
        if found is None
        else {
            "state": desk.texts.gettext(STATES[found.state]),
            "colour": COLOURS.get(found.state, "neutral"),
            "is_new": found.state == "none",
            "is_known": found.state not in {"none", "wanted"},
            "is_active": found.state == "active",
            "wants": found.wants,
            "read_at": found.read_at,
        },
        post_url=desk.url(PATH),
        ask_url=desk.url(f"{PATH}/ask"),
        compare_url=desk.url(f"{PATH}/compare"),
    )


@post(PATH, status_code=200)
async def connect(desk: AtDesk) -> Response[Any]:
    """On to the provider, where the municipality tells who it is."""
    provider = _provider(desk)
    url = await service.onboard(
        desk.change,
        provider,
        desk.tenant,
        return_url=desk.address(f"{PATH}/back"),
        refresh_url=desk.address(PATH) + "?done=again",
        now=desk.now,
    )
    assert provider is not None, "onboard has looked"
    return onward(desk, url, provider.name)


@get(f"{PATH}/back")
async def come_back(desk: AtDesk) -> Redirect:
    """From the provider. Whether all was told there, it alone knows: it is asked."""
    await service.look(desk.change, _provider(desk), desk.now)
    return Redirect(desk.url(PATH, done="asked"), status_code=303)


@post(f"{PATH}/ask", status_code=200)
async def ask(desk: AtDesk) -> Redirect:
    """How it stands now."""
    await service.look(desk.change, _provider(desk), desk.now)
    return Redirect(desk.url(PATH, done="asked"), status_code=303)


@post(f"{PATH}/compare", status_code=200)
async def compare(desk: AtDesk) -> Redirect:
    """The last month's books, as they are compared each night for the last days."""
    await desk.change(lambda db, actor: reconciling.want_by_hand(db, actor, desk.now, back=A_MONTH))
    return Redirect(desk.url(PATH, done="comparing"), status_code=303)


pages = Router(
    path="/{m:str}", route_handlers=[account, connect, come_back, ask, compare], include_in_schema=False
)
