"""SQL of the change log: what is written into it besides what each flush of a booking adds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import QUIET, ChangeLog, text_changes, unit_changes
from booking.models import Booking
from core.ids import new_id
from resources.models import Closure, ResourceUnit


async def log_closures(
    db: AsyncSession, closures: Sequence[Closure], unit_ids: Sequence[UUID], now: datetime
) -> None:
    """For every resource that has one of the units, which all of these closures are of: each was laid, or, when it is
    lifted, that.
    """
    resources = select(ResourceUnit.resource_id).where(ResourceUnit.unit_id.in_(unit_ids)).distinct()
    told = sorted(await db.scalars(resources))
    db.add_all(
        ChangeLog(
            id=new_id(),
            kind="closure",
            thing_id=closure.id,
            version=1 if closure.lifted_at is None else 2,
            state="closed" if closure.lifted_at is None else "lifted",
            resource_id=resource_id,
            at=now,
        )
        for closure in closures
        for resource_id in told
    )


async def log_texts(db: AsyncSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """What is told of the bookings has changed, and they have not: a title is forgotten."""
    for statement in text_changes(Booking.id.in_(booking_ids), literal(now)):
        await db.execute(statement, execution_options=QUIET)


async def log_units(db: AsyncSession, unit_ids: Sequence[UUID]) -> None:
    """Resources that have one of the units have others in common with others than before."""
    await db.execute(unit_changes(ResourceUnit.unit_id.in_(unit_ids), "regrouped"))
