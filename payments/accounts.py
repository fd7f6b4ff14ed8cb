"""The municipality's account with the provider: made, told who it is, and known to be able to take money or not."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note as note_down
from core.errors import NotPayableOnline, PaymentUnavailable
from core.ids import new_id
from core.tenants import Tenant
from payments import provider_queries as queries
from payments.provider import Account, Declined, Provider, Unclear
from payments.provider_models import ProviderAccount
from people.actors import Actor
from people.rules import demand
from resources.pay_queries import open_online

RIGHT: Final = "payment.manage"
T = TypeVar("T")
Work = Callable[[AsyncSession, Actor], Awaitable[T]]
Change = Callable[[Work[Any]], Awaitable[Any]]
"""A transaction of its own with the actor in it, as the desk opens it."""


class AccountOut(msgspec.Struct, frozen=True):
    """How it stands with the account."""

    state: str
    """none, wanted, onboarding, active, restricted."""
    wants: list[str]
    """What the provider still asks for, in its words."""
    read_at: datetime | None


class Began(msgspec.Struct, frozen=True):
    """An account to be; `ref` once the provider has made it."""

    id: UUID
    ref: str | None


async def standing(db: AsyncSession, actor: Actor, provider: Provider | None) -> AccountOut | None:
    """None: the installation has no provider. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, RIGHT)
    if provider is None:
        return None
    found = await queries.account(db, provider.name)
    if found is None:
        return AccountOut("none", [], None)
    return AccountOut(found.state, found.wants, found.read_at)


async def begin(db: AsyncSession, actor: Actor, provider: Provider | None, now: datetime) -> Began:
    """The account that there is, or a new one to be made.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotPayableOnline.
    """
    demand(actor, RIGHT)
    if provider is None:
        raise NotPayableOnline
    found = await queries.account(db, provider.name)
    if found is None:
        row = ProviderAccount(
            id=new_id(),
            provider=provider.name,
            state="wanted",
            created_at=now,
            created_by=actor.person_id,
        )
        if await queries.make_account(db, row):
            note_down(
                db, actor.person_id, "provider.connect", table="provider_account", row_id=row.id, now=now
            )
        found = await queries.account(db, provider.name)
        assert found is not None, "it is there now"
    return Began(found.id, found.ref)


async def note(db: AsyncSession, provider: str, account: Account, now: datetime) -> None:
    """How the provider says it stands with the account; what is to be paid online can be, or cannot any more."""
    found = await queries.account(db, provider, locked=True)
    if found is None or found.ref not in {None, account.ref}:
        return
    if found.state != account.state:
        change = {"state": (found.state, account.state)}
        note_down(
            db, None, "provider.state", table="provider_account", row_id=found.id, now=now, change=change
        )
    found.ref, found.state, found.wants, found.read_at = account.ref, account.state, list(account.wants), now
    await db.flush()
    await open_online(db, is_open=account.state == "active")


async def onboard(
    change: Change,
    provider: Provider | None,
    tenant: Tenant,
    *,
    return_url: str,
    refresh_url: str,
    now: datetime,
) -> str:
    """An address where the municipality tells the provider who it is; the account is made first where there is none.

    The provider is called between transactions; whoever dies in between, the same key makes the same account.
    Raises SignInNeeded, StepUpNeeded, Forbidden, NotPayableOnline, PaymentUnavailable.
    """

    async def begun(db: AsyncSession, actor: Actor) -> Began:
        return await begin(db, actor, provider, now)

    found: Began = await change(begun)
    assert provider is not None, "begin has looked"
    try:
        ref = found.ref
        if ref is None:
            made = await provider.make_account(key=f"{found.id}:account", name=tenant.name, email=None)
            await change(lambda db, _: note(db, provider.name, made, now))
            ref = made.ref
        return await provider.onboarding(ref, return_url=return_url, refresh_url=refresh_url)
    except (Unclear, Declined) as error:
        raise PaymentUnavailable from error


async def look(change: Change, provider: Provider | None, now: datetime) -> None:
    """Asks the provider how it stands, and notes it.

    Raises SignInNeeded, StepUpNeeded, Forbidden, PaymentUnavailable.
    """

    async def known(db: AsyncSession, actor: Actor) -> str | None:
        demand(actor, RIGHT)
        return None if provider is None else await queries.account_ref(db, provider.name)

    ref: str | None = await change(known)
    if provider is None or ref is None:
        return
    try:
        said = await ask(provider, ref)
    except Unclear as error:
        raise PaymentUnavailable from error
    await change(lambda db, _: note(db, provider.name, said, now))


async def ask(provider: Provider, ref: str) -> Account:
    """As the provider has it; one that it will not speak of any more takes no money. Raises Unclear."""
    try:
        return await provider.account(ref)
    except Declined:
        return Account(ref=ref, state="restricted")
