"""Our books against the provider's: every night for the last days, by hand, and for whatever a notice is about.

Each thing in which they differ is a row until it no longer is, or until somebody has explained it. A payment that we
have missed is taken as any other.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door
from core.outbox import publish
from payments import provider_queries as queries
from payments import refunding, taking
from payments.comparing import Found, OurPayment, compare, names
from payments.messages import AccountDue, BooksDue, PaymentInQuestion
from payments.order_queries import open_difference
from payments.provider import Captured, Declined, Provider, Session
from people.actors import Actor
from people.rules import demand

logger = logging.getLogger("ledig.payments")
RIGHT: Final = "payment.manage"
LOOK_BACK: Final = timedelta(days=5)
"""Notices come again for three days."""
FURTHEST: Final = timedelta(days=400)
GONE: Final = "account_invalid"
"""The provider will not speak of the account at all: that says nothing of a payment."""
A_PART: Final = timedelta(days=1)
"""So much is listed at a time: no call to the outside may take a minute."""


def want(db: AsyncSession, now: datetime, *, back: timedelta = LOOK_BACK) -> None:
    """All of the last days is looked at as soon as the provider can be asked."""
    publish(db, AccountDue())
    since = now - min(back, FURTHEST)
    while since < now:
        until = min(since + A_PART, now)
        publish(db, BooksDue(since=since, until=until))
        since = until


async def want_by_hand(db: AsyncSession, actor: Actor, now: datetime, *, back: timedelta = LOOK_BACK) -> None:
    """Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, RIGHT)
    want(db, now, back=back)
    await want_in_question(db)


async def want_in_question(db: AsyncSession, provider: str = "stripe") -> None:
    """Payments of which something differs still, however old they are."""
    for ref in await queries.in_question(db, provider):
        publish(db, PaymentInQuestion(ref))


async def reconcile(door: Door, provider: Provider, since: datetime, until: datetime, now: datetime) -> None:
    """What was taken and given back in that time. Raises Unclear."""
    async with door() as db:
        account = await queries.account_ref(db, provider.name)
    if account is None:
        return
    try:
        listed = await provider.captured_between(account, since, until)
    except Declined as declined:
        logger.warning("the books of an account are not to be had: %s", declined.code)
        return
    theirs = {each.ref: each for each in listed}
    for each in theirs.values():
        await examine(door, provider, account, each, now)
    async with door() as db:
        known = await queries.paid_between(db, provider.name, since, until)
    for ref in known:
        if ref not in theirs:
            await look(door, provider, ref, now)


async def look(door: Door, provider: Provider, ref: str, now: datetime) -> None:
    """One payment, fetched anew. Raises Unclear."""
    async with door() as db:
        account = await queries.account_ref(db, provider.name)
    if account is None:
        return
    try:
        theirs = await provider.captured(account, ref)
    except Declined as declined:
        if declined.code == GONE:
            return
        async with door() as db:
            found = (await queries.ours(db, provider.name, [ref])).get(ref)
            if found is not None:
                await _write(db, found, None, now)
        return
    await examine(door, provider, account, theirs, now)


async def examine(door: Door, provider: Provider, account: str, theirs: Captured, now: datetime) -> None:
    """One payment as the provider has it: what we have missed is made up for, and what differs still is written down.

    Raises Unclear.
    """
    async with door() as db:
        is_known = bool(await queries.ours(db, provider.name, [theirs.ref]))
    if not is_known and theirs.order_id is not None:
        session = await _page_of(door, provider, account, theirs)
        if session is not None:
            async with door() as db:
                await taking.take(db, provider.name, session, now)
    async with door() as db:
        for each in theirs.refunds:
            await refunding.note_known(db, each, now)
        await queries.note_dispute(db, provider.name, theirs.ref, theirs.dispute)
    async with door() as db:
        found = (await queries.ours(db, provider.name, [theirs.ref])).get(theirs.ref)
        await _write(db, found, theirs, now)


async def _page_of(door: Door, provider: Provider, account: str, theirs: Captured) -> Session | None:
    """Where it was paid, if that was one of our pages."""
    assert theirs.order_id is not None, "it bears an order of ours"
    async with door() as db:
        refs = await queries.checkouts_of(db, provider.name, theirs.order_id)
    for ref in refs:
        try:
            session = await provider.session(account, ref)
        except Declined:
            continue
        if session.payment_ref == theirs.ref:
            return session
    return None


async def _write(
    db: AsyncSession, found: OurPayment | None, theirs: Captured | None, now: datetime
) -> Sequence[Found]:
    """Differences as they are now: new ones are opened, those that are no longer are settled. What somebody has
    explained stays so while it is the same.
    """
    differing = {(each.kind, each.ref): each for each in compare(found, theirs, now)}
    explained: set[tuple[str, str, int, int]] = set()
    for row in await queries.differences(db, names(found, theirs)):
        still = differing.get((row.kind, row.ref))  # type: ignore[arg-type]  # kinds of ours are among the keys
        if row.settled_at is not None:
            explained.add((row.kind, row.ref, row.ours_ore, row.theirs_ore))
        elif still is None:
            row.settled_at = now
        else:
            row.ours_ore, row.theirs_ore = still.ours_ore, still.theirs_ore
    await db.flush()
    order_id: UUID | None = found.order_id if found is not None else theirs.order_id if theirs else None
    for each in differing.values():
        if (each.kind, each.ref, each.ours_ore, each.theirs_ore) not in explained:
            await open_difference(
                db,
                each.kind,
                each.ref,
                order_id=order_id,
                ours_ore=each.ours_ore,
                theirs_ore=each.theirs_ore,
                now=now,
            )
    return list(differing.values())
