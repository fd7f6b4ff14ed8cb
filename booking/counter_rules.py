"""What an officer's offer of another time means: where, when and until when it stands."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from booking.schemas import OfferIn
from core.errors import Invalid, NonexistentLocalTime
from core.spans import Span, span_between
from core.tenants import Tenant
from core.texts import N_
from core.wire import instant_from

STANDS: Final = timedelta(days=5)
"""For how long an offer stands when nothing is said."""
LONGEST: Final = timedelta(days=60)
"""A time is not kept from others for longer."""


class Counter(NamedTuple):
    """Another time instead of the one that was asked for."""

    resource_id: UUID
    span: Span
    answer_by: datetime
    field: str
    """Where it stands in what was sent."""


def counter_of(
    form: OfferIn, asked_resource_id: UUID, tenant: Tenant, now: datetime, *, field: str
) -> Counter:
    """Raises Invalid for a time that is past or does not exist, and for a deadline that makes no sense."""
    try:
        start = instant_from(form.start, tenant.zone, f"{field}.start")
        end = instant_from(form.end, tenant.zone, f"{field}.end")
        span = span_between(start, end)
    except NonexistentLocalTime:
        raise
    except Invalid as refusal:
        if not str(refusal.facts["field"]).startswith(field):
            refusal.facts["field"] = f"{field}.{refusal.facts['field']}"
        raise
    if span.start <= now:
        raise Invalid(field=f"{field}.start", expected=N_("a time to come"))
    if form.answer_by is None:
        answer_by = min(now + STANDS, span.start)
    else:
        answer_by = instant_from(form.answer_by, tenant.zone, f"{field}.answer_by")
        if not now < answer_by <= min(span.start, now + LONGEST):
            raise Invalid(
                field=f"{field}.answer_by",
                expected=N_("a time to come, before what is offered begins, and at most 60 days ahead"),
            )
    return Counter(form.resource_id or asked_resource_id, span, answer_by, field)
