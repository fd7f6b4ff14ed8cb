"""What may be kept of the deposits of an order, as an officer sees it before she says so; `deposits.keep` does it."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core.errors import WrongState
from payments import deposits, reading
from payments import order_queries as queries
from payments.reading_schemas import Full
from people.actors import Actor
from people.rules import demand, may

KINDS = ("receipt", "invoice")


class Keepable(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of an order that has a deposit, and what became of it or may."""

    booking_id: UUID
    title: str
    place: str
    state: str
    starts_at: datetime
    ends_at: datetime
    most_ore: int
    """That can be kept of it now; nothing before it was used, and when it is said already."""
    is_over: bool
    is_settled: bool
    """It is said what becomes of it."""
    kept_ore: int
    given_ore: int
    reason: str


async def keepable(
    db: AsyncSession, actor: Actor, order_id: UUID, now: datetime
) -> tuple[Full, list[Keepable]]:
    """By start. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound; WrongState for what is no issued receipt or
    invoice.
    """
    found = await reading.order(db, actor, order_id)
    for place in reading.places_in(found):
        demand(actor, deposits.RIGHT, place)
    if found.state != "issued" or found.kind not in KINDS:
        raise WrongState(state=found.state)
    ids = sorted({line.booking_id for line in found.lines if line.kind == "deposit" and line.booking_id})
    settled = {row.booking_id: row for row in await queries.deposits(db, ids)}
    made: list[Keepable] = []
    for booking_id, each in (await paying.standing(db, ids)).items():
        said = settled.get(booking_id)
        made.append(
            Keepable(
                booking_id=booking_id,
                title=each.title,
                place=f"{each.facility_name}, {each.resource_name}",
                state=each.state,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                most_ore=0 if said else deposits.most_of(each, now),
                is_over=each.ends_at <= now,
                is_settled=said is not None,
                kept_ore=said.kept_ore if said else 0,
                given_ore=said.given_ore if said else 0,
                reason=said.reason if said else "",
            )
        )
    return found, made


def may_keep(actor: Actor, found: Full, now: datetime) -> bool:
    """Whether it has a deposit of a time that is over, and it is hers to keep, at all places of it."""
    if found.state != "issued" or found.kind not in KINDS:
        return False
    over = [
        line
        for line in found.lines
        if line.kind == "deposit"
        and line.booking_state == "confirmed"
        and line.ends_at is not None
        and line.ends_at <= now
    ]
    return bool(over) and all(may(actor, deposits.RIGHT, place) for place in reading.places_in(found))
