"""What a booking takes of the stock of articles: so many of a pooled unit, for its time with set-up and clean-up.

A stock is claimed, judged and given back as a place in a pool is. Its unit is locked together with those of the
resources, all by id (`guard.board_of`), and what was decided on the articles is looked at again under the locks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries
from booking.availability import Part, PoolTaken
from booking.claims import Board, booking_claims, padded
from booking.models import Booking, Claim
from core.db import Stale
from core.errors import ArticleTaken
from core.spans import Span, local_date
from resources.facts import UnitFacts
from resources.tariffs import ArticleFacts, Ordered, Priceable, is_valid


class Stake(Struct, frozen=True, kw_only=True):
    """An article that goes with a booking, and how many. `unit_id`: its stock; None: there is always enough."""

    article_id: UUID
    key: str
    name: Mapping[str, str]
    unit_id: UUID | None
    quantity: int


def ordered_in(articles: Sequence[Mapping[str, Any]]) -> tuple[Ordered, ...]:
    """Of `application.articles`."""
    return tuple(Ordered(each["article"], each["quantity"]) for each in articles)


def stakes_of(
    known: Priceable | None, ordered: Sequence[Ordered], span: Span, zone: ZoneInfo
) -> tuple[Stake, ...]:
    """What goes with a booking at that time of what is offered at its place: the ordered, and the mandatory once.

    What is not offered there goes with nothing; whoever orders it is told so by its price (`tariffs.price`).
    """
    if known is None or not known.articles:
        return ()
    day = local_date(zone, span.start)
    wanted: dict[str, int] = {}
    for each in ordered:
        wanted[each.key] = wanted.get(each.key, 0) + each.quantity
    return tuple(
        _stake(article, wanted.get(article.key, 1))
        for article in known.articles
        if (article.key in wanted or article.is_mandatory) and is_valid(article, day)
    )


def _stake(article: ArticleFacts, quantity: int) -> Stake:
    return Stake(
        article_id=article.id,
        key=article.key,
        name=article.name,
        unit_id=article.unit_id,
        quantity=quantity,
    )


def units_of(stakes: Iterable[Stake]) -> set[UUID]:
    """Units to be locked, or looked at, along with those of the resources."""
    return {stake.unit_id for stake in stakes if stake.unit_id is not None}


async def standing(db: AsyncSession, stakes: Collection[Stake]) -> dict[UUID, int]:
    """Stock → how many there are, under the units' locks. Asks nothing when there are no stakes.

    Raises Stale when an article has got another stock since it was read.
    """
    if not stakes:
        return {}
    units = {stake.article_id: stake.unit_id for stake in stakes}
    found: dict[UUID, int] = {}
    for row in await claim_queries.articles_standing(db, units):
        if row.unit_id != units[row.id]:
            raise Stale
        if row.unit_id is not None:
            found[row.unit_id] = row.capacity or 1
    return found


async def look(db: AsyncSession, stakes: Collection[Stake]) -> dict[UUID, int]:
    """The same without locks: for showing, not for taking."""
    units = units_of(stakes)
    if not units:
        return {}
    return {
        unit_id: capacity or 1 for unit_id, capacity in (await claim_queries.capacities(db, units)).items()
    }


def refusals(
    stakes: Iterable[Stake], board: Board, span: Span, *, setup_minutes: int, cleanup_minutes: int
) -> list[ArticleTaken]:
    """Of which stocks there is too little left; in the order of the stakes. `board.stocks` knows them all."""
    found: list[ArticleTaken] = []
    for stake in stakes:
        if stake.unit_id is None:
            continue
        unit = UnitFacts(stake.unit_id, board.stocks[stake.unit_id])
        (taken,) = board.taken([unit], near=span)
        assert isinstance(taken, PoolTaken), "a stock is counted"
        whole = padded(span, setup_minutes, cleanup_minutes)
        left = left_of(taken, span, whole)
        if stake.quantity <= left:
            continue
        conflicts = board.conflicts([unit], span, setup_minutes, cleanup_minutes, stake.quantity)
        found.append(
            ArticleTaken(
                article=stake.key,
                name=dict(stake.name),
                left=left,
                conflicts=[
                    Span(max(each.start, whole.start), min(each.end, whole.end)) for each in conflicts
                ],
            )
        )
    return found


def check_left(stakes: Iterable[Stake], board: Board, booking: Booking) -> None:
    """Whether there is enough for a booking that is made already. Raises ArticleTaken."""
    span = Span(booking.starts_at, booking.ends_at)
    setup, cleanup = booking.setup_minutes, booking.cleanup_minutes
    for refusal in refusals(stakes, board, span, setup_minutes=setup, cleanup_minutes=cleanup):
        refusal.facts["booking_id"] = booking.id
        raise refusal


def left_of(taken: PoolTaken, span: Span, whole: Span) -> int:
    """How many can be had all the time; `whole` is the span with set-up and clean-up. Never less than none.

    As with places in a pool: ours must fit beside others' padded times, and our padded time beside theirs.
    """
    return max(0, taken.capacity - max(most_at_once(taken.pads, span), most_at_once(taken.cores, whole)))


def most_at_once(parts: Iterable[Part], within: Span) -> int:
    """The most that is taken at any instant of the span."""
    changes: dict[datetime, int] = {}
    for (start, end), quantity in parts:
        if start < within.end and within.start < end:
            changes[start] = changes.get(start, 0) + quantity
            changes[end] = changes.get(end, 0) - quantity
    most = count = 0
    for _, change in sorted(changes.items()):
        count += change
        most = max(most, count)
    return most


def claims_for(
    stakes: Iterable[Stake],
    booking_id: UUID,
    span: Span,
    *,
    setup_minutes: int,
    cleanup_minutes: int,
    held_until: datetime | None = None,
) -> list[Claim]:
    """The claims on the stocks, which come and go with those on the resource's units."""
    return [
        claim
        for stake in stakes
        if stake.unit_id is not None
        for claim in booking_claims(
            booking_id,
            [UnitFacts(stake.unit_id, stake.quantity)],
            span,
            setup_minutes=setup_minutes,
            cleanup_minutes=cleanup_minutes,
            quantity=stake.quantity,
            held_until=held_until,
        )
    ]


def claims_of(
    booking: Booking, units: Iterable[UnitFacts], stakes: Iterable[Stake], *, rival_id: UUID | None = None
) -> list[Claim]:
    """All that a booking claims as it stands: the units of its resource, and what it takes of stocks."""
    span = Span(booking.starts_at, booking.ends_at)
    setup, cleanup = booking.setup_minutes, booking.cleanup_minutes
    return [
        *booking_claims(
            booking.id,
            units,
            span,
            setup_minutes=setup,
            cleanup_minutes=cleanup,
            quantity=booking.quantity,
            held_until=booking.held_until,
            rival_id=rival_id,
        ),
        *claims_for(
            stakes,
            booking.id,
            span,
            setup_minutes=setup,
            cleanup_minutes=cleanup,
            held_until=booking.held_until,
        ),
    ]
