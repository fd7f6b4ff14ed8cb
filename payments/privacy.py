"""What orders hold about persons: the books keep it, and give it up when the law lets them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.privacy import BOOKS_KEPT
from core.privacy import Effect, erases, holds, retains
from core.texts import N_
from payments import privacy_queries as privacy
from payments.invoice_models import ExportRun
from payments.provider_models import Difference, ProviderAccount

KEPT: Final = N_(
    "The bookkeeping act (bokføringsloven) § 13 keeps such documents for five years, with the name that is on them."
)

holds("pay_order", N_("Your receipts, invoices and credit notes, and those you have made as staff"))(
    privacy.orders
)
holds("payment", N_("What you have paid online"))(privacy.payments)
holds("refund", N_("What you got back, and what you gave back as staff"))(privacy.refunds)
holds("deposit", N_("Deposits that you have kept something of as staff"))(privacy.deposits)

holds("provider_account", N_("Accounts with the payment provider that you have connected as staff"))(
    lambda db, person_id: privacy.staff_work(
        db, person_id, ProviderAccount.created_by, ProviderAccount.created_at
    )
)
holds("pay_difference", N_("Differences in the accounts that you have explained as staff"))(
    lambda db, person_id: privacy.staff_work(db, person_id, Difference.settled_by, Difference.settled_at)
)
holds("invoice_run", N_("Invoice runs that you have made or issued as staff"))(privacy.invoice_runs)
holds("export_run", N_("Exports to finance that you have made as staff"))(
    lambda db, person_id: privacy.staff_work(db, person_id, ExportRun.created_by, ExportRun.created_at)
)


@erases("pay_order")
async def erase_orders(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """Nothing goes before its time."""
    del now, dry_run
    kept = await privacy.count(db, person_id)
    return [Effect(what=N_("Receipts, invoices and credit notes"), count=kept, fate="kept", why=KEPT)]


@retains(
    "pay_order_customer",
    N_("Who was the customer on receipts, invoices and credit notes"),
    BOOKS_KEPT.days,
    least=BOOKS_KEPT.days,
    reason=N_("The bookkeeping act (bokføringsloven) § 13: five years from the end of the year."),
)
async def forget_customers(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when it was issued. The amounts stay."""
    del now
    return await privacy.forget_customers(db, before, limit)
