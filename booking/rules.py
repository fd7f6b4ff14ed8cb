"""May this person have this time now, and if not, why not?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from booking.availability import (
    LONGEST_MINUTES,
    PoolTaken,
    Taken,
    Terms,
    UnitTaken,
    blocked,
    earliest_start,
    horizon_end,
    is_allowed_length,
    longest_minutes,
    max_quantity,
    padded_for,
    shortest_minutes,
)
from core.errors import (
    Closed,
    Invalid,
    LimitReached,
    OffGrid,
    OutsideOpeningHours,
    Refusal,
    TimeTaken,
    TooFarAhead,
    TooLong,
    TooShort,
    TooSoon,
)
from core.spans import (
    DAY,
    MINUTE,
    Span,
    clock_reaches,
    local_date,
    local_day,
    merge,
    monday_of,
)
from resources.opening import OpeningHours, next_on_grid, open_spans, whole_open_spans

LimitKind = Literal["active_bookings", "minutes_per_week"]


class Limit(Struct, frozen=True):
    """How much one holder may have: at a resource, at a facility, or (`place_id` None) in all."""

    kind: LimitKind
    value: int
    place_id: UUID | None = None


class Usage:
    """What a holder has: live bookings, and wishes of the application at hand that were allowed so far.

    A booking is active until it ends. Weeks are ISO weeks of the local clock; a booking over the edge of a week
    counts in each with the real time it has there. So bookings since Monday of the current week must be added.
    """

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self.zone = zone
        self.now = now
        self._active: Counter[UUID | None] = Counter()
        self._weeks: dict[tuple[UUID | None, date], timedelta] = {}

    def copy(self) -> "Usage":
        """One to add to without changing this one."""
        usage = Usage(self.zone, self.now)
        usage._active, usage._weeks = Counter(self._active), dict(self._weeks)
        return usage

    def add(self, span: Span, *, resource_id: UUID, facility_id: UUID) -> None:
        weeks = list(time_by_week(span, self.zone))
        for place_id in (None, facility_id, resource_id):
            self._active[place_id] += span.end > self.now
            for monday, time in weeks:
                self._weeks[place_id, monday] = self._weeks.get((place_id, monday), timedelta()) + time

    def allows(self, limits: Iterable[Limit], wish: Span) -> bool:
        """No limit is passed; what `availability.first_free` takes as `allowed`."""
        return not any(self.refusals(limits, wish))

    def refusals(self, limits: Iterable[Limit], wish: Span) -> Iterator[LimitReached]:
        """Why the wish would be too much. The limits are those that hold where the wish is."""
        for limit in limits:
            if limit.kind == "active_bookings":
                used = self._active[limit.place_id]
                if used + 1 > limit.value:
                    yield LimitReached(kind=limit.kind, limit=limit.value, used=used, place_id=limit.place_id)
                continue
            for monday, time in time_by_week(wish, self.zone):
                spent = self._weeks.get((limit.place_id, monday), timedelta())
                if spent + time > timedelta(minutes=limit.value):
                    yield LimitReached(
                        kind=limit.kind,
                        limit=limit.value,
                        used=spent // timedelta(minutes=1),
                        place_id=limit.place_id,
                        week=local_day(self.zone, monday).start,
                    )


def time_by_week(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, timedelta]]:
    """The Monday of each local ISO week that the span touches, and the real time it has in that week."""
    monday = monday_of(local_date(zone, span.start))
    start = span.start
    while start < span.end:
        next_monday = monday + 7 * DAY
        end = min(span.end, local_day(zone, next_monday).start)
        yield monday, end - start
        monday, start = next_monday, end


def refusals(
    terms: Terms,
    hours: OpeningHours,
    taken: Taken,
    *,
    wish: Span,
    now: datetime,
    quantity: int = 1,
    usage: Usage | None = None,
    limits: Sequence[Limit] = (),
) -> list[Refusal]:
    """Every reason why the wish may not become a booking; the one most worth telling first. Empty: it may.

    Says yes to exactly the starts that `availability.starts` gives, less those over a limit.
    """
    if wish.length > LONGEST_MINUTES * MINUTE:
        return [TooLong(max_minutes=longest_minutes(terms))]
    reasons = [
        *_about_quantity(terms, taken, quantity),
        *_about_length(terms, wish),
        *_about_window(terms, hours.zone, wish, now),
        *_about_opening(terms, hours, wish),
        *_about_others(terms, hours, taken, wish, quantity),
    ]
    if usage is not None:
        reasons += usage.refusals(limits, wish)
    return reasons


def check_change_deadline(starts_at: datetime, deadline_minutes: int, now: datetime) -> None:
    """A holder may cancel or move until so many minutes before the start. Raises TooSoon after that."""
    deadline_at = starts_at - timedelta(minutes=deadline_minutes)
    if now > deadline_at or now >= starts_at:
        raise TooSoon(deadline_at=deadline_at)


def _about_quantity(terms: Terms, taken: Taken, quantity: int) -> Iterator[Refusal]:
    most = max_quantity(terms, taken)
    if not 1 <= quantity <= most:
        yield Invalid(field="quantity", expected=f"a number from 1 to {most}", at_most=most)


def _about_length(terms: Terms, wish: Span) -> Iterator[Refusal]:
    shortest = shortest_minutes(terms)
    if wish.length < shortest * MINUTE:
        yield TooShort(min_minutes=shortest)
    elif wish.length > longest_minutes(terms) * MINUTE:
        yield TooLong(max_minutes=longest_minutes(terms))
    elif not is_allowed_length(terms, wish.length):
        yield OffGrid(interval_minutes=terms.interval_minutes)


def _about_window(terms: Terms, zone: ZoneInfo, wish: Span, now: datetime) -> Iterator[Refusal]:
    if terms.published_from is not None and now < terms.published_from:
        yield TooFarAhead(opens_at=terms.published_from)
    if terms.published_until is not None and terms.published_until < wish.end:
        yield Closed(closures=[Span(max(wish.start, terms.published_until), wish.end)])
    earliest_at = earliest_start(terms, now, zone)
    if wish.start < earliest_at:
        yield TooSoon(earliest_at=earliest_at)
    latest_at = horizon_end(terms, now, zone)
    if wish.end > latest_at:
        yield TooFarAhead(latest_at=latest_at, opens_at=_opens_at(terms, zone, wish))


def _opens_at(terms: Terms, zone: ZoneInfo, wish: Span) -> datetime | None:
    """When the horizon comes to the wish; None beyond the end of all time."""
    if terms.horizon_days is None:
        return None
    last = local_date(zone, wish.end - timedelta.resolution)
    return clock_reaches(zone, last - terms.horizon_days * DAY, terms.horizon_opens_minute)


def _about_opening(terms: Terms, hours: OpeningHours, wish: Span) -> Iterator[Refusal]:
    for span in whole_open_spans(hours, wish):
        if span.holds(wish):
            yield from _about_grid(terms, hours.zone, span, wish)
            return
    closures = [span for span in merge(hours.closures) if span.meets(wish)]
    if closures:
        yield Closed(closures=closures)
    if not hours.closures or _is_outside(hours, wish):
        days = Span(
            local_day(hours.zone, local_date(hours.zone, wish.start)).start,
            local_day(hours.zone, local_date(hours.zone, wish.end - timedelta.resolution)).end,
        )
        yield OutsideOpeningHours(open=open_spans(hours, days))


def _is_outside(hours: OpeningHours, wish: Span) -> bool:
    """Would be closed at the wish even without closures."""
    without = OpeningHours(hours.zone, hours.own, hours.inherited, hours.closed_days, hours.extra)
    return not any(span.holds(wish) for span in whole_open_spans(without, wish))


def _about_grid(terms: Terms, zone: ZoneInfo, open_span: Span, wish: Span) -> Iterator[Refusal]:
    after = next_on_grid(zone, open_span.start, wish.start, step=terms.step)
    if after == wish.start:
        return
    before = next_on_grid(
        zone, open_span.start, max(open_span.start, wish.start - terms.step), step=terms.step
    )
    nearest = [start for start in (before, after) if start + wish.length <= open_span.end]
    yield OffGrid(interval_minutes=terms.interval_minutes, nearest=nearest)


def _about_others(
    terms: Terms, hours: OpeningHours, taken: Taken, wish: Span, quantity: int
) -> Iterator[Refusal]:
    in_way = {span for unit in taken for span in _in_way(unit, terms, wish, quantity)}
    conflicts = [span for span in in_way if not any(closure.holds(span) for closure in hours.closures)]
    if conflicts:
        yield TimeTaken(conflicts=sorted(conflicts))


def _in_way(unit: UnitTaken | PoolTaken, terms: Terms, wish: Span, quantity: int) -> list[Span]:
    """The bookings of others whose padded time, or ours, meets the other's time; closures and the like as they are.

    A pool says where it is too full.
    """
    if isinstance(unit, PoolTaken):
        return [span for span in blocked(unit, terms, quantity) if span.meets(wish)]
    padded = padded_for(terms, wish)
    pads = [pad for pad in unit.pads if pad.meets(wish)]
    cores = [core for core in unit.cores if padded.meets(core) or any(pad.meets(core) for pad in pads)]
    return cores + [pad for pad in pads if not any(pad.meets(core) for core in cores)]
