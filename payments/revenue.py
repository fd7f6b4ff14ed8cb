"""Revenue: what was issued in a period minus what was credited in it, by place, month, group or article."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid
from core.spans import Span, local_day
from core.tenants import Tenant
from core.texts import N_
from payments import revenue_queries as queries
from payments.revenue_schemas import LONGEST, Revenue, RevenueRow, Wanted
from people.actors import Actor
from people.rules import demand_somewhere, places_of

RIGHT = "money.read"


async def revenue(db: AsyncSession, actor: Actor, tenant: Tenant, wanted: Wanted) -> Revenue:
    """At the places where the right is hers. By month every month of the period is there; else the largest first.

    Raises SignInNeeded, StepUpNeeded, Forbidden; Invalid for a period that is none, or too long.
    """
    demand_somewhere(actor, RIGHT)
    period = period_of(tenant, wanted.from_on, wanted.until_on)
    found = await queries.revenue(
        db,
        wanted.by,
        period.start,
        period.end,
        zone=tenant.zone_name,
        places=places_of(actor, RIGHT),
        facility_id=wanted.facility_id,
    )
    rows = [msgspec.convert(row, RevenueRow, from_attributes=True) for row in found]
    if wanted.by == "month":
        rows = _with_empty_months(rows, wanted)
    else:
        rows.sort(key=lambda row: (-row.net_ore, row.name, row.key))
    return Revenue(wanted=wanted, rows=rows)


async def facilities(db: AsyncSession, actor: Actor) -> list[tuple[UUID, str]]:
    """Those whose revenue is hers to read, by name."""
    demand_somewhere(actor, RIGHT)
    return [(row.id, row.name) for row in await queries.facilities(db, places_of(actor, RIGHT))]


def period_of(tenant: Tenant, from_on: date, until_on: date) -> Span:
    """From the first midnight to the last on the local clock. Raises Invalid."""
    if until_on < from_on:
        raise Invalid(field="until", expected=N_("a day that is not before the first"))
    if until_on - from_on > LONGEST:
        raise Invalid(field="until", expected=N_("a day at most 400 days after the first"))
    return Span(local_day(tenant.zone, from_on).start, local_day(tenant.zone, until_on).end)


def months_between(first: date, last: date) -> list[str]:
    """`2026-11` of each month that the days lie in."""
    months: list[str] = []
    day = first.replace(day=1)
    while day <= last:
        months.append(f"{day:%Y-%m}")
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def _with_empty_months(rows: Sequence[RevenueRow], wanted: Wanted) -> list[RevenueRow]:
    known = {row.key: row for row in rows}
    nothing = RevenueRow(key="", name="", net_ore=0, vat_ore=0, gross_ore=0, documents=0)
    return [
        known.get(month, msgspec.structs.replace(nothing, key=month))
        for month in months_between(wanted.from_on, wanted.until_on)
    ]
