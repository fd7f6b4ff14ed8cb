"""A case as its two sides may read it: what has been written, decided, offered and appealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queue_queries, showing, shown_queries
from booking.case_models import Appeal, CaseEntry, Decision, RejectionReason
from booking.cases import case_queries
from booking.cases.case_schemas import AppealOut, DecisionOut, EntryOut, FileOut
from booking.models import Application
from booking.schemas import ApplicationOut
from core import files
from core.db import AnyRow
from core.errors import Forbidden, NotFound
from core.files_models import StoredFile
from core.tenants import Tenant
from people import queries as people
from people.actors import Actor, Place
from people.reads import note_reads
from people.rules import demand_person, may
from resources import place_queries
from resources.place_queries import Kept

TOLD = ("message", "question", "answer", "offer", "decision", "appeal")
"""Entries that both sides read."""
INSIDE = (*TOLD, "note", "assigned")
"""What staff who decide read; never the applicant, also when she is both."""


class Seen(NamedTuple):
    """The case, and which side of it the reader is on."""

    application: Application
    row: AnyRow
    """With the names of applicant and association, for showing.application_out."""
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
    return Seen(application, row, bookings, is_own, is_holder)


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


class OfficersCase(NamedTuple):
    """All that an officer must see to decide."""

    found: Seen
    out: ApplicationOut
    team: str | None
    entries: list[EntryOut]
    decisions: list[DecisionOut]
    offers: Sequence[AnyRow]
    reasons: Sequence[RejectionReason]
    rivals: Mapping[UUID, Sequence[AnyRow]]
    places: Sequence[Kept]
    """Where another time may be offered."""


async def officers_case(
    db: AsyncSession, actor: Actor, tenant: Tenant, application_id: UUID, now: datetime
) -> OfficersCase:
    """In a constant number of queries. Raises as `seen`, and Forbidden for her own where she decides nothing."""
    found = await seen(db, actor, application_id, now)
    if not any(decides_at(actor, each) for each in found.bookings):
        raise Forbidden(action="application.decide")
    out = showing.application_out(found.row, found.bookings, tenant)
    team = await people.team(db, out.team_id) if out.team_id is not None else None
    undecided = [each.id for each in out.bookings if each.state == "requested"]
    rivals = await queue_queries.rivals(db, undecided)
    known = [row for rows in rivals.values() for row in rows if showing.may_read(actor, row)]
    await showing.note_others(db, actor, known, "booking", now)
    facility_ids = {each.facility_id for each in found.bookings}
    sight = place_queries.sight_of(actor, now)
    return OfficersCase(
        found=found,
        out=out,
        team=team.name if team is not None else None,
        entries=await timeline(db, found, tenant),
        decisions=await decisions(db, found, tenant),
        offers=await case_queries.offers(db, application_id, now),
        reasons=await case_queries.reasons(db, now),
        rivals=rivals,
        places=await place_queries.resources(db, sight, facility_ids=facility_ids),
    )


class OwnCase(NamedTuple):
    """What the applicant's side sees besides the application itself."""

    found: Seen
    entries: list[EntryOut]
    decisions: list[DecisionOut]
    offers: Sequence[AnyRow]


async def own_case(
    db: AsyncSession, actor: Actor, tenant: Tenant, application_id: UUID, now: datetime
) -> OwnCase:
    """Raises as `seen`. Whoever reads: without what is inside."""
    found = await seen(db, actor, application_id, now)
    outside = found._replace(is_own=True)
    return OwnCase(
        found=found,
        entries=await timeline(db, outside, tenant),
        decisions=await decisions(db, found, tenant),
        offers=await case_queries.offers(db, application_id, now),
    )


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
