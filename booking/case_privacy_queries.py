"""SQL of what cases tell about persons: copied for them. What staff did is told by number and time alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Appeal, CaseEntry, Decision, Offer
from booking.models import Application, Booking
from core.files import keep_while
from core.files_models import StoredFile

Row = dict[str, Any]

keep_while(StoredFile.id.in_(select(func.unnest(CaseEntry.file_ids))))


async def _rows(db: AsyncSession, *statements: Any) -> list[Row]:
    return [dict(row) for statement in statements for row in (await db.execute(statement)).mappings()]


def _own(person_id: UUID) -> Any:
    return select(Application.id).where(Application.person_id == person_id)


async def entries(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Of her cases, but for notes inside; and, by id alone, those that she wrote as staff."""
    shared = (CaseEntry.id, CaseEntry.application_id, CaseEntry.kind, CaseEntry.created_at)
    own = (
        select(*shared, CaseEntry.by_staff, CaseEntry.text)
        .where(
            CaseEntry.application_id.in_(_own(person_id)),
            CaseEntry.kind.not_in(("note", "assigned")),
        )
        .order_by(CaseEntry.created_at, CaseEntry.id)
    )
    as_staff = (
        select(*shared, CaseEntry.author_id)
        .where(
            CaseEntry.author_id == person_id,
            or_(
                CaseEntry.application_id.not_in(_own(person_id)),
                CaseEntry.kind.in_(("note", "assigned")),
            ),
        )
        .order_by(CaseEntry.created_at, CaseEntry.id)
    )
    return await _rows(db, own, as_staff)


async def files(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Files that hang on what she has written, and that were sent to her."""
    statement = (
        select(
            CaseEntry.application_id,
            StoredFile.id,
            StoredFile.name,
            StoredFile.media_type,
            StoredFile.size,
            StoredFile.content,
        )
        .join(
            StoredFile,
            (StoredFile.tenant_id == CaseEntry.tenant_id) & (StoredFile.id == any_(CaseEntry.file_ids)),
        )
        .where(
            CaseEntry.application_id.in_(_own(person_id)),
            CaseEntry.kind.not_in(("note", "assigned")),
        )
        .order_by(CaseEntry.created_at, StoredFile.id)
    )
    return await _rows(db, statement)


async def decisions(db: AsyncSession, person_id: UUID) -> list[Row]:
    """In her cases; and, by id alone, those that she made as staff."""
    shared = (Decision.id, Decision.application_id, Decision.number, Decision.decided_at)
    own = (
        select(
            *shared,
            Decision.kind,
            Decision.officer,
            Decision.outcomes,
            Decision.reason,
            Decision.text,
            Decision.rules,
            Decision.appeal_until,
        )
        .where(Decision.application_id.in_(_own(person_id)))
        .order_by(Decision.decided_at, Decision.id)
    )
    as_staff = (
        select(*shared, Decision.decided_by)
        .where(Decision.decided_by == person_id, Decision.application_id.not_in(_own(person_id)))
        .order_by(Decision.decided_at, Decision.id)
    )
    return await _rows(db, own, as_staff)


async def appeals(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Hers; and, by id alone, those that she closed as staff."""
    own = (
        select(
            Appeal.id,
            Appeal.decision_id,
            Appeal.text,
            Appeal.received_at,
            Appeal.in_time,
            Appeal.outcome,
            Appeal.answer,
            Appeal.closed_at,
        )
        .where(Appeal.person_id == person_id)
        .order_by(Appeal.received_at, Appeal.id)
    )
    as_staff = (
        select(Appeal.id, Appeal.decision_id, Appeal.closed_at, Appeal.closed_by)
        .where(Appeal.closed_by == person_id, Appeal.person_id != person_id)
        .order_by(Appeal.closed_at, Appeal.id)
    )
    return await _rows(db, own, as_staff)


async def offers(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Made to her; and, by id alone, those that she made as staff."""
    hers = select(Booking.id).where(Booking.person_id == person_id)
    own = (
        select(
            Offer.id,
            Offer.booking_id,
            Offer.instead_of,
            Offer.kind,
            Offer.text,
            Offer.made_at,
            Offer.answer,
            Offer.answered_at,
        )
        .where(Offer.booking_id.in_(hers))
        .order_by(Offer.made_at, Offer.id)
    )
    as_staff = (
        select(Offer.id, Offer.booking_id, Offer.made_at, Offer.made_by)
        .where(Offer.made_by == person_id, Offer.booking_id.not_in(hers))
        .order_by(Offer.made_at, Offer.id)
    )
    return await _rows(db, own, as_staff)
