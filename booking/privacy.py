"""What bookings tell about persons: their copy, what goes when they are erased, and how long texts are kept.

For the law see docs/privacy.md. When, where, for what activity and how many stays always: statistics need no persons.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from booking import privacy_queries as privacy
from booking import queries
from booking.guard import end
from booking.news import tell_changed
from core.privacy import KEPT_AS_CASE, Effect, erases, holds, occupies, retains
from core.texts import N_

BOOKS_KEPT: Final = timedelta(days=2191)
"""Bokføringsloven § 13: five years from the end of the year, so up to six from the day."""
KEPT_IN_BOOKS: Final = N_(
    "The bookkeeping act (bokføringsloven) keeps what was paid for five years. Your name is gone from it."
)
KEPT_BY_CLUB: Final = N_("They are the association's. Your name is gone from them.")

holds("application", N_("What you have applied for"))(privacy.applications)
holds("booking", N_("Your bookings, and those you have decided as staff"))(privacy.bookings)
holds("booking_history", N_("What has been done with your bookings"))(privacy.history)


@erases("booking")
async def erase_bookings(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """What she wrote goes from bookings for herself, unless a law keeps it; coming ones must be cancelled first."""
    own, decided, paid = (
        privacy.is_own(person_id),
        privacy.is_decided(),
        privacy.is_paid(since=now - BOOKS_KEPT),
    )
    coming = await privacy.count_coming(db, person_id, now)
    free = (own, privacy.WRITTEN, ~decided, ~paid)
    emptied = await privacy.count(db, *free)
    kept_cases = await privacy.count(db, own, privacy.WRITTEN, decided)
    kept_paid = await privacy.count(db, own, privacy.WRITTEN, ~decided, paid)
    of_clubs = await privacy.count(db, privacy.made_for_clubs(person_id))
    if not dry_run:
        await _withdraw(db, person_id, now)
        await privacy.empty(db, await privacy.all_of(db, *free), now)
    return [
        Effect(
            what=N_("Bookings that are still to come"),
            count=coming,
            fate="in_the_way",
            why=N_("Cancel them first, or wait until they are over."),
        ),
        Effect(what=N_("What you wrote in applications for yourself"), count=emptied, fate="erased"),
        Effect(
            what=N_("Applications that an officer has decided"),
            count=kept_cases,
            fate="kept",
            why=KEPT_AS_CASE,
        ),
        Effect(
            what=N_("Applications that you have paid for"), count=kept_paid, fate="kept", why=KEPT_IN_BOOKS
        ),
        Effect(
            what=N_("Applications you made for associations"), count=of_clubs, fate="kept", why=KEPT_BY_CLUB
        ),
    ]


async def _withdraw(db: AsyncSession, person_id: UUID, now: datetime) -> None:
    """What lies undecided from the past waits for nobody any more."""
    waiting = await privacy.undecided(db, person_id)
    if waiting:
        bookings = await queries.lock_bookings(db, ids=sorted(waiting))
        for booking in bookings:
            end(db, booking, "withdrawn", None, now=now, reason=None)
        await queries.release(db, waiting)
        await db.flush()
        tell_changed(db, "withdrawn", bookings, None, freed=waiting)


@occupies("booking")
async def has_coming(db: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Whoever has a booking to come is not forgotten."""
    return await privacy.coming_of(db, person_ids, now)


@retains(
    "booking_texts",
    N_("What people wrote in bookings for themselves"),
    365,
    reason=N_("So that questions afterwards can be answered. No law asks for more."),
)
async def forget_texts(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when the last time of the application was over."""
    is_free = (~privacy.is_decided(), ~privacy.is_paid(since=now - BOOKS_KEPT))
    return await _empty_some(db, *is_free, before=before, now=now, limit=limit)


@retains(
    "booking_paid",
    N_("What people wrote in bookings they paid for"),
    BOOKS_KEPT.days,
    least=BOOKS_KEPT.days,
    reason=N_("The bookkeeping act (bokføringsloven) § 13: five years from the end of the year."),
)
async def forget_paid(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when the last time was over. What was paid stays, without what was written."""
    is_in_books = (~privacy.is_decided(), privacy.is_paid())
    return await _empty_some(db, *is_in_books, before=before, now=now, limit=limit)


@retains(
    "booking_cases",
    N_("Applications that an officer has decided"),
    3652,
    least=365,
    reason=N_(
        "The archives act (arkivlova): hand them to the archive first, then decide how long they stay here."
    ),
)
async def forget_cases(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when the last time was over; what was paid for, never sooner than the books allow."""
    is_case = (privacy.is_decided(), ~privacy.is_paid(since=now - BOOKS_KEPT))
    return await _empty_some(db, *is_case, before=before, now=now, limit=limit)


async def _empty_some(
    db: AsyncSession, *conditions: ColumnElement[bool], before: datetime, now: datetime, limit: int
) -> int:
    found = await privacy.some_over(db, *conditions, before=before, limit=limit)
    await privacy.empty(db, found, now)
    return len(found)
