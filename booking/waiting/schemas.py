"""What goes over the wire of the waiting list."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.schemas import In
from core.spans import Span, local_date, local_day
from core.wire import NO_NUL, Clock, Code, Instant, ShortText, minutes_of


class SavedSearch(In, kw_only=True, omit_defaults=True):
    """A search as the address bar has it."""

    text: Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)] | None = None
    from_on: date | None = None
    to_on: date | None = None
    from_time: Clock | None = None
    to_time: Clock | None = None
    minutes: Annotated[int, msgspec.Meta(ge=1, le=44_640)] | None = None
    people: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    activity: Code | None = None
    accessible: Code | None = None
    facility: UUID | None = None

    def days(self, zone: ZoneInfo, now: datetime, until: date | None) -> tuple[date, date]:
        """The first and last day that are searched. Without any: today."""
        first = self.from_on or local_date(zone, now)
        return first, until or self.to_on or first

    def clock(self) -> tuple[int, int]:
        """From and to which minute of each day."""
        return minutes_of(self.from_time or "00:00"), minutes_of(self.to_time or "24:00")


def whole_days(zone: ZoneInfo, first: date, last: date) -> Span:
    """From the first midnight to the last."""
    return Span(local_day(zone, first).start, local_day(zone, last).end)


class WaitIn(In, kw_only=True):
    """Tell me when it becomes free: one time at a resource, or anything that a search finds until a day."""

    resource_id: UUID | None = None
    start: Instant | None = None
    end: Instant | None = None
    association_id: UUID | None = None
    title: ShortText | None = None
    """Of the application that is made when the time is offered."""
    search: SavedSearch | None = None
    until: date | None = None
    """Of a search: the last day; that of the search itself when left out."""


class WaitOut(msgspec.Struct, kw_only=True):
    id: UUID
    resource_id: UUID | None
    resource_name: str | None
    facility_name: str | None
    start: datetime
    end: datetime
    search: dict[str, Any] | None
    association_id: UUID | None
    title: str
    created_at: datetime
    told_at: datetime | None
    application_id: UUID | None
    """Of the time that is offered now; None: nothing is."""
    answer_by: datetime | None
