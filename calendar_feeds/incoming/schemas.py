"""What goes over the wire of calendars in."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from calendar_feeds.incoming.diff import EventState
from calendar_feeds.incoming.health import ImportState, Why
from core.wire import NO_NUL, ShortText

ImportKind = Literal["closures", "bookings"]
EventWhy = Literal["taken", "closed", "left", "changed"]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=NO_NUL)]
Every = Annotated[int, msgspec.Meta(ge=15, le=10_080)]
"""Minutes from one fetch to the next."""


class In(msgspec.Struct, forbid_unknown_fields=True):
    """A body that is read: a member it does not know is refused by name."""


class ImportIn(In, kw_only=True):
    """A calendar to attach to a resource. Bookings are an association's."""

    resource_id: UUID
    address: Address
    """https or webcal. It is kept sealed, and never told again."""
    label: ShortText
    """What everybody reads of what it brings."""
    kind: ImportKind
    association_id: UUID | None = None
    shows_title: bool = False
    """Whether everybody reads the events' own titles, which may name persons."""
    every_minutes: Every = 60


class ImportPatch(In, kw_only=True):
    """Only what is given changes."""

    address: Address | UnsetType = UNSET
    label: ShortText | UnsetType = UNSET
    every_minutes: Every | UnsetType = UNSET
    state: Literal["on", "paused"] | UnsetType = UNSET


class ImportOut(msgspec.Struct, kw_only=True):
    """An attached calendar, and how it is."""

    id: UUID
    resource_id: UUID
    resource_name: str
    facility_name: str
    host: str
    """What of the address is told."""
    label: str
    kind: ImportKind
    association_id: UUID | None
    shows_title: bool
    every_minutes: int
    state: ImportState
    why: Why | None
    """What is wrong with it; null: nothing."""
    failures: int
    """In a row."""
    is_held: bool
    """So much is gone from it that nothing is removed before somebody says so."""
    fetched_at: datetime | None
    changed_at: datetime | None
    failed_at: datetime | None
    due_at: datetime
    problems: dict[str, int]
    """Kind of what could not be read in it → how often."""
    applied: int
    """Events to come that are closed or booked here."""
    colliding: int
    """That wait for something to get out of their way."""
    ignored: int
    """That people here have left out, or changed."""
    created_at: datetime
    version: int


class ImportEventOut(msgspec.Struct, kw_only=True):
    """An event of an attached calendar, and what has become of it."""

    id: UUID
    start: datetime
    end: datetime
    title: str
    state: EventState
    why: EventWhy | None
    closure_id: UUID | None
    booking_id: UUID | None
    in_the_way: list[UUID]
    """Bookings that it collides with."""


class ResolveIn(In, kw_only=True):
    """What shall become of an event that collides, or was left out: take the others' time, leave it out, try again."""

    action: Literal["displace", "ignore", "try"]
    seen: Annotated[str, msgspec.Meta(max_length=64, pattern=NO_NUL)] | None = None
    """Of the list of bookings that would be displaced: refused when they are others meanwhile."""


class TriedEvent(msgspec.Struct, kw_only=True):
    """An event that would come."""

    start: datetime
    end: datetime
    title: str
    in_the_way: int
    """Bookings that it would collide with."""
    is_closed: bool
    """Nobody is there, and still it cannot be booked: it is closed."""


class TriedOut(msgspec.Struct, kw_only=True):
    """What would come of attaching a calendar. Nothing was written."""

    why: Why | None
    name: str
    """As the calendar calls itself."""
    count: int
    colliding: int
    problems: dict[str, int]
    events: list[TriedEvent]
    """The first of them, and all that collide, at most 100; by start."""
