"""How an attached calendar is: when it is asked next, what is said of what is wrong, whom that concerns. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from core.texts import N_

ImportState = Literal["on", "paused", "gone"]
Why = Literal[
    "gone",
    "denied",
    "unresolved",
    "unreachable",
    "certificate",
    "too_slow",
    "too_large",
    "redirect",
    "broken",
    "refused",
    "answered_badly",
    "not_a_calendar",
    "too_much",
    "sealed",
    "held",
]
WHY: Final[Mapping[Why, str]] = {
    "gone": N_("There is no calendar at the address any more."),
    "denied": N_("The calendar's host does not let us read it. Perhaps sharing was switched off."),
    "unresolved": N_("The host of the address was not found."),
    "unreachable": N_("The host of the address does not answer."),
    "certificate": N_("The certificate of the host is not valid for the address."),
    "too_slow": N_("The answer took too long."),
    "too_large": N_("The calendar is larger than 10 MB."),
    "redirect": N_("The host sends on to another address, which may not be followed."),
    "broken": N_("The answer broke off or was not understood."),
    "refused": N_("The address does not lead to the open internet."),
    "answered_badly": N_("The host answered with a fault of its own."),
    "not_a_calendar": N_("What came is no calendar. Often it is a page to sign in at."),
    "too_much": N_("There is more in the calendar than can be read."),
    "sealed": N_("The address can no longer be opened here. Write it again."),
    "held": N_("Much or all of what the calendar held is gone from it. Nothing is removed until you say so."),
}
"""In words for whoever looks after the place."""
LONGEST_PAUSE: Final = timedelta(days=1)
TOLD_AFTER: Final = 5
"""Failures in a row, before anybody is troubled with it."""
GONE_AFTER: Final = timedelta(days=3)
"""So long without a calendar or its host, and it is called gone; it is asked once a day still."""
READ_ANEW_AFTER: Final = timedelta(days=7)
"""Though it be the same: meanwhile events far ahead have come within reach."""
VANISHED: Final = frozenset({"gone", "unresolved"})


class Standing(NamedTuple):
    """After a fetch that failed."""

    state: ImportState
    due_at: datetime
    is_to_tell: bool
    """Whether it has failed often enough for staff to hear of it, if they have not."""


def after_failure(
    why: Why, *, failures: int, since: datetime, every: timedelta, is_for_good: bool, now: datetime
) -> Standing:
    """`failures` in a row, this one included; `is_for_good`: the host says that there will never be one again."""
    pause = min(every * 2 ** min(failures - 1, 20), max(LONGEST_PAUSE, every))
    is_gone = is_for_good or (why in VANISHED and now - since >= GONE_AFTER)
    if is_gone:
        return Standing("gone", now + max(LONGEST_PAUSE, every), is_to_tell=True)
    return Standing("on", now + pause, is_to_tell=failures >= TOLD_AFTER)


def must_read(read_at: datetime | None, now: datetime) -> bool:
    """Whether the calendar must be read though it says that it has not changed."""
    return read_at is None or now - read_at >= READ_ANEW_AFTER
