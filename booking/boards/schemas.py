"""What the JSON routes of the house answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.wire import SpanOut


class VisitOut(msgspec.Struct, kw_only=True):
    """Somebody who comes: where, from when to when, and what is to be ready."""

    booking_id: UUID
    application_id: UUID
    resource_id: UUID
    resource: str
    start: datetime
    end: datetime
    setup_from: datetime
    cleanup_until: datetime
    setup_minutes: int
    cleanup_minutes: int
    state: str
    title: str
    association: str | None
    team: str | None
    contact: str
    """Who booked."""
    phone: str | None
    people: int | None
    quantity: int
    articles: list[Any]
    answers: dict[str, Any]
    notes: str
    """What she wrote that it is for."""


class DayOut(msgspec.Struct, kw_only=True):
    """The caretaker's list: everybody who comes to a facility on a day, by start."""

    facility_id: UUID
    facility: str
    on: date
    unlock_at: datetime | None
    """When the first set-up begins."""
    lock_at: datetime | None
    """When the last clean-up is over."""
    gaps: list[SpanOut]
    """When nobody is there in between, for half an hour or longer."""
    visits: list[VisitOut]
