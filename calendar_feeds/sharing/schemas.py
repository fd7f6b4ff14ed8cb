"""What the house's JSON routes tell: free times of many resources, and the open data."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from core.wire import SpanOut


class ResourceFreeOut(Struct, frozen=True, kw_only=True):
    """A resource's free times in the window that was asked about."""

    resource_id: UUID
    name: str
    facility_id: UUID
    facility_name: str
    url: str
    """Its page, where it is booked."""
    free: list[SpanOut]
    """Sorted, without overlaps. With `minutes`: only where a booking of that length may lie."""


class OpenResource(Struct, frozen=True, kw_only=True):
    """A resource as the open data has it. Codes are those of the search."""

    id: UUID
    name: str
    kind: str
    facility_id: UUID
    facility_name: str
    address: str | None
    postcode: str | None
    town: str | None
    latitude: str | None
    """Degrees, WGS 84, with a point."""
    longitude: str | None
    people: int | None
    """How many there is room for."""
    activities: list[str]
    equipment: list[str]
    accessibility: list[str]
    """Its own and its facility's."""
    interval_minutes: int
    """Steps in which it is booked."""
    min_minutes: int
    max_minutes: int | None
    decision: str
    """`automatic`, or `case_officer`: somebody reads each request."""
    association_only: bool
    url: str


class OpenBooking(Struct, frozen=True, kw_only=True):
    """A taken time as the open data has it. Never a person; what and for whom only where that is told to everybody."""

    resource_id: UUID
    resource_name: str
    facility_id: UUID
    facility_name: str
    start: datetime
    end: datetime
    state: str
    """`confirmed`; `requested` and `awaiting_payment` take the time too, and may still be turned down."""
    quantity: int
    """Of a pool: how many places."""
    title: str | None
    association: str | None
