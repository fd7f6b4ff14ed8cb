"""Which times does an application ask for, occurrence by occurrence?"""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from booking.schemas import ApplicationIn, WishIn
from core.errors import Invalid, NonexistentLocalTime
from core.repeats import Repeat, occurrences
from core.spans import Span, local_date, span_between
from core.tenants import Tenant
from core.texts import N_
from core.wire import instant_from

MOST_OCCURRENCES = 500
"""In one application."""


class Wished(NamedTuple):
    """One occurrence: a time, or why the clock does not show it."""

    resource_id: UUID
    quantity: int
    day: date
    span: Span | NonexistentLocalTime


def wished(form: ApplicationIn, tenant: Tenant) -> list[Wished]:
    """Every occurrence asked for, in order of time. Raises Invalid naming the field of what cannot be meant."""
    repeat = None
    if form.repeat is not None:
        repeat = Repeat(
            every_weeks=form.repeat.every_weeks,
            rrule=form.repeat.rrule,
            until=form.repeat.until,
            except_on=frozenset(form.repeat.except_on),
        )
    instead = form.repeat.instead if form.repeat is not None else []
    if instead and len(form.times) > 1:
        raise Invalid(field="repeat.instead", expected=N_("nothing, where several times are repeated"))
    elsewhere = {each.day: each for each in instead}
    found: list[Wished] = []
    for number, wish in enumerate(form.times):
        span = wish_span(wish, tenant, f"times.{number}.")
        if repeat is None:
            found.append(Wished(wish.resource_id, wish.quantity, local_date(tenant.zone, span.start), span))
            continue
        for day, each in occurrences(span, repeat, tenant.zone, at_most=MOST_OCCURRENCES):
            if day in elsewhere:
                other = elsewhere[day]
                place = instead.index(other)
                resource_id = other.resource_id or wish.resource_id
                taken = wish_span(other, tenant, f"repeat.instead.{place}.")
                found.append(Wished(resource_id, wish.quantity, day, taken))
                continue
            found.append(Wished(wish.resource_id, wish.quantity, day, each))
        if len(found) > MOST_OCCURRENCES:
            raise Invalid(
                field="repeat", expected=f"at most {MOST_OCCURRENCES} occurrences in one application"
            )
    if not found:
        raise Invalid(field="repeat", expected=N_("at least one occurrence"))
    return sorted(found, key=lambda wish: (wish.day, str(wish.resource_id)))


def wish_span(wish: WishIn | Any, tenant: Tenant, prefix: str = "") -> Span:
    """The span that `start` and `end` mean. Raises Invalid with the field's path."""
    start = _instant(wish.start, tenant, f"{prefix}start")
    end = _instant(wish.end, tenant, f"{prefix}end")
    try:
        return span_between(start, end)
    except Invalid as refusal:
        refusal.facts["field"] = prefix + refusal.facts["field"]
        raise


def _instant(value: Any, tenant: Tenant, field: str) -> datetime:
    try:
        return instant_from(value, tenant.zone, field)
    except NonexistentLocalTime as refusal:
        refusal.facts["field"] = field
        raise
