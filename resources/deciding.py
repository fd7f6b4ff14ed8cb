"""How staff set who decides bookings of a resource: the lines of its policy."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.db import AnyRow
from core.errors import NotFound
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from people.actors import Actor, Place
from people.rules import demand, demand_somewhere, places_of
from resources import place_queries, policy_queries
from resources.decision_schemas import PoliciesIn, PoliciesOut, line_of, policy_of
from resources.models import DecisionPolicy, Resource
from resources.place_queries import Kept
from resources.policies import Policy
from resources.schemas import ResourcePatch
from resources.service import change_resource, resource_to_change


async def policies(db: AsyncSession, actor: Actor, resource_id: UUID, *, now: datetime) -> PoliciesOut:
    """All lines, for everybody who may see the resource: they are no secret. Raises NotFound."""
    found = await place_queries.resources(db, place_queries.sight_of(actor, now), ids=[resource_id])
    if not found:
        raise NotFound(what="resource")
    return _out(found[0].resource, await lines_of(db, resource_id))


async def lines_of(db: AsyncSession, resource_id: UUID) -> list[Policy]:
    """The lines as the rule reads them."""
    return [policy_of_row(row) for row in await policy_queries.lines_of(db, resource_id)]


async def set_policies(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, body: PoliciesIn, version: int | None, now: datetime
) -> PoliciesOut:
    """These lines instead of all it had; what is booked stays as it was decided.

    Raises NotFound, Forbidden, ChangedMeanwhile, Invalid.
    """
    row = await resource_to_change(db, actor, resource_id, action="resource.manage", version=version)
    wanted = [policy_of(line, f"lines.{place}") for place, line in enumerate(body.lines)]
    before = await lines_of(db, resource_id)
    if wanted == before:
        return _out(row, before)
    await policy_queries.drop_lines(db, resource_id)
    row.version += 1
    for place, policy in enumerate(wanted):
        values = {**msgspec.structs.asdict(policy), "weekdays": list(policy.weekdays)}
        values["customer_groups"] = list(policy.customer_groups)
        db.add(DecisionPolicy(id=new_id(), resource_id=resource_id, position=place, version=1, **values))
    await db.flush()
    audit.note(
        db,
        actor.person_id,
        "policy.set",
        table="resource",
        row_id=resource_id,
        now=now,
        change={"policies": (msgspec.to_builtins(before), msgspec.to_builtins(wanted))},
    )
    return _out(row, wanted)


def policy_of_row(row: DecisionPolicy) -> Policy:
    return msgspec.convert(
        {name: getattr(row, name) for name in Policy.__struct_fields__},
        Policy,
    )


def _out(row: Resource, lines: Sequence[Policy]) -> PoliciesOut:
    decision = "automatic" if row.decision == "automatic" else "case_officer"
    return PoliciesOut(decision=decision, lines=[line_of(each) for each in lines], version=row.version)


async def managed(
    db: AsyncSession, actor: Actor, words: str, *, cursor: str | None, limit: int
) -> Page[AnyRow]:
    """A page of the resources that the actor manages, by name. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, "resource.manage")
    facility_ids, resource_ids = places_of(actor, "resource.manage")
    after = read_cursor(cursor, str, UUID)
    rows = await policy_queries.managed(
        db,
        facility_ids=facility_ids,
        resource_ids=resource_ids,
        words=words,
        after=after and (after[0], after[1]),
        limit=limit + 1,
    )
    page = list(rows[:limit])
    return Page(page, write_cursor(page[-1].name, page[-1].id) if len(rows) > limit else None)


async def to_set(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, now: datetime
) -> tuple[Kept, list[Policy]]:
    """The resource and its lines, for who may change them. Raises NotFound, and what `demand` raises."""
    found = await place_queries.resources(db, place_queries.sight_of(actor, now), ids=[resource_id])
    if not found:
        demand_somewhere(actor, "resource.manage")
        raise NotFound(what="resource")
    demand(actor, "resource.manage", Place(found[0].facility.id, resource_id))
    return found[0], await lines_of(db, resource_id)


async def set_all(
    db: AsyncSession,
    actor: Actor,
    resource_id: UUID,
    *,
    body: ResourcePatch,
    lines: PoliciesIn,
    version: int,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Everything that decides, at once: the resource's own words and the lines. Raises as each of the two."""
    await change_resource(db, actor, resource_id, body=body, version=version, zone=zone, now=now)
    await set_policies(db, actor, resource_id, body=lines, version=None, now=now)
