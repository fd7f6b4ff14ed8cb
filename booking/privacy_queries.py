"""SQL of what bookings tell about persons: copied for them, emptied of what they wrote, counted for erasure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, cast, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Appeal, CaseEntry, Decision, Offer
from booking.log_queries import log_texts
from booking.models import LIVE, Application, Booking
from core.audit import AuditEntry
from core.files_models import StoredFile
from people.models import Association
from resources.models import Resource

Row = dict[str, Any]

WRITTEN = Application.title != ""
"""What she wrote is still there; every application had a title when it was made."""


async def _rows(db: AsyncSession, statement: Any) -> list[Row]:
    return [dict(row) for row in (await db.execute(statement)).mappings()]


async def applications(db: AsyncSession, person_id: UUID) -> list[Row]:
    """All that she made, also those for associations."""
    statement = (
        select(
            Application.id,
            Application.association_id,
            Association.name.label("association"),
            Application.team_id,
            Application.title,
            Application.public,
            Application.purpose,
            Application.activity,
            Application.audience,
            Application.people,
            Application.articles,
            Application.answers,
            Application.accepted_terms,
            Application.repeat,
            Application.created_at,
        )
        .outerjoin(
            Association,
            and_(
                Association.tenant_id == Application.tenant_id, Association.id == Application.association_id
            ),
        )
        .where(Application.person_id == person_id)
        .order_by(Application.created_at, Application.id)
    )
    return await _rows(db, statement)


async def bookings(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Hers; and, by id alone, those that she decided or ended as staff."""
    shared = (
        Booking.id,
        Booking.state,
        Booking.decided_at,
        Booking.decided_by,
        Booking.ended_at,
        Booking.ended_by,
    )
    own = (
        select(
            *shared,
            Booking.application_id,
            Booking.association_id,
            Booking.resource_id,
            Resource.name.label("resource"),
            Booking.starts_at,
            Booking.ends_at,
            Booking.quantity,
            Booking.price,
            Booking.decision_text,
            Booking.policy,
            Booking.terms_version,
            Booking.end_reason,
            Booking.created_at,
        )
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .where(Booking.person_id == person_id)
        .order_by(Booking.starts_at, Booking.id)
    )
    as_staff = (
        select(*shared)
        .where(
            Booking.person_id != person_id,
            or_(Booking.decided_by == person_id, Booking.ended_by == person_id),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    return [*await _rows(db, own), *await _rows(db, as_staff)]


async def history(db: AsyncSession, person_id: UUID) -> list[Row]:
    """What has been done with her bookings, by whom."""
    own = select(Booking.id).where(Booking.person_id == person_id)
    statement = (
        select(
            AuditEntry.row_id.label("booking_id"),
            AuditEntry.at,
            AuditEntry.actor_id,
            AuditEntry.action,
            AuditEntry.change,
        )
        .where(AuditEntry.table_name == "booking", AuditEntry.row_id.in_(own))
        .order_by(AuditEntry.at)
    )
    return await _rows(db, statement)


def is_own(person_id: UUID) -> ColumnElement[bool]:
    """Made for herself: what is made for an association stays with it."""
    return and_(Application.person_id == person_id, Application.association_id.is_(None))


def made_for_clubs(person_id: UUID) -> ColumnElement[bool]:
    return and_(Application.person_id == person_id, Application.association_id.is_not(None))


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Booking.tenant_id == Application.tenant_id, Booking.application_id == Application.id, *conditions
    )


def is_decided() -> ColumnElement[bool]:
    """By an officer: a case, and no mere running of the rules."""
    return _has(Booking.decided_by.is_not(None))


def is_paid(*, since: datetime | None = None) -> ColumnElement[bool]:
    """With the price paid for a time that ended since then; None: whenever."""
    costs = func.coalesce(cast(Booking.price["gross"]["amount"].astext, BigInteger), 0) > 0
    return _has(costs) if since is None else _has(costs, Booking.ends_at >= since)


async def count(db: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    return await db.scalar(select(func.count()).select_from(Application).where(*conditions)) or 0


async def all_of(db: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[UUID]:
    """Ids of such applications, locked."""
    statement = select(Application.id).where(*conditions).order_by(Application.id)
    return (await db.scalars(statement.with_for_update())).all()


async def some_over(
    db: AsyncSession, *conditions: ColumnElement[bool], before: datetime, limit: int
) -> Sequence[UUID]:
    """Ids of persons' applications with texts, whose last time was over before; those in other hands are left there."""
    statement = (
        select(Application.id)
        .where(
            Application.association_id.is_(None),
            WRITTEN,
            Application.created_at < before,
            ~_has(Booking.ends_at >= before),
            *conditions,
        )
        .order_by(Application.id)
        .limit(limit)
    )
    return (await db.scalars(statement.with_for_update(skip_locked=True))).all()


async def empty(db: AsyncSession, application_ids: Sequence[UUID], now: datetime) -> None:
    """What was written goes; when, where, for what activity and for how many stays, for statistics."""
    quiet = {"synchronize_session": False}
    texts: Row = {"title": "", "public": False, "purpose": "", "answers": {}}
    await db.execute(
        update(Application).where(Application.id.in_(application_ids)).values(texts), execution_options=quiet
    )
    await db.execute(
        update(Booking)
        .where(Booking.application_id.in_(application_ids))
        .values(decision_text=None, end_reason=None),
        execution_options=quiet,
    )
    held = select(Booking.id).where(Booking.application_id.in_(application_ids))
    await log_texts(db, (await db.scalars(held)).all(), now)
    await _empty_cases(db, application_ids)


async def _empty_cases(db: AsyncSession, application_ids: Sequence[UUID]) -> None:
    """What was written in them and sent with it; that something was written stays. Decisions no one can change."""
    quiet = {"synchronize_session": False}
    of_them = CaseEntry.application_id.in_(application_ids)
    file_ids = (await db.scalars(select(func.unnest(CaseEntry.file_ids)).where(of_them))).all()
    decided = select(Decision.id).where(Decision.application_id.in_(application_ids))
    held = select(Booking.id).where(Booking.application_id.in_(application_ids))
    for statement in (
        update(CaseEntry).where(of_them).values(text="", file_ids=[]),
        update(Appeal).where(Appeal.decision_id.in_(decided)).values(text="", answer=""),
        update(Offer).where(Offer.booking_id.in_(held)).values(text=""),
        delete(StoredFile).where(StoredFile.id.in_(file_ids)),
    ):
        await db.execute(statement, execution_options=quiet)


def _coming(now: datetime) -> list[ColumnElement[bool]]:
    return [
        Booking.association_id.is_(None),
        Booking.state.in_(LIVE),
        Booking.ends_at > now,
        or_(Booking.held_until.is_(None), Booking.held_until > now),
    ]


async def count_coming(db: AsyncSession, person_id: UUID, now: datetime) -> int:
    """Live bookings for herself that are not over."""
    statement = select(func.count()).select_from(Booking)
    return await db.scalar(statement.where(Booking.person_id == person_id, *_coming(now))) or 0


async def coming_of(db: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those of the persons who have any."""
    statement = select(Booking.person_id).where(Booking.person_id.in_(person_ids), *_coming(now))
    return set(await db.scalars(statement))


async def undecided(db: AsyncSession, person_id: UUID) -> Sequence[UUID]:
    """Bookings for herself that nobody has decided, whenever they are."""
    statement = select(Booking.id).where(
        Booking.person_id == person_id,
        Booking.association_id.is_(None),
        Booking.state.in_(("held", "requested", "awaiting_payment")),
    )
    return (await db.scalars(statement)).all()
