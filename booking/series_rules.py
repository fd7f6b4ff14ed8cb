"""How a series follows one of its bookings to another clock time: pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import Invalid, NonexistentLocalTime, Refusal
from core.spans import Span, instant_of
from core.texts import N_


def shifted(span: Span, picked: Span, moved: Span, zone: ZoneInfo) -> Span | Refusal:
    """Where the span goes when `picked` goes to `moved`: as many days and as much clock time away, and as long.

    All on the local wall clock, so that 18–20 moved to 19–21 is 19–21 on either side of a night when the clock is
    set. A time that the clock skips then is the refusal that says so; the picked one goes just where it was sent.
    """
    if span == picked:
        return moved
    first, last = _wall(picked.start, zone), _wall(moved.start, zone)
    start = _wall(span.start, zone) + (last - first)
    end = start + (_wall(moved.end, zone) - last)
    try:
        found = Span(
            instant_of(zone, start.replace(fold=moved.start.astimezone(zone).fold)),
            instant_of(zone, end.replace(fold=moved.end.astimezone(zone).fold)),
        )
    except NonexistentLocalTime as refusal:
        return refusal
    if found.end <= found.start:
        return Invalid(field="end", expected=N_("an instant after start"))
    return found


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
