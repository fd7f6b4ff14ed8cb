"""SQL of privacy: who has read about whom."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id

NOTE_READS = text(
    "INSERT INTO personal_read (tenant_id, id, person_id, reader_id, what, hour, at)"
    " SELECT :tenant_id, read.id, read.person_id, :reader_id, :what, CAST(:hour AS timestamptz),"
    " CAST(:now AS timestamptz)"
    " FROM unnest(:ids, :person_ids) AS read (id, person_id) ORDER BY read.person_id ON CONFLICT DO NOTHING"
).bindparams(
    bindparam("tenant_id", type_=Uuid()),
    bindparam("reader_id", type_=Uuid()),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("person_ids", type_=ARRAY(Uuid())),
)
"""In one order of persons, so that two readers of the same list never wait for each other in a ring."""


async def note_reads(
    db: AsyncSession, reader_id: UUID, person_ids: Sequence[UUID], *, what: str, now: datetime
) -> None:
    """Rows for those who have none yet for this reader, kind and hour."""
    values = {
        "tenant_id": db.info["tenant_id"],
        "reader_id": reader_id,
        "what": what,
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "now": now,
        "ids": [new_id() for _ in person_ids],
        "person_ids": person_ids,
    }
    await db.execute(NOTE_READS, values)
