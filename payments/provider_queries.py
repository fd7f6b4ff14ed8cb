"""All SQL on the payment provider: whose account it is, what it has told, and where its books and ours differ."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.asking import question
from payments.comparing import KINDS, OurPayment, OurRefund
from payments.models import Checkout, Order, Payment, Refund
from payments.provider_models import Difference, ProviderAccount, ProviderNotice

KEEP_NOTICE: Final = question(
    "SELECT keep_notice(:tenant_id, :id, :message_id, :provider, :ref, :kind, :about, :now) AS is_new"
)
"""A function of migration 0011: the notice, unless it is here already, and with it the message that it came."""


async def owner(db: AsyncSession, provider: str, ref: str) -> UUID | None:
    """The municipality whose account it is or was, of all municipalities: asked as the public."""
    return await db.scalar(
        select(ProviderAccount.tenant_id).where(
            ProviderAccount.provider == provider, ProviderAccount.ref == ref
        )
    )


async def notice(db: AsyncSession, notice_id: UUID) -> ProviderNotice | None:
    return (await db.scalars(select(ProviderNotice).where(ProviderNotice.id == notice_id))).one_or_none()


async def mark_worked(db: AsyncSession, notice_id: UUID, now: datetime) -> None:
    await db.execute(
        update(ProviderNotice)
        .where(ProviderNotice.id == notice_id, ProviderNotice.worked_at.is_(None))
        .values(worked_at=now)
    )


async def account(db: AsyncSession, provider: str, *, locked: bool = False) -> ProviderAccount | None:
    """The one that holds."""
    asked = select(ProviderAccount).where(
        ProviderAccount.provider == provider, ProviderAccount.state != "ended"
    )
    return (await db.scalars(asked.with_for_update() if locked else asked)).one_or_none()


async def account_ref(db: AsyncSession, provider: str) -> str | None:
    """The provider's id of the account that holds, whatever its state."""
    return await db.scalar(
        select(ProviderAccount.ref).where(
            ProviderAccount.provider == provider, ProviderAccount.state != "ended"
        )
    )


async def make_account(db: AsyncSession, row: ProviderAccount) -> bool:
    """Unless there is one: two people may press the button at once."""
    made = await db.execute(
        insert(ProviderAccount)
        .values(
            tenant_id=db.info["tenant_id"],
            id=row.id,
            provider=row.provider,
            state=row.state,
            created_at=row.created_at,
            created_by=row.created_by,
        )
        .on_conflict_do_nothing()
        .returning(ProviderAccount.id)
    )
    return made.scalar_one_or_none() is not None


# The provider's books and ours.


async def ours(db: AsyncSession, provider: str, refs: Collection[str]) -> dict[str, OurPayment]:
    """Payments as we know them, by the provider's ids of them; two statements."""
    rows = (
        await db.execute(
            select(
                Payment.id,
                Payment.ref,
                Payment.order_id,
                Order.gross_ore,
                Payment.amount_ore,
                Payment.refunded_ore,
            )
            .join(Order, and_(Order.tenant_id == Payment.tenant_id, Order.id == Payment.order_id))
            .where(Payment.provider == provider, Payment.ref.in_(refs))
        )
    ).all()
    refunds: dict[UUID, list[OurRefund]] = {}
    for each in await db.execute(
        select(
            Refund.payment_id, Refund.id, Refund.ref, Refund.amount_ore, Refund.state, Refund.created_at
        ).where(Refund.payment_id.in_([row.id for row in rows]))
    ):
        refunds.setdefault(each.payment_id, []).append(
            OurRefund(
                id=each.id,
                ref=each.ref,
                amount_ore=each.amount_ore,
                state=each.state,
                created_at=each.created_at,
            )
        )
    return {
        row.ref: OurPayment(
            ref=row.ref,
            order_id=row.order_id,
            order_ore=row.gross_ore,
            amount_ore=row.amount_ore,
            refunded_ore=row.refunded_ore,
            refunds=refunds.get(row.id, ()),
        )
        for row in rows
    }


async def paid_between(db: AsyncSession, provider: str, since: datetime, until: datetime) -> Sequence[str]:
    """The provider's ids of what we know to be paid, or given back in part, in that time."""
    given_back = exists().where(
        Refund.tenant_id == Payment.tenant_id,
        Refund.payment_id == Payment.id,
        Refund.created_at >= since,
        Refund.created_at < until,
    )
    captured = and_(Payment.captured_at >= since, Payment.captured_at < until)
    found = await db.scalars(
        select(Payment.ref)
        .where(Payment.provider == provider, or_(captured, given_back))
        .order_by(Payment.ref)
    )
    return found.all()


async def in_question(db: AsyncSession, provider: str) -> Sequence[str]:
    """The provider's ids of payments of which something differs still."""
    mine = and_(Difference.settled_at.is_(None), Difference.kind.in_(KINDS))
    named = select(Difference.ref).where(mine, Difference.kind.not_in(("refund_unknown", "refund_missing")))
    of_orders = (
        select(Payment.ref)
        .join(
            Difference,
            and_(Difference.tenant_id == Payment.tenant_id, Difference.order_id == Payment.order_id),
        )
        .where(mine, Payment.provider == provider)
    )
    found = await db.scalars(named.union(of_orders))
    return sorted(found.all())


async def checkouts_of(db: AsyncSession, provider: str, order_id: UUID) -> Sequence[str]:
    """The provider's ids of the pages where the order could be paid."""
    found = await db.scalars(
        select(Checkout.ref).where(
            Checkout.provider == provider, Checkout.order_id == order_id, Checkout.ref.is_not(None)
        )
    )
    return [ref for ref in found if ref is not None]


async def differences(db: AsyncSession, names: Collection[str]) -> Sequence[Difference]:
    """Of these names, of the kinds that comparing finds: open ones, and those that somebody has explained."""
    found = await db.scalars(
        select(Difference)
        .where(
            Difference.ref.in_(names),
            Difference.kind.in_(KINDS),
            or_(Difference.settled_at.is_(None), Difference.settled_by.is_not(None)),
        )
        .order_by(Difference.id)
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    return found.all()


async def note_dispute(db: AsyncSession, provider: str, ref: str, state: str) -> None:
    """How it stands with what a cardholder disputes; nothing is written while nothing is."""
    await db.execute(
        update(Payment)
        .where(Payment.provider == provider, Payment.ref == ref)
        .where(Payment.dispute["state"].astext.is_distinct_from(state or None))
        .values(dispute={"state": state} if state else None)
    )
