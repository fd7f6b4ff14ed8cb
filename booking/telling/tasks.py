"""What happens later: whoever is to be told of something, is told; reminders and digests when their time has come."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import (
    BookingsChanged,
    CaseAssigned,
    CaseWritten,
    OfferMade,
    ReplacementsFound,
    SeenFree,
)
from booking.telling import casework, changes, reminding
from core.tasks import every, on


@on(BookingsChanged)
async def tell_bookings(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """To whose application it is."""
    await changes.tell_bookings(db, message, now)


@on(CaseWritten)
async def tell_written(db: AsyncSession, message: CaseWritten, now: datetime) -> None:
    """To the other side."""
    await casework.tell_written(db, message, now)


@on(CaseAssigned)
async def tell_assigned(db: AsyncSession, message: CaseAssigned, now: datetime) -> None:
    """To the officer."""
    await casework.tell_assigned(db, message, now)


@on(OfferMade)
async def tell_offered(db: AsyncSession, message: OfferMade, now: datetime) -> None:
    """To whom it is held for."""
    await casework.tell_offered(db, message, now)


@on(ReplacementsFound)
async def tell_replacements(db: AsyncSession, message: ReplacementsFound, now: datetime) -> None:
    """To whose bookings were displaced."""
    await casework.tell_replacements(db, message, now)


@on(SeenFree)
async def tell_free(db: AsyncSession, message: SeenFree, now: datetime) -> None:
    """To who waits."""
    await casework.tell_free(db, message, now)


@every("*/10 * * * *")
async def remind(db: AsyncSession, now: datetime) -> None:
    """Before use. So many a run, that more than a thousand an hour are told."""
    await reminding.remind(db, now)


@every("0 5,6 * * 1-5")
async def digest(db: AsyncSession, now: datetime) -> None:
    """At seven by the municipality's clock, in summer and in winter; the later call finds who was told already."""
    await reminding.digest(db, now)
