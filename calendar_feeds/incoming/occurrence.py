"""What a foreign calendar says, as plain data: the times it takes up, and what in it could not be understood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from core.texts import N_

TEXT_CHARACTERS: Final = 200
"""More than this of a summary or a place is cut off."""


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One time that an event takes up; a recurring event has many. Cancelled ones are left out."""

    key: str
    """The same each time the calendar is read, and unique in it: the UID; of an event that recurs the UID, a space,
    and the start that the rule gave it, in UTC (`20270110T090000Z`) or as a day (`20270110`). So what was moved keeps
    its key. At most 220 characters: a UID of more than 200 is hashed.
    """
    starts_at: datetime
    """Aware, UTC, whole seconds, never before the year 2000. All-day: midnight of the municipality's clock."""
    ends_at: datetime
    """Aware, UTC, after `starts_at`, never after the year 2100. All-day: midnight after its last day."""
    summary: str
    """One line, trimmed, without control characters; may be empty."""
    location: str
    """The same."""
    is_all_day: bool
    is_busy: bool
    """False: whoever wrote it is free meanwhile (TRANSP, X-MICROSOFT-CDO-BUSYSTATUS)."""
    is_tentative: bool
    digest: str
    """Of everything above but `key`: another digest under the same key is a change."""


ProblemKind = Literal[
    "not_a_calendar",
    "cut_off",
    "too_large",
    "too_many_events",
    "too_many_occurrences",
    "too_slow",
    "too_much_memory",
    "reader_died",
    "unreadable_event",
    "unreadable_rule",
    "unknown_zone",
    "no_start",
    "no_length",
    "ends_before_start",
    "no_uid",
    "duplicate",
]
PROBLEMS: Final[Mapping[ProblemKind, str]] = {
    "not_a_calendar": N_("This is no calendar in the iCalendar format."),
    "cut_off": N_("The calendar breaks off before its end."),
    "too_large": N_("The calendar is too large."),
    "too_many_events": N_("The calendar has too many events."),
    "too_many_occurrences": N_("It recurs too many times in the period."),
    "too_slow": N_("It took too long to work out when it takes place."),
    "too_much_memory": N_("The calendar takes too much memory to read."),
    "reader_died": N_("The calendar could not be read."),
    "unreadable_event": N_("The event could not be read."),
    "unreadable_rule": N_("The rule by which it recurs could not be read; only its first time is counted."),
    "unknown_zone": N_("Its time zone is not known; the local one is used."),
    "no_start": N_("It has no start."),
    "no_length": N_("It ends as it starts, and takes no time."),
    "ends_before_start": N_("It ends before it starts."),
    "no_uid": N_("It has no identity (UID), so changes to it look like another event."),
    "duplicate": N_("Another event has the same identity (UID)."),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be read as it stands; the rest was read all the same."""

    kind: ProblemKind
    uid: str = ""
    """Of the event it is about, as keys have it: they are this, or begin with this and a space. Empty: the calendar as
    a whole.
    """
    what: str = ""
    """The words in question, such as the name of the zone; at most 200 characters, no control characters."""


class ForeignCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading came to."""

    name: str
    """As the calendar calls itself; may be empty."""
    occurrences: tuple[Occurrence, ...]
    """Those that meet the window, sorted by start, then key."""
    problems: tuple[Problem, ...]
    """At most 200."""
    is_whole: bool
    """False: the calendar as a whole was not understood, or a limit cut it short. What it does not say then must not
    be taken for gone.
    """


class ReadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one calendar may take."""

    text_bytes: int = 10_000_000
    events: int = 20_000
    occurrences: int = 20_000
    """In the window; of one event a quarter of it."""
    patience_seconds: float = 10.0
    """For the whole calendar; one event has a fifth of it."""
    memory_bytes: int = 200_000_000
    """Of the process that reads."""


LIMITS: Final = ReadLimits()
