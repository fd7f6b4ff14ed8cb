"""All SQL of invitations: the links that wait, who sent them, and where a staff role holds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, and_, column, func, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from people.actors import Actor, Grant
from people.association_models import Invitation
from people.models import Delegate, Person, RoleGrant

# The rooms of places lie above this one. Of their tables no more is asked here than where a role holds.
facility_ = table("facility", column("tenant_id", Uuid), column("id", Uuid), column("name"))
resource_ = table(
    "resource", column("tenant_id", Uuid), column("id", Uuid), column("facility_id", Uuid), column("name")
)


async def place_of(db: AsyncSession, resource_id: UUID) -> tuple[UUID, str] | None:
    """Id of the facility that the resource belongs to, and the resource's name."""
    found = select(resource_.c.facility_id, resource_.c.name).where(
        resource_.c.tenant_id == db.info["tenant_id"], resource_.c.id == resource_id
    )
    row = (await db.execute(found)).first()
    return None if row is None else (row.facility_id, row.name)


async def facilities_of(db: AsyncSession, resource_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Resource → the facility it belongs to."""
    found = select(resource_.c.id, resource_.c.facility_id).where(
        resource_.c.tenant_id == db.info["tenant_id"], resource_.c.id.in_(resource_ids)
    )
    return {row.id: row.facility_id for row in await db.execute(found)}


async def facility_name(db: AsyncSession, facility_id: UUID) -> str | None:
    found = select(facility_.c.name).where(
        facility_.c.tenant_id == db.info["tenant_id"], facility_.c.id == facility_id
    )
    return await db.scalar(found)


async def invitation_by_hash(db: AsyncSession, secret_hash: bytes) -> Invitation | None:
    return await db.scalar(select(Invitation).where(Invitation.hash == secret_hash))


async def invitation(db: AsyncSession, invitation_id: UUID) -> Invitation | None:
    return await db.scalar(select(Invitation).where(Invitation.id == invitation_id))


async def lock_invitation(db: AsyncSession, invitation_id: UUID) -> Invitation | None:
    """As it stands now, until the transaction has ended."""
    statement = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    return await db.scalar(statement.execution_options(populate_existing=True))


async def unanswered(db: AsyncSession, association_id: UUID | None, *, limit: int) -> Sequence[Invitation]:
    """Neither accepted nor withdrawn, also those that have run out; the latest first. None: those of staff."""
    mine = (
        Invitation.association_id.is_(None)
        if association_id is None
        else Invitation.association_id == association_id
    )
    statement = (
        select(Invitation)
        .where(mine, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def count_open(db: AsyncSession, association_id: UUID | None, now: datetime) -> int:
    """How many links could be used now."""
    mine = (
        Invitation.association_id.is_(None)
        if association_id is None
        else Invitation.association_id == association_id
    )
    statement = (
        select(func.count())
        .select_from(Invitation)
        .where(
            mine,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
    )
    return await db.scalar(statement) or 0


async def withdraw_earlier(db: AsyncSession, newer: Invitation, now: datetime) -> None:
    """Earlier open invitations of the same address to the same association, or to the same staff role there."""
    same = (
        Invitation.association_id == newer.association_id
        if newer.association_id is not None
        else and_(
            Invitation.association_id.is_(None),
            Invitation.role == newer.role,
            Invitation.facility_id.is_not_distinct_from(newer.facility_id),
            Invitation.resource_id.is_not_distinct_from(newer.resource_id),
        )
    )
    await db.execute(
        update(Invitation)
        .where(
            same,
            func.lower(Invitation.email) == newer.email.lower(),
            Invitation.id != newer.id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


async def rights_of(db: AsyncSession, person_id: UUID) -> Actor:
    """What the person may do today: as an actor of the leader's and staff roles she holds. Nobody, when forgotten."""
    leads = select(Delegate.association_id).where(
        Delegate.person_id == person_id, Delegate.role == "leader", Delegate.ended_at.is_(None)
    )
    grants = (
        select(RoleGrant.role, RoleGrant.facility_id, RoleGrant.resource_id)
        .join(Person, (Person.tenant_id == RoleGrant.tenant_id) & (Person.id == RoleGrant.person_id))
        .where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None), Person.erased_at.is_(None))
    )
    return Actor(
        person_id=person_id,
        leads=tuple((await db.scalars(leads)).all()),
        grants=tuple(Grant(*row) for row in (await db.execute(grants)).all()),
    )


async def has_grant(db: AsyncSession, person_id: UUID, invitation: Invitation) -> bool:
    """Whether the person holds the very role already."""
    statement = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == invitation.role,
        RoleGrant.facility_id.is_not_distinct_from(invitation.facility_id),
        RoleGrant.resource_id.is_not_distinct_from(invitation.resource_id),
        RoleGrant.ended_at.is_(None),
    )
    return await db.scalar(statement.limit(1)) is not None
