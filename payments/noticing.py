"""A notice of the provider, worked on: what it is about is fetched anew, and nothing else in it is believed.

Notices come late, twice, and in any order; each leads to what is true now.
"""

from datetime import datetime
from uuid import UUID

from core.delivery import Door
from payments import accounts, refunding, taking
from payments import provider_queries as queries
from payments.provider import Declined, Provider
from payments.reconciling import look


async def work(door: Door, provider: Provider, notice_id: UUID, now: datetime) -> None:
    """Once or often. Raises Unclear: it is tried again later."""
    async with door() as db:
        notice = await queries.notice(db, notice_id)
        account = await queries.account_ref(db, provider.name)
    if notice is None or account is None or notice.worked_at is not None or notice.provider != provider.name:
        return
    if notice.kind == "account":
        await look_at_account(door, provider, now)
    else:
        await _work(door, provider, account, notice.kind, notice.about, now)
    async with door() as db:
        await queries.mark_worked(db, notice_id, now)


async def _work(door: Door, provider: Provider, account: str, kind: str, about: str, now: datetime) -> None:
    """What the provider will not speak of any more has happened on no account of ours."""
    if kind == "payment":
        await look(door, provider, about, now)
        return
    try:
        if kind == "session":
            session = await provider.session(account, about)
            async with door() as db:
                await taking.take(db, provider.name, session, now)
            return
        refund = await provider.refunded(account, about)
    except Declined:
        return
    async with door() as db:
        is_ours = await refunding.note_known(db, refund, now)
    if not is_ours and refund.payment_ref:
        await look(door, provider, refund.payment_ref, now)


async def look_at_account(door: Door, provider: Provider, now: datetime) -> None:
    """Raises Unclear."""
    async with door() as db:
        ref = await queries.account_ref(db, provider.name)
    if ref is None:
        return
    said = await accounts.ask(provider, ref)
    async with door() as db:
        await accounts.note(db, provider.name, said, now)
