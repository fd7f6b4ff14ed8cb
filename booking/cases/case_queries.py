"""SQL of cases: what is written in them, decided, offered and appealed; constant in number whatever they hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.case_models import Appeal, CaseEntry, Decision, Offer, RejectionReason
from booking.models import Application, Booking
from core.db import AnyRow
from core.files_models import StoredFile
from people.models import Person
from resources.models import Facility, Resource

MOST_ENTRIES = 500
"""Of one case on one page; the newest are shown."""


async def entries(
    db: AsyncSession, application_id: UUID, kinds: Sequence[str]
) -> Sequence[tuple[CaseEntry, str | None]]:
    """With the author's name, in order of time; the newest when there are many."""
    statement = (
        select(CaseEntry, Person.name)
        .outerjoin(Person, and_(Person.tenant_id == CaseEntry.tenant_id, Person.id == CaseEntry.author_id))
        .where(CaseEntry.application_id == application_id, CaseEntry.kind.in_(kinds))
        .order_by(CaseEntry.created_at.desc(), CaseEntry.id.desc())
        .limit(MOST_ENTRIES)
    )
    rows: list[Any] = list((await db.execute(statement)).all())
    return [(row[0], row[1]) for row in reversed(rows)]


async def files(db: AsyncSession, file_ids: Sequence[UUID]) -> dict[UUID, StoredFile]:
    """Without their content."""
    if not file_ids:
        return {}
    found = await db.scalars(select(StoredFile).where(StoredFile.id.in_(file_ids)))
    return {row.id: row for row in found}


async def entry_of_file(
    db: AsyncSession, application_id: UUID, file_id: UUID, kinds: Sequence[str]
) -> UUID | None:
    """An entry of those kinds that the file hangs on."""
    return await db.scalar(
        select(CaseEntry.id)
        .where(
            CaseEntry.application_id == application_id,
            CaseEntry.kind.in_(kinds),
            bindparam("file_id", file_id, type_=Uuid) == any_(CaseEntry.file_ids),
        )
        .limit(1)
    )


async def decisions(db: AsyncSession, application_id: UUID) -> Sequence[tuple[Decision, Appeal | None]]:
    """With the appeal over each, the first one first."""
    statement = (
        select(Decision, Appeal)
        .outerjoin(Appeal, and_(Appeal.tenant_id == Decision.tenant_id, Appeal.decision_id == Decision.id))
        .where(Decision.application_id == application_id)
        .order_by(Decision.number)
    )
    rows: list[Any] = list((await db.execute(statement)).all())
    return [(row[0], row[1]) for row in rows]


async def decision(
    db: AsyncSession, application_id: UUID, number: int
) -> tuple[Decision, Appeal | None] | None:
    """Of the application, by its number there."""
    statement = (
        select(Decision, Appeal)
        .outerjoin(Appeal, and_(Appeal.tenant_id == Decision.tenant_id, Appeal.decision_id == Decision.id))
        .where(Decision.application_id == application_id, Decision.number == number)
    )
    row: Any = (await db.execute(statement)).first()
    return None if row is None else (row[0], row[1])


async def lock_appeal(db: AsyncSession, decision_id: UUID) -> Appeal | None:
    return await db.scalar(
        select(Appeal)
        .where(Appeal.decision_id == decision_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def offers(db: AsyncSession, application_id: UUID, now: datetime) -> Sequence[AnyRow]:
    """Offers of the application that can still be answered: id, text, starts_at, ends_at, answer_by, resource,
    facility, and `asked_start` and `asked_end` of what they would replace.
    """
    held, asked = aliased(Booking), aliased(Booking)
    statement = (
        select(
            Offer.id,
            Offer.kind,
            Offer.text,
            held.starts_at,
            held.ends_at,
            held.held_until.label("answer_by"),
            Resource.name.label("resource"),
            Facility.name.label("facility"),
            asked.starts_at.label("asked_start"),
            asked.ends_at.label("asked_end"),
        )
        .join(held, and_(held.tenant_id == Offer.tenant_id, held.id == Offer.booking_id))
        .join(Resource, and_(Resource.tenant_id == held.tenant_id, Resource.id == held.resource_id))
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .outerjoin(asked, and_(asked.tenant_id == Offer.tenant_id, asked.id == Offer.instead_of))
        .where(
            held.application_id == application_id,
            held.state == "held",
            held.held_until > now,
            Offer.answer.is_(None),
        )
        .order_by(held.starts_at, Offer.id)
    )
    return (await db.execute(statement)).all()


async def application_of_offer(db: AsyncSession, offer_id: UUID) -> UUID | None:
    return await db.scalar(
        select(Booking.application_id)
        .join(Offer, and_(Offer.tenant_id == Booking.tenant_id, Offer.booking_id == Booking.id))
        .where(Offer.id == offer_id)
    )


async def is_waiting(db: AsyncSession, application_id: UUID) -> bool:
    """Whether a time of it waits for an answer."""
    statement = select(func.count()).where(
        Booking.application_id == application_id, Booking.state == "requested"
    )
    return bool(await db.scalar(statement))


async def open_question(db: AsyncSession, application_id: UUID) -> str | None:
    """What the municipality asked last and waits for; None: nothing."""
    statement = (
        select(CaseEntry.text)
        .join(
            Application,
            and_(Application.tenant_id == CaseEntry.tenant_id, Application.id == CaseEntry.application_id),
        )
        .where(
            CaseEntry.application_id == application_id,
            CaseEntry.kind == "question",
            Application.paused_at.is_not(None),
        )
        .order_by(CaseEntry.created_at.desc())
        .limit(1)
    )
    return await db.scalar(statement)


async def reasons(db: AsyncSession, now: datetime, *, with_ended: bool = False) -> Sequence[RejectionReason]:
    """The municipality's list, in its order."""
    statement = select(RejectionReason).order_by(RejectionReason.position, RejectionReason.key)
    if not with_ended:
        statement = statement.where(RejectionReason.ended_at.is_(None) | (RejectionReason.ended_at > now))
    return (await db.scalars(statement.limit(200))).all()


async def reason(db: AsyncSession, reason_id: UUID) -> RejectionReason | None:
    """Locked."""
    return await db.scalar(select(RejectionReason).where(RejectionReason.id == reason_id).with_for_update())
