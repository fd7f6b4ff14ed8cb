"""SQL of events as they are written: a booking with all that calendars say of it, and what is kept of that."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import ChangeLog
from booking.models import Application, Booking
from calendar_feeds.models import FeedEvent
from core.db import AnyRow
from people.models import Association, Team
from resources.models import Facility, Resource

WAS_SHOWN = (
    select(ChangeLog.id)
    .where(
        ChangeLog.tenant_id == Booking.tenant_id,
        ChangeLog.thing_id == Booking.id,
        (ChangeLog.xid == 0) | ChangeLog.state.in_(["requested", "awaiting_payment", "confirmed"]),
    )
    .offset(0)  # looked up, not hashed: see KNOWN in queries.py
    .exists()
)
TO_WRITE = (
    select(
        Booking.id,
        Booking.sequence,
        Booking.version,
        Booking.text_version,
        Booking.state,
        Booking.starts_at,
        Booking.ends_at,
        Booking.updated_at,
        Booking.quantity,
        Application.title,
        Application.public,
        Application.people,
        Association.name.label("association"),
        Team.name.label("team"),
        Resource.name.label("resource_name"),
        Facility.name.label("facility_name"),
        Facility.address,
        Facility.postcode,
        Facility.town,
        WAS_SHOWN.label("was_shown"),
    )
    .join(
        Application,
        tuple_(Application.tenant_id, Application.id) == tuple_(Booking.tenant_id, Booking.application_id),
    )
    .join(
        Resource,
        tuple_(Resource.tenant_id, Resource.id) == tuple_(Booking.tenant_id, Booking.resource_id),
    )
    .join(
        Facility,
        tuple_(Facility.tenant_id, Facility.id) == tuple_(Resource.tenant_id, Resource.facility_id),
    )
    .outerjoin(
        Association,
        tuple_(Association.tenant_id, Association.id) == tuple_(Booking.tenant_id, Booking.association_id),
    )
    .outerjoin(Team, tuple_(Team.tenant_id, Team.id) == tuple_(Booking.tenant_id, Booking.team_id))
    .where(Booking.id.in_(bindparam("ids", expanding=True)))
    .order_by(Booking.id)
)


async def to_write(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """The bookings as calendars are to have them, by id. A place's and a holder's name come with it."""
    return (await db.execute(TO_WRITE, {"ids": booking_ids})).all()


COLUMNS: Mapping[str, Any] = {
    column.name: column.type for column in FeedEvent.__table__.c if column.name != "tenant_id"
}
KEEP = text(
    f"""
    INSERT INTO feed_event (tenant_id, {", ".join(f'"{name}"' for name in COLUMNS)})
    SELECT :tenant_id, * FROM unnest({", ".join(f":{name}" for name in COLUMNS)})
    ON CONFLICT (tenant_id, id) DO UPDATE SET {", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS)}
    WHERE (excluded.version, excluded.text_version) >= (feed_event.version, feed_event.text_version)
    """  # noqa: S608  # names of our own
).bindparams(*[bindparam(name, type_=ARRAY(type_)) for name, type_ in COLUMNS.items()])


async def keep_events(db: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Written, unless somebody has written a newer one meanwhile. Rows by id, so that two writers never block."""
    if rows:
        values = {name: [row[name] for row in rows] for name in COLUMNS}
        await db.execute(KEEP, {"tenant_id": db.info["tenant_id"], **values})
