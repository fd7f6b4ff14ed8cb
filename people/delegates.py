"""Who acts for an association: joining, changing roles, leaving, and handing the lead over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.ids import new_id
from people import association_queries as queries
from people.actors import DelegateRole
from people.models import Delegate


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
