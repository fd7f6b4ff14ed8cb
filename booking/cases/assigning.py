"""Taking a case, handing it over, letting go of it. What is said of it stands in the case's timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries, showing, shown_queries
from booking.case_models import CaseEntry
from booking.cases import routing_queries
from booking.messages import CaseAssigned
from booking.models import Application
from booking.schemas import ApplicationOut
from core.audit import note
from core.db import AnyRow
from core.errors import AlreadyDecided, AlreadyTaken, Forbidden, Invalid, NotFound, Refusal
from core.ids import new_id
from core.outbox import publish
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor, Place
from people.rules import demand_person, may

MOST_AT_ONCE = 100
NO_OFFICER = N_("an officer who may decide there")


class Stood(NamedTuple):
    """Who had the case when whoever changes it looked at it; None: nobody."""

    officer_id: UUID | None


class Chosen(NamedTuple):
    """A case of several, and how it stood."""

    application_id: UUID
    stood: Stood


class Several(NamedTuple):
    """What became of several at once: how many were assigned, and why the others were not."""

    assigned: int
    refused: Sequence[Refusal]


async def assign(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    officer_id: UUID | None,
    *,
    now: datetime,
    version: int | None,
) -> ApplicationOut:
    """The case is hers from now on; None: nobody's.

    Raises SignInNeeded, NotFound, Forbidden, AlreadyDecided when nothing is left to answer, Invalid for somebody who
    may not decide there, ChangedMeanwhile; and AlreadyTaken when the actor takes without saying what she saw, and
    somebody else has it.
    """
    application, rows = await _locked(db, actor, application_id)
    if version is not None:
        showing.check_version(showing.version_of(application, rows), version)
    elif officer_id == actor.person_id and application.officer_id not in {None, officer_id}:
        raise AlreadyTaken(officer_id=application.officer_id)
    await _assign(db, actor, application, rows, officer_id, now)
    return await showing.application(db, actor, tenant, application_id, now)


async def assign_seen(
    db: AsyncSession, actor: Actor, chosen: Chosen, officer_id: UUID | None, *, now: datetime
) -> None:
    """The same from a page that says who had it: raises AlreadyTaken when that is no longer true."""
    application, rows = await _locked(db, actor, chosen.application_id)
    if application.officer_id not in {chosen.stood.officer_id, officer_id}:
        raise AlreadyTaken(officer_id=application.officer_id)
    await _assign(db, actor, application, rows, officer_id, now)


async def assign_several(
    db: AsyncSession, actor: Actor, chosen: Sequence[Chosen], officer_id: UUID | None, *, now: datetime
) -> Several:
    """As many as can be; what somebody else has taken meanwhile stays with her. Raises SignInNeeded, Forbidden."""
    demand_person(actor)
    refused: list[Refusal] = []
    assigned = 0
    for each in sorted(chosen, key=lambda one: one.application_id)[:MOST_AT_ONCE]:
        try:
            await assign_seen(db, actor, each, officer_id, now=now)
            assigned += 1
        except (NotFound, Forbidden, Invalid, AlreadyDecided, AlreadyTaken) as refusal:
            refused.append(refusal)  # nothing of this one is written yet
    return Several(assigned, refused)


async def _locked(
    db: AsyncSession, actor: Actor, application_id: UUID
) -> tuple[Application, Sequence[AnyRow]]:
    """The application and what the actor may read of its bookings, when she may decide one of those."""
    demand_person(actor)
    application = await queries.lock_application(db, application_id)
    if application is None:
        raise NotFound(what="application")
    rows = [
        row
        for row in await shown_queries.shown_bookings_of(db, [application_id])
        if showing.may_read(actor, row)
    ]
    if not rows:
        raise NotFound(what="application")
    if not any(_decides(actor, row) for row in rows):
        raise Forbidden(action="application.decide")
    return application, rows


def _decides(actor: Actor, row: AnyRow) -> bool:
    return may(actor, "application.decide", Place(row.facility_id, row.resource_id))


async def _assign(
    db: AsyncSession,
    actor: Actor,
    application: Application,
    rows: Sequence[AnyRow],
    officer_id: UUID | None,
    now: datetime,
) -> None:
    undecided = [row for row in rows if row.state == "requested"]
    if not undecided:
        raise AlreadyDecided(state=sorted({row.state for row in rows}))
    if officer_id is not None and officer_id != application.officer_id:
        known = await routing_queries.officers(db, [officer_id])
        officer = known.get(officer_id)
        if officer is None or not any(_decides(officer.actor, row) for row in undecided):
            raise Invalid(field="officer_id", expected=NO_OFFICER)
    await lay(db, application, officer_id, by_id=actor.person_id, now=now)


async def lay(
    db: AsyncSession, application: Application, officer_id: UUID | None, *, by_id: UUID | None, now: datetime
) -> None:
    """Written, noted and told, without asking who may; nothing when she has it already. `by_id` None: by routing."""
    was = application.officer_id
    if was == officer_id:
        return
    application.officer_id = officer_id
    application.version += 1
    db.add(
        CaseEntry(
            id=new_id(),
            application_id=application.id,
            kind="assigned",
            author_id=by_id,
            by_staff=True,
            text="",
            file_ids=[],
            facts={"officer_id": officer_id and str(officer_id), "was": was and str(was)},
            created_at=now,
        )
    )
    change = {"officer_id": (was, officer_id)}
    note(db, by_id, "assigned", table="application", row_id=application.id, now=now, change=change)
    publish(db, CaseAssigned(application.id, by_id))
    await db.flush()
