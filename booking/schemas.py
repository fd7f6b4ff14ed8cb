"""What goes over the wire: applications, bookings, free time, quotes, closures."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.money import Money
from core.wire import Code, Instant, LongText, OptionalText, ShortText, SpanOut
from resources.policies import Decision, Why
from resources.price_from import ShortPrice
from resources.price_words import PriceOut
from resources.prices import Payment, Usage

Which = Literal["one", "following", "all"]
"""Of a series: this one, this and all after it, or all that is to come."""
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


class InsteadIn(In, kw_only=True):
    """On that day of a repeat, this instead."""

    day: date
    start: Instant
    end: Instant
    resource_id: UUID | None = None


class RepeatIn(In, kw_only=True):
    """The wanted times again: every so many weeks until a date, or by RRULE (RFC 5545 §3.3.10)."""

    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)] | None = None
    rrule: (
        Annotated[str, msgspec.Meta(min_length=6, max_length=300, pattern=r"^[A-Z0-9=;,:+-]*(?!\n)$")] | None
    ) = None
    until: date | None = None
    except_on: Annotated[list[date], msgspec.Meta(max_length=400)] = msgspec.field(name="except", default=[])
    instead: Annotated[list[InsteadIn], msgspec.Meta(max_length=400)] = []
    """Days on which another time or place is wanted than the repeated one; only with one wanted time."""


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
    usage: Usage = "ordinary"
    """What it is used for, where the price asks: training and meetings, an event, an event that earns money."""
    articles: Annotated[list[ArticleIn], msgspec.Meta(max_length=50)] = []
    """They go with each of the times at places where they are offered."""
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
    policy: Why | None
    """The line of the resource's policy by which it was decided automatically or left to an officer."""
    terms_version: str | None
    """Of the resource's terms that were accepted with it."""
    end_reason: str | None
    price: dict[str, Any]
    """As it was told: `gross`, `net`, `vat` and the `lines` they are made of; empty: it costs nothing."""
    payment: Payment | None = None
    owed: Money = Money(0)
    """What its holder owes for it as it stands: the price once it is hers, a fee once she has cancelled."""
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


class OfferIn(In, kw_only=True):
    """Another time instead: held for the applicant until she answers, or until `answer_by`."""

    start: Instant
    end: Instant
    resource_id: UUID | None = None
    """Another place; else the one that was asked for."""
    answer_by: Instant | None = None
    """Else five days from now, and never later than it begins."""


class AssignIn(In, kw_only=True):
    """Whose the case shall be; null: nobody's."""

    officer_id: UUID | None


class DecisionOn(In, kw_only=True):
    """What is decided about one booking of the application: exactly one of the three."""

    id: UUID
    approve: bool = False
    reject: bool = False
    offer: OfferIn | None = None


class DecisionIn(In, kw_only=True):
    bookings: Annotated[list[DecisionOn], msgspec.Meta(min_length=1, max_length=1000)]
    if_taken: Literal["fail", "skip"] = "fail"
    """With skip, what is taken or closed stays undecided, and the rest is decided."""
    reject_rivals: bool = False
    """Also reject what others have asked for, and can no longer have because of what is approved here."""
    reason: OptionalText | None = None
    reason_key: Code | None = None
    """Of the municipality's list of reasons."""
    text: LongText | None = None


class CancelIn(In, kw_only=True):
    reason: OptionalText = ""
    which: Which = "one"
    if_refused: Literal["fail", "skip"] = "fail"


class FateOut(msgspec.Struct, kw_only=True):
    """What became of one booking of a series: its state, and the problems of one that was not changed."""

    booking_id: UUID
    state: str
    problems: list[dict[str, Any]]


class CancelledOut(msgspec.Struct, kw_only=True):
    """The booking as it ended, and what is paid back by which rule."""

    booking: BookingOut
    refund: dict[str, Any]
    """What is given back of what was paid online; of a series, in all."""
    fee: dict[str, Any]
    """What is kept of the price, or is to be paid."""
    rule: str
    """nothing_paid; waived: the municipality cancelled; no_tiers: it costs nothing; tier: in time for one; late: later
    than all of them; started.
    """
    version: int
    series: list[FateOut] = []
    """Of `following` and `all`: each of them, by start."""


class MoveIn(In, kw_only=True):
    """Where to. The others of a series go as many days and as much clock time away, and become as long."""

    start: Instant
    end: Instant
    resource_id: UUID | None = None
    which: Which = "one"
    if_refused: Literal["fail", "skip"] = "fail"
    price: Money | None = None
    """What all that is moved costs there, as the caller knows it; else it is not moved. Without: whatever it costs."""


class MovedOut(BookingOut, kw_only=True):
    """The booking as it stands now, and what became of the others of its series."""

    series: list[FateOut] = []
    """Of `following` and `all`: each of them, by start."""


class QuoteIn(In, kw_only=True):
    """A question: might I have this, and at what price?"""

    resource_id: UUID
    start: Instant
    end: Instant
    quantity: Quantity = 1
    association_id: UUID | None = None
    customer_group: Code | None = None
    """What if she were of that group? Left out: the association's, else her own."""
    people: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    usage: Usage = "ordinary"
    articles: Annotated[list[ArticleIn], msgspec.Meta(max_length=50)] = []


class QuoteOut(msgspec.Struct):
    allowed: bool
    refusals: list[dict[str, Any]]
    decision: Decision
    why: Why
    """The line of the resource's policy that says so."""
    price: PriceOut


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
    price: ShortPrice | None = None
    """For the reader herself, or the association searched for. Of `first` where a clock time or a length was searched,
    else the least there is.
    """


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


class ReplacementOut(msgspec.Struct, kw_only=True):
    """A time that was free when it was found. It is not held: who takes it first has it."""

    id: UUID
    resource_id: UUID
    resource_name: str
    facility_name: str
    start: datetime
    end: datetime


class ReplacementsOut(msgspec.Struct):
    booking_id: UUID
    replacements: list[ReplacementOut]


class ReplaceIn(In, kw_only=True):
    replacement_id: UUID
