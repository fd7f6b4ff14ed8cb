"""An officer gives back: what is owed is lowered, with a reason, and the documents follow at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core.audit import note
from core.errors import Invalid, NotFound, WrongState
from core.money import share
from core.texts import N_
from payments import order_queries as queries
from payments.models import Order
from payments.settling import ledger_of, settle
from people.actors import Actor, Place
from people.rules import demand, demand_somewhere

RIGHT: Final = "refund.give"


async def refund(
    db: AsyncSession,
    actor: Actor,
    order_id: UUID,
    *,
    amount_ore: int | None,
    reason: str,
    booking_ids: Sequence[UUID] | None,
    now: datetime,
) -> Order:
    """Gives back so much of what was paid with the order; None: all that is left. The credit note.

    Of several bookings (all of the order, where none are named) each gives its part. Raises SignInNeeded, StepUpNeeded,
    Forbidden, NotFound, WrongState, and Invalid for more than is left, with how much that is.
    """
    demand_somewhere(actor, RIGHT)
    if not reason.strip():
        raise Invalid(field="reason", expected=N_("why it is given back"))
    order = await queries.lock_order(db, order_id)
    if order is None:
        raise NotFound(what="order")
    lines = (await queries.lines_of(db, [order_id]))[order_id]
    of_order = {line.booking_id for line in lines if line.booking_id is not None}
    chosen = sorted(of_order if booking_ids is None else of_order & set(booking_ids))
    standing = await paying.standing(db, chosen)
    for found in standing.values():
        demand(actor, RIGHT, Place(found.facility_id, found.resource_id))
    if booking_ids is not None and (len(set(booking_ids)) != len(chosen) or not chosen):
        raise Invalid(field="bookings", expected=N_("bookings of this order"))
    if order.kind != "receipt" or order.state != "issued":
        raise WrongState(state=order.state if order.kind == "receipt" else order.kind)
    ledger = await ledger_of(db, chosen)
    left = {each: ledger.left[order_id].get(each, 0) for each in chosen}
    parts = _parts(left, amount_ore)
    for booking_id, part in parts.items():
        owed = min(standing[booking_id].owed_ore, ledger.billed_ore(booking_id))
        await paying.owe_less(db, actor, booking_id, max(0, owed - part), reason=reason, now=now)
    made = await settle(
        db, list(parts), now, why="officer", reason=reason, by_id=actor.person_id, before=order_id
    )
    assert made, "what is owed was lowered below what was billed"
    note(
        db,
        actor.person_id,
        "order.refunded",
        table="pay_order",
        row_id=order_id,
        now=now,
        change={"credited_ore": (order.credited_ore - made[0].gross_ore, order.credited_ore)},
    )
    await db.flush()
    return made[0]


def _parts(left: Mapping[UUID, int], amount_ore: int | None) -> dict[UUID, int]:
    """What each booking gives. Raises Invalid, WrongState."""
    most = sum(left.values())
    if most == 0:
        raise WrongState(state="refunded")
    amount = most if amount_ore is None else amount_ore
    if not 0 < amount <= most:
        raise Invalid(
            field="amount",
            expected=N_("more than 0 and at most %(most)s øre"),
            words={"most": str(most)},
            at_most=most,
        )
    shares = zip(left, share(amount, list(left.values())), strict=True)
    return {each: part for each, part in shares if part}
