"""SQL of secret addresses: what each opens and for whom, whose they are, when they were last used."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.models import Feed
from core.db import AnyRow

FEED = "f.id, f.person_id, f.kind, f.thing_id, f.variant, f.used_at, f.revoked_at"
RIGHTS = f"""
    {FEED},
    coalesce(t.association_id, CASE WHEN f.kind = 'association' THEN f.thing_id END) AS association_id,
    coalesce(r.facility_id, CASE WHEN f.kind = 'facility' THEN f.thing_id END) AS facility_id,
    (SELECT d.role FROM delegate d WHERE d.tenant_id = f.tenant_id AND d.person_id = f.person_id
        AND d.ended_at IS NULL AND d.association_id = coalesce(t.association_id, f.thing_id)) AS delegate_role,
    (SELECT json_agg(json_build_object('role', g.role, 'facility_id', g.facility_id, 'resource_id', g.resource_id))
        FROM role_grant g WHERE g.tenant_id = f.tenant_id AND g.person_id = f.person_id
        AND g.ended_at IS NULL)::text AS grants
"""  # noqa: S608  # of our own words
FROM_FEED = """
FROM feed f
    LEFT JOIN team t ON f.kind = 'team' AND t.tenant_id = f.tenant_id AND t.id = f.thing_id
    LEFT JOIN resource r ON f.kind = 'resource' AND r.tenant_id = f.tenant_id AND r.id = f.thing_id
"""
NAMES = """
    LEFT JOIN association a ON a.tenant_id = f.tenant_id
        AND a.id = coalesce(t.association_id, CASE WHEN f.kind = 'association' THEN f.thing_id END)
    LEFT JOIN facility p ON p.tenant_id = f.tenant_id
        AND p.id = coalesce(r.facility_id, CASE WHEN f.kind = 'facility' THEN f.thing_id END)
"""

OPENED = f"SELECT {RIGHTS} {FROM_FEED} WHERE f.tenant_id = :tenant_id AND f.hash = :hash"
"""One row for a secret that was ever made here: the feed, and what its owner may now. To stand in statements of the
feeds role, alone or within others.
"""
OPENED_OWN = f"""
SELECT {FEED}, NULL::uuid AS association_id, NULL::uuid AS facility_id, NULL::text AS delegate_role,
    NULL::text AS grants
FROM feed f WHERE f.tenant_id = :tenant_id AND f.hash = :hash
"""  # noqa: S608  # of our own words
"""The same of a person's own calendar, for which no right is asked (`rights.may_have`)."""
OF_HERS = f"""
SELECT {RIGHTS}, f.label, f.created_at, f.used_by, concat_ws(' – ', a.name, t.name, p.name, r.name) AS name
{FROM_FEED} {NAMES}
WHERE f.tenant_id = :tenant_id AND f.person_id = :person_id AND f.revoked_at IS NULL
"""
NEWEST = " ORDER BY f.created_at DESC, f.id DESC LIMIT :limit"
AFTER = " AND (f.created_at, f.id) < (:made_at, :after_id)"
OPEN_STATEMENT = text(OPENED)
FIRST, FURTHER, ONE = (
    text(OF_HERS + NEWEST),
    text(OF_HERS + AFTER + NEWEST),
    text(OF_HERS + " AND f.id = :id"),
)


async def opened(db: AsyncSession, tenant_id: UUID, secret_hash: bytes) -> AnyRow | None:
    """Which feed a secret opens, revoked ones too, with what its owner may now: `delegate_role` in the association it
    is about, `grants` (JSON of her live staff roles, or None). For `Database.feeds`.
    """
    return (await db.execute(OPEN_STATEMENT, {"tenant_id": tenant_id, "hash": secret_hash})).first()


async def of_person(
    db: AsyncSession, person_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Hers that are not revoked, newest first: as `opened`, with label and what each is of by name ("" of herself and
    of the municipality).
    """
    values: dict[str, Any] = {"tenant_id": db.info["tenant_id"], "person_id": person_id, "limit": limit}
    if after is None:
        return (await db.execute(FIRST, values)).all()
    return (await db.execute(FURTHER, {**values, "made_at": after[0], "after_id": after[1]})).all()


async def one_of_person(db: AsyncSession, person_id: UUID, feed_id: UUID) -> AnyRow | None:
    """The same of one."""
    values = {"tenant_id": db.info["tenant_id"], "person_id": person_id, "id": feed_id}
    return (await db.execute(ONE, values)).first()


async def count_live(db: AsyncSession, person_id: UUID) -> int:
    """How many of hers open something."""
    statement = select(func.count()).where(Feed.person_id == person_id, Feed.revoked_at.is_(None))
    return await db.scalar(statement) or 0


async def locked(db: AsyncSession, feed_id: UUID) -> Feed | None:
    """To be revoked, or given another address."""
    return await db.scalar(select(Feed).where(Feed.id == feed_id).with_for_update())


NOTED = text(
    "UPDATE feed SET used_at = :now, used_by = coalesce(:used_by, used_by) WHERE tenant_id = :tenant_id AND id ="
    " (SELECT id FROM feed WHERE tenant_id = :tenant_id AND id = :id AND (used_at IS NULL OR used_at <= :before)"
    " FOR UPDATE SKIP LOCKED)"
)
"""Whoever finds another request noting the same leaves it to that one, and waits for nobody."""


async def note_use(
    db: AsyncSession, feed_id: UUID, *, used_by: str | None, now: datetime, before: datetime
) -> None:
    """That it was read now, unless it was noted since `before`."""
    values = {
        "tenant_id": db.info["tenant_id"],
        "id": feed_id,
        "used_by": used_by,
        "now": now,
        "before": before,
    }
    await db.execute(NOTED, values)


# What privacy asks.


async def held_of(db: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    """All she has made, as she is shown them; hashes are left where they are."""
    columns = (
        *(Feed.id, Feed.kind, Feed.thing_id, Feed.variant, Feed.label),
        *(Feed.created_at, Feed.used_at, Feed.used_by, Feed.revoked_at),
    )
    statement = select(*columns).where(Feed.person_id == person_id).order_by(Feed.created_at, Feed.id)
    return [dict(row) for row in (await db.execute(statement)).mappings()]


async def count_telling(db: AsyncSession, person_id: UUID) -> int:
    """How many of hers still say something about her."""
    return await db.scalar(select(func.count()).where(Feed.person_id == person_id, Feed.label != "")) or 0


async def close_all(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """None of hers opens anything from now on, and nothing tells what she used them for."""
    await db.execute(
        update(Feed)
        .where(Feed.person_id == person_id)
        .values(label="", used_at=None, used_by=None, revoked_at=func.coalesce(Feed.revoked_at, now))
    )


async def forget_revoked(db: AsyncSession, before: datetime, limit: int) -> int:
    """How many of those revoked before were forgotten: their addresses are unknown from now on."""
    old = select(Feed.tenant_id, Feed.id).where(Feed.revoked_at < before).order_by(Feed.id).limit(limit)
    gone = delete(Feed).where(tuple_(Feed.tenant_id, Feed.id).in_(old)).returning(Feed.id)
    return len((await db.scalars(gone, execution_options={"synchronize_session": False})).all())
