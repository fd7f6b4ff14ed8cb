"""What goes over the wire: applications, bookings, free time, quotes, closures."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.wire import Code, Instant, LongText, OptionalText, ShortText, SpanOut

Quantity = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
State = Literal[
    "held",
    "requested",
    "awaiting_payment",
    "confirmed",
    "rejected",
    "withdrawn",
    "cancelled",
    "lapsed",
    "displaced",
    "given_back",
]


class In(msgspec.Struct, forbid_unknown_fields=True):
    """A body that is read: a member it does not know is refused by name."""


class WishIn(In, kw_only=True):
    """A wanted time. `quantity` is for pooled units: how many lanes, how many tables."""

    resource_id: UUID
    start: Instant
    end: Instant
    quantity: Quantity = 1


class RepeatIn(In, kw_only=True):
    """The wanted times again: every so many weeks until a date, or by RRULE (RFC 5545 §3.3.10)."""

    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)] | None = None
    rrule: (
        Annotated[str, msgspec.Meta(min_length=6, max_length=300, pattern=r"^[A-Z0-9=;,:+-]*(?!\n)$")] | None
    ) = None
    until: date | None = None
    except_on: Annotated[list[date], msgspec.Meta(max_length=400)] = msgspec.field(name="except", default=[])


class ArticleIn(In, kw_only=True):
    """Something extra: chairs, goals, a key."""

    article: Code
    quantity: Quantity = 1


Answer = (
    Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\u0000]*$")]
    | bool
    | Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
)


class ApplicationIn(In, kw_only=True):
    """Who wants what, when, and for what."""

    times: Annotated[list[WishIn], msgspec.Meta(min_length=1, max_length=100)]
    repeat: RepeatIn | None = None
    if_refused: Literal["fail", "skip"] = "fail"
    hold: bool = False
    """Only hold the times while the rest is filled in; `POST …/applications/{id}/submit` before the hold lapses."""
    association_id: UUID | None = None
    team_id: UUID | None = None
    title: ShortText
    public: bool = False
    purpose: LongText = ""
    activity: Code | None = None
    audience: OptionalText | None = None
    people: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    articles: Annotated[list[ArticleIn], msgspec.Meta(max_length=50)] = []
    answers: Annotated[dict[Code, Answer], msgspec.Meta(max_length=50)] = {}
    accepted_terms: OptionalText | bool | None = None
    """The version of the terms that was read; true stands for those in force."""


class BookingOut(msgspec.Struct, kw_only=True):
    """One occurrence, as its holder and the staff see it."""

    id: UUID
    application_id: UUID
    resource_id: UUID
    resource_name: str
    facility_id: UUID
    facility_name: str
    start: datetime
    end: datetime
    quantity: int
    state: State
    title: str
    public: bool
    association_id: UUID | None
    held_until: datetime | None
    change_until: datetime
    """Until when the holder may cancel or move it."""
    decided_at: datetime | None
    decision_text: str | None
    end_reason: str | None
    price: dict[str, Any]
    sequence: int
    version: int


class RefusedOut(msgspec.Struct, kw_only=True):
    """An occurrence that was not booked, and every reason why."""

    resource_id: UUID
    day: date
    span: SpanOut | None
    problems: list[dict[str, Any]]


class ApplicationOut(msgspec.Struct, kw_only=True):
    """The case: what was asked for and what became of it."""

    id: UUID
    created_at: datetime
    person_id: UUID
    applicant: str
    association_id: UUID | None
    association: str | None
    team_id: UUID | None
    title: str
    public: bool
    purpose: str
    activity: str | None
    audience: str | None
    people: int | None
    articles: list[Any]
    answers: dict[str, Any]
    accepted_terms: str | None
    bookings: list[BookingOut]
    refused: list[RefusedOut]
    pay_by: datetime | None
    officer_id: UUID | None
    """Who sees to it."""
    answer_by: datetime | None
    """Until when the municipality shall have answered."""
    paused_at: datetime | None
    """Since when it waits for the applicant."""
    version: int


class AssignIn(In, kw_only=True):
    """Whose the case shall be; null: nobody's."""

    officer_id: UUID | None


class DecisionOn(In, kw_only=True):
    """What is decided about one booking of the application: exactly one of the two."""

    id: UUID
    approve: bool = False
    reject: bool = False


class DecisionIn(In, kw_only=True):
    bookings: Annotated[list[DecisionOn], msgspec.Meta(min_length=1, max_length=1000)]
    reason: OptionalText | None = None
    text: LongText | None = None


class CancelIn(In, kw_only=True):
    reason: OptionalText = ""


class CancelledOut(msgspec.Struct, kw_only=True):
    """The booking as it ended, and what is paid back by which rule."""

    booking: BookingOut
    refund: dict[str, Any]
    rule: str
    version: int


class MoveIn(In, kw_only=True):
    start: Instant
    end: Instant
    resource_id: UUID | None = None


class QuoteIn(In, kw_only=True):
    """A question: might I have this, and at what price?"""

    resource_id: UUID
    start: Instant
    end: Instant
    quantity: Quantity = 1
    association_id: UUID | None = None
    customer_group: Code | None = None
    articles: Annotated[list[ArticleIn], msgspec.Meta(max_length=50)] = []


class Price(msgspec.Struct):
    """Lines and sums; amounts in øre."""

    lines: list[dict[str, Any]]
    net: dict[str, Any]
    vat: dict[str, Any]
    gross: dict[str, Any]


class QuoteOut(msgspec.Struct):
    allowed: bool
    refusals: list[dict[str, Any]]
    decision: Literal["automatic", "case_officer"]
    price: Price


class FreeOut(msgspec.Struct):
    """Sorted, no overlaps. `free` is open, not taken, and inside the time that can be booked now."""

    open: list[SpanOut]
    free: list[SpanOut]


class CalendarEntry(msgspec.Struct, kw_only=True):
    """A booking or closure on any unit of the resource. What this reader may not know is null."""

    kind: Literal["booking", "closure"]
    start: datetime
    end: datetime
    state: State | None = None
    title: str | None = None
    """The title of a public booking; the reason of a closure."""
    association: str | None = None
    resource_id: UUID | None = None
    booking_id: UUID | None = None
    quantity: int | None = None


class CalendarOut(msgspec.Struct):
    open: list[SpanOut]
    entries: list[CalendarEntry]


class HitOut(msgspec.Struct, kw_only=True):
    """A resource that matches. `closed`: nothing is open in the searched dates at all; else, without `first`, full."""

    municipality: str
    resource_id: UUID
    name: str
    kind: str
    facility_id: UUID
    facility_name: str
    activities: list[str]
    people: int | None
    decision: Literal["automatic", "case_officer"]
    metres: int | None
    """From `near`."""
    first: SpanOut | None
    closed: bool


class ClosureIn(In, kw_only=True):
    """Closing one of a facility, a resource or a unit. `displace` ends the bookings that lie under it."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None
    unit_id: UUID | None = None
    start: Instant
    end: Instant
    reason: ShortText
    displace: bool = False


class ClosureOut(msgspec.Struct, kw_only=True):
    id: UUID
    facility_id: UUID | None
    resource_id: UUID | None
    unit_id: UUID | None
    start: datetime
    end: datetime
    reason: str
    displaced: list[UUID]
    """Bookings that were ended by it."""


class UnitsIn(In, kw_only=True):
    """The units that a resource takes from now on."""

    unit_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=200)]


class UnitsOut(msgspec.Struct):
    resource_id: UUID
    unit_ids: list[UUID]
    reclaimed: list[UUID]
    """Future bookings whose claims were written anew."""
    version: int
