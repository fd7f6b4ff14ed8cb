"""Reading orders: the reader's own and her associations', those of a place for staff, and one with all of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.errors import NotFound
from core.paging import Page, read_cursor, write_cursor
from payments import reading_queries as queries
from payments.reading_schemas import Asked, Brief, Full, Line
from people.actors import EVERYWHERE, Actor, Place
from people.rules import demand_person, demand_somewhere, may, may_somewhere, places_of

RIGHTS: Final = ("money.read", "refund.give")
"""Staff with either of them, at the place, see what was paid there."""


async def mine(db: AsyncSession, actor: Actor, *, cursor: str | None, limit: int) -> Page[Brief]:
    """What is issued to the reader, and to associations that she leads, books for or keeps the money of.

    Raises SignInNeeded.
    """
    person_id = demand_person(actor, writes=False)
    after = _position(cursor)
    rows = await queries.own(db, person_id, actor.knows, after=after, limit=limit + 1)
    return _paged(rows, limit)


async def listed(
    db: AsyncSession, actor: Actor, asked: Asked, *, cursor: str | None, limit: int
) -> Page[Brief]:
    """For staff, at the places where one of the rights is hers. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_to_see(actor)
    rows = await queries.listed(db, asked, places_seen(actor), after=_position(cursor), limit=limit + 1)
    return _paged(rows, limit)


def demand_to_see(actor: Actor) -> None:
    """Raises SignInNeeded, StepUpNeeded, Forbidden unless one of the rights is hers somewhere."""
    if not any(may_somewhere(actor, right) for right in RIGHTS):
        demand_somewhere(actor, "refund.give")


def places_seen(actor: Actor) -> queries.Places:
    """Where one of the rights is hers, as `places_of` has it."""
    found: tuple[list[UUID], list[UUID]] = ([], [])
    for right in RIGHTS:
        if not may_somewhere(actor, right):
            continue
        facility_ids, resource_ids = places_of(actor, right)
        if facility_ids is None or resource_ids is None:
            return None, None
        found[0].extend(facility_ids)
        found[1].extend(resource_ids)
    return found


async def order(db: AsyncSession, actor: Actor, order_id: UUID) -> Full:
    """With its lines. Drafts of invoices are staff's alone. Raises SignInNeeded, NotFound."""
    demand_person(actor, writes=False)
    found = await full(db, order_id)
    if found is None:
        raise NotFound(what="order")
    is_told = found.state == "issued" or found.kind == "receipt"
    if not (is_own(actor, found) and is_told) and not sees(actor, found):
        raise NotFound(what="order")
    return found


def is_own(actor: Actor, found: Full) -> bool:
    """Whether it is hers, or of an association that she is something in."""
    if found.association_id is not None:
        return found.association_id in actor.knows
    return actor.person_id is not None and found.person_id == actor.person_id


def is_holder(actor: Actor, found: Full) -> bool:
    """Whether she may pay it: her own, or of an association that she acts for."""
    if found.association_id is not None:
        return found.association_id in actor.associations
    return found.person_id == actor.person_id


def sees(actor: Actor, found: Full) -> bool:
    """Whether it is hers to see as staff."""
    return any(may(actor, right, place) for right in RIGHTS for place in places_in(found))


def places_in(found: Full) -> Sequence[Place]:
    """Where it was delivered; the whole municipality when it says nothing of that."""
    places = {
        Place(line.facility_id, line.resource_id): None
        for line in found.lines
        if line.resource_id is not None
    }
    return list(places) or [EVERYWHERE]


async def full(db: AsyncSession, order_id: UUID) -> Full | None:
    """Whoever asks."""
    row = await queries.order(db, order_id)
    if row is None:
        return None
    lines = [msgspec.convert(each, Line, from_attributes=True) for each in await queries.lines(db, order_id)]
    return replace(msgspec.convert(row, Full, from_attributes=True, strict=False), lines=lines)


def _position(cursor: str | None) -> tuple[datetime, UUID] | None:
    after = read_cursor(cursor, datetime, UUID)
    return None if after is None else (after[0], after[1])


def _paged(rows: Sequence[AnyRow], limit: int) -> Page[Brief]:
    items = [msgspec.convert(row, Brief, from_attributes=True) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, write_cursor(last.created_at, last.id) if last else None)
