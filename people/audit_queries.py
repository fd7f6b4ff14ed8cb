"""SQL of the audit trail, newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import AnyRow
from people.models import Person


async def entries_page(
    db: AsyncSession,
    *,
    person_id: UUID | None,
    table: str | None,
    row_id: UUID | None,
    action: str | None,
    since: datetime | None,
    until: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """What was done by the person, to the table, to the row, in [since, until); each with the name of who did it."""
    statement = select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.actor_id,
        AuditEntry.action,
        AuditEntry.table_name,
        AuditEntry.row_id,
        AuditEntry.change,
        Person.name.label("actor"),
    ).outerjoin(Person, and_(Person.tenant_id == AuditEntry.tenant_id, Person.id == AuditEntry.actor_id))
    for column, wanted in (
        (AuditEntry.actor_id, person_id),
        (AuditEntry.table_name, table),
        (AuditEntry.row_id, row_id),
        (AuditEntry.action, action),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    if until is not None:
        statement = statement.where(AuditEntry.at < until)
    if after is not None:
        statement = statement.where(tuple_(AuditEntry.at, AuditEntry.id) < after)
    return (
        await db.execute(statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit))
    ).all()
