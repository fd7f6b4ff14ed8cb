"""SQL of what bookings cost and owe."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application, Booking
from core.db import AnyRow
from resources.models import Facility, Resource

application, booking = Application.__table__.c, Booking.__table__.c
resource, facility = Resource.__table__.c, Facility.__table__.c
STANDING = (
    select(
        booking.id,
        booking.application_id,
        booking.person_id,
        booking.association_id,
        booking.resource_id,
        resource.name.label("resource_name"),
        resource.facility_id,
        facility.name.label("facility_name"),
        booking.starts_at,
        booking.ends_at,
        booking.state,
        booking.held_until,
        booking.payment,
        booking.owed_ore,
        booking.paid_ore,
        booking.price,
        application.title,
        application.articles,
    )
    .where(
        *(table.tenant_id == bindparam("tenant_id") for table in (booking, application, resource, facility)),
        application.id == booking.application_id,
        resource.id == booking.resource_id,
        facility.id == resource.facility_id,
        booking.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(booking.starts_at, booking.id)
)
"""Made once, and of tables: it is asked for every change of a booking."""


async def standing(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """What is known of the bookings' money, by start."""
    return (await db.execute(STANDING, {"tenant_id": db.info["tenant_id"], "ids": list(booking_ids)})).all()
