"""A case as its two sides may read it: what has been written, decided, offered and appealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import showing, shown_queries
from booking.case_models import Appeal, CaseEntry, Decision
from booking.cases import case_queries
from booking.cases.case_schemas import AppealOut, DecisionOut, EntryOut, FileOut
from booking.models import Application
from core import files
from core.db import AnyRow
from core.errors import Forbidden, NotFound
from core.files_models import StoredFile
from core.tenants import Tenant
from people.actors import Actor, Place
from people.reads import note_reads
from people.rules import demand_person, may

TOLD = ("message", "question", "answer", "offer", "decision", "appeal")
"""Entries that both sides read."""
INSIDE = (*TOLD, "note", "assigned")
"""What staff who decide read; never the applicant, also when she is both."""


class Seen(NamedTuple):
    """The case, and which side of it the reader is on."""

    application: Application
    applicant: str
    association: str | None
    bookings: Sequence[AnyRow]
    """Those that the reader may see."""
    is_own: bool
    """Hers, or of an association that she knows."""
    is_holder: bool
    """She may act in it, and does not only read."""

    @property
    def kinds(self) -> tuple[str, ...]:
        return TOLD if self.is_own else INSIDE


async def seen(db: AsyncSession, actor: Actor, application_id: UUID, now: datetime) -> Seen:
    """Whose it is sees it, and who decides at one of its places, which is noted.

    Raises SignInNeeded; NotFound; Forbidden for staff who read bookings there and decide nothing.
    """
    demand_person(actor, writes=False)
    row = await shown_queries.shown_application(db, application_id)
    if row is None:
        raise NotFound(what="application")
    application: Application = row.Application
    bookings = await shown_queries.shown_bookings_of(db, [application_id])
    person_id, association_id = application.person_id, application.association_id
    is_own = showing.is_own(actor, person_id, association_id)
    if not is_own:
        bookings = [each for each in bookings if showing.may_read(actor, each)]
        if not bookings:
            raise NotFound(what="application")
        if not any(decides_at(actor, each) for each in bookings):
            raise Forbidden(action="application.decide")
        await note_reads(db, actor, [person_id], "application", now)
    is_holder = showing.is_holder(actor, person_id, association_id) and actor.may_write
    return Seen(application, row.applicant, row.association, bookings, is_own, is_holder)


def decides_at(actor: Actor, row: AnyRow) -> bool:
    return may(actor, "application.decide", Place(row.facility_id, row.resource_id))


def demand_holder(found: Seen, action: str) -> None:
    """Raises Forbidden for staff and for who only reads."""
    if not found.is_holder:
        raise Forbidden(action=action)


def demand_officer(found: Seen, action: str) -> None:
    """Raises Forbidden for the applicant's side."""
    if found.is_own:
        raise Forbidden(action=action)


async def timeline(db: AsyncSession, found: Seen, tenant: Tenant) -> list[EntryOut]:
    """In order of time, as far as the reader's side may see it."""
    rows = await case_queries.entries(db, found.application.id, found.kinds)
    kept = await case_queries.files(db, sorted({id_ for entry, _ in rows for id_ in entry.file_ids}))
    return [entry_out(entry, name, kept, tenant) for entry, name in rows]


def entry_out(entry: CaseEntry, author: str | None, kept: dict[UUID, StoredFile], tenant: Tenant) -> EntryOut:
    number: Any = entry.facts.get("number")
    return EntryOut(
        id=entry.id,
        kind=entry.kind,
        by_staff=entry.by_staff,
        author=author,
        text=entry.text,
        files=[file_out(kept[id_]) for id_ in entry.file_ids if id_ in kept],
        decision=number if isinstance(number, int) else None,
        created_at=entry.created_at.astimezone(tenant.zone),
    )


def file_out(row: StoredFile) -> FileOut:
    return FileOut(id=row.id, name=row.name, media_type=row.media_type, size=row.size)


async def file(
    db: AsyncSession, actor: Actor, application_id: UUID, file_id: UUID, now: datetime
) -> StoredFile:
    """With its content, of an entry that the reader may see. Raises as `seen`, and NotFound."""
    found = await seen(db, actor, application_id, now)
    hangs_on = await case_queries.entry_of_file(db, application_id, file_id, found.kinds)
    row = None if hangs_on is None else await files.stored(db, file_id)
    if row is None:
        raise NotFound(what="file")
    return row


async def decisions(db: AsyncSession, found: Seen, tenant: Tenant) -> list[DecisionOut]:
    """All of the case, the first one first."""
    return [
        decision_out(decision, appeal, tenant)
        for decision, appeal in await case_queries.decisions(db, found.application.id)
    ]


async def decision(db: AsyncSession, found: Seen, number: int, tenant: Tenant) -> DecisionOut:
    """Raises NotFound."""
    row = await case_queries.decision(db, found.application.id, number)
    if row is None:
        raise NotFound(what="decision")
    return decision_out(*row, tenant)


def decision_out(decision: Decision, appeal: Appeal | None, tenant: Tenant) -> DecisionOut:
    assert decision.kind in {"vedtak", "private_law"}, "as the table says"
    return DecisionOut(
        id=decision.id,
        number=decision.number,
        kind="vedtak" if decision.kind == "vedtak" else "private_law",
        decided_at=decision.decided_at.astimezone(tenant.zone),
        officer=decision.officer,
        outcomes=decision.outcomes,
        reason=decision.reason,
        text=decision.text,
        rules=decision.rules,
        language=decision.language,
        appeal_until=decision.appeal_until,
        appeal=None if appeal is None else appeal_out(appeal, tenant),
    )


def appeal_out(appeal: Appeal, tenant: Tenant) -> AppealOut:
    outcome: Any = appeal.outcome
    return AppealOut(
        text=appeal.text,
        received_at=appeal.received_at.astimezone(tenant.zone),
        in_time=appeal.in_time,
        outcome=outcome,
        answer=appeal.answer,
        closed_at=appeal.closed_at and appeal.closed_at.astimezone(tenant.zone),
    )
