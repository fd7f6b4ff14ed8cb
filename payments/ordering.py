"""Paying: an order of exactly what is to be paid, and the provider's page where that can be done.

Three steps, so that no transaction waits for the provider: the order and an attempt are written down, the provider is
asked, and what it said is written down. Cut off anywhere between, the same click does what is missing: the attempt's
key is the same, and an address that never came back is known to nobody.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.paying import Payable
from core.db import Database, Stale
from core.errors import NotPayableOnline, PaymentUnavailable
from core.ids import new_id
from core.outbox import later, publish
from core.tenants import Tenant
from core.texts import texts
from payments import order_queries as queries
from payments.documents import Delivered, Line, lines_of
from payments.issuing import add_order, line_of
from payments.messages import CheckoutDue
from payments.models import Checkout, Order
from payments.provider import Declined, Provider, Session, Shown, Unclear, Wish
from people.actors import Actor

logger = logging.getLogger("ledig.payments")

SHORTEST: Final = timedelta(minutes=31)
"""The provider's pages stay for 30 minutes at least (https://docs.stripe.com/api/checkout/sessions/create), counted by
its own clock. The time to pay may be over before: then the page is ended by us.
"""
LONGEST: Final = timedelta(hours=23)
"""They stay for 24 hours at most. Whoever has longer to pay gets another page when she clicks again."""
NEARLY_OVER: Final = timedelta(minutes=1)
MOST_LINES: Final = 90
"""The provider shows a hundred lines at most; more bookings than these are shown as one."""
Act = Callable[[Callable[[AsyncSession, Actor], Awaitable["Ready"]]], Awaitable["Ready"]]
"""Runs a change as whoever asks: `Desk.change`."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt at paying, written down."""

    order_id: UUID
    checkout_id: UUID
    account: str
    key: str
    lines: Sequence[Shown]
    language: str
    expires_at: datetime
    url: str | None
    """Of the provider's page, where it is known already."""
    is_new: bool
    """Nobody has been asked about it before."""


class Paying(msgspec.Struct, frozen=True, kw_only=True):
    """Where to pay."""

    order_id: UUID
    url: str
    expires_at: datetime


async def pay(
    act: Act,
    database: Database,
    provider: Provider | None,
    tenant: Tenant,
    booking_id: UUID,
    *,
    address: Callable[[str], str],
    now: datetime,
) -> Paying:
    """Where everything of the booking's application that waits to be paid can be paid. Call it outside transactions.

    `address` makes a path of the municipality into a whole address, as the reader's browser knows it.
    Raises SignInNeeded, NotFound, Forbidden, WrongState, NotPayableOnline, PaymentUnavailable.
    """

    async def write(db: AsyncSession, actor: Actor) -> Ready:
        return await checkout(
            db, actor, tenant, booking_id, provider=None if provider is None else provider.name, now=now
        )

    while True:
        ready = await act(write)
        if ready.url is not None:
            return Paying(order_id=ready.order_id, url=ready.url, expires_at=ready.expires_at)
        assert provider is not None, "it is refused above"
        try:
            session = await provider.open_session(
                ready.account, _wish(ready, tenant, booking_id, address=address)
            )
        except Unclear as error:
            raise PaymentUnavailable from error
        except Declined as error:
            logger.warning("checkout %s was declined: %s", ready.checkout_id, error.code)
            await database.run(tenant.id, partial(give_up, checkout_id=ready.checkout_id, now=now))
            if ready.is_new:
                raise PaymentUnavailable from error
            continue  # an old attempt that has become impossible: the next is a new one
        url = await database.run(tenant.id, partial(opened, checkout_id=ready.checkout_id, session=session))
        if url is None:
            raise PaymentUnavailable
        return Paying(order_id=ready.order_id, url=url, expires_at=session.expires_at or ready.expires_at)


async def checkout(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    booking_id: UUID,
    *,
    provider: str | None,
    now: datetime,
) -> Ready:
    """The first step: the order of all that waits to be paid in the booking's application, and an attempt at it.

    What is to be paid comes from the bookings' stored prices and from nowhere else. The same again while nothing has
    changed is the same order, and the same attempt while its page is there.
    Raises SignInNeeded, NotFound, Forbidden, WrongState, NotPayableOnline.
    """
    application_id = await queries.application_of(db, booking_id)
    earlier: Sequence[Order] = ()
    if application_id is not None:
        earlier = await queries.lock_open(db, application_id)
    payables = await paying.payable(db, actor, booking_id, now)
    account = await queries.account(db, provider, active=True) if provider is not None else None
    if provider is None or account is None:
        raise NotPayableOnline
    if application_id is not None and await queries.count_open(db, application_id) != len(earlier):
        raise Stale  # somebody has clicked at the same time: orders are locked before bookings
    order = await _order(db, earlier, payables, tenant, now)
    found = await queries.latest_checkout(db, order.id)
    is_new = found is None or not _is_usable(found, provider, now)
    if found is None or is_new:
        found = _attempt(db, order, provider, 1 if found is None else found.attempt + 1, payables, now)
        await db.flush()
    return Ready(
        order_id=order.id,
        checkout_id=found.id,
        account=account,
        key=f"{order.id}:checkout:{found.attempt}",
        lines=_shown(payables, order, tenant),
        language=order.language,
        expires_at=found.expires_at,
        url=found.url if found.state == "open" else None,
        is_new=is_new,
    )


async def _order(
    db: AsyncSession, earlier: Sequence[Order], payables: Sequence[Payable], tenant: Tenant, now: datetime
) -> Order:
    """The open one of exactly these lines; others that are open are void from now."""
    kept: Order | None = None
    known = await queries.lines_of(db, [order.id for order in earlier])
    for order in earlier:
        if kept is None and [line_of(row) for row in known[order.id]] == _lines(payables, order.language):
            kept = order
            continue
        await annul(db, order, now)
    if kept is not None:
        return kept
    first = payables[0]
    holder = await queries.person(db, first.person_id)
    language = holder.language if holder is not None else None
    language = language if language in tenant.languages else tenant.languages[0]
    made = add_order(
        db,
        _lines(payables, language),
        kind="receipt",
        payment="online",
        person_id=first.person_id,
        association_id=first.association_id,
        language=language,
        now=now,
        application_id=first.application_id,
    )
    await db.flush()
    return made


def _lines(payables: Sequence[Payable], language: str) -> list[Line]:
    return lines_of(
        [
            Delivered(
                booking_id=each.booking_id,
                price=each.price,
                place=f"{each.facility_name}, {each.resource_name}",
                starts_at=each.starts_at,
                ends_at=each.ends_at,
            )
            for each in payables
        ],
        language,
    )


def _is_usable(found: Checkout, provider: str, now: datetime) -> bool:
    """Whether a click now leads to it: its page is there for a while, or it is not known whether there is one."""
    return (
        found.provider == provider
        and found.state in {"wanted", "open"}
        and found.expires_at > now + NEARLY_OVER
    )


def _attempt(
    db: AsyncSession,
    order: Order,
    provider: str,
    attempt: int,
    payables: Sequence[Payable],
    now: datetime,
) -> Checkout:
    over_at = min(each.held_until for each in payables)
    made = Checkout(
        id=new_id(),
        order_id=order.id,
        attempt=attempt,
        provider=provider,
        state="wanted",
        amount_ore=order.gross_ore,
        expires_at=min(max(over_at, now + SHORTEST), now + LONGEST),
        created_at=now,
    )
    db.add(made)
    later(db, CheckoutDue(made.id), over_at)
    return made


def _shown(payables: Sequence[Payable], order: Order, tenant: Tenant) -> list[Shown]:
    """A line for each booking, as the provider's page shows it."""
    spoken = texts(order.language, tenant.zone_name)
    if len(payables) > MOST_LINES:
        places = sorted({f"{each.facility_name}, {each.resource_name}" for each in payables})
        return [Shown("; ".join(places)[:200], order.gross_ore)]
    return [
        Shown(
            f"{each.facility_name}, {each.resource_name}, {spoken.span((each.starts_at, each.ends_at))}",
            each.price.gross_ore,
        )
        for each in payables
    ]


def _wish(ready: Ready, tenant: Tenant, booking_id: UUID, *, address: Callable[[str], str]) -> Wish:
    return Wish(
        key=ready.key,
        order_id=ready.order_id,
        checkout_id=ready.checkout_id,
        municipality_id=tenant.id,
        lines=ready.lines,
        return_url=address(f"/orders/{ready.order_id}/return"),
        cancel_url=address(f"/bookings/{booking_id}/pay?from=back"),
        expires_at=ready.expires_at,
        language=ready.language,
    )


async def opened(db: AsyncSession, checkout_id: UUID, session: Session) -> str | None:
    """The third step: where the page is. None: meanwhile it was given up, and is ended as soon as possible."""
    row = await queries.checkout(db, checkout_id)
    assert row is not None, "it was written down before the provider was asked"
    await queries.lock_order(db, row.order_id)
    row = await queries.checkout(db, checkout_id)
    assert row is not None, "nothing is deleted"
    if row.state == "open":
        return row.url
    if row.state == "paid":
        return None
    is_given_up = row.state == "ended"
    row.state, row.ref, row.url, row.ended_at = "open", session.ref, session.url, None
    row.expires_at = session.expires_at or row.expires_at
    if is_given_up:
        publish(db, CheckoutDue(row.id))
    await db.flush()
    return None if is_given_up else row.url


async def give_up(db: AsyncSession, checkout_id: UUID, now: datetime) -> None:
    """An attempt of which nobody has the address: nobody can pay it, whether the provider knows it or not."""
    row = await queries.checkout(db, checkout_id)
    assert row is not None, "it was written down before the provider was asked"
    await queries.lock_order(db, row.order_id)
    row = await queries.checkout(db, checkout_id)
    if row is not None and row.state == "wanted":
        row.state, row.ended_at = "ended", now
        await db.flush()


async def annul(db: AsyncSession, order: Order, now: datetime) -> None:
    """An order, locked and open, that nobody is to pay any more; whoever pays it all the same gets it back."""
    order.state, order.voided_at = "void", now
    for row in await queries.live_checkouts(db, [order.id]):
        publish(db, CheckoutDue(row.id))
    await db.flush()


async def end_pages_of(db: AsyncSession, booking_ids: Sequence[UUID]) -> None:
    """Bookings have changed: pages where those of them that wait no more could still be paid are ended."""
    order_ids = await queries.open_with(db, booking_ids)
    if not order_ids:
        return
    standing = await paying.standing(db, booking_ids)
    lines = await queries.lines_of(db, order_ids)
    gone = {each for each, found in standing.items() if found.state != "awaiting_payment"}
    stale = [order_id for order_id in order_ids if any(line.booking_id in gone for line in lines[order_id])]
    for row in await queries.live_checkouts(db, stale):
        publish(db, CheckoutDue(row.id))
