"""What domain.md says of time, one minute after the other: slow, obvious, and nothing of the engine in it.

All spans it is asked about lie on whole steps of `grain` minutes; it looks at each step of the time alone. A rule
is told here as a question about one minute, never as arithmetic on spans.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from booking.availability import Part, PoolTaken, Taken, Terms, UnitTaken
from core.spans import Span
from resources.opening import OpeningHours, WeeklyOpening

WEEK = timedelta(days=7)


@cache
def instant_when_clock_shows(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first minute at which a clock on the wall shows that time of that day, or a later one."""
    sought = (day + timedelta(days=minute // 1440), minute % 1440)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while shown(zone, at) < sought:
        at += timedelta(minutes=1)
    return at


@cache
def shown(zone: ZoneInfo, at: datetime) -> tuple[date, int]:
    """Date and minute that the clock on the wall shows."""
    local = at.astimezone(zone)
    return local.date(), local.hour * 60 + local.minute


class Oracle:
    def __init__(
        self,
        terms: Terms,
        hours: OpeningHours,
        taken: Taken,
        *,
        now: datetime,
        quantity: int = 1,
        grain: int = 1,
    ) -> None:
        self.terms, self.hours, self.taken = terms, hours, taken
        self.now, self.quantity, self.grain = now, quantity, timedelta(minutes=grain)
        self._open: dict[datetime, bool] = {}
        self._free: dict[datetime, bool] = {}

    def minutes(self, span: Span) -> Iterator[datetime]:
        at = span.start
        while at < span.end:
            yield at
            at += self.grain

    def day_of(self, at: datetime) -> date:
        return shown(self.hours.zone, at)[0]

    # Opening hours

    def is_open(self, at: datetime) -> bool:
        if at not in self._open:
            self._open[at] = self._is_open(at)
        return self._open[at]

    def _is_open(self, at: datetime) -> bool:
        if any(closure.start <= at < closure.end for closure in self.hours.closures):
            return False
        if any(extra.start <= at < extra.end for extra in self.hours.extra):
            return True
        today = self.day_of(at)
        if today in self.hours.closed_days:
            return False
        return any(
            self._opens_for(line, day, at)
            for day in (today - timedelta(days=1), today)
            for line in self._lines(day)
        )

    def _lines(self, day: date) -> list[WeeklyOpening]:
        def is_valid(line: WeeklyOpening) -> bool:
            if line.valid_from is not None and day < line.valid_from:
                return False
            return line.valid_until is None or day <= line.valid_until

        if any(is_valid(line) for line in self.hours.own):
            return [line for line in self.hours.own if is_valid(line)]
        return [line for line in self.hours.inherited if is_valid(line)]

    def _opens_for(self, line: WeeklyOpening, day: date, at: datetime) -> bool:
        if day.isoweekday() != line.weekday:
            return False
        opens_at = instant_when_clock_shows(self.hours.zone, day, line.opens_minute)
        closes_at = instant_when_clock_shows(self.hours.zone, day, line.closes_minute)
        return opens_at <= at < closes_at

    def counted_from(self, at: datetime) -> datetime:
        """Walk back while it is open, a week at most; then from the last midnight."""
        origin = at
        while self.is_open(origin - self.grain):
            origin -= self.grain
            if at - origin == WEEK:
                midnight = at
                while self.day_of(midnight - self.grain) == self.day_of(at):
                    midnight -= self.grain
                return midnight
        return origin

    # Others

    def is_kept_free_by_others(self, at: datetime) -> bool:
        """This one minute could be part of a booking of ours, as far as others are concerned."""
        minute = Span(at, at + self.grain)
        return not any(self._in_way(unit, minute) for unit in self.taken)

    def _in_way(self, unit: UnitTaken | PoolTaken, own: Span) -> bool:
        setup, cleanup = (
            timedelta(minutes=n) for n in (self.terms.setup_minutes, self.terms.cleanup_minutes)
        )
        own_padded = Span(own.start - setup, own.end + cleanup)
        if isinstance(unit, UnitTaken):
            return any(_covers(unit.pads, at) for at in self.minutes(own)) or any(
                _covers(unit.cores, at) for at in self.minutes(own_padded)
            )
        spare = unit.capacity - self.quantity
        return any(_places(unit.pads, at) > spare for at in self.minutes(own)) or any(
            _places(unit.cores, at) > spare for at in self.minutes(own_padded)
        )

    # When one may book

    def is_bookable_yet(self, at: datetime) -> bool:
        terms, zone = self.terms, self.hours.zone
        if terms.published_from is not None and self.now < terms.published_from:
            return False
        if terms.published_until is not None and at >= terms.published_until:
            return False
        if at < self.now + timedelta(minutes=terms.notice_minutes):
            return False
        day, today = self.day_of(at), self.day_of(self.now)
        if terms.notice_days and (day - today).days < terms.notice_days:
            return False
        if terms.horizon_days is None:
            return True
        opens_on = day - timedelta(days=terms.horizon_days)
        return self.now >= instant_when_clock_shows(zone, opens_on, terms.horizon_opens_minute)

    # Answers

    def may_ask_so_many(self) -> bool:
        pools = [unit.capacity for unit in self.taken if isinstance(unit, PoolTaken)]
        return 1 <= self.quantity <= self.terms.max_quantity and all(self.quantity <= size for size in pools)

    def is_free(self, at: datetime) -> bool:
        if at not in self._free:
            self._free[at] = self._is_free(at)
        return self._free[at]

    def _is_free(self, at: datetime) -> bool:
        return (
            self.may_ask_so_many()
            and self.is_open(at)
            and self.is_bookable_yet(at)
            and self.is_kept_free_by_others(at)
        )

    def lengths(self) -> Iterator[int]:
        """Every allowed length in minutes, to three days and more."""
        for length in range(self.terms.interval_minutes, 5 * 1440, self.terms.interval_minutes):
            if length >= self.terms.min_minutes and length <= (self.terms.max_minutes or length):
                yield length

    def length_for(self, minutes: int) -> int | None:
        return next((length for length in self.lengths() if length >= minutes), None)

    def may_have(self, wish: Span) -> bool:
        if not all(self.is_free(at) for at in self.minutes(wish)):
            return False
        if wish.length not in [timedelta(minutes=length) for length in self.lengths()]:
            return False
        from_origin = wish.start - self.counted_from(wish.start)
        return from_origin % timedelta(minutes=self.terms.interval_minutes) == timedelta()

    def starts(self, windows: Sequence[Span], length: timedelta) -> Iterator[datetime]:
        for window in windows:
            for at in self.minutes(window):
                if at + length <= window.end and self.may_have(Span(at, at + length)):
                    yield at

    def spans(self, minutes: list[datetime]) -> list[Span]:
        """Minutes in a row, told as spans."""
        found: list[Span] = []
        for at in minutes:
            if found and found[-1].end == at:
                found[-1] = Span(found[-1].start, at + self.grain)
            else:
                found.append(Span(at, at + self.grain))
        return found


def _covers(spans: Sequence[Span], at: datetime) -> bool:
    return any(span.start <= at < span.end for span in spans)


def _places(parts: Sequence[Part], at: datetime) -> int:
    return sum(part.quantity for part in parts if part.span.start <= at < part.span.end)
