"""What happens later: drafts piece by piece, invoices piece by piece, files; and drafts follow their bookings."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged
from core.outbox import publish
from core.tasks import on
from core.tenants import tenant_here
from payments.invoicing import exporting, gathering, issuing
from payments.invoicing import invoice_queries as queries
from payments.invoicing.messages import DraftsWanted, ExportWanted, IssueWanted, RunBegun


@on(RunBegun)
async def find(db: AsyncSession, message: RunBegun, now: datetime) -> None:
    """What is due, in pieces."""
    await gathering.pieces(db, await tenant_here(db), message.run_id, now)


@on(DraftsWanted)
async def draft(db: AsyncSession, message: DraftsWanted, now: datetime) -> None:
    """A piece of it."""
    await gathering.draft(db, await tenant_here(db), message.run_id, message.bookings, now)


@on(IssueWanted)
async def issue(db: AsyncSession, message: IssueWanted, now: datetime) -> None:
    """A piece, and then the next."""
    if await issuing.issue_piece(db, await tenant_here(db), message.run_id, now):
        publish(db, message)


@on(ExportWanted)
async def write(db: AsyncSession, message: ExportWanted, now: datetime) -> None:
    """The file."""
    await exporting.make(db, await tenant_here(db), message.export_id, now)


@on(BookingsChanged)
async def follow(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Drafts say what their bookings owe now. What is issued is credited by payments.settling."""
    ids = [changed.id for changed in message.bookings]
    if await queries.drafts_of(db, ids):
        await gathering.follow(db, ids, now)
