"""SQL of offers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Offer
from booking.models import Booking, Claim


async def offer(db: AsyncSession, offer_id: UUID) -> Offer | None:
    return await db.scalar(select(Offer).where(Offer.id == offer_id))


async def offered(db: AsyncSession, booking_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the bookings that are held because they were offered."""
    return set((await db.scalars(select(Offer.booking_id).where(Offer.booking_id.in_(booking_ids)))).all())


async def application_of(db: AsyncSession, booking_id: UUID) -> UUID:
    """A booking never changes its application."""
    return (await db.execute(select(Booking.application_id).where(Booking.id == booking_id))).scalar_one()


async def claim_anew(db: AsyncSession, booking_id: UUID) -> None:
    """The claims of what was offered no longer run out, and give way to nobody: what it replaces is gone.

    Written anew, because the constraint is asked row by row, and half changed they would exclude each other.
    """
    claims = (await db.scalars(select(Claim).where(Claim.booking_id == booking_id))).all()
    made = [
        Claim(
            unit_id=claim.unit_id,
            booking_id=booking_id,
            rival_id=claim.unit_id if claim.rival_id == claim.unit_id else booking_id,
            kind=claim.kind,
            closing=False,
            quantity=claim.quantity,
            starts_at=claim.starts_at,
            ends_at=claim.ends_at,
        )
        for claim in claims
    ]
    for claim in claims:
        await db.delete(claim)
    await db.flush()
    db.add_all(made)
    await db.flush()
