"""All SQL of associations: themselves, their delegates, contacts and invitations, and who asks to lead them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow, AnySelect
from core.files_models import StoredFile
from core.tenants import TenantTable
from people.association_models import AssociationContact, LeaderClaim
from people.models import Association, Delegate, Login, Person, Team


async def municipality_name(db: AsyncSession) -> str:
    """Of the municipality whose transaction it is."""
    name = await db.scalar(select(TenantTable.name).where(TenantTable.id == db.info["tenant_id"]))
    assert name is not None, "a transaction is of a municipality that is here"
    return name


# --- associations


async def association(db: AsyncSession, association_id: UUID) -> Association | None:
    return await db.scalar(select(Association).where(Association.id == association_id))


async def lock_association(db: AsyncSession, association_id: UUID) -> Association | None:
    """As it stands now. All that changes it or its delegates waits here for its turn."""
    statement = select(Association).where(Association.id == association_id).with_for_update(key_share=True)
    return await db.scalar(statement.execution_options(populate_existing=True))


# --- delegates


async def delegate_of(db: AsyncSession, association_id: UUID, person_id: UUID) -> Delegate | None:
    """The person's row in the association, also one that has ended."""
    statement = select(Delegate).where(
        Delegate.association_id == association_id, Delegate.person_id == person_id
    )
    return await db.scalar(statement.execution_options(populate_existing=True))


# --- lists of associations


def _mine(person_id: UUID) -> ColumnElement[bool]:
    return exists().where(
        Delegate.tenant_id == Association.tenant_id,
        Delegate.association_id == Association.id,
        Delegate.person_id == person_id,
        Delegate.ended_at.is_(None),
    )


def _count_of_delegates(*more: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Delegate)
        .where(
            Delegate.tenant_id == Association.tenant_id,
            Delegate.association_id == Association.id,
            Delegate.ended_at.is_(None),
            *more,
        )
        .scalar_subquery()
    )


def _count_of_teams() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Team)
        .where(
            Team.tenant_id == Association.tenant_id,
            Team.association_id == Association.id,
            Team.ended_at.is_(None),
        )
        .scalar_subquery()
    )


async def associations_page(
    db: AsyncSession,
    *,
    person_id: UUID | None,
    text: str | None = None,
    group: str | None = None,
    state: str | None = None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Association, and how many leaders, delegates and teams it has; by name. `person_id`: hers alone."""
    statement = select(
        Association,
        _count_of_delegates(Delegate.role == "leader").label("leaders"),
        _count_of_delegates().label("delegates"),
        _count_of_teams().label("teams"),
    )
    if person_id is not None:
        statement = statement.where(_mine(person_id))
    if text:
        digits = text.replace(" ", "")
        statement = statement.where(
            or_(
                Association.name.icontains(text, autoescape=True),
                Association.organisation_number == digits,
            )
        )
    if group is not None:
        statement = statement.where(Association.customer_group == group)
    if state == "none":
        statement = statement.where(Association.register_state.is_(None))
    elif state is not None:
        statement = statement.where(Association.register_state == state)
    if after is not None:
        statement = statement.where(tuple_(Association.name, Association.id) > after)
    return (await db.execute(statement.order_by(Association.name, Association.id).limit(limit))).all()


async def association_by_number(db: AsyncSession, number: str) -> Association | None:
    return await db.scalar(select(Association).where(Association.organisation_number == number))


async def due_in_register(db: AsyncSession, read_before: datetime, *, limit: int) -> Sequence[UUID]:
    """Associations with a number that were last read before then, or never: those that waited longest first."""
    statement = (
        select(Association.id)
        .where(
            Association.organisation_number.is_not(None),
            or_(Association.register_read_at.is_(None), Association.register_read_at < read_before),
        )
        .order_by(Association.register_read_at.nulls_first(), Association.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def numbers_of(db: AsyncSession, association_ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
    """Id and organisation number of those that have one, by id."""
    statement = select(Association.id, Association.organisation_number).where(
        Association.id.in_(association_ids), Association.organisation_number.is_not(None)
    )
    statement = statement.order_by(Association.id)
    return [(row.id, row.organisation_number) for row in await db.execute(statement)]


# --- teams and contacts


async def teams(db: AsyncSession, association_id: UUID) -> Sequence[Team]:
    """That have not ended, by name."""
    statement = select(Team).where(Team.association_id == association_id, Team.ended_at.is_(None))
    return (await db.scalars(statement.order_by(Team.name, Team.id))).all()


async def team(db: AsyncSession, team_id: UUID) -> Team | None:
    """That has not ended."""
    return await db.scalar(select(Team).where(Team.id == team_id, Team.ended_at.is_(None)))


async def team_named(db: AsyncSession, association_id: UUID, name: str) -> Team | None:
    """Also one that has ended."""
    return await db.scalar(select(Team).where(Team.association_id == association_id, Team.name == name))


async def contacts(db: AsyncSession, association_id: UUID) -> Sequence[AssociationContact]:
    """By what they are for."""
    statement = select(AssociationContact).where(AssociationContact.association_id == association_id)
    order = AssociationContact.title, AssociationContact.name, AssociationContact.id
    return (await db.scalars(statement.order_by(*order))).all()


async def contact(db: AsyncSession, contact_id: UUID) -> AssociationContact | None:
    return await db.scalar(select(AssociationContact).where(AssociationContact.id == contact_id))


# --- delegates of an association


async def delegates(db: AsyncSession, association_id: UUID) -> Sequence[AnyRow]:
    """Delegate, and her name and e-mail; leaders first, then by name. Those who have left are not among them."""
    statement = (
        select(Delegate, Person.name, Person.email)
        .join(Person, (Person.tenant_id == Delegate.tenant_id) & (Person.id == Delegate.person_id))
        .where(Delegate.association_id == association_id, Delegate.ended_at.is_(None))
        .order_by(Delegate.role != "leader", Person.name, Delegate.id)
        .execution_options(populate_existing=True)
    )
    return (await db.execute(statement)).all()


async def delegate(db: AsyncSession, delegate_id: UUID) -> Delegate | None:
    """Who has not left."""
    statement = select(Delegate).where(Delegate.id == delegate_id, Delegate.ended_at.is_(None))
    return await db.scalar(statement.execution_options(populate_existing=True))


async def leaders(db: AsyncSession, association_id: UUID) -> set[UUID]:
    """Persons who lead it now."""
    statement = select(Delegate.person_id).where(
        Delegate.association_id == association_id, Delegate.role == "leader", Delegate.ended_at.is_(None)
    )
    return set(await db.scalars(statement))


# --- claims to lead


async def represented_by(db: AsyncSession, login_id: UUID) -> Sequence[str]:
    """Organisation numbers that the provider said the person at the browser may sign for."""
    return await db.scalar(select(Login.represents).where(Login.id == login_id)) or []


async def open_claim(db: AsyncSession, association_id: UUID, person_id: UUID) -> LeaderClaim | None:
    return await db.scalar(
        select(LeaderClaim).where(
            LeaderClaim.association_id == association_id,
            LeaderClaim.person_id == person_id,
            LeaderClaim.decided_at.is_(None),
        )
    )


def _claims() -> AnySelect:
    """Claim, name of the association, name and language of the person, name of the file, and leaders there are."""
    leaders = (
        select(func.count())
        .select_from(Delegate)
        .where(
            Delegate.tenant_id == LeaderClaim.tenant_id,
            Delegate.association_id == LeaderClaim.association_id,
            Delegate.role == "leader",
            Delegate.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    return (
        select(
            LeaderClaim,
            Association.name.label("association"),
            Person.name.label("person"),
            Person.language,
            StoredFile.name.label("file"),
            leaders.label("leaders"),
        )
        .join(
            Association,
            (Association.tenant_id == LeaderClaim.tenant_id) & (Association.id == LeaderClaim.association_id),
        )
        .join(Person, (Person.tenant_id == LeaderClaim.tenant_id) & (Person.id == LeaderClaim.person_id))
        .outerjoin(
            StoredFile,
            (StoredFile.tenant_id == LeaderClaim.tenant_id) & (StoredFile.id == LeaderClaim.file_id),
        )
    )


async def claims_page(
    db: AsyncSession, *, waiting: bool, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Those that wait, or those that are decided; the oldest first."""
    is_decided = LeaderClaim.decided_at.is_not(None)
    statement = _claims().where(~is_decided if waiting else is_decided)
    if after is not None:
        statement = statement.where(tuple_(LeaderClaim.created_at, LeaderClaim.id) > after)
    return (await db.execute(statement.order_by(LeaderClaim.created_at, LeaderClaim.id).limit(limit))).all()


async def claim(db: AsyncSession, claim_id: UUID) -> AnyRow | None:
    """As in `claims_page`."""
    return (await db.execute(_claims().where(LeaderClaim.id == claim_id))).first()


async def lock_claim(db: AsyncSession, claim_id: UUID) -> LeaderClaim | None:
    statement = select(LeaderClaim).where(LeaderClaim.id == claim_id).with_for_update()
    return await db.scalar(statement.execution_options(populate_existing=True))


async def claims_of(db: AsyncSession, person_id: UUID) -> Sequence[AnyRow]:
    """Hers that nobody has decided, as in `claims_page`."""
    statement = _claims().where(LeaderClaim.person_id == person_id, LeaderClaim.decided_at.is_(None))
    return (await db.execute(statement.order_by(LeaderClaim.created_at, LeaderClaim.id).limit(100))).all()
