"""Door locks as whoever looks after a place sees to them: connected, changed, told again, taken away."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from booking.door_models import DoorCode, DoorLock
from calendar_feeds.partners import door_queries
from calendar_feeds.partners.door_messages import CodeDue, LockChanged
from calendar_feeds.partners.door_schemas import DoorCodeOut, DoorIn, DoorOut, DoorPatch
from core.audit import note
from core.db import AnyRow
from core.destinations import REFUSED, CallRefused, Network, check_url
from core.errors import AlreadyExists, Invalid, NotFound
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.tenants import Tenant
from core.vault import Vault
from people.actors import Actor, Place
from people.rules import demand, demand_somewhere, places_of

RIGHT: Final = "door.manage"


class DoorTaken(AlreadyExists):
    """A resource has one lock."""

    constraint = "door_lock_one"


async def doors(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int
) -> Page[DoorOut]:
    """Where the actor may see to them, newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand_somewhere(actor, RIGHT)
    after = read_cursor(cursor, datetime, UUID)
    rows = await door_queries.locks(
        db, *places_of(actor, RIGHT), after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1].DoorLock if len(rows) > limit else None
    told = [_told(row.DoorLock, row, tenant, late=row.late, failed=row.failed) for row in rows[:limit]]
    return Page(told, write_cursor(last.created_at, last.id) if last else None)


async def door(db: AsyncSession, actor: Actor, tenant: Tenant, lock_id: UUID) -> DoorOut:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    row = await _mine(db, actor, lock_id)
    return await _out(db, row, tenant)


async def connect(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    form: DoorIn,
    *,
    vault: Vault,
    allow: Collection[Network],
    now: datetime,
) -> DoorOut:
    """All bookings that are confirmed and to come get a code.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid, DoorTaken.
    """
    place = await door_queries.place(db, form.resource_id)
    demand(actor, RIGHT, Place(place.facility_id if place else None, form.resource_id))
    if place is None:
        raise NotFound(what="resource")
    if await door_queries.locks_of(db, [form.resource_id]):
        raise DoorTaken(field="resource_id")
    row = DoorLock(
        id=new_id(),
        resource_id=form.resource_id,
        address=_checked(form.address, allow),
        secret=vault.seal(form.secret),
        under=vault.newest,
        minutes_before=form.minutes_before,
        minutes_after=form.minutes_after,
        created_at=now,
        ended_at=None,
        reached_at=None,
        failing_since=None,
    )
    db.add(row)
    _note(db, actor, "door.connected", row, now, resource_id=(None, row.resource_id))
    publish(db, LockChanged(row.id))
    await db.flush()
    return await _out(db, row, tenant)


async def change(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    lock_id: UUID,
    patch: DoorPatch,
    *,
    vault: Vault,
    allow: Collection[Network],
    now: datetime,
) -> DoorOut:
    """Only what is given. With another address or secret all codes are placed anew.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid.
    """
    row = await _mine(db, actor, lock_id)
    changed: dict[str, tuple[Any, Any]] = {}
    for name in ("minutes_before", "minutes_after"):
        value = getattr(patch, name)
        if value is not UNSET and value != getattr(row, name):
            changed[name] = (getattr(row, name), value)
            setattr(row, name, value)
    if patch.address is not UNSET and (address := _checked(patch.address, allow)) != row.address:
        changed["address"], row.address = (
            (None, None),
            address,
        )  # it may hold a secret: not for the audit trail
    if patch.secret is not UNSET:
        changed["secret"] = (None, None)
        row.secret, row.under = vault.seal(patch.secret), vault.newest
    if changed:
        _note(db, actor, "door.changed", row, now, **changed)
        publish(db, LockChanged(row.id))
    if {"address", "secret"} & changed.keys():
        row.failing_since = None
        await _place_anew(db, row, now)
    await db.flush()
    return await _out(db, row, tenant)


async def place_anew(db: AsyncSession, actor: Actor, tenant: Tenant, lock_id: UUID, now: datetime) -> DoorOut:
    """Every code that holds now or later, also those that failed: for a lock that has forgotten or was mended.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound.
    """
    row = await _mine(db, actor, lock_id)
    await _place_anew(db, row, now)
    _note(db, actor, "door.placed_anew", row, now)
    await db.flush()
    return await _out(db, row, tenant)


async def disconnect(db: AsyncSession, actor: Actor, lock_id: UUID, now: datetime) -> None:
    """Its codes are withdrawn; then it is forgotten. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    row = await _mine(db, actor, lock_id)
    row.ended_at = now
    _note(db, actor, "door.disconnected", row, now)
    publish(db, LockChanged(row.id))
    await db.flush()


async def codes(
    db: AsyncSession, actor: Actor, tenant: Tenant, lock_id: UUID, *, cursor: str | None, limit: int
) -> Page[DoorCodeOut]:
    """Latest first, without the codes themselves. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid."""
    await _mine(db, actor, lock_id)
    after = read_cursor(cursor, datetime, UUID)
    rows = await door_queries.codes_at(
        db, lock_id, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = write_cursor(last.valid_from, last.id) if last else None
    return Page([_code(row, tenant) for row in rows[:limit]], more)


async def reseal(db: AsyncSession, vault: Vault, *, batch: int) -> int:
    """Seals a batch of this municipality's secrets and codes under the newest key; how many. Raises Unopenable."""
    locks = await door_queries.not_under(db, vault.newest, batch)
    for lock in locks:
        lock.secret, lock.under = vault.seal(vault.opened(lock.secret)), vault.newest
    rows = await door_queries.codes_not_under(db, vault.newest, batch - len(locks))
    for row in rows:
        assert row.code is not None, "the query leaves out those that are gone"
        row.code, row.under = vault.seal(vault.opened(row.code)), vault.newest
    await db.flush()
    return len(locks) + len(rows)


async def _mine(db: AsyncSession, actor: Actor, lock_id: UUID) -> DoorLock:
    """Locked."""
    demand_somewhere(actor, RIGHT)
    row = await door_queries.locked_lock(db, lock_id)
    place = None if row is None else await door_queries.place(db, row.resource_id)
    if row is None or place is None or row.ended_at is not None:
        raise NotFound(what="door")
    demand(actor, RIGHT, Place(place.facility_id, row.resource_id))
    return row


async def _place_anew(db: AsyncSession, row: DoorLock, now: datetime) -> None:
    for code in await door_queries.placeable(db, row.id, now):
        code.state, code.wish, code.due_at = "wanted", code.wish + 1, now
        code.attempts, code.error = 0, None
        publish(db, CodeDue(code.id))


def _checked(address: str, allow: Collection[Network]) -> str:
    """Paths are put behind it, so it has no query."""
    try:
        return check_url(address.strip().partition("?")[0], allow)
    except CallRefused as refused:
        raise Invalid(field="address", expected=REFUSED[refused.why]) from refused


def _note(
    db: AsyncSession, actor: Actor, action: str, row: DoorLock, now: datetime, **change: tuple[Any, Any]
) -> None:
    note(db, actor.person_id, action, table="door_lock", row_id=row.id, now=now, change=change)


async def _out(db: AsyncSession, row: DoorLock, tenant: Tenant) -> DoorOut:
    (found,) = await door_queries.locks(db, None, None, after=None, limit=1, only=row.id)
    return _told(row, found, tenant, late=found.late, failed=found.failed)


def _told(row: DoorLock, place: AnyRow, tenant: Tenant, *, late: int, failed: int) -> DoorOut:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(tenant.zone)

    return DoorOut(
        id=row.id,
        resource_id=row.resource_id,
        resource=place.name,
        facility=place.facility,
        address=row.address,
        minutes_before=row.minutes_before,
        minutes_after=row.minutes_after,
        created_at=row.created_at.astimezone(tenant.zone),
        reached_at=local(row.reached_at),
        failing_since=local(row.failing_since),
        late=late,
        failed=failed,
    )


def _code(row: DoorCode, tenant: Tenant) -> DoorCodeOut:
    return DoorCodeOut(
        id=row.id,
        booking_id=row.booking_id,
        valid_from=row.valid_from.astimezone(tenant.zone),
        valid_until=row.valid_until.astimezone(tenant.zone),
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        placed_at=None if row.placed_at is None else row.placed_at.astimezone(tenant.zone),
    )
