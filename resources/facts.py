"""What the rules must know about a resource before they can say anything about a time."""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from resources.opening import OpeningHours
from resources.policies import Policy
from resources.questions import Question


class ResourceFacts(Struct, frozen=True, kw_only=True, cache_hash=True):
    """A resource's own columns and those of its facility that concern it, under the columns' names."""

    tenant_id: UUID
    id: UUID
    facility_id: UUID
    facility_name: str
    key: str
    name: str
    kind: str
    activities: tuple[str, ...]
    equipment: tuple[str, ...]
    accessibility: tuple[str, ...]
    """Of the resource or of its facility."""
    people: int | None
    latitude: float | None
    longitude: float | None
    interval_minutes: int
    min_minutes: int
    max_minutes: int | None
    setup_minutes: int
    cleanup_minutes: int
    notice_minutes: int
    notice_days: int
    horizon_days: int | None
    horizon_opens_minute: int
    published_from: datetime | None
    """From when both the resource and its facility are published; None: always."""
    published_until: datetime | None
    decision: str
    request_holds: bool
    hold_minutes: int
    change_deadline_minutes: int
    association_only: bool
    terms_version: str | None
    """Of the terms to accept; None: nothing to accept."""
    decision_kind: str = "private_law"
    answer_days: int = 14
    questions: tuple[Question, ...] = ()
    version: int


class UnitFacts(Struct, frozen=True):
    """A unit that a resource takes. `capacity` None: exclusive; a number: pooled."""

    id: UUID
    capacity: int | None


class Bookable(Struct, frozen=True):
    """All that is known of a resource but who has it when."""

    facts: ResourceFacts
    units: tuple[UnitFacts, ...]
    """Sorted by id, the order in which they are locked."""
    hours: OpeningHours
    """For the window that was asked for: holidays, extra openings and closures only touch on it."""
    policies: tuple[Policy, ...] = ()
    """In their order: the first that fits decides, else `facts.decision`."""

    @property
    def zone(self) -> ZoneInfo:
        return self.hours.zone


class LimitFacts(Struct, frozen=True):
    """How much one holder may have, in all (both None), at one facility or at one resource."""

    id: UUID
    facility_id: UUID | None
    resource_id: UUID | None
    holder: str
    """person, association"""
    kind: Literal["active_bookings", "minutes_per_week"]
    value: int


class Wanted(Struct, frozen=True, kw_only=True):
    """Which resources. All that is given must hold; what is left out does not matter."""

    resource_ids: tuple[UUID, ...] | None = None
    facility_ids: tuple[UUID, ...] | None = None
    activity: str | None = None
    equipment: tuple[str, ...] = ()
    accessible: tuple[str, ...] = ()
    people: int | None = None
    """At least so many fit in. A resource that does not say how many is left out."""
    kind: str | None = None
    text: str | None = None
    """Words as people write them."""
    published_at: datetime | None = None
    """Only what is published then; None: staff, who see all."""
