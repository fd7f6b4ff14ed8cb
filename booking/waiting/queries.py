"""SQL of the waiting list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Offer
from booking.models import Application, Booking
from booking.waiting_models import Wait
from core.db import AnyRow
from core.spans import Span
from people.models import Association, Delegate, Person
from resources.models import Closure, Facility, Resource, ResourceUnit

MOST_LOOKED_AT = 1000
"""Waits that one freed time is compared with, the oldest first."""
MOST_SEARCHES = 200
"""Searches that one freed time makes look again, the oldest first."""

_OPEN = Wait.ended_at.is_(None)
_NOT_OFFERED = ~exists().where(Offer.tenant_id == Wait.tenant_id, Offer.wait_id == Wait.id)
"""One offer a wait: whoever let it lapse is not asked again."""


async def open_waits(db: AsyncSession, person_id: UUID) -> int:
    return (
        await db.execute(select(func.count()).select_from(Wait).where(Wait.person_id == person_id, _OPEN))
    ).scalar_one()


async def same_wait(db: AsyncSession, wanted: Wait) -> Wait | None:
    """An open one of the same person for the very same."""
    statement = select(Wait).where(
        Wait.person_id == wanted.person_id,
        _OPEN,
        Wait.starts_at == wanted.starts_at,
        Wait.ends_at == wanted.ends_at,
    )
    if wanted.search is None:
        statement = statement.where(
            Wait.resource_id == wanted.resource_id,
            Wait.association_id.is_not_distinct_from(wanted.association_id),
        )
    else:
        statement = statement.where(Wait.search == wanted.search)
    return await db.scalar(statement.limit(1))


async def lock_wait(db: AsyncSession, wait_id: UUID) -> Wait | None:
    statement = select(Wait).where(Wait.id == wait_id)
    return await db.scalar(statement.with_for_update().execution_options(populate_existing=True))


async def lock_open(db: AsyncSession, wait_ids: Sequence[UUID]) -> Sequence[Wait]:
    """Those that are still open and have not been offered anything, locked in id order, fresh."""
    statement = select(Wait).where(Wait.id.in_(wait_ids), _OPEN, _NOT_OFFERED).order_by(Wait.id)
    locking: Any = statement.with_for_update(of=Wait).execution_options(populate_existing=True)
    return (await db.scalars(locking)).all()


def _shown() -> Any:
    held = and_(Booking.tenant_id == Offer.tenant_id, Booking.id == Offer.booking_id, Booking.state == "held")
    return (
        select(
            Wait,
            Resource.name.label("resource"),
            Facility.name.label("facility"),
            Booking.application_id.label("application_id"),
            Booking.held_until.label("answer_by"),
        )
        .outerjoin(Resource, and_(Resource.tenant_id == Wait.tenant_id, Resource.id == Wait.resource_id))
        .outerjoin(
            Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id)
        )
        .outerjoin(Offer, and_(Offer.tenant_id == Wait.tenant_id, Offer.wait_id == Wait.id))
        .outerjoin(Booking, held)
    )


async def mine(
    db: AsyncSession, person_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Her open waits, by when they began, with where they are and what is offered now."""
    statement = _shown().where(Wait.person_id == person_id, _OPEN)
    if after is not None:
        statement = statement.where(tuple_(Wait.created_at, Wait.id) > after)
    return (await db.execute(statement.order_by(Wait.created_at, Wait.id).limit(limit))).all()


async def one(db: AsyncSession, wait_id: UUID) -> AnyRow:
    return (await db.execute(_shown().where(Wait.id == wait_id))).one()


async def waiting_for(
    db: AsyncSession, unit_ids: Sequence[UUID], window: Span, now: datetime
) -> Sequence[AnyRow]:
    """Open waits (id, resource_id, starts_at, ends_at, …) for a time in the window at what takes one of the units, the
    oldest first, of those who may still book: the association's, if she acts for it.
    """
    on_units = select(ResourceUnit.resource_id).where(ResourceUnit.unit_id.in_(unit_ids))
    acts_for = exists().where(
        Delegate.tenant_id == Wait.tenant_id,
        Delegate.person_id == Wait.person_id,
        Delegate.association_id == Wait.association_id,
        Delegate.role.in_(("leader", "booker")),
        Delegate.ended_at.is_(None),
    )
    statement = (
        select(
            Wait.id,
            Wait.person_id,
            Wait.association_id,
            Wait.resource_id,
            Wait.starts_at,
            Wait.ends_at,
            Wait.created_at,
        )
        .join(Person, and_(Person.tenant_id == Wait.tenant_id, Person.id == Wait.person_id))
        .where(
            _OPEN,
            _NOT_OFFERED,
            Person.erased_at.is_(None),
            Wait.resource_id.in_(on_units),
            Wait.starts_at > now,
            Wait.starts_at < window.end,
            Wait.ends_at > window.start,
            or_(Wait.association_id.is_(None), acts_for),
        )
        .order_by(Wait.created_at, Wait.id)
        .limit(MOST_LOOKED_AT)
    )
    return (await db.execute(statement)).all()


async def searching(
    db: AsyncSession, window: Span, now: datetime, *, told_before: datetime
) -> Sequence[UUID]:
    """Open waits with a search that looks in the window and was not told lately."""
    statement = (
        select(Wait.id)
        .where(
            _OPEN,
            Wait.search.is_not(None),
            Wait.starts_at < window.end,
            Wait.ends_at > max(window.start, now),
            or_(Wait.told_at.is_(None), Wait.told_at <= told_before),
        )
        .order_by(Wait.created_at, Wait.id)
        .limit(MOST_SEARCHES)
    )
    return (await db.scalars(statement)).all()


async def resources_on(db: AsyncSession, unit_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Resources that take one of the units, by id."""
    statement = select(ResourceUnit.resource_id).where(ResourceUnit.unit_id.in_(unit_ids)).distinct()
    return (await db.scalars(statement.order_by(ResourceUnit.resource_id))).all()


async def lock_holders(db: AsyncSession, person_ids: Sequence[UUID], association_ids: Sequence[UUID]) -> None:
    """Everything that counts against their limits waits here for its turn; persons first, each kind by id."""
    for table, ids in ((Person, person_ids), (Association, association_ids)):
        if ids:
            statement = select(table.id).where(table.id.in_(ids)).order_by(table.id)
            await db.execute(statement.with_for_update(key_share=True))


async def club_of(db: AsyncSession, application_id: UUID) -> UUID | None:
    """The association that an application is for."""
    return await db.scalar(select(Application.association_id).where(Application.id == application_id))


async def closure(db: AsyncSession, closure_id: UUID) -> Closure | None:
    return await db.scalar(select(Closure).where(Closure.id == closure_id))


async def offered_waits(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Of the bookings that were offered to somebody who waited: booking_id and wait_id."""
    statement = select(Offer.booking_id, Offer.wait_id).where(
        Offer.booking_id.in_(booking_ids), Offer.wait_id.is_not(None)
    )
    return (await db.execute(statement)).all()


async def end_waits(db: AsyncSession, wait_ids: Sequence[UUID], reason: str, now: datetime) -> None:
    """Those of them that are open."""
    await db.execute(update(Wait).where(Wait.id.in_(wait_ids), _OPEN).values(ended_at=now, end_reason=reason))


async def end_of_holders(db: AsyncSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """Whoever has got one of the times herself, and has it still, waits for it no more."""
    has_it = exists().where(
        Booking.tenant_id == Wait.tenant_id,
        Booking.id.in_(booking_ids),
        Booking.state.in_(("requested", "awaiting_payment", "confirmed")),
        Booking.person_id == Wait.person_id,
        Booking.association_id.is_not_distinct_from(Wait.association_id),
        Booking.resource_id == Wait.resource_id,
        Booking.starts_at == Wait.starts_at,
        Booking.ends_at == Wait.ends_at,
    )
    await db.execute(update(Wait).where(_OPEN, has_it).values(ended_at=now, end_reason="taken"))


async def end_those_over(db: AsyncSession, now: datetime) -> None:
    """Times that have begun, and searches whose last day is past."""
    over = or_(
        and_(Wait.search.is_(None), Wait.starts_at <= now),
        and_(Wait.search.is_not(None), Wait.ends_at <= now),
    )
    await db.execute(update(Wait).where(_OPEN, over).values(ended_at=now, end_reason="over"))


async def held_of(db: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    """All that she waits or waited for, for her copy."""
    statement = select(
        Wait.id,
        Wait.association_id,
        Wait.resource_id,
        Wait.starts_at,
        Wait.ends_at,
        Wait.search,
        Wait.title,
        Wait.created_at,
        Wait.told_at,
        Wait.ended_at,
        Wait.end_reason,
    )
    rows = await db.execute(statement.where(Wait.person_id == person_id).order_by(Wait.created_at, Wait.id))
    return [dict(row) for row in rows.mappings()]


async def ids_of(db: AsyncSession, person_id: UUID) -> Sequence[UUID]:
    return (await db.scalars(select(Wait.id).where(Wait.person_id == person_id))).all()


async def ended_before(db: AsyncSession, before: datetime, limit: int) -> Sequence[UUID]:
    """Some that ended so long ago; those in other hands are left for another night."""
    statement = select(Wait.id).where(Wait.ended_at < before).order_by(Wait.id).limit(limit)
    return (await db.scalars(statement.with_for_update(skip_locked=True))).all()


async def forget(db: AsyncSession, wait_ids: Sequence[UUID]) -> None:
    """The rows are gone; what was offered to them stays with its application."""
    await db.execute(update(Offer).where(Offer.wait_id.in_(wait_ids)).values(wait_id=None))
    await db.execute(delete(Wait).where(Wait.id.in_(wait_ids)))
