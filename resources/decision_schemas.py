"""What goes over the wire about how a resource is decided: policy lines and versions of its terms."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.errors import Invalid
from core.spans import DAY_MINUTES
from core.texts import N_
from core.wire import Clock, clock_of, minutes_of
from people.groups import CustomerGroup
from resources.policies import Decision, Policy

MOST_LINES = 50
FromTime = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$")]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
Length = Annotated[int, msgspec.Meta(ge=1, le=44_640)]
AnswerDays = Annotated[int, msgspec.Meta(ge=1, le=365)]
DecisionKind = Literal["vedtak", "private_law"]


class PolicyLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a booking is decided automatically and when by an officer. What is left out fits everything.

    Weekdays (1 is Monday) and times are those of the local day on which the booking starts, and the whole booking
    lies between the times; when `until_time` is not after `from_time` it is on the next day.
    """

    decision: Decision
    weekdays: Annotated[list[Weekday], msgspec.Meta(max_length=7)] = []
    from_time: FromTime | None = None
    until_time: Clock | None = None
    min_minutes: Length | None = None
    max_minutes: Length | None = None
    customer_groups: Annotated[list[CustomerGroup], msgspec.Meta(max_length=6)] = []
    max_people: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None


class PoliciesIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All lines, in order: the first that fits decides."""

    lines: Annotated[list[PolicyLine], msgspec.Meta(max_length=MOST_LINES)]


class PoliciesOut(msgspec.Struct, kw_only=True):
    """`decision` is what stands where no line fits; `version` is the resource's."""

    decision: Decision
    lines: list[PolicyLine]
    version: int


class TermsOut(msgspec.Struct, kw_only=True):
    """The terms as one version of them reads."""

    version: str
    nb: str | None
    nn: str | None
    en: str | None
    since: datetime
    is_in_force: bool


class TermsVersionsOut(msgspec.Struct, kw_only=True):
    """All versions of a resource's terms, the newest first."""

    resource_id: UUID
    items: list[TermsOut]


def policy_of(line: PolicyLine, field: str) -> Policy:
    """The line as the rule reads it. Raises Invalid with the field of what can never fit."""
    since = None if line.from_time is None else minutes_of(line.from_time)
    until = None if line.until_time is None else minutes_of(line.until_time)
    if until is not None and until <= (since or 0):
        until += DAY_MINUTES
    if line.min_minutes and line.max_minutes and line.max_minutes < line.min_minutes:
        raise Invalid(field=f"{field}.max_minutes", expected=N_("not less than min_minutes"))
    return Policy(
        line.decision,
        weekdays=tuple(sorted(set(line.weekdays))),
        from_minute=since,
        until_minute=until,
        min_minutes=line.min_minutes,
        max_minutes=line.max_minutes,
        customer_groups=tuple(sorted(set(line.customer_groups))),
        max_people=line.max_people,
    )


def line_of(policy: Policy) -> PolicyLine:
    """As people state it."""
    return msgspec.convert(
        {
            "decision": policy.decision,
            "weekdays": list(policy.weekdays),
            "from_time": None if policy.from_minute is None else clock_of(policy.from_minute),
            "until_time": None if policy.until_minute is None else clock_of(policy.until_minute),
            "min_minutes": policy.min_minutes,
            "max_minutes": policy.max_minutes,
            "customer_groups": list(policy.customer_groups),
            "max_people": policy.max_people,
        },
        PolicyLine,
    )
