"""How staff make and change articles: what they cost, where they are offered, and how many there are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.db import Stale
from core.errors import InUse, Invalid, NotFound
from core.ids import new_id
from core.money import Money
from core.outbox import publish
from core.spans import Span, fuller_than
from core.texts import N_
from people.actors import EVERYWHERE, Actor, Place
from people.rules import demand, demand_person, may_somewhere
from resources import article_queries, place_queries
from resources.article_queries import Stocked
from resources.article_schemas import ArticleOut, ArticlePatch, NewArticle
from resources.messages import UnitMade
from resources.models import Unit
from resources.schemas import ShortTranslated, Translated
from resources.service import check_version
from resources.tariff_models import Article

RIGHT = "tariff.manage"
MOST_LISTED = 100
"""Of what is in the way of a change."""


async def listed(db: AsyncSession, actor: Actor, *, now: datetime, ended: bool = False) -> list[ArticleOut]:
    """What is offered where the reader may see it, by key; `ended`, for staff of tariffs, also what no longer is."""
    ended = ended and may_somewhere(actor, RIGHT)
    sight = place_queries.sight_of(actor, now)
    return [_out(each) for each in await article_queries.articles(db, sight, ended=ended)]


async def article(db: AsyncSession, actor: Actor, article_id: UUID, *, now: datetime) -> ArticleOut:
    """One of them. Raises NotFound."""
    return _out(await _shown(db, actor, article_id, now))


async def add(db: AsyncSession, actor: Actor, body: NewArticle, *, now: datetime) -> ArticleOut:
    """A new article, with a pooled unit where it has a stock.

    Raises SignInNeeded, Forbidden, NotFound, Invalid, AlreadyExists when its key is or was used.
    """
    demand_person(actor)
    place = await _place(db, body.facility_id, body.resource_id)
    demand(actor, RIGHT, place)
    values = _columns(body)
    stock = body.stock
    row = Article(id=new_id(), version=1, created_at=now, **values)
    _check(row)
    db.add(row)
    await db.flush()
    if stock is not None:
        await _stock_up(db, row, place, stock)
    audit.note(
        db,
        actor.person_id,
        "article.added",
        table="article",
        row_id=row.id,
        now=now,
        change={name: (None, value) for name, value in values.items()} | {"stock": (None, stock)},
    )
    await db.flush()
    return _out(Stocked(row, stock))


async def change(
    db: AsyncSession,
    actor: Actor,
    article_id: UUID,
    *,
    body: ArticlePatch,
    version: int | None,
    now: datetime,
) -> ArticleOut:
    """What is given changes; what is booked keeps its price.

    Raises NotFound, Forbidden, ChangedMeanwhile, Invalid, and InUse: with `conflicts` where more is claimed than would
    be left, with `bookings` where some have it already and would have to claim it.
    """
    unit_id = await article_queries.unit_of(db, article_id)
    # Units are locked before articles, as by who books.
    unit = None if unit_id is None else await place_queries.locked(db, Unit, unit_id)
    row = await _to_change(db, actor, article_id, version)
    if row.unit_id != unit_id:
        raise Stale
    before = _out(Stocked(row, unit.capacity if unit is not None else None))
    was_mandatory, was_here = row.is_mandatory, (row.facility_id, row.resource_id)
    for name, value in _columns(body).items():
        setattr(row, name, value)
    _check(row)
    place = await _place(db, row.facility_id, row.resource_id)
    demand(actor, RIGHT, place)
    stock = before.stock if body.stock is UNSET else body.stock
    if unit is not None and stock is not None and unit.facility_id != place.facility_id:
        raise Invalid(field="facility_id", expected=N_("the facility where its stock is"))
    widens = (row.is_mandatory and not was_mandatory) or (row.facility_id, row.resource_id) != was_here
    if stock is not None and (unit is None or widens):
        await _demand_unordered(db, row, now)
    if unit is not None and stock != unit.capacity:
        await _restock(db, row, unit, stock, now)
    elif unit is None and stock is not None:
        await _stock_up(db, row, place, stock)
    after = _out(Stocked(row, stock))
    changed = {
        name: (old, new)
        for name in ArticleOut.__struct_fields__
        if (old := getattr(before, name)) != (new := getattr(after, name))
    }
    if not changed:
        return before
    row.version += 1
    audit.note(
        db, actor.person_id, "article.changed", table="article", row_id=row.id, now=now, change=changed
    )
    await db.flush()
    return _out(Stocked(row, stock))


async def end(
    db: AsyncSession, actor: Actor, article_id: UUID, *, version: int | None, now: datetime
) -> None:
    """No longer offered; who has it booked keeps it. Raises NotFound, Forbidden, ChangedMeanwhile."""
    row = await _to_change(db, actor, article_id, version)
    if row.ended_at is not None:
        return
    row.ended_at = now
    row.version += 1
    audit.note(db, actor.person_id, "article.ended", table="article", row_id=row.id, now=now)
    await db.flush()


async def _shown(db: AsyncSession, actor: Actor, article_id: UUID, now: datetime) -> Stocked:
    found = await article_queries.articles(
        db,
        place_queries.sight_of(actor, now),
        ended=may_somewhere(actor, RIGHT),
        article_id=article_id,
    )
    if not found:
        raise NotFound(what="article")
    return found[0]


async def _to_change(db: AsyncSession, actor: Actor, article_id: UUID, version: int | None) -> Article:
    """The article, locked, for somebody who may."""
    demand_person(actor)
    row = await article_queries.lock_article(db, article_id)
    if row is None:
        raise NotFound(what="article")
    demand(actor, RIGHT, await _place(db, row.facility_id, row.resource_id))
    check_version(row.version, version)
    return row


async def _place(db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None) -> Place:
    """Where it is offered. Raises Invalid for both at once, NotFound for what is not there."""
    if facility_id is not None and resource_id is not None:
        raise Invalid(field="resource_id", expected=N_("either facility_id or resource_id, or neither"))
    if resource_id is not None:
        found = await article_queries.facility_of(db, resource_id)
        if found is None:
            raise NotFound(what="resource", field="resource_id")
        return Place(found, resource_id)
    if facility_id is None:
        return EVERYWHERE
    if not await article_queries.is_facility(db, facility_id):
        raise NotFound(what="facility", field="facility_id")
    return Place(facility_id)


def _check(row: Article) -> None:
    """Raises Invalid for what can be no article."""
    if not any(row.name.values()):
        raise Invalid(field="name", expected=N_("a name in one language at least"))
    if row.vat_code == "exempt" and not row.vat_reason:
        raise Invalid(field="vat_reason", expected=N_("why it is exempt from VAT"))
    if row.kind == "deposit" and row.vat_code not in {"exempt", "zero"}:
        raise Invalid(field="vat_code", expected=N_("no VAT: a deposit is given back"))
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise Invalid(field="valid_until", expected=N_("not before valid_from"))


def _columns(body: NewArticle | ArticlePatch) -> dict[str, Any]:
    """Columns and their values as the body gives them; the stock is none."""
    columns: dict[str, Any] = {}
    for field in body.__struct_fields__:
        value = getattr(body, field)
        if value is UNSET or field == "stock":
            continue
        if field == "price":
            columns["price_ore"] = value.amount
        elif field in {"name", "description"}:
            columns[field] = msgspec.to_builtins(value)
        else:
            columns[field] = value
    return columns


async def _stock_up(db: AsyncSession, row: Article, place: Place, stock: int) -> None:
    """A pooled unit of its own; the one it had before, if it had one."""
    if place.facility_id is None:
        raise Invalid(field="stock", expected=N_("a facility or a resource where the stock is"))
    key = f"article-{row.key}"
    unit = await article_queries.unit_named(db, place.facility_id, key)
    if unit is None:
        name = next(str(text) for text in row.name.values() if text)
        unit = Unit(id=new_id(), facility_id=place.facility_id, key=key, name=name, capacity=stock)
        db.add(unit)
    unit.capacity = stock
    await db.flush()
    row.unit_id = unit.id
    publish(db, UnitMade(place.facility_id))


async def _restock(db: AsyncSession, row: Article, unit: Unit, stock: int | None, now: datetime) -> None:
    """More or fewer of it, or no longer counted. Raises InUse. The unit is locked."""
    parts = [
        (Span(each.starts_at, each.ends_at), each.quantity)
        for each in await article_queries.claimed(db, unit.id, now)
    ]
    too_many = fuller_than(stock or 0, parts)
    if too_many:
        raise InUse(field="stock", unit_id=unit.id, conflicts=too_many[:MOST_LISTED])
    if stock is None:
        row.unit_id = None
    else:
        unit.capacity = stock


async def _demand_unordered(db: AsyncSession, row: Article, now: datetime) -> None:
    """What was booked before has no claim on the stock: it cannot be counted from the middle. Raises InUse."""
    bookings = await article_queries.ordered_by(db, row, now, most=MOST_LISTED)
    if bookings:
        raise InUse(field="stock", bookings=bookings)


def _out(found: Stocked) -> ArticleOut:
    row, stock = found
    names = set(ArticleOut.__struct_fields__) - {"name", "description", "price", "stock", "is_ended"}
    return ArticleOut(
        **{name: getattr(row, name) for name in names},
        name=msgspec.convert(row.name, ShortTranslated),
        description=msgspec.convert(row.description, Translated),
        price=Money(row.price_ore),
        stock=stock,
        is_ended=row.ended_at is not None,
    )
