"""A process that reads one foreign calendar and ends: it may take so much memory and time, and touch nothing else.

An order as JSON in one line on its input, then the text; a ForeignCalendar as JSON on its output.
"""

import math
import resource
import signal
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from zoneinfo import ZoneInfo

import msgspec

from calendar_feeds.incoming.foreign import Hurry, OutOfTime, TooSlow, nothing, read
from calendar_feeds.incoming.occurrence import ReadLimits
from core.spans import Span


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to read, but for the text."""

    start: datetime
    end: datetime
    zone: str
    limits: ReadLimits


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    confine(order.limits)
    try:
        text = sys.stdin.buffer.read(order.limits.text_bytes + 1)
        window = Span(order.start, order.end)
        found = read(text, window, ZoneInfo(order.zone), order.limits, hurry=hurrying(order.limits))
        del text
        answer = msgspec.json.encode(found)
    except MemoryError:
        answer = msgspec.json.encode(nothing("too_much_memory"))
    sys.stdout.buffer.write(answer)


def confine(limits: ReadLimits) -> None:
    """From here on no way back: memory, processor, no files but those that are open, no core left behind."""
    seconds = math.ceil(limits.patience_seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def hurrying(limits: ReadLimits) -> Hurry:
    """A fifth of the time for each event, and no more than what is left; by the alarm clock of the process."""
    ends = time.monotonic() + limits.patience_seconds

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, ring)

    @contextmanager
    def hurry() -> Generator[None, None, None]:
        left = ends - time.monotonic()
        if left <= 0:
            raise OutOfTime
        signal.setitimer(signal.ITIMER_REAL, min(limits.patience_seconds / 5, left))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    return hurry


if __name__ == "__main__":
    main()
