"""SQL of decisions: where they belong in their case, what they were made by, and who else wanted the same time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.case_models import Decision, Offer, RejectionReason
from booking.models import Application, Booking, Claim
from core.db import AnyRow
from people.models import Person
from resources.models import Facility, Resource, ResourceUnit


async def before(db: AsyncSession, application_id: UUID) -> AnyRow:
    """How many decisions the application has, `decided`, and the `language` of who applied."""
    decided = (
        select(func.count())
        .select_from(Decision)
        .where(Decision.tenant_id == Application.tenant_id, Decision.application_id == Application.id)
        .scalar_subquery()
    )
    statement = (
        select(decided.label("decided"), Person.language)
        .select_from(Application)
        .join(Person, and_(Person.tenant_id == Application.tenant_id, Person.id == Application.person_id))
        .where(Application.id == application_id)
    )
    return (await db.execute(statement)).one()


async def languages(db: AsyncSession, application_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Application → the language of who applied."""
    statement = (
        select(Application.id, Person.language)
        .join(Person, and_(Person.tenant_id == Application.tenant_id, Person.id == Application.person_id))
        .where(Application.id.in_(application_ids))
    )
    return {row.id: row.language for row in await db.execute(statement)}


async def has_requested(db: AsyncSession, application_id: UUID) -> bool:
    """Whether something of the application waits for an answer."""
    statement = select(exists().where(Booking.application_id == application_id, Booking.state == "requested"))
    return bool(await db.scalar(statement))


async def places(db: AsyncSession, resource_ids: Sequence[UUID]) -> dict[UUID, AnyRow]:
    """Resource → its name, facility, decision_kind and version."""
    statement = (
        select(
            Resource.id,
            Resource.name,
            Resource.facility_id,
            Facility.name.label("facility"),
            Resource.decision_kind,
            Resource.version,
        )
        .join(
            Facility,
            and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id),
        )
        .where(Resource.id.in_(resource_ids))
    )
    return {row.id: row for row in await db.execute(statement)}


async def reason(db: AsyncSession, key: str, now: datetime) -> RejectionReason | None:
    """Of the municipality's list, when it has not ended."""
    return await db.scalar(
        select(RejectionReason).where(
            RejectionReason.key == key,
            RejectionReason.ended_at.is_(None) | (RejectionReason.ended_at > now),
        )
    )


async def standing_offers(db: AsyncSession, instead_of: Sequence[UUID]) -> Sequence[Offer]:
    """Unanswered offers that would replace one of the bookings."""
    statement = select(Offer).where(Offer.instead_of.in_(instead_of), Offer.answer.is_(None))
    return (await db.scalars(statement.order_by(Offer.id))).all()


async def losers(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Requests of other applications that share a unit and time with one of the bookings and hold nothing: id,
    application_id, resource_id and facility_id, by id.
    """
    other = aliased(Booking)
    mine, others = aliased(ResourceUnit), aliased(ResourceUnit)
    has_claims = exists().where(Claim.tenant_id == other.tenant_id, Claim.booking_id == other.id)
    statement = (
        select(other.id, other.application_id, other.resource_id, Resource.facility_id)
        .distinct()
        .select_from(Booking)
        .join(mine, and_(mine.tenant_id == Booking.tenant_id, mine.resource_id == Booking.resource_id))
        .join(others, and_(others.tenant_id == mine.tenant_id, others.unit_id == mine.unit_id))
        .join(
            other,
            and_(
                other.tenant_id == others.tenant_id,
                other.resource_id == others.resource_id,
                other.starts_at < Booking.ends_at,
                other.ends_at > Booking.starts_at,
                other.application_id != Booking.application_id,
                other.state == "requested",
            ),
        )
        .join(Resource, and_(Resource.tenant_id == other.tenant_id, Resource.id == other.resource_id))
        .where(Booking.id.in_(booking_ids), ~has_claims)
        .order_by(other.id)
    )
    return (await db.execute(statement)).all()


async def lock_applications(db: AsyncSession, application_ids: Sequence[UUID]) -> Sequence[Application]:
    """The applications, locked in id order, fresh."""
    statement = select(Application).where(Application.id.in_(application_ids)).order_by(Application.id)
    return (await db.scalars(statement.with_for_update().execution_options(populate_existing=True))).all()


async def lock_of_case(db: AsyncSession, application_id: UUID, others: Sequence[UUID]) -> Sequence[Booking]:
    """Bookings of the application, and those others, locked in id order, fresh."""
    statement = (
        select(Booking)
        .where((Booking.application_id == application_id) | Booking.id.in_(others))
        .order_by(Booking.id)
    )
    return (await db.scalars(statement.with_for_update().execution_options(populate_existing=True))).all()
