"""What a foreign calendar's text comes to: the times it takes up in a window, and what in it was not understood."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from calendar_feeds.incoming.content import Component, components, plain
from calendar_feeds.incoming.event import Broken, Event, event_of, plain_text, uid_of
from calendar_feeds.incoming.expansion import TooManyTimes
from calendar_feeds.incoming.occurrence import (
    LIMITS,
    ForeignCalendar,
    Occurrence,
    Problem,
    ProblemKind,
    ReadLimits,
)
from calendar_feeds.incoming.times import Times, times_of
from calendar_feeds.incoming.zones import Zones
from core.spans import Span

PROBLEMS_TOLD: Final = 200
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 12, 31, tzinfo=UTC)


class TooSlow(Exception):
    """One event took all the time that it may; the others are read."""


class OutOfTime(Exception):
    """All the time is used."""


Hurry = Callable[[], AbstractContextManager[object]]
"""Entered around the work for each event; raises TooSlow in it, or OutOfTime."""


def read(
    text: bytes, window: Span, zone: ZoneInfo, limits: ReadLimits = LIMITS, *, hurry: Hurry = nullcontext
) -> ForeignCalendar:
    """Never raises, whatever the text, but MemoryError. `zone` is the municipality's, for days and for times without
    a zone; X-WR-TIMEZONE, if known, is for the latter. Alone it may take long: see `apart`.
    """
    if len(text) > limits.text_bytes:
        return nothing("too_large")
    reading = _Reading(window, zone, limits, hurry)
    try:
        reading.take(text)
    except OutOfTime:
        reading.cut_short("too_slow")
    return reading.calendar()


def nothing(kind: ProblemKind) -> ForeignCalendar:
    """A calendar of which nothing was understood."""
    return ForeignCalendar(name="", occurrences=(), problems=(Problem(kind=kind),), is_whole=False)


class _Reading:
    """One calendar on its way to plain data."""

    def __init__(self, window: Span, zone: ZoneInfo, limits: ReadLimits, hurry: Hurry) -> None:
        self._window, self._limits, self._hurry = window, limits, hurry
        self._zones = Zones(zone, lambda name: self._tell("unknown_zone", "", name))
        self._name = ""
        self._is_whole = True
        self._calendars = 0
        self._problems: dict[tuple[str, str, str], Problem] = {}
        self._found: dict[str, Occurrence] = {}

    def take(self, text: bytes) -> None:
        """All of it."""
        series: dict[str, list[Component]] = {}
        count = 0
        for component in components(plain(text)):
            if component.name != "VEVENT":
                self._note(component)
            elif count >= self._limits.events:
                self.cut_short("too_many_events")
            else:
                count += 1
                self._file(series, component)
        if self._calendars == 0:
            self.cut_short("not_a_calendar")
        for uid, members in series.items():
            if not self._expand(uid, members):
                return

    def _note(self, component: Component) -> None:
        """What is said of the calendar as a whole, or of its zones."""
        lines = component.lines
        if component.name == "VTIMEZONE":
            if "TZID" in lines:
                location = lines["X-LIC-LOCATION"][0].value if "X-LIC-LOCATION" in lines else ""
                self._zones.define(lines["TZID"][0].value, component.text, location)
            return
        self._calendars += 1
        if not component.is_whole:
            self.cut_short("cut_off")
        for line in lines.get("NAME", []) + lines.get("X-WR-CALNAME", []):
            self._name = self._name or plain_text(line.value)
        if "X-WR-TIMEZONE" in lines:
            self._zones.floating = self._zones.named(lines["X-WR-TIMEZONE"][0].value)

    def _file(self, series: dict[str, list[Component]], component: Component) -> None:
        uid = uid_of(component)
        if not component.is_whole:
            self._tell("unreadable_event", uid)
            return
        if not uid:
            said = repr(sorted((name, lines[0].value) for name, lines in component.lines.items()))
            uid = f"no-uid:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"
            self._tell(
                "no_uid",
                uid,
                plain_text(component.lines["SUMMARY"][0].value) if "SUMMARY" in component.lines else "",
            )
        series.setdefault(uid, []).append(component)

    def _expand(self, uid: str, members: list[Component]) -> bool:
        """False: there is no room for more."""
        most = max(self._limits.occurrences // 4, 1)
        try:
            with self._hurry():
                found = self._occurrences(uid, members, most)
        except TooManyTimes:
            self._tell("too_many_occurrences", uid)
            return True
        except TooSlow:
            self._tell("too_slow", uid)
            return True
        except (OutOfTime, MemoryError):
            raise
        except Exception:  # noqa: BLE001  # whatever is wrong with this one, the others are read
            self._tell("unreadable_event", uid)
            return True
        if len(self._found) + len(found) > self._limits.occurrences:
            self.cut_short("too_many_occurrences")
            return False
        for occurrence in found:
            self._found.setdefault(occurrence.key, occurrence)
        return True

    def _occurrences(self, uid: str, members: list[Component], most: int) -> list[Occurrence]:
        events = list(self._events(uid, members))
        found: list[Occurrence] = []
        for times in times_of(events, self._window, self._zones, self._tell):
            if (occurrence := self._occurrence(times)) is not None:
                found.append(occurrence)
            if len(found) > most:
                raise TooManyTimes
        return found

    def _events(self, uid: str, members: Iterable[Component]) -> Iterator[Event]:
        for component in members:
            try:
                yield event_of(component, uid, self._zones)
            except Broken as broken:
                self._tell(broken.kind, uid, broken.what)
            except (ValueError, OverflowError):
                self._tell("unreadable_event", uid)

    def _occurrence(self, times: Times) -> Occurrence | None:
        """None: it is not in the window."""
        starts_at, ends_at, event = max(times.starts_at, EARLIEST), min(times.ends_at, LATEST), times.event
        if not (starts_at < self._window.end and self._window.start < ends_at and starts_at < ends_at):
            return None
        said = (
            starts_at.isoformat(), ends_at.isoformat(), event.summary, event.location,
            event.is_all_day, event.is_busy, event.is_tentative,
        )  # fmt: skip
        return Occurrence(
            key=times.key,
            starts_at=starts_at,
            ends_at=ends_at,
            summary=event.summary,
            location=event.location,
            is_all_day=event.is_all_day,
            is_busy=event.is_busy,
            is_tentative=event.is_tentative,
            digest=hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:32],
        )

    def cut_short(self, kind: ProblemKind) -> None:
        """What the calendar does not say is not known from now on."""
        self._is_whole = False
        self._tell(kind)

    def _tell(self, kind: ProblemKind, uid: str = "", what: str = "") -> None:
        if len(self._problems) < PROBLEMS_TOLD or not uid:
            problem = Problem(kind=kind, uid=uid, what=plain_text(what.replace("\\", "/")))
            self._problems.setdefault((kind, uid, problem.what), problem)

    def calendar(self) -> ForeignCalendar:
        """What it came to so far."""
        found = sorted(self._found.values(), key=lambda each: (each.starts_at, each.key))
        return ForeignCalendar(
            name=self._name,
            occurrences=tuple(found),
            problems=tuple(self._problems.values()),
            is_whole=self._is_whole,
        )
