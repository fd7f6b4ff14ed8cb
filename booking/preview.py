"""What would come of an application, said before it is sent, and where it would go better. Never writes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import Refused, Wished, check_holder, judge, wished
from booking.availability import starts
from booking.browse import around, visible
from booking.claims import Board, window_of
from booking.guard import Allowance, allowance, open_board
from booking.models import Application
from booking.schemas import ApplicationIn
from booking.searching import Sought, search
from core.errors import AssociationNeeded, NotFound, ProfileIncomplete, Refusal
from core.ids import new_id
from core.spans import DAY, DAY_MINUTES, Span, local_date, local_day
from core.tenants import Tenant
from people.actors import Actor
from people.service import check_applicant
from resources.facts import Bookable, Wanted

DAYS_AHEAD = 14
"""How far alternatives are looked for."""


class Preview(Struct, frozen=True):
    """Each wish in order of time, with every reason why it cannot be had; no reasons: it can."""

    bookable: Bookable
    wishes: Sequence[tuple[Wished, Sequence[Refusal]]]
    holder_refusal: Refusal | None
    """What is wrong with who asks, whatever the time."""

    @property
    def allowed(self) -> bool:
        return self.holder_refusal is None and not any(reasons for _, reasons in self.wishes)


class Alternative(Struct, frozen=True):
    """A time that is free. `resource_id` and `name` are another's when the asked one is full."""

    resource_id: UUID
    name: str
    span: Span
    is_elsewhere: bool


async def preview(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ApplicationIn, now: datetime
) -> Preview:
    """The very judgement of `apply`, without locks and without writing. For one resource. Raises NotFound, Invalid."""
    wishes = wished(form, tenant)
    spans = [wish.span for wish in wishes if isinstance(wish.span, Span)]
    span = Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else Span(now, now + DAY)
    bookable = await visible(db, actor, form.times[0].resource_id, span, now)
    if not bookable.units:
        raise NotFound(what="resource", field="resource_id")
    bookables = {bookable.facts.id: bookable}
    limits, holder_refusal = Allowance(None, ()), None
    if actor.person_id is not None:
        limits = await allowance(db, actor, form.association_id, bookables, now, lock=False)
        try:
            await check_applicant(db, actor, form.association_id, form.team_id)
            check_holder(form.association_id, bookables)
        except (ProfileIncomplete, AssociationNeeded) as refusal:
            holder_refusal = refusal
    board = await _board(db, bookable, spans, now)
    application = Application(id=new_id(), person_id=actor.person_id, association_id=form.association_id)
    _, refused = judge(application, wishes, bookables, board, limits, now=now, hold=False)
    return Preview(bookable, [(wish, _reasons(wish, refused)) for wish in wishes], holder_refusal)


async def _board(db: AsyncSession, bookable: Bookable, spans: Sequence[Span], now: datetime) -> Board:
    if not spans:
        return Board((), now)
    window = window_of(spans, {bookable.facts.id: bookable})
    return await open_board(db, [unit.id for unit in bookable.units], window, now)


def _reasons(wish: Wished, refused: Sequence[Refused]) -> Sequence[Refusal]:
    return next((each.reasons for each in refused if each.wish is wish), ())


async def alternatives(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    resource_id: UUID,
    span: Span,
    now: datetime,
    *,
    quantity: int = 1,
) -> list[Alternative]:
    """Free times of the same length: nearest the same day, the same time elsewhere, else the first in two weeks."""
    day = local_date(tenant.zone, span.start)
    of_day = local_day(tenant.zone, day)
    bookable = await visible(db, actor, resource_id, Span(of_day.start, max(of_day.end, span.end)), now)
    near = await _same_day(db, bookable, of_day, span, now, quantity)
    found = [Alternative(resource_id, "", each, is_elsewhere=False) for each in near]
    start, end = span.start.astimezone(tenant.zone), span.end.astimezone(tenant.zone)
    minutes = span.length // timedelta(minutes=1)
    if end.date() - start.date() <= DAY and minutes <= DAY_MINUTES:
        clock = Sought(
            from_on=day,
            to_on=day,
            from_minute=start.hour * 60 + start.minute,
            to_minute=end.hour * 60 + end.minute or DAY_MINUTES,
            minutes=minutes,
            quantity=quantity,
            near=place_of(bookable),
            only_free=True,
            wanted=Wanted(kind=bookable.facts.kind, published_at=now),
        )
        found += await _first_of(db, actor, tenant, clock, now, but=resource_id)
    if not found:
        later = Sought(
            from_on=max(day, local_date(tenant.zone, now)),
            to_on=max(day, local_date(tenant.zone, now)) + DAYS_AHEAD * DAY,
            minutes=minutes,
            quantity=quantity,
            only_free=True,
            wanted=Wanted(resource_ids=(resource_id,), published_at=now),
        )
        found = await _first_of(db, actor, tenant, later, now)
    return found


def place_of(bookable: Bookable) -> tuple[float, float] | None:
    """Where it lies: what is near by comes first."""
    latitude, longitude = bookable.facts.latitude, bookable.facts.longitude
    return None if latitude is None or longitude is None else (latitude, longitude)


async def _same_day(
    db: AsyncSession, bookable: Bookable, day: Span, span: Span, now: datetime, quantity: int
) -> list[Span]:
    """The two free times of the day that begin nearest to the asked one, earlier first."""
    terms, board = await around(db, bookable, day, now)
    taken, length = board.taken(bookable.units), span.length
    free = starts(terms, bookable.hours, taken, windows=[day], length=length, now=now, quantity=quantity)
    nearest = sorted(free, key=lambda start: abs(start - span.start))
    return sorted(Span(start, start + length) for start in _apart(nearest, length)[:2])


def _apart(nearest: Sequence[datetime], length: timedelta) -> list[datetime]:
    """Starts so far from each other that the times do not overlap; nearest first."""
    kept: list[datetime] = []
    for start in nearest:
        if all(abs(start - other) >= length for other in kept):
            kept.append(start)
    return kept


async def _first_of(
    db: AsyncSession, actor: Actor, tenant: Tenant, sought: Sought, now: datetime, *, but: UUID | None = None
) -> list[Alternative]:
    page = await search(db, actor, {tenant.id: tenant}, sought, now=now, cursor=None, limit=4)
    return [
        Alternative(
            hit.resource_id,
            f"{hit.name}, {hit.facility_name}",
            Span(hit.first.start, hit.first.end),
            is_elsewhere=but is not None,
        )
        for hit in page.items
        if hit.first is not None and hit.resource_id != but
    ][:2]
