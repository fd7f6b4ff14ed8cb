"""All SQL of the room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow, AnySelect
from people.models import Association, Delegate, Login, Person, RoleGrant, Team, Token


def _with_rights(condition: Any, *extra: Any) -> AnySelect:
    """A person with the associations she may act for and her staff roles, in one statement."""
    associations = (
        select(func.array_agg(aggregate_order_by(Delegate.association_id, Delegate.association_id.asc())))
        .where(
            Delegate.person_id == Person.id,
            Delegate.tenant_id == Person.tenant_id,
            Delegate.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    grants = (
        select(
            func.json_agg(
                func.json_build_object(
                    "role",
                    RoleGrant.role,
                    "facility_id",
                    RoleGrant.facility_id,
                    "resource_id",
                    RoleGrant.resource_id,
                )
            )
        )
        .where(
            RoleGrant.person_id == Person.id,
            RoleGrant.tenant_id == Person.tenant_id,
            RoleGrant.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    return select(
        Person.id,
        Person.name,
        Person.language,
        Person.customer_group,
        associations.label("associations"),
        grants.label("grants"),
        *extra,
    ).where(condition)


async def holder_of_token(db: AsyncSession, token_hash: bytes, now: datetime) -> AnyRow | None:
    """The person a live token acts for, with rights and the token's scopes."""
    live = and_(
        Token.hash == token_hash,
        Token.revoked_at.is_(None),
        or_(Token.expires_at.is_(None), Token.expires_at > now),
        Person.id == Token.person_id,
        Person.tenant_id == Token.tenant_id,
    )
    return (await db.execute(_with_rights(live, Token.scopes))).first()


async def holder_of_login(db: AsyncSession, login_hash: bytes, now: datetime) -> AnyRow | None:
    """The person behind a live login, with rights."""
    live = and_(
        Login.hash == login_hash,
        Login.ended_at.is_(None),
        Login.expires_at > now,
        Person.id == Login.person_id,
        Person.tenant_id == Login.tenant_id,
    )
    return (await db.execute(_with_rights(live))).first()


async def person(db: AsyncSession, person_id: UUID) -> Person | None:
    return await db.scalar(select(Person).where(Person.id == person_id))


async def lock_holder(db: AsyncSession, *, person_id: UUID | None, association_id: UUID | None) -> None:
    """Everything that counts against the holder's limits waits here for its turn."""
    if association_id is not None:
        statement = select(Association.id).where(Association.id == association_id)
    else:
        statement = select(Person.id).where(Person.id == person_id)
    await db.execute(statement.with_for_update(key_share=True))


async def associations(db: AsyncSession, ids: Sequence[UUID]) -> Sequence[Association]:
    """Those of the ids that exist here, sorted by name."""
    return (
        await db.scalars(select(Association).where(Association.id.in_(ids)).order_by(Association.name))
    ).all()


async def teams_of(db: AsyncSession, association_ids: Sequence[UUID]) -> Sequence[Team]:
    """Sorted by name."""
    return (
        await db.scalars(select(Team).where(Team.association_id.in_(association_ids)).order_by(Team.name))
    ).all()


async def team(db: AsyncSession, team_id: UUID) -> Team | None:
    return await db.scalar(select(Team).where(Team.id == team_id))


async def names(db: AsyncSession, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Id → name."""
    rows = await db.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return dict(rows.all())


async def end_login(db: AsyncSession, login_hash: bytes, now: datetime) -> None:
    await db.execute(
        update(Login).where(Login.hash == login_hash, Login.ended_at.is_(None)).values(ended_at=now)
    )


async def associations_by_name(db: AsyncSession, names: Sequence[str]) -> dict[str, UUID]:
    """Name → id, of those that are here."""
    rows = await db.execute(select(Association.name, Association.id).where(Association.name.in_(names)))
    return dict(rows.all())


async def an_administrator(db: AsyncSession) -> UUID | None:
    """The person who has been administrator of the whole municipality the longest."""
    whole = and_(
        RoleGrant.role == "administrator",
        RoleGrant.ended_at.is_(None),
        RoleGrant.facility_id.is_(None),
        RoleGrant.resource_id.is_(None),
    )
    return await db.scalar(select(RoleGrant.person_id).where(whole).order_by(RoleGrant.created_at).limit(1))
