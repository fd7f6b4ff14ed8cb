"""Webhooks and what they were told, as their pages show them."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import asdict

from calendar_feeds.partners.schemas import DeliveryOut, WebhookOut
from core.calling import FAILED
from core.destinations import REFUSED
from core.texts import N_
from people.desk import Desk

PATH: Final = "/staff/webhooks"
STATES: Final = frozenset({"on", "paused"})
DONE: Final[Mapping[str, str]] = {
    "made": N_("The address was added already."),
    "changed": N_("The changes are saved."),
    "tested": N_("A test is on its way. Look in the log in a moment."),
    "rotated": N_("The secret was changed already."),
    "replayed": N_("It is told again. Look in the log in a moment."),
    "removed": N_("The address is told nothing more."),
}
"""What the address says was just done → how it is told."""
PAUSED: Final[Mapping[str, str]] = {
    "by_hand": N_("Somebody has paused it."),
    "gone": N_("It answered that it is gone (410)."),
    "failing": N_("It has taken nothing for five days."),
}
FORGOTTEN: Final = N_("What it was about is no longer known.")


def webhook_view(desk: Desk, out: WebhookOut) -> dict[str, Any]:
    """With its own page, and whether something is wrong."""
    health = out.state
    if out.state == "on" and out.failing_since is not None:
        health = "failing"
    why = PAUSED.get(out.paused_why or "")
    return {
        **asdict(out),
        "health": health,
        "why": None if why is None else desk.texts.gettext(why),
        "url": desk.url(f"{PATH}/{out.id}"),
    }


def delivery_view(desk: Desk, out: DeliveryOut) -> dict[str, Any]:
    """With what went wrong, in words."""
    words: Mapping[str, str] = {**FAILED, **REFUSED, "forgotten": FORGOTTEN}
    error = words.get(out.error or "")
    return {**asdict(out), "error": None if error is None else desk.texts.gettext(error)}
