"""Who acts for an association: joining, changing roles, leaving, and handing the lead over."""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import Forbidden, Invalid, LastLeader, NotFound
from core.ids import new_id
from core.texts import N_
from people import association_queries as queries
from people.actors import Actor, Club, DelegateRole
from people.association_schemas import DelegateOut
from people.associations import detail
from people.models import Delegate
from people.rules import demand, demand_person, may


async def join(
    db: AsyncSession,
    person_id: UUID,
    association_id: UUID,
    *,
    role: DelegateRole,
    by: UUID | None,
    now: datetime,
) -> Delegate:
    """The person as a delegate: whoever left comes back in the new role, and a leader stays one.

    The caller has found that she may, and holds the association's lock.
    """
    found = await queries.delegate_of(db, association_id, person_id)
    if found is not None and found.ended_at is None and found.role in {"leader", role}:
        return found
    before = None if found is None or found.ended_at is not None else found.role
    if found is None:
        found = Delegate(
            id=new_id(), person_id=person_id, association_id=association_id, role=role, created_at=now
        )
        db.add(found)
    else:
        if found.ended_at is not None:
            found.created_at, found.ended_at = now, None
        found.role = role
    action = "delegate.joined" if before is None else "delegate.changed"
    audit.note(db, by, action, table="delegate", row_id=found.id, now=now, change={"role": (before, role)})
    await db.flush()
    return found


async def delegates(db: AsyncSession, actor: Actor, association_id: UUID, now: datetime) -> list[DelegateOut]:
    """Leaders first, then by name; for delegates and officers. Raises NotFound, SignInNeeded, Forbidden."""
    demand_person(actor, writes=False)
    found = await detail(db, actor, association_id, now)
    demand(actor, "association.read", Club(association_id))
    assert found.inside is not None, "who may read it is inside"
    return found.inside.delegates


async def change_role(
    db: AsyncSession, actor: Actor, delegate_id: UUID, *, role: DelegateRole, now: datetime
) -> Delegate:
    """Another role, by a leader or an officer. Raises NotFound, Forbidden, Invalid, LastLeader."""
    row = await _delegate(db, actor, delegate_id)
    await _demand_lead(db, actor, row.association_id)
    if role not in get_args(DelegateRole):
        raise Invalid(
            field="role",
            expected=N_("one of %(choices)s"),
            words={"choices": ", ".join(get_args(DelegateRole))},
        )
    if role == row.role:
        return row
    if row.role == "leader":
        await _keep_a_leader(db, actor, row)
    change = {"role": (row.role, role)}
    row.role = role
    audit.note(
        db, actor.person_id, "delegate.changed", table="delegate", row_id=row.id, now=now, change=change
    )
    await db.flush()
    return row


async def end(db: AsyncSession, actor: Actor, delegate_id: UUID, now: datetime) -> Delegate:
    """By a leader or an officer; anybody may leave herself. Raises NotFound, Forbidden, LastLeader."""
    row = await _delegate(db, actor, delegate_id)
    if row.person_id != actor.person_id:
        await _demand_lead(db, actor, row.association_id)
    if row.role == "leader":
        await _keep_a_leader(db, actor, row)
    row.ended_at = now
    audit.note(
        db,
        actor.person_id,
        "delegate.ended",
        table="delegate",
        row_id=row.id,
        now=now,
        change={"role": (row.role, None)},
    )
    await db.flush()
    return row


async def hand_over(
    db: AsyncSession, actor: Actor, association_id: UUID, *, to: UUID, stays: bool, now: datetime
) -> Delegate:
    """Another delegate becomes leader and the one who leads steps back, to booker or out, in one step.

    `to` is the other's delegate id. Raises NotFound, SignInNeeded, Forbidden, Invalid.
    """
    person_id = demand_person(actor)
    if await queries.lock_association(db, association_id) is None:
        raise NotFound(what="association")
    mine = await queries.delegate_of(db, association_id, person_id)
    if mine is None or mine.ended_at is not None or mine.role != "leader":
        raise Forbidden(action="association.lead")
    other = await queries.delegate(db, to)
    if other is None or other.association_id != association_id or other.id == mine.id:
        raise Invalid(field="to", expected=N_("another who acts for the association"))
    change: dict[str, tuple[Any, Any]] = {"role": (other.role, "leader")}
    other.role = "leader"
    audit.note(
        db, person_id, "delegate.handed_over", table="delegate", row_id=other.id, now=now, change=change
    )
    if stays:
        mine.role = "booker"
    else:
        mine.ended_at = now
    stepped: dict[str, tuple[Any, Any]] = {"role": ("leader", "booker" if stays else None)}
    audit.note(db, person_id, "delegate.changed", table="delegate", row_id=mine.id, now=now, change=stepped)
    await db.flush()
    return other


async def _delegate(db: AsyncSession, actor: Actor, delegate_id: UUID) -> Delegate:
    """As she is now, the association locked. That somebody is a delegate, only those inside know. Raises NotFound."""
    demand_person(actor)
    found = await queries.delegate(db, delegate_id)
    if found is None or not _knows(actor, found):
        raise NotFound(what="delegate")
    await queries.lock_association(db, found.association_id)
    row = await queries.delegate(db, delegate_id)
    if row is None:
        raise NotFound(what="delegate")
    return row


def _knows(actor: Actor, row: Delegate) -> bool:
    return row.person_id == actor.person_id or may(actor, "association.read", Club(row.association_id))


async def _demand_lead(db: AsyncSession, actor: Actor, association_id: UUID) -> None:
    """A leader who was put out while she waited for her turn, is none. Raises Forbidden, StepUpNeeded."""
    demand(actor, "association.lead", Club(association_id))
    if may(actor, "association.manage"):
        return
    if actor.person_id not in await queries.leaders(db, association_id):
        raise Forbidden(action="association.lead")


async def _keep_a_leader(db: AsyncSession, actor: Actor, leaving: Delegate) -> None:
    """Raises LastLeader, but for officers."""
    others = await queries.leaders(db, leaving.association_id) - {leaving.person_id}
    if not others and not may(actor, "association.manage"):
        raise LastLeader(association_id=leaving.association_id)
