"""What in a tariff may be meant otherwise? Pure; it keeps nothing from being saved."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from core.spans import DAY, DAY_MINUTES, Span, local_day
from people.groups import CUSTOMER_GROUPS
from resources.holidays import public_holidays
from resources.tariffs import (
    HOLIDAY,
    Piece,
    TariffFacts,
    TariffLineFacts,
    fitting_piece,
    is_holiday,
    is_valid,
    pieces_of,
)

USAGES = ("ordinary", "arrangement", "commercial")


class Doubt(NamedTuple):
    """Something that may be meant otherwise."""

    kind: Literal["no_lines", "uncovered", "never_reached"]
    line: int | None = None
    """Its place among the lines; of `never_reached` the one that no time comes to."""
    other: int | None = None
    """The line that always comes first."""
    customer_group: str = ""
    usage: str = ""
    times: tuple[tuple[int, int, int], ...] = ()
    """Weekday (8 a public holiday), from and until minute, where no base line holds. Empty: it never does."""


def doubts(tariff: TariffFacts, day: date, zone: ZoneInfo) -> list[Doubt]:
    """What people would hire free of charge though others pay, and lines that are never used.

    Looked at for bookings that begin in the week from `day` on, of any length.
    """
    base = [line for line in tariff.lines if line.kind == "base"]
    if not base:
        return [Doubt("no_lines")]
    return [*_never_reached(tariff.lines), *_uncovered(tariff, base, day, zone)]


def _never_reached(lines: Sequence[TariffLineFacts]) -> Iterable[Doubt]:
    base = [(place, line) for place, line in enumerate(lines) if line.kind == "base"]
    for number, (place, line) in enumerate(base):
        for before, earlier in base[:number]:
            if _covers(earlier, line):
                yield Doubt("never_reached", line=place, other=before)
                break


def _covers(wide: TariffLineFacts, narrow: TariffLineFacts) -> bool:
    """Whether the one fits wherever the other does."""
    sets = (
        (wide.customer_groups, narrow.customer_groups),
        (wide.usages, narrow.usages),
        (wide.weekdays, narrow.weekdays),
    )
    # Smallest and largest, each as numbers of which a missing one is without end.
    ranges = (
        (wide.from_minute, wide.until_minute, narrow.from_minute, narrow.until_minute, DAY_MINUTES),
        (wide.min_minutes, wide.max_minutes, narrow.min_minutes, narrow.max_minutes, 10**9),
        (
            _ordinal(wide.valid_from),
            _ordinal(wide.valid_until),
            _ordinal(narrow.valid_from),
            _ordinal(narrow.valid_until),
            10**9,
        ),
    )
    return (
        all(not each or (other and set(other) <= set(each)) for each, other in sets)
        and wide.hours in {"any", narrow.hours}
        and (wide.unit != "weekend" or narrow.unit == "weekend")
        and all(
            (since or 0) <= (other_since or 0)
            and (until if until is not None else end) >= (other_until if other_until is not None else end)
            for since, until, other_since, other_until, end in ranges
        )
    )


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _uncovered(
    tariff: TariffFacts, base: Sequence[TariffLineFacts], day: date, zone: ZoneInfo
) -> Iterable[Doubt]:
    """For each group and use, when none of the base lines that hold then fits."""
    holding = [line for line in base if is_valid(line, day)]
    days = _sample(day, zone)
    named = {usage for line in holding for usage in line.usages}
    for usage in (usage for usage in USAGES if usage == "ordinary" or usage in named):
        for group in CUSTOMER_GROUPS:
            mine = [
                line
                for line in holding
                if (not line.customer_groups or group in line.customer_groups)
                and (not line.usages or usage in line.usages)
            ]
            if not mine:
                yield Doubt("uncovered", customer_group=group, usage=usage)
                continue
            times = [time for each in days for time in _gaps(tariff, mine, each, zone)]
            if times:
                yield Doubt("uncovered", customer_group=group, usage=usage, times=tuple(times))


def _sample(day: date, zone: ZoneInfo) -> list[date]:
    """A day of each kind, from Monday to Sunday and a public holiday, at or after the day; each of 24 hours."""
    found: dict[int, date] = {}
    each = day
    while len(found) < 7:
        if not is_holiday(each) and local_day(zone, each).length == DAY:
            found.setdefault(each.isoweekday(), each)
        each += DAY
    holidays = sorted(each for year in (day.year, day.year + 1) for each in public_holidays(year))
    found[HOLIDAY] = next(each for each in holidays if each >= day and each.isoweekday() < 6)
    return [found[weekday] for weekday in range(1, HOLIDAY + 1)]


def _gaps(
    tariff: TariffFacts, lines: Sequence[TariffLineFacts], day: date, zone: ZoneInfo
) -> list[tuple[int, int, int]]:
    """When on the day none of the lines fits, as a weekday and minutes of the clock."""
    whole = local_day(zone, day)
    weekday = HOLIDAY if is_holiday(day) else day.isoweekday()
    found: list[tuple[int, int, int]] = []
    for piece in pieces_of(tariff, lines, whole, zone):
        if fitting_piece(tariff, lines, piece, zone):
            continue
        since, until = _minute(piece, whole, at_end=False), _minute(piece, whole, at_end=True)
        if found and found[-1][2] == since:
            found[-1] = (weekday, found[-1][1], until)
        else:
            found.append((weekday, since, until))
    return found


def _minute(piece: Piece, whole: Span, *, at_end: bool) -> int:
    instant = piece.span.end if at_end else piece.span.start
    return int((instant - whole.start).total_seconds()) // 60
