"""Deposits: given back by themselves so many days after use, unless an officer has kept some of it, with a reason."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core.audit import note
from core.errors import AlreadyExists, Invalid, NotFound
from core.ids import new_id
from core.outbox import publish
from core.texts import N_
from payments import order_queries as queries
from payments.messages import DepositDue, DepositKept
from payments.models import Deposit
from payments.settling import ledger_of, settle
from people.actors import Actor, Place
from people.rules import demand, demand_somewhere

RIGHT: Final = "refund.give"
DAYS: Final = 7
"""After use, where the municipality has said nothing else."""


class DepositSettled(AlreadyExists):
    """What becomes of a deposit is said once."""

    constraint = "deposit_tenant_id_booking_id_key"


async def find_due(db: AsyncSession, now: datetime, *, limit: int) -> int:
    """Deposits of times that were used so long ago that nobody will say anything more about them; how many."""
    terms = await queries.terms(db)
    days = terms.deposit_days if terms is not None else DAYS
    due = await queries.deposits_due(db, now - timedelta(days=days), now, limit)
    for booking_id in due:
        publish(db, DepositDue(booking_id))
    return len(due)


async def give_back(db: AsyncSession, booking_id: UUID, now: datetime) -> None:
    """The whole deposit, unless it was said before what becomes of it."""
    await ledger_of(db, [booking_id])
    found = (await paying.standing(db, [booking_id]))[booking_id]
    if found.state != "confirmed" or await queries.deposit(db, booking_id) is not None:
        return
    given = min(found.price.deposit_ore, found.owed_ore)
    db.add(Deposit(id=new_id(), booking_id=booking_id, given_ore=given, kept_ore=0, at=now))
    await _lower(db, None, booking_id, found.owed_ore, given, reason="", now=now)


def most_of(found: paying.Standing, now: datetime) -> int:
    """Øre that can be kept of its deposit; nothing before it was used."""
    if found.state != "confirmed" or found.ends_at > now:
        return 0
    return min(found.price.deposit_ore, found.owed_ore)


async def keep(
    db: AsyncSession, actor: Actor, booking_id: UUID, kept_ore: int, *, reason: str, now: datetime
) -> Deposit:
    """So much of the deposit is kept, with a reason that its payer is told; the rest goes back at once.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid, DepositSettled.
    """
    demand_somewhere(actor, RIGHT)
    await ledger_of(db, [booking_id])
    found = (await paying.standing(db, [booking_id])).get(booking_id)
    if found is None:
        raise NotFound(what="booking")
    demand(actor, RIGHT, Place(found.facility_id, found.resource_id))
    most = most_of(found, now)
    if most == 0:
        raise NotFound(what="deposit")
    if not reason.strip():
        raise Invalid(field="reason", expected=N_("why it is kept"))
    if not 0 < kept_ore <= most:
        raise Invalid(
            field="kept",
            expected=N_("more than 0 and at most %(most)s øre"),
            words={"most": str(most)},
            at_most=most,
        )
    if await queries.deposit(db, booking_id) is not None:
        raise DepositSettled(field="booking_id")
    row = Deposit(
        id=new_id(),
        booking_id=booking_id,
        given_ore=most - kept_ore,
        kept_ore=kept_ore,
        reason=reason,
        by_id=actor.person_id,
        at=now,
    )
    db.add(row)
    note(
        db,
        actor.person_id,
        "deposit.kept",
        table="deposit",
        row_id=row.id,
        now=now,
        change={"kept_ore": (0, kept_ore)},
    )
    await _lower(db, actor, booking_id, found.owed_ore, most - kept_ore, reason=reason, now=now)
    publish(db, DepositKept(booking_id))
    return row


async def _lower(
    db: AsyncSession,
    actor: Actor | None,
    booking_id: UUID,
    owed_ore: int,
    given_ore: int,
    *,
    reason: str,
    now: datetime,
) -> None:
    """What is owed, by what is given back. The documents are locked: they come before bookings."""
    await db.flush()
    if given_ore == 0:
        return
    await paying.owe_less(db, actor, booking_id, owed_ore - given_ore, reason=reason, now=now)
    await settle(
        db,
        [booking_id],
        now,
        why="deposit",
        reason=reason,
        by_id=None if actor is None else actor.person_id,
        deposits=True,
    )
