"""Tariffs as staff read and try them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid, NotFound
from core.paging import Page, read_cursor, write_cursor
from core.spans import local_date, span_between
from core.tenants import Tenant
from core.texts import N_, Texts
from core.wire import instant_from
from people.actors import Actor
from people.rules import demand_somewhere
from resources import tariff_queries as queries
from resources.price_words import doubt_text, price_out, when_text
from resources.schemas import ShortTranslated
from resources.tariff_checks import doubts
from resources.tariff_models import Tariff
from resources.tariff_schemas import (
    PlaceOut,
    TariffBrief,
    TariffOut,
    TryIn,
    TryOut,
    WarningOut,
    line_out,
    ordinary_out,
)
from resources.tariffs import (
    ArticleFacts,
    Ask,
    Ordered,
    OrdinaryHours,
    TariffFacts,
    TariffLineFacts,
    price,
)

RIGHT: Final = "tariff.manage"


async def tariffs(
    db: AsyncSession,
    actor: Actor,
    *,
    cursor: str | None,
    limit: int,
    ended: bool = False,
    facility_id: UUID | None = None,
    resource_id: UUID | None = None,
) -> Page[TariffBrief]:
    """By key. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand_somewhere(actor, RIGHT)
    after = read_cursor(cursor, str, UUID)
    rows = await queries.tariffs(
        db,
        ended=ended,
        facility_id=facility_id,
        resource_id=resource_id,
        after=after and (after[0], after[1]),
        limit=limit + 1,
    )
    page = rows[:limit]
    places = await _places_of_each(db, [row.id for row in page])
    return Page(
        [_brief(row, places.get(row.id, [])) for row in page],
        write_cursor(page[-1].key, page[-1].id) if len(rows) > limit else None,
    )


async def tariff(
    db: AsyncSession, actor: Actor, tenant: Tenant, tariff_id: UUID, *, texts: Texts, now: datetime
) -> TariffOut:
    """Also one that has ended. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand_somewhere(actor, RIGHT)
    row = await queries.tariff(db, tariff_id)
    if row is None:
        raise NotFound(what="tariff")
    return await out(db, row, tenant, texts, now)


async def attempt(
    db: AsyncSession, actor: Actor, tenant: Tenant, tariff_id: UUID, *, form: TryIn, texts: Texts
) -> TryOut:
    """What a booking would cost by this tariff. Writes nothing.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid.
    """
    return await tried(db, await saved(db, actor, tariff_id), tenant, form=form, texts=texts)


async def saved(db: AsyncSession, actor: Actor, tariff_id: UUID) -> TariffFacts:
    """As it stands, also one that has ended. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand_somewhere(actor, RIGHT)
    row = await queries.tariff(db, tariff_id)
    if row is None:
        raise NotFound(what="tariff")
    return await facts_of_row(db, row)


async def tried(
    db: AsyncSession, tariff: TariffFacts, tenant: Tenant, *, form: TryIn, texts: Texts
) -> TryOut:
    """What a booking would cost by a tariff that is saved or only thought of. Writes nothing. Raises Invalid."""
    known = await queries.priceables(db, [] if form.resource_id is None else [form.resource_id])
    if form.resource_id is not None and form.resource_id not in known:
        raise Invalid(field="resource_id", expected=N_("a resource of this municipality"))
    around = known[form.resource_id] if form.resource_id else await queries.everywhere(db)
    span = span_between(
        instant_from(form.start, tenant.zone, "start"), instant_from(form.end, tenant.zone, "end")
    )
    ask = Ask(
        span=span,
        zone=tenant.zone,
        customer_group=form.customer_group,
        usage=form.usage,
        quantity=form.quantity,
        articles=tuple(Ordered(each.article, each.quantity) for each in form.articles),
    )
    return TryOut(price=price_out(price(replace(around, tariff=tariff), ask), texts))


async def offered(db: AsyncSession, resource_id: UUID | None) -> tuple[ArticleFacts, ...]:
    """What can be ordered along at the resource; without one, and at none of ours, what can be everywhere."""
    known = await queries.priceables(db, [] if resource_id is None else [resource_id])
    around = known.get(resource_id) if resource_id else None
    return (around or await queries.everywhere(db)).articles


async def line_facts(db: AsyncSession, tariff_id: UUID) -> list[TariffLineFacts]:
    """The lines as the engine reads them, in their order."""
    names = TariffLineFacts.__struct_fields__
    rows = await queries.lines(db, tariff_id)
    return [
        msgspec.convert({name: getattr(row, name) for name in names}, TariffLineFacts, strict=False)
        for row in rows
    ]


async def facts_of_row(db: AsyncSession, row: Tariff) -> TariffFacts:
    return TariffFacts(
        id=row.id,
        version=row.version,
        key=row.key,
        name=row.name,
        ordinary_hours=msgspec.convert(row.ordinary_hours or [], tuple[OrdinaryHours, ...]),
        lines=tuple(await line_facts(db, row.id)),
    )


async def places_of(db: AsyncSession, tariff_id: UUID) -> list[PlaceOut]:
    """Where it holds, by name."""
    return (await _places_of_each(db, [tariff_id])).get(tariff_id, [])


async def _places_of_each(db: AsyncSession, tariff_ids: Sequence[UUID]) -> dict[UUID, list[PlaceOut]]:
    found: dict[UUID, list[PlaceOut]] = {}
    for row in await queries.places(db, tariff_ids):
        is_resource = row.resource_id is not None
        found.setdefault(row.tariff_id, []).append(
            PlaceOut(
                facility_id=None if is_resource else row.facility_id,
                resource_id=row.resource_id,
                name=f"{row.facility_name}: {row.resource_name}" if is_resource else row.facility_name,
            )
        )
    return found


def _brief(row: Tariff, places: list[PlaceOut]) -> TariffBrief:
    return TariffBrief(
        id=row.id,
        key=row.key,
        name=msgspec.convert(row.name, ShortTranslated),
        places=places,
        ended_at=row.ended_at,
        version=row.version,
    )


async def out(db: AsyncSession, row: Tariff, tenant: Tenant, texts: Texts, now: datetime) -> TariffOut:
    """The whole of it, with what may be meant otherwise."""
    facts = await facts_of_row(db, row)
    day = local_date(tenant.zone, now)
    found = [] if row.ended_at is not None else doubts(facts, day, tenant.zone)
    brief = _brief(row, await places_of(db, row.id))
    return TariffOut(
        **asdict(brief),
        ordinary_hours=ordinary_out(facts.ordinary_hours),
        lines=[line_out(line, when_text(line, texts)) for line in facts.lines],
        warnings=[WarningOut(kind=each.kind, line=each.line, text=doubt_text(each, texts)) for each in found],
    )
