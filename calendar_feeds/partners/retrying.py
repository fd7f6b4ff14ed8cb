"""When what could not be delivered is tried again, when it is given up, and how long a failing partner rests. Pure."""

from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt; Standard Webhooks' proposal."""
ATTEMPTS: Final = len(PAUSES) + 1
JITTER: Final = 0.2
"""Of a pause, at most so much more: what failed together does not come together again."""
FIRST_REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=30)
FAILING_FOR: Final = timedelta(days=5)
"""Longer than all attempts at one delivery take: after so long without one that arrived it is paused."""
EARLIER_HOLDS: Final = timedelta(hours=24)
"""So long a secret that was rotated away still signs."""


def pause_after(attempts: int, roll: float) -> timedelta | None:
    """How long to wait after so many attempts have failed; None: it was the last. `roll`: from 0 to 1."""
    assert attempts >= 1, "nothing has failed yet"
    assert 0 <= roll <= 1, "a share of the jitter"
    if attempts >= ATTEMPTS:
        return None
    return PAUSES[attempts - 1] * (1 + JITTER * roll)


def rest_after(failures: int) -> timedelta:
    """How long nothing is sent to a partner after so many failures in a row, whatever is due."""
    assert failures >= 1, "nothing has failed yet"
    return min(FIRST_REST * 2 ** min(failures - 1, 20), LONGEST_REST)
