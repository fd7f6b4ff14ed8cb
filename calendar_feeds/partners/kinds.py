"""What partners may be told of: which change of the log is which kind of news. Pure."""

from collections.abc import Collection, Mapping
from typing import Final

from core.texts import N_

KINDS: Final[Mapping[str, str]] = {
    "booking.requested": N_("Somebody has asked for a time, or changed what was asked for."),
    "booking.confirmed": N_("A booking is confirmed: the time is somebody's."),
    "booking.changed": N_(
        "A confirmed booking has another time or place, or what is told of it has changed."
    ),
    "booking.left": N_("A booking was moved away from this resource to another."),
    "booking.ended": N_(
        "A booking or request is over: cancelled, withdrawn, rejected, displaced, lapsed, given back."
    ),
    "closure.laid": N_("A resource is closed for a time."),
    "closure.lifted": N_("A closure of a resource is lifted."),
}
"""Kind → what has happened, for people."""
TEST: Final = "test.ping"
"""What is sent to try whether it arrives; nobody chooses it."""
ASKED: Final = frozenset({"requested", "awaiting_payment"})
CLOSURES: Final[Mapping[str, str]] = {"closed": "closure.laid", "lifted": "closure.lifted"}


def kind_of(thing: str, state: str, earlier: Collection[str]) -> str | None:
    """`thing` and `state` as the log has them; `earlier`: states of the same thing in the log before.

    None: nobody is told. A hold is no news, and neither is the end of what was never more than one.
    """
    if thing == "closure":
        return CLOSURES[state]
    if state == "held":
        return None
    if state in ASKED:
        return "booking.requested"
    if state == "confirmed":
        return "booking.changed" if "confirmed" in earlier else "booking.confirmed"
    if not any(was == "confirmed" or was in ASKED for was in earlier):
        return None
    return "booking.left" if state == "elsewhere" else "booking.ended"
