"""When a code is valid, what is said to the lock next, and when it is tried again. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from core.spans import MINUTE, Span

State = Literal["wanted", "placed", "withdrawing", "gone", "failed"]
FIGURES: Final = 6
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
"""After each failed attempt; the last for ever, as long as there is something to gain."""
LEASE: Final = timedelta(seconds=60)
"""Longer than a call may take: then whoever took it is dead, and somebody else calls again."""
ASKED_ANEW: Final = timedelta(minutes=30)
"""So long before it is valid a code is placed once more: a lock may have lost what it knew."""
TOLD_BEFORE: Final = timedelta(hours=1)
"""So long before the booking begins its holder is told that the lock has no code for her."""
CODES_TRIED: Final = 5
"""That a lock says it has already, for one booking."""
GONE: Final = frozenset({404, 410})
LATER: Final = frozenset({408, 425, 429})
IN_USE: Final = 409


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a call went: `status` of the answer, or why there was none."""

    status: int | None = None
    error: str | None = None

    @property
    def is_done(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """The lock has understood, and says no."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in LATER


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a code stands after a call."""

    state: State
    due_at: datetime | None
    attempts: int
    error: str | None
    has_new_code: bool = False


def validity(booked: Span, *, setup: int, cleanup: int, before: int, after: int) -> Span:
    """When the code opens: the booking with the lock's margins, and at least its set-up and clean-up (minutes)."""
    return Span(booked.start - max(setup, before) * MINUTE, booked.end + max(cleanup, after) * MINUTE)


def after_call(state: State, attempts: int, outcome: Outcome, *, valid: Span, now: datetime) -> Standing:
    """What has become of a code that was wanted, placed (asked anew) or withdrawing."""
    assert state in {"wanted", "placed", "withdrawing"}, "nothing was said to the lock"
    if state == "withdrawing":
        if outcome.is_done or outcome.status in GONE:
            return Standing(state="gone", due_at=None, attempts=0, error=None)
        return _again("withdrawing", attempts, outcome, now)
    if outcome.is_done:
        return Standing(state="placed", due_at=asked_anew_at(valid, now), attempts=0, error=None)
    if outcome.status == IN_USE and attempts < CODES_TRIED:
        return Standing(state="wanted", due_at=now, attempts=attempts + 1, error="in_use", has_new_code=True)
    if outcome.is_final:
        return Standing(state="failed", due_at=None, attempts=attempts + 1, error=_why(outcome))
    return _again("wanted", attempts, outcome, now)


def asked_anew_at(valid: Span, now: datetime) -> datetime | None:
    """When a placed code is placed once more; None: it was just now."""
    at = valid.start - ASKED_ANEW
    return at if at > now else None


def _again(state: State, attempts: int, outcome: Outcome, now: datetime) -> Standing:
    pause = PAUSES[min(attempts, len(PAUSES) - 1)]
    return Standing(state=state, due_at=now + pause, attempts=attempts + 1, error=_why(outcome))


def _why(outcome: Outcome) -> str:
    if outcome.status == IN_USE:
        return "in_use"
    return outcome.error or f"status {outcome.status}"
