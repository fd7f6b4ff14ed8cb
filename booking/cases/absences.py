"""When officers are away, and who sees to their cases meanwhile. Days are those of the municipality's clock."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Absence
from booking.cases import routing_queries
from booking.cases.routing_queries import Officer
from core.audit import note
from core.db import AnyRow
from core.errors import Forbidden, Invalid, NotFound
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from core.spans import local_date
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor
from people.rules import demand_person, demand_somewhere, may

ACTION = "application.decide"
LAST_DAY = date(2100, 12, 31)


def keeps_all(actor: Actor) -> bool:
    """Administrators of the whole municipality see to everybody's; all others to their own."""
    return may(actor, "people.manage")


def demand_officer(actor: Actor) -> None:
    """Whoever decides somewhere. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, ACTION)


def herself(actor: Actor) -> UUID:
    """Whose absence it is when nobody is named. Raises SignInNeeded."""
    return demand_person(actor)


async def absences(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int, now: datetime
) -> Page[AnyRow]:
    """Those that are not over, by first day. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, ACTION)
    after = read_cursor(cursor, date, UUID)
    rows = await routing_queries.absences_page(
        db,
        since=local_date(tenant.zone, now),
        officer_id=None if keeps_all(actor) else demand_person(actor),
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    page = list(rows[:limit])
    return Page(page, write_cursor(page[-1].from_on, page[-1].id) if len(rows) > limit else None)


async def officers(db: AsyncSession) -> dict[UUID, Officer]:
    """Who can be away, and stand in."""
    return await routing_queries.officers(db)


async def be_away(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    officer_id: UUID,
    from_on: date,
    until_on: date,
    substitute_id: UUID | None,
    now: datetime,
) -> None:
    """Both days included. New cases go to the substitute, who also sees the open ones among her own.

    Raises SignInNeeded, Forbidden for somebody else's, and Invalid.
    """
    demand_somewhere(actor, ACTION)
    if officer_id != actor.person_id and not keeps_all(actor):
        raise Forbidden(action="people.manage")
    if from_on > LAST_DAY or until_on > LAST_DAY or until_on < from_on:
        raise Invalid(field="until_on", expected=N_("a day not before the first"))
    if until_on < local_date(tenant.zone, now):
        raise Invalid(field="until_on", expected=N_("a day that is not over"))
    wanted = {officer_id} if substitute_id is None else {officer_id, substitute_id}
    known = await routing_queries.officers(db, wanted)
    if officer_id not in known:
        raise Invalid(field="officer_id", expected=N_("somebody who answers requests"))
    if substitute_id is not None and (substitute_id == officer_id or substitute_id not in known):
        raise Invalid(field="substitute_id", expected=N_("somebody else who answers requests"))
    row = Absence(
        id=new_id(), officer_id=officer_id, from_on=from_on, until_on=until_on, substitute_id=substitute_id
    )
    db.add(row)
    change: dict[str, tuple[object, object]] = {
        "officer_id": (None, officer_id),
        "from_on": (None, from_on),
        "until_on": (None, until_on),
        "substitute_id": (None, substitute_id),
    }
    note(db, actor.person_id, "absence.set", table="absence", row_id=row.id, now=now, change=change)
    await db.flush()


async def be_back(db: AsyncSession, actor: Actor, absence_id: UUID, *, now: datetime) -> None:
    """The absence ends, or will not begin. Raises SignInNeeded, NotFound, and Forbidden for somebody else's."""
    demand_somewhere(actor, ACTION)
    row = await routing_queries.lock_absence(db, absence_id)
    if row is None:
        raise NotFound(what="absence")
    if row.officer_id != actor.person_id and not keeps_all(actor):
        raise Forbidden(action="people.manage")
    row.ended_at = now
    change = {"ended_at": (None, now)}
    note(db, actor.person_id, "absence.ended", table="absence", row_id=row.id, now=now, change=change)
    await db.flush()


def names(known: dict[UUID, Officer], *, but: UUID | None = None) -> Sequence[tuple[UUID, str]]:
    """Officers by name."""
    return [(person_id, officer.name) for person_id, officer in known.items() if person_id != but]
