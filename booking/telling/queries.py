"""All SQL of what is told: who is to read it, what it is about, and the municipality's own words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.case_models import Absence, CaseEntry, Decision, Offer
from booking.models import Application, Booking
from booking.telling_models import Notice, NoticeText
from booking.waiting_models import Replacement, Wait
from core.audit import AuditEntry
from core.db import AnyRow
from people.models import Association, Person, RoleGrant
from resources.models import Facility, Resource

UNSYNCHRONIZED = {"synchronize_session": False}


async def reader(db: AsyncSession, person_id: UUID) -> AnyRow | None:
    """How she is reached, unless she has been forgotten; and she is not forgotten before this transaction ends."""
    statement = (
        select(Person.id, Person.name, Person.email, Person.phone, Person.language, Person.notices)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )
    return (await db.execute(statement)).one_or_none()


async def own_words(db: AsyncSession, kind: str, language: str) -> AnyRow | None:
    """Subject and text, where the municipality has its own."""
    statement = select(NoticeText.subject, NoticeText.text)
    return (
        await db.execute(statement.where(NoticeText.kind == kind, NoticeText.language == language))
    ).one_or_none()


async def application(db: AsyncSession, application_id: UUID) -> AnyRow | None:
    """What it is called, whose it is, who sees to it, until when."""
    statement = (
        select(
            Application.id,
            Application.title,
            Application.person_id,
            Application.officer_id,
            Application.answer_by,
            Person.name.label("applicant"),
            Association.name.label("association"),
        )
        .join(Person, and_(Person.tenant_id == Application.tenant_id, Person.id == Application.person_id))
        .outerjoin(
            Association,
            and_(
                Association.tenant_id == Application.tenant_id, Association.id == Application.association_id
            ),
        )
        .where(Application.id == application_id)
    )
    return (await db.execute(statement)).one_or_none()


async def places(db: AsyncSession, resource_ids: Sequence[UUID]) -> Mapping[UUID, AnyRow]:
    """Resource → its name, and its facility's name, address, postcode and town."""
    statement = (
        select(
            Resource.id,
            Resource.name,
            Facility.name.label("facility"),
            Facility.address,
            Facility.postcode,
            Facility.town,
        )
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .where(Resource.id.in_(resource_ids))
    )
    return {row.id: row for row in await db.execute(statement)}


async def once_confirmed(db: AsyncSession, booking_ids: Sequence[UUID]) -> set[UUID]:
    """Those that were confirmed at some time, so that they stand in their holder's calendar."""
    became = AuditEntry.change["state"][1].astext == "confirmed"
    statement = select(AuditEntry.row_id).where(
        AuditEntry.table_name == "booking",
        AuditEntry.row_id.in_(booking_ids),
        or_(AuditEntry.action == "confirmed", became),
    )
    return set(await db.scalars(statement))


async def answered(db: AsyncSession, booking_ids: Sequence[UUID]) -> AnyRow | None:
    """What was said with the latest answer to any of the bookings: decided_at, decision_text, end_reason."""
    statement = (
        select(Booking.decided_at, Booking.decision_text, Booking.end_reason)
        .where(Booking.id.in_(booking_ids), Booking.decided_at.is_not(None))
        .order_by(Booking.decided_at.desc(), Booking.id)
        .limit(1)
    )
    return (await db.execute(statement)).one_or_none()


async def decision(db: AsyncSession, application_id: UUID, decided_at: datetime) -> AnyRow | None:
    """The decision of that very moment: reason, text, appeal_until."""
    statement = select(Decision.reason, Decision.text, Decision.appeal_until).where(
        Decision.application_id == application_id, Decision.decided_at == decided_at
    )
    return (await db.execute(statement.order_by(Decision.number.desc()).limit(1))).one_or_none()


async def entry(db: AsyncSession, entry_id: UUID) -> AnyRow | None:
    """A line of a case with its author's name."""
    statement = (
        select(
            CaseEntry.application_id,
            CaseEntry.kind,
            CaseEntry.author_id,
            CaseEntry.by_staff,
            CaseEntry.text,
            Person.name.label("author"),
        )
        .outerjoin(Person, and_(Person.tenant_id == CaseEntry.tenant_id, Person.id == CaseEntry.author_id))
        .where(CaseEntry.id == entry_id)
    )
    return (await db.execute(statement)).one_or_none()


async def offer(db: AsyncSession, offer_id: UUID) -> AnyRow | None:
    """An offer with the booking that is held, and the one it would replace (`was_…`, or None)."""
    was = aliased(Booking)
    statement = (
        select(
            Offer.kind,
            Offer.text,
            Offer.answer,
            Booking.application_id,
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.held_until,
            was.resource_id.label("was_resource_id"),
            was.starts_at.label("was_starts_at"),
            was.ends_at.label("was_ends_at"),
        )
        .join(Booking, and_(Booking.tenant_id == Offer.tenant_id, Booking.id == Offer.booking_id))
        .outerjoin(was, and_(was.tenant_id == Offer.tenant_id, was.id == Offer.instead_of))
        .where(Offer.id == offer_id)
    )
    return (await db.execute(statement)).one_or_none()


async def times_of(
    db: AsyncSession, *, ids: Sequence[UUID] = (), application_id: UUID | None = None
) -> Sequence[AnyRow]:
    """Bookings as times: id, resource_id, starts_at, ends_at, state; by start."""
    statement = select(Booking.id, Booking.resource_id, Booking.starts_at, Booking.ends_at, Booking.state)
    if application_id is not None:
        statement = statement.where(Booking.application_id == application_id)
    else:
        statement = statement.where(Booking.id.in_(ids))
    return (await db.execute(statement.order_by(Booking.starts_at, Booking.id))).all()


async def replacements(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Times that may be had instead of these and that nobody has taken: resource_id, starts_at, ends_at; by start."""
    statement = (
        select(Replacement.resource_id, Replacement.starts_at, Replacement.ends_at)
        .where(Replacement.booking_id.in_(booking_ids), Replacement.taken_by.is_(None))
        .distinct()
        .order_by(Replacement.starts_at, Replacement.resource_id)
    )
    return (await db.execute(statement)).all()


async def wait(db: AsyncSession, wait_id: UUID) -> AnyRow | None:
    """Who waits, if she still does."""
    statement = select(Wait.person_id, Wait.resource_id).where(Wait.id == wait_id, Wait.ended_at.is_(None))
    return (await db.execute(statement)).one_or_none()


# Reminders.


async def due_reminders(
    db: AsyncSession, *, now: datetime, until: datetime, changed_before: datetime, limit: int
) -> Sequence[AnyRow]:
    """Confirmed bookings that begin before `until`, whose holders know nothing newer and were not reminded: id,
    person_id, starts_at. The first `limit`.
    """
    statement = (
        select(Booking.id, Booking.person_id, Booking.starts_at)
        .where(
            Booking.state == "confirmed",
            Booking.reminded_at.is_(None),
            Booking.starts_at > now,
            Booking.starts_at <= until,
            Booking.updated_at <= changed_before,
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(limit)
    )
    return (await db.execute(statement)).all()


async def lock_reminders(
    db: AsyncSession, person_ids: Sequence[UUID], *, now: datetime, until: datetime
) -> Sequence[AnyRow]:
    """These persons' confirmed bookings up to `until` of which they were not reminded, locked by id; those that
    somebody is changing are left for the next time.
    """
    statement = (
        select(
            Booking.id,
            Booking.person_id,
            Booking.application_id,
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Application.title,
        )
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .where(
            Booking.person_id.in_(person_ids),
            Booking.state == "confirmed",
            Booking.reminded_at.is_(None),
            Booking.starts_at > now,
            Booking.starts_at < until,
        )
        .order_by(Booking.id)
        .with_for_update(of=Booking, key_share=True, skip_locked=True)
    )
    return (await db.execute(statement)).all()


async def note_reminded(db: AsyncSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """No change that calendars or other readers would notice."""
    await db.execute(
        update(Booking).where(Booking.id.in_(booking_ids)).values(reminded_at=now),
        execution_options=UNSYNCHRONIZED,
    )


# Digests.


async def waiting_by_officer(
    db: AsyncSession, roles: Sequence[str], *, now: datetime, today: date, since: datetime
) -> Sequence[AnyRow]:
    """Per officer who is here today and was told nothing since: how many requests wait at her places (count), past
    their deadline (late), and her own (own). Those for whom nothing waits are left out.
    """
    told = exists().where(
        Notice.tenant_id == RoleGrant.tenant_id,
        Notice.person_id == RoleGrant.person_id,
        Notice.kind == "digest",
        Notice.created_at >= since,
    )
    away = exists().where(
        Absence.tenant_id == RoleGrant.tenant_id,
        Absence.officer_id == RoleGrant.person_id,
        Absence.ended_at.is_(None),
        Absence.from_on <= today,
        Absence.until_on >= today,
    )
    is_late = and_(Application.answer_by < now, Application.paused_at.is_(None))
    waits = func.count(Application.id.distinct())
    statement = (
        select(
            RoleGrant.person_id,
            waits.label("count"),
            waits.filter(is_late).label("late"),
            waits.filter(Application.officer_id == RoleGrant.person_id).label("own"),
        )
        .join(
            Resource,
            and_(
                Resource.tenant_id == RoleGrant.tenant_id,
                or_(RoleGrant.facility_id.is_(None), RoleGrant.facility_id == Resource.facility_id),
                or_(RoleGrant.resource_id.is_(None), RoleGrant.resource_id == Resource.id),
            ),
        )
        .join(
            Booking,
            and_(
                Booking.tenant_id == Resource.tenant_id,
                Booking.resource_id == Resource.id,
                Booking.state == "requested",
            ),
        )
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .where(RoleGrant.role.in_(roles), RoleGrant.ended_at.is_(None), ~told, ~away)
        .group_by(RoleGrant.person_id)
        .order_by(RoleGrant.person_id)
    )
    return (await db.execute(statement)).all()


# The copy for a person.


async def notices_of(db: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    statement = select(
        Notice.id,
        Notice.kind,
        Notice.application_id,
        Notice.subject,
        Notice.text,
        Notice.created_at,
        Notice.read_at,
    )
    rows = await db.execute(statement.where(Notice.person_id == person_id).order_by(Notice.created_at))
    return [dict(row) for row in rows.mappings()]


async def texts_by(db: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    statement = select(NoticeText.id, NoticeText.kind, NoticeText.language, NoticeText.changed_at)
    rows = await db.execute(
        statement.where(NoticeText.changed_by == person_id).order_by(NoticeText.changed_at)
    )
    return [dict(row) for row in rows.mappings()]
