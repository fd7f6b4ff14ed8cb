"""Which times the events of one UID take up: the series, less what was taken out, with what was changed in it."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from calendar_feeds.incoming.event import Event
from calendar_feeds.incoming.expansion import UnreadableRule, starts
from calendar_feeds.incoming.moments import LONGEST, Moment, moments
from calendar_feeds.incoming.occurrence import ProblemKind
from calendar_feeds.incoming.zones import Zones
from core.spans import DAY, Span

Tell = Callable[[ProblemKind, str, str], None]
EASE = 2 * DAY
"""No zone's clock is further from another's."""


class Times(NamedTuple):
    """One occurrence to be, in the window or not."""

    key: str
    starts_at: datetime
    ends_at: datetime
    event: Event


def times_of(events: Sequence[Event], window: Span, zones: Zones, tell: Tell) -> Iterator[Times]:
    """Of one UID; at least those in the window, in no order. Raises TooManyTimes."""
    told = _newest([event for event in events if event.original is None], tell)
    changes = _changes([event for event in events if event.original is not None])
    masters = [master for master in told if not master.is_cancelled]
    if told and not masters:
        return
    used: set[str] = set()
    for master in masters:
        if master.recurs or changes:
            yield from _recurring(master, changes, used, window, zones, tell)
        else:
            key = master.uid if len(told) == 1 else f"{master.uid} {_stamp(master.start)}"
            yield _at(key, master, master.start)
    shape = masters[0].start if masters else None
    for change in changes:
        stamp = _stamp_like(_original(change), shape)
        if stamp not in used and not change.is_cancelled:
            used.add(stamp)
            yield _at(f"{change.uid} {stamp}", change, change.start)


def _newest(masters: Sequence[Event], tell: Tell) -> list[Event]:
    """Of several with one UID the newest; of those as new as each other all that start at different times: some
    programs give one UID to many events.
    """
    if len(masters) < 2:
        return list(masters)
    newest = max(master.version[0] for master in masters)
    kept: dict[str, Event] = {}
    for master in sorted(masters, key=lambda each: each.version):
        if master.version[0] == newest:
            kept[_stamp(master.start)] = master
    tell("duplicate", masters[0].uid, masters[0].summary)
    return list(kept.values())


def _changes(changes: Iterable[Event]) -> list[Event]:
    """Of those that replace the same time the newest."""
    newest: dict[str, Event] = {}
    for change in sorted(changes, key=lambda each: each.version):
        newest[_stamp(_original(change))] = change
    return list(newest.values())


def _original(change: Event) -> Moment:
    assert change.original is not None, "it replaces something"
    return change.original


def _recurring(
    master: Event, changes: Sequence[Event], used: set[str], window: Span, zones: Zones, tell: Tell
) -> Iterator[Times]:
    first = master.start
    one = {_stamp_like(_original(change), first): change for change in changes}
    onward = _Onward(master, changes)
    out_at, out_on = _excluded(master, zones, tell)
    reach = max([master.length.most, *(change.length.most for change in onward.changes)]) + onward.most_shift
    between = _clock(window.start, first) - reach - EASE, _clock(window.end, first) + onward.most_shift + EASE
    for at in sorted(_starts(master, zones, between, tell)):
        original = first._replace(at=at)
        stamp = _stamp(original)
        if at.date() in out_on or stamp in out_at or stamp in used:
            continue
        used.add(stamp)
        key = f"{master.uid} {stamp}"
        change = one.get(stamp) or one.get(f"{at:%Y%m%d}")
        if change is not None:
            used.add(_stamp_like(_original(change), first))
            if not change.is_cancelled:
                yield _at(key, change, change.start)
        elif (later := onward.at(at)) is None:
            yield _at(key, master, original)
        elif not later.is_cancelled:
            yield _at(key, later, later.start._replace(at=at + onward.shift(later)))


class _Onward:
    """What replaces a time of a series and all after it (RFC 5545 §3.2.13)."""

    def __init__(self, master: Event, changes: Iterable[Event]) -> None:
        self._first = master.start
        self.changes = sorted(
            (change for change in changes if change.is_onward and abs(self.shift(change)) < LONGEST),
            key=self._from,
        )
        self.most_shift = max((abs(self.shift(change)) for change in self.changes), default=timedelta())

    def at(self, at: datetime) -> Event | None:
        """The last one that begins no later."""
        place = bisect_right(self.changes, at, key=self._from)
        return self.changes[place - 1] if place else None

    def shift(self, change: Event) -> timedelta:
        """On the clock of the change."""
        return change.start.at - self._from(change)

    def _from(self, change: Event) -> datetime:
        return _on_clock_of(_original(change), self._first)


def _starts(master: Event, zones: Zones, between: tuple[datetime, datetime], tell: Tell) -> set[datetime]:
    """On the clock of the master's start. Raises TooManyTimes."""
    lines, first = master.lines, master.start
    found: set[datetime] = set()
    if "EXRULE" in lines:
        tell("unreadable_rule", master.uid, "EXRULE")
    try:
        found.update(starts(first, lines.get("RRULE", []), zones, between))
    except UnreadableRule as unreadable:
        tell("unreadable_rule", master.uid, str(unreadable))
        found = {first.at}
    for line in lines.get("RDATE", []):
        try:
            found.update(_on_clock_of(moment, first) for moment in moments(line, zones))
        except (ValueError, OverflowError):
            tell("unreadable_rule", master.uid, f"RDATE:{line.value}")
    earliest, latest = between
    return {at for at in found if earliest <= at <= latest}


def _excluded(master: Event, zones: Zones, tell: Tell) -> tuple[set[str], set[date]]:
    """Stamps, and days."""
    stamps: set[str] = set()
    days: set[date] = set()
    for line in master.lines.get("EXDATE", []):
        try:
            for moment in moments(line, zones):
                if moment.is_day or master.start.is_day:
                    days.add(_on_clock_of(moment, master.start).date())
                else:
                    stamps.add(_stamp_like(moment, master.start))
        except (ValueError, OverflowError):
            tell("unreadable_rule", master.uid, f"EXDATE:{line.value}")
    return stamps, days


def _at(key: str, event: Event, start: Moment) -> Times:
    """Raises OverflowError."""
    return Times(key, start.instant(), event.length.after(start.at, start.zone), event)


def _clock(at: datetime, first: Moment) -> datetime:
    return at.astimezone(first.zone).replace(tzinfo=None)


def _on_clock_of(moment: Moment, first: Moment) -> datetime:
    """What the clock of `first` shows then; a day is its midnight."""
    if moment.is_day or moment.zone is first.zone:
        return moment.at
    if first.is_day:  # the day on which it is where it was written
        return moment.at.replace(hour=0, minute=0, second=0)
    return moment.instant().astimezone(first.zone).replace(tzinfo=None)


def _stamp(moment: Moment) -> str:
    return f"{moment.at:%Y%m%d}" if moment.is_day else f"{moment.instant():%Y%m%dT%H%M%SZ}"


def _stamp_like(moment: Moment, first: Moment | None) -> str:
    """As the series of `first` would write it."""
    if first is not None and first.is_day and not moment.is_day:
        return f"{moment.at:%Y%m%d}"
    return _stamp(moment)
