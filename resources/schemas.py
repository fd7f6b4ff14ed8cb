"""What goes over the wire: facilities, resources, units, opening hours, holidays and limits."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.wire import NO_NUL, Clock, Code, Instant, LongText, OptionalText, ShortText
from resources.decision_schemas import AnswerDays, DecisionKind
from resources.policies import Decision
from resources.questions import Questions

Minutes = Annotated[int, Meta(ge=0, le=525_600)]
Codes = Annotated[list[Code], Meta(max_length=60)]
OPENS_AT = r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$"
OpensAt = Annotated[str, Meta(pattern=OPENS_AT)]
"""`HH:MM` on the local clock."""
Url = Annotated[str, Meta(max_length=500, pattern=r"^(https://|/(?!/))[^\u0000-\u0020\u007f\\]*(?!\n)$")]
"""https://… or a path of this server."""
Postcode = Annotated[str, Meta(pattern=r"^[0-9]{4}(?!\n)$")]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
People = Annotated[int, Meta(ge=1, le=100_000)]
Interval = Annotated[int, Meta(ge=5, le=1440)]
Length = Annotated[int, Meta(ge=1, le=44_640)]
Padding = Annotated[int, Meta(ge=0, le=1440)]
Days = Annotated[int, Meta(ge=0, le=1100)]
HoldMinutes = Annotated[int, Meta(ge=1, le=10_080)]
Capacity = Annotated[int, Meta(ge=1, le=10_000)]
LimitValue = Annotated[int, Meta(ge=0, le=1_000_000)]


class In(msgspec.Struct, forbid_unknown_fields=True):
    """A body that is read: a member it does not know is refused by name."""


class Translated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A text in bokmål, nynorsk and English, or in some of them."""

    nb: LongText | None = None
    nn: LongText | None = None
    en: LongText | None = None


class ShortTranslated(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A line of text in bokmål, nynorsk and English, or in some of them."""

    nb: OptionalText | None = None
    nn: OptionalText | None = None
    en: OptionalText | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """`alt` says what is seen, for those who do not see it."""

    url: Url
    alt: ShortTranslated
    credit: OptionalText | None = None


Pictures = Annotated[list[Picture], Meta(max_length=20)]


class LeaseTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What must be accepted to book. A new text needs a new version."""

    version: Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]
    nb: LongText | None = None
    nn: LongText | None = None
    en: LongText | None = None


class FacilityIn(In, kw_only=True):
    """`key` is the municipality's own short name for it."""

    key: Code
    name: ShortText
    description: Translated = Translated()
    address: OptionalText | None = None
    postcode: Postcode | None = None
    town: OptionalText | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accessibility: Codes = []
    pictures: Pictures = []
    closed_on_public_holidays: bool = True
    closed_in_school_holidays: bool = False
    published_from: Instant | None = None
    published_until: Instant | None = None


class FacilityPatch(In, kw_only=True):
    """Only what is given changes."""

    name: ShortText | UnsetType = UNSET
    description: Translated | UnsetType = UNSET
    address: OptionalText | UnsetType | None = UNSET
    postcode: Postcode | UnsetType | None = UNSET
    town: OptionalText | UnsetType | None = UNSET
    latitude: Latitude | UnsetType | None = UNSET
    longitude: Longitude | UnsetType | None = UNSET
    accessibility: Codes | UnsetType = UNSET
    pictures: Pictures | UnsetType = UNSET
    closed_on_public_holidays: bool | UnsetType = UNSET
    closed_in_school_holidays: bool | UnsetType = UNSET
    published_from: Instant | UnsetType | None = UNSET
    published_until: Instant | UnsetType | None = UNSET


class ResourceFields(In, kw_only=True):
    """What a resource is and which rules hold for it."""

    key: Code
    name: ShortText
    kind: Code
    description: Translated = Translated()
    pictures: Pictures = []
    activities: Codes = []
    equipment: Codes = []
    accessibility: Codes = []
    people: People | None = None
    interval_minutes: Interval = 30
    min_minutes: Length = 30
    max_minutes: Length | None = None
    setup_minutes: Padding = 0
    cleanup_minutes: Padding = 0
    notice_minutes: Minutes = 0
    notice_days: Days = 0
    horizon_days: Days | None = None
    horizon_opens: OpensAt = "00:00"
    """On the local clock, when one more day of the horizon opens."""
    published_from: Instant | None = None
    published_until: Instant | None = None
    decision: Decision = "case_officer"
    request_holds: bool = True
    hold_minutes: HoldMinutes = 20
    change_deadline_minutes: Minutes = 0
    association_only: bool = False
    terms: LeaseTerms | None = None
    decision_kind: DecisionKind = "private_law"
    answer_days: AnswerDays = 14
    questions: Questions = []


class ResourceIn(ResourceFields, kw_only=True):
    """A resource and the units of its facility that it takes when it is booked."""

    facility_id: UUID
    units: Annotated[list[UUID], Meta(min_length=1, max_length=100)]


class ResourcePatch(In, kw_only=True):
    """Only what is given changes. Facility and units are changed elsewhere, because bookings hang on them."""

    name: ShortText | UnsetType = UNSET
    kind: Code | UnsetType = UNSET
    description: Translated | UnsetType = UNSET
    pictures: Pictures | UnsetType = UNSET
    activities: Codes | UnsetType = UNSET
    equipment: Codes | UnsetType = UNSET
    accessibility: Codes | UnsetType = UNSET
    people: People | UnsetType | None = UNSET
    interval_minutes: Interval | UnsetType = UNSET
    min_minutes: Length | UnsetType = UNSET
    max_minutes: Length | UnsetType | None = UNSET
    setup_minutes: Padding | UnsetType = UNSET
    cleanup_minutes: Padding | UnsetType = UNSET
    notice_minutes: Minutes | UnsetType = UNSET
    notice_days: Days | UnsetType = UNSET
    horizon_days: Days | UnsetType | None = UNSET
    horizon_opens: OpensAt | UnsetType = UNSET
    published_from: Instant | UnsetType | None = UNSET
    published_until: Instant | UnsetType | None = UNSET
    decision: Decision | UnsetType = UNSET
    request_holds: bool | UnsetType = UNSET
    hold_minutes: HoldMinutes | UnsetType = UNSET
    change_deadline_minutes: Minutes | UnsetType = UNSET
    association_only: bool | UnsetType = UNSET
    terms: LeaseTerms | UnsetType | None = UNSET
    decision_kind: DecisionKind | UnsetType = UNSET
    answer_days: AnswerDays | UnsetType = UNSET
    questions: Questions | UnsetType = UNSET


class UnitIn(In, kw_only=True):
    """`capacity` null: exclusive; a number: pooled, so many at once."""

    key: Code
    name: ShortText
    capacity: Capacity | None = None


class UnitPatch(In, kw_only=True):
    """Only what is given changes."""

    name: ShortText | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET


class OpeningLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from one local time to another on a weekday (1 is Monday), on the dates it is valid, both included.

    When `closes` is not after `opens` it is on the next day.
    """

    weekday: Annotated[int, Meta(ge=1, le=7)]
    opens: OpensAt
    closes: Clock
    valid_from: date | None = None
    valid_until: date | None = None


class OpeningIn(In, kw_only=True):
    """All weekly lines. On a date on which any line of a resource is valid, they stand instead of its facility's."""

    lines: Annotated[list[OpeningLine], Meta(max_length=400)]


class ExtraOpeningIn(In, kw_only=True):
    """Open for once, for one facility or one resource; also on a holiday."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None
    start: Instant
    end: Instant


class SchoolHolidayIn(In, kw_only=True):
    """A period of the school calendar, both days included."""

    name: ShortText
    from_on: date
    until_on: date


class LimitFields(In, kw_only=True):
    """How much one person or one association may have."""

    holder: Literal["person", "association"]
    kind: Literal["active_bookings", "minutes_per_week"]
    value: LimitValue


class LimitIn(LimitFields, kw_only=True):
    """In all, at one facility or at one resource."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None


class LimitPatch(In, kw_only=True):
    value: LimitValue


class UnitOut(msgspec.Struct, frozen=True):
    id: UUID
    key: str
    name: str
    capacity: int | None


class ResourceBrief(msgspec.Struct, frozen=True):
    """A resource as its facility lists it."""

    id: UUID
    key: str
    name: str
    kind: str
    people: int | None


class FacilityOut(msgspec.Struct, kw_only=True):
    """A facility with the resources that this reader may see, by name."""

    id: UUID
    key: str
    name: str
    description: Translated
    address: str | None
    postcode: str | None
    town: str | None
    latitude: float | None
    longitude: float | None
    accessibility: list[str]
    pictures: list[Picture]
    closed_on_public_holidays: bool
    closed_in_school_holidays: bool
    published_from: datetime | None
    published_until: datetime | None
    version: int
    resources: list[ResourceBrief]


class FacilityDetail(FacilityOut, kw_only=True):
    """The same with its units and weekly opening hours."""

    units: list[UnitOut]
    opening: list[OpeningLine]


class ResourceOut(msgspec.Struct, kw_only=True):
    """A resource with the rules in force."""

    id: UUID
    facility_id: UUID
    facility_name: str
    key: str
    name: str
    kind: str
    description: Translated
    pictures: list[Picture]
    activities: list[str]
    equipment: list[str]
    accessibility: list[str]
    people: int | None
    interval_minutes: int
    min_minutes: int
    max_minutes: int | None
    setup_minutes: int
    cleanup_minutes: int
    notice_minutes: int
    notice_days: int
    horizon_days: int | None
    horizon_opens: str
    published_from: datetime | None
    published_until: datetime | None
    decision: str
    request_holds: bool
    hold_minutes: int
    change_deadline_minutes: int
    association_only: bool
    terms: LeaseTerms | None
    decision_kind: str
    answer_days: int
    questions: Questions
    units: list[UnitOut]
    version: int


class ResourceDetail(ResourceOut, kw_only=True):
    """The same with the weekly opening hours: its own, and those it inherits where it has none."""

    opening: list[OpeningLine]
    facility_opening: list[OpeningLine]


class OpeningOut(msgspec.Struct):
    """`version` is that of the facility or resource whose lines they are."""

    lines: list[OpeningLine]
    version: int


class ExtraOpeningOut(msgspec.Struct):
    id: UUID
    facility_id: UUID | None
    resource_id: UUID | None
    start: datetime
    end: datetime


class SchoolHolidayOut(msgspec.Struct):
    id: UUID
    name: str
    from_on: date
    until_on: date


class LimitOut(msgspec.Struct):
    id: UUID
    facility_id: UUID | None
    resource_id: UUID | None
    holder: str
    kind: str
    value: int


class TermOut(msgspec.Struct):
    """A code and what people are shown for it, in the reader's language."""

    code: str
    label: str


class Vocabulary(msgspec.Struct):
    """The codes that places are described by."""

    kinds: list[TermOut]
    activities: list[TermOut]
    equipment: list[TermOut]
    accessibility: list[TermOut]
