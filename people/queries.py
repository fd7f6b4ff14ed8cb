"""All SQL of the room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, and_, bindparam, column, func, or_, select, table, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow, AnySelect
from people.models import Association, Delegate, Login, Person, RoleGrant, Team, Token

# Every request begins with one of these two: made once, and of tables, since nothing in them needs the ORM.
person_, delegate, grant = Person.__table__.c, Delegate.__table__.c, RoleGrant.__table__.c
token, login = Token.__table__.c, Login.__table__.c
HERE = bindparam("tenant_id", type_=Uuid())
notice = table(
    "notice", column("tenant_id", Uuid), column("person_id", Uuid), column("read_at", DateTime(timezone=True))
).c
"""Of the room above: named here, not imported, so that no page needs a query of its own for what its menu shows."""
UNREAD = (
    select(func.count())
    .where(notice.tenant_id == HERE, notice.person_id == person_.id, notice.read_at.is_(None))
    .scalar_subquery()
    .label("unread")
)


def _with_rights(holds: Any, *extra: Any) -> AnySelect:
    """The person that a secret stands for, with the associations she may act for and her staff roles."""
    member = func.json_build_array(delegate.association_id, delegate.role)
    delegations = (
        select(func.json_agg(aggregate_order_by(member, delegate.association_id.asc())))
        .where(delegate.tenant_id == HERE, delegate.person_id == person_.id, delegate.ended_at.is_(None))
        .scalar_subquery()
    )
    role = func.json_build_object(
        *("role", grant.role, "facility_id", grant.facility_id, "resource_id", grant.resource_id)
    )
    grants = (
        select(func.json_agg(role))
        .where(grant.tenant_id == HERE, grant.person_id == person_.id, grant.ended_at.is_(None))
        .scalar_subquery()
    )
    return select(
        person_.id,
        person_.name,
        person_.language,
        person_.customer_group,
        delegations.label("delegations"),
        grants.label("grants"),
        *extra,
    ).where(
        person_.tenant_id == HERE,
        holds.tenant_id == HERE,
        person_.id == holds.person_id,
        holds.hash == bindparam("hash"),
    )


HOLDER_OF_TOKEN = _with_rights(token, token.scopes, token.id.label("token_id"), token.used_at).where(
    token.revoked_at.is_(None), or_(token.expires_at.is_(None), token.expires_at > bindparam("now"))
)
HOLDER_OF_LOGIN = _with_rights(
    login, login.id.label("login_id"), login.used_at, login.is_strong, UNREAD
).where(login.ended_at.is_(None), login.expires_at > bindparam("now"))
TOKEN_USED = text(
    "UPDATE token SET used_at = :now WHERE tenant_id = :tenant_id AND id ="
    " (SELECT id FROM token WHERE tenant_id = :tenant_id AND id = :id FOR UPDATE SKIP LOCKED)"
)
LOGIN_USED = text(
    "UPDATE login SET used_at = :now WHERE tenant_id = :tenant_id AND id ="
    " (SELECT id FROM login WHERE tenant_id = :tenant_id AND id = :id FOR UPDATE SKIP LOCKED)"
)
"""Whoever finds another request noting the same leaves it to that one, and waits for nobody."""


async def holder_of_token(db: AsyncSession, token_hash: bytes, now: datetime) -> AnyRow | None:
    """The person a live token acts for, with rights and the token's scopes."""
    values = {"tenant_id": db.info["tenant_id"], "hash": token_hash, "now": now}
    return (await db.execute(HOLDER_OF_TOKEN, values)).first()


async def holder_of_login(db: AsyncSession, login_hash: bytes, now: datetime) -> AnyRow | None:
    """The person behind a live login, with rights."""
    values = {"tenant_id": db.info["tenant_id"], "hash": login_hash, "now": now}
    return (await db.execute(HOLDER_OF_LOGIN, values)).first()


async def note_token_use(db: AsyncSession, token_id: UUID, now: datetime) -> None:
    await db.execute(TOKEN_USED, {"tenant_id": db.info["tenant_id"], "id": token_id, "now": now})


async def note_login_use(db: AsyncSession, login_id: UUID, now: datetime) -> None:
    await db.execute(LOGIN_USED, {"tenant_id": db.info["tenant_id"], "id": login_id, "now": now})


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
    """Those that have not ended, sorted by name."""
    found = select(Team).where(Team.association_id.in_(association_ids), Team.ended_at.is_(None))
    return (await db.scalars(found.order_by(Team.name))).all()


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
