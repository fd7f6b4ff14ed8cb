"""Appeals: the applicant appeals a vedtak once, the municipality writes down what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.case_models import Appeal, CaseEntry
from booking.cases import case_queries
from booking.cases.case import appeal_out, demand_holder, demand_officer, seen
from booking.cases.case_schemas import AppealAnswerIn, AppealOut
from booking.messages import CaseWritten
from core.audit import note
from core.errors import AlreadyExists, NotAppealable, NotFound, WrongState
from core.ids import new_id
from core.outbox import publish
from core.spans import local_date
from core.tenants import Tenant
from people.actors import Actor
from people.rules import demand_person


async def appeal(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    number: int,
    text: str,
    now: datetime,
) -> AppealOut:
    """Received, in time or late. Raises SignInNeeded, NotFound, Forbidden, NotAppealable, AlreadyExists."""
    person_id = demand_person(actor)
    found = await seen(db, actor, application_id, now)
    demand_holder(found, "appeal")
    await queries.lock_application(db, application_id)
    row = await case_queries.decision(db, application_id, number)
    if row is None:
        raise NotFound(what="decision")
    decision, earlier = row
    if decision.appeal_until is None:
        raise NotAppealable
    if earlier is not None:
        raise AlreadyExists(field="appeal")
    made = Appeal(
        id=new_id(),
        decision_id=decision.id,
        person_id=person_id,
        text=text.strip(),
        received_at=now,
        in_time=local_date(tenant.zone, now) <= decision.appeal_until,
        answer="",
    )
    db.add(made)
    note(db, person_id, "appealed", table="appeal", row_id=made.id, now=now)
    _tell(db, actor, application_id, number, made.text, by_staff=False, now=now)
    await db.flush()
    return appeal_out(made, tenant)


async def answer_appeal(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    number: int,
    form: AppealAnswerIn,
    now: datetime,
) -> AppealOut:
    """Write down what came of it. Raises SignInNeeded, NotFound, Forbidden, WrongState when it is closed."""
    person_id = demand_person(actor)
    found = await seen(db, actor, application_id, now)
    demand_officer(found, "answer_appeal")
    row = await case_queries.decision(db, application_id, number)
    made = None if row is None else await case_queries.lock_appeal(db, row[0].id)
    if made is None:
        raise NotFound(what="appeal")
    if made.outcome is not None:
        raise WrongState(state=made.outcome)
    made.outcome, made.answer = form.outcome, form.text.strip()
    made.closed_at, made.closed_by = now, person_id
    change = {"outcome": (None, form.outcome)}
    note(db, person_id, "appeal.closed", table="appeal", row_id=made.id, now=now, change=change)
    _tell(db, actor, application_id, number, made.answer, by_staff=True, now=now)
    await db.flush()
    return appeal_out(made, tenant)


def _tell(
    db: AsyncSession,
    actor: Actor,
    application_id: UUID,
    number: int,
    text: str,
    *,
    by_staff: bool,
    now: datetime,
) -> None:
    entry = CaseEntry(
        id=new_id(),
        application_id=application_id,
        kind="appeal",
        author_id=actor.person_id,
        by_staff=by_staff,
        text=text,
        file_ids=[],
        facts={"number": number},
        created_at=now,
    )
    db.add(entry)
    publish(db, CaseWritten(entry.id))
