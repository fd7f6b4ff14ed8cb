"""Where is it free? All resources that match, each with its first bookable time, in one municipality or in all."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import clock_windows, first_free
from booking.claims import Board, terms_for
from booking.guard import Allowance, allowance, open_board
from booking.schemas import HitOut
from booking.verdicts import verdict_for
from core.errors import Invalid, ProfileIncomplete
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from core.wire import span_out
from people.actors import Actor
from people.rules import demand_person
from people.service import check_applicant, group_of_holder
from resources.facts import Bookable, Wanted
from resources.policies import Decision
from resources.queries import bookable

MOST_DAYS = 62
EARTH_METRES = 6_371_000


class Sought(Struct, frozen=True, kw_only=True):
    """What is searched for. Dates and clock minutes are local; `to_minute` not after `from_minute` is next day."""

    from_on: date
    to_on: date
    from_minute: int = 0
    to_minute: int = 1440
    minutes: int | None = None
    """None: the shortest that each resource allows."""
    quantity: int = 1
    near: tuple[float, float] | None = None
    """Latitude, longitude."""
    only_free: bool = False
    wanted: Wanted = Wanted()


class Holder(Struct, frozen=True):
    """Who would have what is found: the reader herself, or an association that she acts for."""

    association_id: UUID | None
    group: str
    """The customer group: it decides the price, and may decide who answers."""


async def holder_asked(db: AsyncSession, actor: Actor, association_id: UUID | None) -> Holder:
    """For whom is it searched? Refuses as an application for the association would: SignInNeeded, Forbidden.

    Only what she is called may be missing still. One statement for an association, none for herself.
    """
    if association_id is None:
        return Holder(None, actor.customer_group)
    person_id = demand_person(actor, writes=False)
    with suppress(ProfileIncomplete):  # the form asks for it, once a time is chosen
        await check_applicant(db, actor, association_id, None)
    return Holder(association_id, await group_of_holder(db, actor, person_id, association_id))


def check(sought: Sought) -> None:
    """Raises Invalid for dates in the wrong order or too far apart."""
    if sought.to_on < sought.from_on:
        raise Invalid(field="to_on", expected=N_("a date not before from_on"))
    if (sought.to_on - sought.from_on).days >= MOST_DAYS:
        raise Invalid(
            field="to_on", expected=N_("at most %(n)s days after from_on"), words={"n": str(MOST_DAYS - 1)}
        )
    if not 2000 <= sought.from_on.year <= 2100:
        raise Invalid(field="from_on", expected=N_("a year from 2000 to 2100"))


async def search(
    db: AsyncSession,
    actor: Actor,
    tenants: Mapping[UUID, Tenant],
    sought: Sought,
    *,
    now: datetime,
    cursor: str | None,
    limit: int,
    holder: Holder | None = None,
) -> Page[HitOut]:
    """Hits, those with a free time first, by time, then by distance and name. Two queries, however many resources.

    By the limits and the customer group of the holder; without one, of the actor herself.

    Runs in a municipality's own transaction, and (`Database.public()`) over all of them alike.
    """
    check(sought)
    place = read_cursor(cursor, int)
    zone = next(iter(tenants.values())).zone
    windows = clock_windows(
        zone, sought.from_on, sought.to_on, from_minute=sought.from_minute, to_minute=sought.to_minute
    )
    if not windows:
        return Page([], None)
    window = Span(windows[0].start, windows[-1].end)
    found = await bookable(db, sought.wanted, window)
    pad = max((max(b.facts.setup_minutes, b.facts.cleanup_minutes) for b in found), default=0)
    margin = timedelta(minutes=pad)
    unit_ids = {unit.id for each in found for unit in each.units}
    reach = Span(window.start - margin, window.end + margin)
    board = await open_board(db, unit_ids, reach, now)
    limits: Allowance | None = None
    if actor.person_id is not None and found:
        association_id = holder.association_id if holder else None
        limits = await allowance(db, actor, association_id, {b.facts.id: b for b in found}, now, lock=False)
    group = holder.group if holder else actor.customer_group
    hits = [
        _hit(each, board, windows, sought, tenants, limits, group=group, now=now)
        for each in found
        if each.units
    ]
    if sought.only_free:
        hits = [hit for hit in hits if hit.first is not None]
    hits.sort(key=_order)
    begin = place[0] if place else 0
    more = write_cursor(begin + limit) if begin + limit < len(hits) else None
    return Page(hits[begin : begin + limit], more)


def _hit(
    each: Bookable,
    board: Board,
    windows: Sequence[Span],
    sought: Sought,
    tenants: Mapping[UUID, Tenant],
    limits: Allowance | None,
    *,
    group: str,
    now: datetime,
) -> HitOut:
    facts = each.facts
    tenant = tenants[facts.tenant_id]
    first = first_free(
        terms_for(each),
        each.hours,
        board.taken(each.units),
        windows=windows,
        minutes=sought.minutes or facts.min_minutes,
        now=now,
        quantity=sought.quantity,
        allowed=_allowed(limits, each),
    )
    return HitOut(
        municipality=tenant.slug,
        resource_id=facts.id,
        name=facts.name,
        kind=facts.kind,
        facility_id=facts.facility_id,
        facility_name=facts.facility_name,
        activities=list(facts.activities),
        people=facts.people,
        decision=_decision(each, first.span, group),
        metres=metres(sought.near, facts.latitude, facts.longitude),
        first=None if first.span is None else span_out(first.span, tenant.zone),
        closed=first.closed,
    )


def _decision(each: Bookable, first: Span | None, group: str) -> Decision:
    """Of the first time, for who would have it."""
    if first is None:
        return "automatic" if each.facts.decision == "automatic" else "case_officer"
    return verdict_for(each, first, group=group, people=None).decision


def _allowed(limits: Allowance | None, each: Bookable) -> Callable[[Span], bool] | None:
    if limits is None or limits.usage is None:
        return None
    usage, here = limits.usage, limits.limits_at(each)
    if not here:
        return None
    return lambda span: not any(usage.refusals(here, span))


def _order(hit: HitOut) -> tuple[bool, float, int, str, str]:
    return (
        hit.first is None,
        hit.first.start.timestamp() if hit.first else 0.0,
        hit.metres or 0,
        hit.name,
        str(hit.resource_id),
    )


def metres(near: tuple[float, float] | None, latitude: float | None, longitude: float | None) -> int | None:
    """Great-circle distance; None when either place is unknown."""
    if near is None or latitude is None or longitude is None:
        return None
    phi, other = math.radians(near[0]), math.radians(latitude)
    half = math.sin((other - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(other) * math.sin(math.radians(longitude - near[1]) / 2) ** 2
    return round(2 * EARTH_METRES * math.asin(math.sqrt(half)))
