"""SQL of boards: what the bookings and closures on the units are, and whether anything has changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.claim_queries import A_DAY, HERE, ON_UNITS, claim
from booking.models import Application, Booking
from core.db import AnyRow
from core.spans import Span
from people.models import Association, Person
from resources.models import Closure, Resource

# Made once and of tables, as in claim_queries: a board is asked for again whenever something changes.
application, booking, closure = Application.__table__.c, Booking.__table__.c, Closure.__table__.c
resource, person, association = Resource.__table__.c, Person.__table__.c, Association.__table__.c
IDS = any_(bindparam("ids", type_=ARRAY(Uuid)))
STANDING = (
    select(
        claim.unit_id,
        claim.kind,
        claim.closing,
        claim.quantity,
        func.array_agg(claim.starts_at).label("starts"),
        func.array_agg(claim.ends_at).label("ends"),
        func.array_agg(claim.booking_id).label("of"),
    )
    .where(
        claim.tenant_id == HERE,
        ON_UNITS,
        or_(claim.held_until.is_(None), claim.held_until > bindparam("now")),
    )
    .group_by(claim.unit_id, claim.kind, claim.closing, claim.quantity)
)
BOOKINGS = (
    select(
        booking.id,
        booking.application_id,
        booking.resource_id,
        booking.person_id,
        booking.association_id,
        booking.starts_at,
        booking.ends_at,
        booking.setup_minutes,
        booking.cleanup_minutes,
        booking.state,
        application.title,
        application.public,
        resource.facility_id,
        resource.name.label("resource_name"),
        person.name.label("applicant"),
        association.name.label("association"),
    )
    .select_from(
        Booking.__table__.join(
            Application.__table__,
            and_(application.tenant_id == booking.tenant_id, application.id == booking.application_id),
        )
        .join(
            Resource.__table__,
            and_(resource.tenant_id == booking.tenant_id, resource.id == booking.resource_id),
        )
        .join(Person.__table__, and_(person.tenant_id == booking.tenant_id, person.id == booking.person_id))
        .outerjoin(
            Association.__table__,
            and_(association.tenant_id == booking.tenant_id, association.id == booking.association_id),
        )
    )
    .where(booking.tenant_id == HERE)
    .order_by(booking.starts_at, booking.id)
)
BOOKINGS_BY_ID = BOOKINGS.where(booking.id == IDS)
REQUESTS = BOOKINGS.where(
    booking.state == "requested",
    booking.resource_id == IDS,
    booking.starts_at < bindparam("end"),
    booking.ends_at > bindparam("start"),
)
CLOSURES = (
    select(closure.id, closure.starts_at, closure.ends_at, closure.reason)
    .where(closure.tenant_id == HERE, closure.id == IDS)
    .order_by(closure.starts_at, closure.id)
)


async def standing(db: AsyncSession, unit_ids: Iterable[UUID], span: Span, now: datetime) -> Sequence[AnyRow]:
    """Claims on the units that touch the span, without holds that have run out: unit_id, kind, closing, quantity, and
    all starts, ends and bookings (or closures) of these.
    """
    values = {
        "tenant_id": db.info["tenant_id"],
        "unit_ids": sorted(unit_ids),
        "start": span.start,
        "end": span.end,
        "a_day_after": span.end + A_DAY,
        "now": now,
    }
    return (await db.execute(STANDING, values)).all()


async def bookings(db: AsyncSession, booking_ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """By start; with what of the application and of who has it a reader may be told."""
    return (await db.execute(BOOKINGS_BY_ID, _values(db, booking_ids))).all()


async def requests(db: AsyncSession, resource_ids: Iterable[UUID], span: Span) -> Sequence[AnyRow]:
    """The same of all that is asked for at the resources in the span, whether or not it keeps others away."""
    values = {**_values(db, resource_ids), "start": span.start, "end": span.end}
    return (await db.execute(REQUESTS, values)).all()


async def closures(db: AsyncSession, closure_ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """By start: id, starts_at, ends_at, reason."""
    return (await db.execute(CLOSURES, _values(db, closure_ids))).all()


def _values(db: AsyncSession, ids: Iterable[UUID]) -> dict[str, object]:
    return {"tenant_id": db.info["tenant_id"], "ids": list(ids)}


# A sum of hashes: it does not care about order, takes no sort, and changes with every row that comes, goes or changes.
# `requests` are told to those alone who may read them.
REVISION = text(
    """
    WITH here AS MATERIALIZED (
        SELECT id, version FROM resource WHERE tenant_id = :tenant_id AND facility_id = :facility_id
    ), part AS MATERIALIZED (
        SELECT DISTINCT unit_id FROM resource_unit
        WHERE tenant_id = :tenant_id AND resource_id IN (SELECT id FROM here)
    ), told AS (
        SELECT concat_ws(' ', c.id, c.held_until, b.version) AS line
        FROM claim c LEFT JOIN booking b ON b.tenant_id = c.tenant_id AND b.id = c.booking_id AND NOT c.closing
        WHERE c.tenant_id = :tenant_id AND c.unit_id IN (SELECT unit_id FROM part)
            AND c.ends_at > :start AND c.ends_at < :a_day_after AND c.starts_at < :end
        UNION ALL
        SELECT concat_ws(' ', id, version) FROM here
        UNION ALL
        SELECT concat_ws(' ', b.id, b.version) FROM booking b
        WHERE :with_requests AND b.tenant_id = :tenant_id AND b.state = 'requested'
            AND b.resource_id IN (SELECT id FROM here) AND b.starts_at < :end AND b.ends_at > :start
    )
    SELECT coalesce(sum(hashtextextended(line, 0)), 0)::text FROM told
    """
)


async def revision(db: AsyncSession, facility_id: UUID, span: Span, *, with_requests: bool) -> str:
    """A text that is another one whenever what stands at the facility in the span is not the same."""
    values = {
        "tenant_id": db.info["tenant_id"],
        "facility_id": facility_id,
        "start": span.start,
        "end": span.end,
        "a_day_after": span.end + A_DAY,
        "with_requests": with_requests,
    }
    return str(await db.scalar(REVISION, values))
