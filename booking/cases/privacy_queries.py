"""SQL of what the queue tells about officers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Absence, Routing
from booking.models import Application, Booking

Row = dict[str, Any]
QUIET = {"synchronize_session": False}


async def _rows(db: AsyncSession, statement: Any) -> list[Row]:
    return [dict(row) for row in (await db.execute(statement)).mappings()]


async def cases(db: AsyncSession, person_id: UUID) -> list[Row]:
    """By id alone: what was asked for is others'."""
    statement = select(Application.id, Application.officer_id, Application.created_at)
    return await _rows(
        db, statement.where(Application.officer_id == person_id).order_by(Application.created_at)
    )


async def routings(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Also those that have ended."""
    statement = select(
        Routing.id,
        Routing.facility_id,
        Routing.resource_id,
        Routing.officer_id,
        Routing.created_at,
        Routing.ended_at,
    )
    return await _rows(db, statement.where(Routing.officer_id == person_id).order_by(Routing.created_at))


async def absences(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Hers, and those of others whom she stands in for."""
    statement = select(
        Absence.id,
        Absence.officer_id,
        Absence.from_on,
        Absence.until_on,
        Absence.substitute_id,
        Absence.ended_at,
    )
    return await _rows(db, statement.where(_concerns(person_id)).order_by(Absence.from_on))


def _concerns(person_id: UUID) -> ColumnElement[bool]:
    return or_(Absence.officer_id == person_id, Absence.substitute_id == person_id)


def _open(person_id: UUID) -> Sequence[ColumnElement[bool]]:
    waits = exists().where(
        Booking.tenant_id == Application.tenant_id,
        Booking.application_id == Application.id,
        Booking.state == "requested",
    )
    return (Application.officer_id == person_id, waits)


async def _count(db: AsyncSession, model: Any, *conditions: ColumnElement[bool]) -> int:
    return await db.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


async def count_open(db: AsyncSession, person_id: UUID) -> int:
    """Cases of hers that are not answered."""
    return await _count(db, Application, *_open(person_id))


async def let_go_open(db: AsyncSession, person_id: UUID) -> None:
    """They are nobody's, so that somebody takes them."""
    statement = update(Application).where(*_open(person_id))
    await db.execute(
        statement.values(officer_id=None, version=Application.version + 1), execution_options=QUIET
    )


async def count_routed(db: AsyncSession, person_id: UUID) -> int:
    """Places whose cases are sent to her."""
    return await _count(db, Routing, Routing.officer_id == person_id, Routing.ended_at.is_(None))


async def end_routed(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    statement = update(Routing).where(Routing.officer_id == person_id, Routing.ended_at.is_(None))
    await db.execute(statement.values(ended_at=now), execution_options=QUIET)


async def count_away(db: AsyncSession, person_id: UUID) -> int:
    return await _count(db, Absence, Absence.officer_id == person_id)


async def forget_away(db: AsyncSession, person_id: UUID) -> None:
    """Hers; where she stood in for others, nobody does."""
    await db.execute(delete(Absence).where(Absence.officer_id == person_id), execution_options=QUIET)
    others = update(Absence).where(Absence.substitute_id == person_id)
    await db.execute(others.values(substitute_id=None), execution_options=QUIET)


async def forget_absences(db: AsyncSession, before: datetime, limit: int) -> int:
    """Whose last day was before then: how many."""
    old = select(Absence.id).where(Absence.until_on < before.date()).order_by(Absence.id).limit(limit)
    ids = (await db.scalars(old)).all()
    await db.execute(delete(Absence).where(Absence.id.in_(ids)), execution_options=QUIET)
    return len(ids)
