"""What happens later with the provider: its notices are worked on, and its books are held against ours each night."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door, settings_of
from core.tasks import every, outside
from payments import noticing, reconciling
from payments.gateway import provider_of
from payments.messages import AccountDue, BooksDue, NoticeCame, PaymentInQuestion
from resources.pay_queries import open_online


@outside(NoticeCame)
async def hear(door: Door, message: NoticeCame, now: datetime) -> None:
    """Killed in between, it is all done once more, to the same end."""
    provider = provider_of(door.settings)
    if provider is not None:
        await noticing.work(door, provider, message.notice_id, now)


@outside(BooksDue)
async def reconcile(door: Door, message: BooksDue, now: datetime) -> None:
    provider = provider_of(door.settings)
    if provider is not None:
        await reconciling.reconcile(door, provider, message.since, message.until, now)


@outside(PaymentInQuestion)
async def look(door: Door, message: PaymentInQuestion, now: datetime) -> None:
    provider = provider_of(door.settings)
    if provider is not None:
        await reconciling.look(door, provider, message.ref, now)


@outside(AccountDue)
async def look_at_account(door: Door, _message: AccountDue, now: datetime) -> None:
    provider = provider_of(door.settings)
    if provider is not None:
        await noticing.look_at_account(door, provider, now)


@every("41 1 * * *")
async def each_night(db: AsyncSession, now: datetime) -> None:
    """Where the installation has no provider any more, nothing can be paid online from now on."""
    provider = provider_of(settings_of(db))
    if provider is None:
        await open_online(db, is_open=False)
        return
    reconciling.want(db, now)
    await reconciling.want_in_question(db, provider.name)
