"""An officer gives back some of what was paid online: less is owed for a booking, and the rest goes back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core import audit
from core.errors import Invalid, WrongState
from core.texts import N_
from payments import order_queries as queries
from payments import reading
from payments.documents import left_of
from payments.issuing import line_of
from payments.reading_schemas import Full
from payments.settling import settle
from people.actors import Actor
from people.rules import demand


class Returnable(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of an order, and what may be given back of it."""

    booking_id: UUID
    title: str
    place: str
    state: str
    starts_at: datetime
    ends_at: datetime
    billed_ore: int
    left_ore: int
    """Of what was paid, what no credit note has taken back."""
    owed_ore: int


async def returnable(db: AsyncSession, actor: Actor, order_id: UUID) -> tuple[Full, list[Returnable]]:
    """By start. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound; WrongState for what was not paid online."""
    found = await reading.order(db, actor, order_id)
    for place in reading.places_in(found):
        demand(actor, "refund.give", place)
    if found.state != "issued" or found.kind != "receipt" or found.payment != "online":
        raise WrongState(state=found.state)
    left, billed = await _left(db, order_id)
    standing = await paying.standing(db, sorted(left))
    made = [
        Returnable(
            booking_id=booking_id,
            title=each.title,
            place=f"{each.facility_name}, {each.resource_name}",
            state=each.state,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            billed_ore=billed[booking_id],
            left_ore=min(left[booking_id], each.owed_ore),
            owed_ore=each.owed_ore,
        )
        for booking_id, each in standing.items()
        if booking_id in left
    ]
    return found, sorted(made, key=lambda each: (each.starts_at, each.booking_id))


async def _left(db: AsyncSession, order_id: UUID) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Of each booking, what no credit note has taken back; and what was billed."""
    lines = [line_of(row) for row in (await queries.lines_of(db, [order_id]))[order_id]]
    credited = [line_of(row) for row in (await queries.credit_lines_of(db, [order_id])).get(order_id, ())]
    return left_of(lines, credited), left_of(lines, [])


async def give_back(
    db: AsyncSession, actor: Actor, order_id: UUID, amounts: Mapping[UUID, int], *, reason: str, now: datetime
) -> UUID:
    """So many øre of each booking: less is owed for it from now on, a credit note is issued, and the money goes back.

    The credit note. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState; Invalid for more than is left.
    """
    await queries.lock_orders(db, [order_id])  # before bookings, as everywhere
    _, known = await returnable(db, actor, order_id)
    of = {each.booking_id: each for each in known}
    wanted = {booking_id: ore for booking_id, ore in amounts.items() if ore}
    if not wanted or not reason:
        raise Invalid(field="reason" if wanted else "amount", expected=N_("something, and why"))
    for booking_id, ore in sorted(wanted.items()):
        if booking_id not in of or not 0 < ore <= of[booking_id].left_ore:
            raise Invalid(field=f"amount-{booking_id}", expected=N_("no more than is left of what was paid"))
    for booking_id, ore in sorted(wanted.items()):
        await paying.owe_less(db, actor, booking_id, of[booking_id].owed_ore - ore, reason=reason, now=now)
    made = await settle(
        db, list(wanted), now, why="officer", reason=reason, by_id=actor.person_id, before=order_id
    )
    if not made:
        raise WrongState(state="owed")
    audit.note(
        db, actor.person_id, "order.refunded", table="pay_order", row_id=order_id, now=now,
        change={"credited_ore": (0, made[0].gross_ore)},
    )  # fmt: skip
    return made[0].id
