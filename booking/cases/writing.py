"""Writing in a case: messages, the municipality's questions and notes, the applicant's answers.

A question stops the clock while a time waits for an answer; her answer starts it again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.case_models import CaseEntry
from booking.cases import case_queries
from booking.cases.case import Seen, demand_holder, demand_officer, entry_out, seen
from booking.cases.case_schemas import EntryKind, EntryOut
from booking.deadlines import resumed
from booking.messages import CaseWritten
from core import files
from core.audit import note
from core.errors import Invalid
from core.files import Checked
from core.ids import new_id
from core.outbox import publish
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor
from people.rules import demand_person

LONGEST_TEXT = 5000
MOST_FILES = 5
"""With one entry."""


async def write(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    *,
    kind: EntryKind,
    text: str,
    now: datetime,
    attached: Sequence[Checked] = (),
    needs_file: bool = False,
) -> EntryOut:
    """Add an entry; the other side is told, but of notes. Raises SignInNeeded, NotFound, Forbidden, Invalid."""
    person_id = demand_person(actor)
    found = await seen(db, actor, application_id, now)
    _demand_side(found, kind)
    text = text.strip()
    if not text and not attached and not needs_file:
        raise Invalid(field="text", expected=N_("some words"))
    if needs_file and not attached:
        raise Invalid(field="file", expected=files.NEEDED)
    if len(text) > LONGEST_TEXT:
        raise Invalid(field="text", expected=N_("at most 5000 letters"))
    if len(attached) > MOST_FILES:
        raise Invalid(field="file", expected=N_("at most five files"))
    application = await queries.lock_application(db, application_id)
    assert application is not None, "it was just seen, and nothing is deleted"
    pauses = kind == "question" and application.paused_at is None
    if pauses and await case_queries.is_waiting(db, application_id):
        application.paused_at = now
    if kind == "answer" and application.paused_at is not None:
        application.answer_by = resumed(application.answer_by, application.paused_at, now)
        application.paused_at = None
    file_ids = [files.store(db, each, None) for each in attached]  # the case's, as long as it is kept
    entry = CaseEntry(
        id=new_id(),
        application_id=application_id,
        kind=kind,
        author_id=person_id,
        by_staff=not found.is_own,
        text=text,
        file_ids=file_ids,
        facts={},
        created_at=now,
    )
    db.add(entry)
    note(db, person_id, f"case.{kind}", table="case_entry", row_id=entry.id, now=now)
    if kind != "note":
        publish(db, CaseWritten(entry.id))
    await db.flush()
    kept = await case_queries.files(db, file_ids)
    return entry_out(entry, actor.name, kept, tenant)


def _demand_side(found: Seen, kind: EntryKind) -> None:
    if found.is_own:
        demand_holder(found, "case.write")
    if kind in {"note", "question"}:
        demand_officer(found, f"case.{kind}")
    if kind == "answer":
        demand_holder(found, "case.answer")
