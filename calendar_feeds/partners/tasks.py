"""What happens later: webhooks are told of what has been settled, each minute at the latest."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged, ClosureLifted
from calendar_feeds.partners import sending, webhook_queries
from calendar_feeds.partners.feeding import feed
from calendar_feeds.partners.messages import DeliveriesDue, LogGrew
from core.delivery import Door
from core.destinations import networks
from core.outbox import later, publish
from core.tasks import every, on, outside
from core.vault import vault_of

MOST_LOOKS: Final = 6
"""For what another transaction holds back: after 1, 2, 4 … seconds, a minute in all. Then each minute sees to it."""


@on(BookingsChanged)
async def tell_of_bookings(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    del message
    await _look(db, 0, now)


@on(ClosureLifted)
async def tell_of_closures(db: AsyncSession, message: ClosureLifted, now: datetime) -> None:
    del message
    await _look(db, 0, now)


@on(LogGrew)
async def look_again(db: AsyncSession, message: LogGrew, now: datetime) -> None:
    await _look(db, message.looks, now)


@every("* * * * *")
async def each_minute(db: AsyncSession, now: datetime) -> None:
    """What nobody was told to look at, and what was being sent when a worker died."""
    await _look(db, MOST_LOOKS, now)
    for webhook_id in await webhook_queries.waiting_webhooks(db, now):
        publish(db, DeliveriesDue(webhook_id))


async def _look(db: AsyncSession, looks: int, now: datetime) -> None:
    fed = await feed(db, now)
    for webhook_id in fed.webhook_ids:
        publish(db, DeliveriesDue(webhook_id))
    if fed.is_behind:
        publish(db, LogGrew())
    elif fed.is_held_back and looks < MOST_LOOKS:
        later(db, LogGrew(looks + 1), now + timedelta(seconds=2**looks))


@outside(DeliveriesDue)
async def send_due(transaction: Door, message: DeliveriesDue, now: datetime) -> None:
    """One batch; then whoever waits has a turn. What is not written down, because the worker died, is sent again."""
    vault = vault_of(transaction.settings)
    async with transaction() as db:
        batch = await sending.take(db, vault, message.webhook_id, now)
    if batch is None:
        return
    outcomes = await sending.send(batch, networks(transaction.settings.call_networks), now)
    async with transaction() as db:
        again_at = await sending.note(db, batch, outcomes)
        if again_at is not None:
            later(db, DeliveriesDue(batch.webhook_id), again_at)
