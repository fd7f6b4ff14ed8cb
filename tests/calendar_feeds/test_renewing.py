"""After a dump was restored into a PostgreSQL that counts from the beginning, calendars hear what is new."""

from sqlalchemy import text

from calendar_feeds import queries
from calendar_feeds.renewing import renew
from calendar_feeds.scopes import Scope
from core.db import Database
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant

AHEAD = 3_000
"""As if the log came from a PostgreSQL that had counted so much further."""
COPIED = text(
    "INSERT INTO change_log (tenant_id, id, xid, edge, kind, thing_id, version, state, resource_id)"
    " SELECT :tenant_id, :id, count + :ahead, count + :ahead, 'booking', :id, 1, 'confirmed', :id"
    " FROM (SELECT (pg_current_xact_id()::text)::bigint AS count) AS here"
)
LOGGED = text(
    "INSERT INTO change_log (tenant_id, id, kind, thing_id, version, state, resource_id)"
    " VALUES (:tenant_id, :id, 'booking', :id, 1, 'confirmed', :id)"
)


async def newest(database: Database, tenant: Tenant) -> int:
    async with database.feeds() as db:
        found = await queries.revision(db, tenant.id, Scope("municipality"), "public", now=utc_now())
    assert found is not None
    return found.newest


async def test_what_changes_after_a_restore_is_newer_than_all_before(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        await db.execute(COPIED, {"tenant_id": tenant.id, "id": new_id(), "ahead": AHEAD})
    before = await newest(database, tenant)

    left: list[int] = []
    done = await renew(database, beyond=500, tell=left.append)
    assert done.ended_at == before + 500
    assert left

    async with database.transaction(tenant.id) as db:
        await db.execute(LOGGED, {"tenant_id": tenant.id, "id": new_id()})
    assert await newest(database, tenant) > before
    again = await renew(database, beyond=500, tell=left.append)
    assert again.began_at == again.ended_at, "once is enough"
