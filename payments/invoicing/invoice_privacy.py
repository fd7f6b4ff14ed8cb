"""What files for the books hold about persons, and how long. Their invoices themselves are the room's own business."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import retains
from core.texts import N_
from payments.invoicing import export_queries


@retains(
    "export_run",
    N_("Files that went to the accounts"),
    2192,
    least=2192,
    batch=20,
    reason=N_(
        "The bookkeeping act (bokføringsloven) asks for them to be kept for five years after the end of the year."
    ),
)
async def forget_files(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """Their contents, with names and addresses; that there was a file, and which invoices went with it, stays."""
    del now
    return await export_queries.forget(db, before, limit)
