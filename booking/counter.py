"""An officer's offers of other times within a decision, and taking back the earlier ones of the same times."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import decision_queries, queries
from booking.counter_rules import Counter
from booking.decisions import Outcome
from booking.ground import Choice, Ground, board_but
from booking.guard import end
from booking.models import Booking
from booking.news import tell_changed
from booking.offers import Terms, make_offer
from people.actors import Actor


async def offer_all(
    db: AsyncSession,
    actor: Actor,
    ground: Ground,
    choices: Mapping[UUID, Choice],
    *,
    text: str,
    now: datetime,
) -> list[Outcome]:
    """Hold each offered time. What was asked for stays requested until she answers. Raises TimeTaken, Closed."""
    outcomes: list[Outcome] = []
    for booking in ground.bookings:
        counter = choices[booking.id]
        if not isinstance(counter, Counter):
            continue
        terms = Terms(
            "counter",
            counter.answer_by,
            made_by=actor.person_id,
            instead_of=booking,
            text=text,
            quantity=booking.quantity,
        )
        board = await board_but(db, ground, now, booking.id)
        offer, held = await make_offer(
            db,
            ground.application,
            ground.bookables[counter.resource_id],
            counter.span,
            terms,
            board=board,
            pricing=ground.pricing,
            now=now,
        )
        outcomes.append(Outcome(booking, "offered", offer, held))
    return outcomes


async def take_back(
    db: AsyncSession, actor: Actor, booking_ids: Sequence[UUID], fresh: Sequence[Booking], *, now: datetime
) -> bool:
    """End the offers that still stand instead of these; whether there were any. All are locked."""
    standing = {offer.booking_id for offer in await decision_queries.standing_offers(db, booking_ids)}
    held = [booking for booking in fresh if booking.id in standing and booking.state == "held"]
    for booking in held:
        end(db, booking, "withdrawn", actor.person_id, now=now, reason=None)
    if held:
        await queries.release(db, [booking.id for booking in held])
        await db.flush()
        tell_changed(db, "withdrawn", held, actor.person_id, freed=[booking.id for booking in held])
    return bool(held)
