"""Which codes locks are to have: kept in step with bookings, taken under a lease, and written down as it went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import randbelow
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.door_models import DoorCode, DoorLock
from booking.models import Booking
from booking.telling import queries as telling
from booking.telling.service import News, post_of, tell
from booking.telling.times import times
from booking.telling.wording import one_line
from calendar_feeds.partners import door_queries
from calendar_feeds.partners.door_messages import CodeDue
from calendar_feeds.partners.door_rules import (
    FIGURES,
    LEASE,
    TOLD_BEFORE,
    Outcome,
    State,
    after_call,
    validity,
)
from core.ids import new_id
from core.outbox import later, publish
from core.spans import Span
from core.vault import Vault

AFTER_ITS_TIME = timedelta(days=1)
"""A code whose time is that long over is as good as gone."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker says to one lock. `valid` None: it is to forget the code."""

    code_id: UUID
    wish: int
    state: State
    leased_until: datetime
    address: str
    secret: str
    code: str
    valid: Span | None
    booking_id: UUID


async def keep(db: AsyncSession, vault: Vault, booking_ids: Sequence[UUID], now: datetime) -> None:
    """What locks are to know of these bookings, as the bookings stand now: whoever comes late changes nothing."""
    bookings = await door_queries.bookings(db, sorted(set(booking_ids)))
    locks = {
        lock.resource_id: lock
        for lock in await door_queries.locks_of(db, sorted({each.resource_id for each in bookings}))
    }
    codes = await door_queries.codes_for(db, [each.id for each in bookings])
    for booking in bookings:
        lock = locks.get(booking.resource_id)
        valid = _validity(booking, lock) if lock is not None and booking.state == "confirmed" else None
        if valid is not None and valid.end <= now:
            continue  # over: it ends by itself
        mine = [code for code in codes if code.booking_id == booking.id]
        for code in mine:
            if valid is not None and lock is not None and code.lock_id == lock.id:
                _want(db, code, valid, now)
            else:
                _withdraw(db, code, now)
        if valid is not None and lock is not None and all(code.lock_id != lock.id for code in mine):
            _issue(db, vault, lock, booking, valid, now)
    await db.flush()


def _validity(booking: Booking, lock: DoorLock) -> Span:
    return validity(
        Span(booking.starts_at, booking.ends_at),
        setup=booking.setup_minutes,
        cleanup=booking.cleanup_minutes,
        before=lock.minutes_before,
        after=lock.minutes_after,
    )


def _issue(
    db: AsyncSession, vault: Vault, lock: DoorLock, booking: Booking, valid: Span, now: datetime
) -> None:
    code = DoorCode(
        id=new_id(),
        lock_id=lock.id,
        booking_id=booking.id,
        code=vault.seal(new_code()),
        under=vault.newest,
        valid_from=valid.start,
        valid_until=valid.end,
        state="wanted",
        wish=1,
        due_at=now,
        leased_until=None,
        attempts=0,
        error=None,
        placed_at=None,
        told_at=None,
    )
    db.add(code)
    publish(db, CodeDue(code.id))


def new_code() -> str:
    """Figures, as a keypad has them."""
    return str(randbelow(10**FIGURES)).zfill(FIGURES)


def _want(db: AsyncSession, code: DoorCode, valid: Span, now: datetime) -> None:
    is_same = (code.valid_from, code.valid_until) == valid
    if is_same and code.state in {"wanted", "placed", "failed"}:
        return
    code.valid_from, code.valid_until = valid
    _wish(db, code, "wanted", now)


def _withdraw(db: AsyncSession, code: DoorCode, now: datetime) -> None:
    if code.state in {"wanted", "placed", "failed"}:
        _wish(db, code, "withdrawing", now)  # also if it was never placed, as far as we know: who knows


def _wish(db: AsyncSession, code: DoorCode, state: State, now: datetime) -> None:
    code.state, code.wish, code.due_at = state, code.wish + 1, now
    code.attempts, code.error, code.told_at = 0, None, None
    publish(db, CodeDue(code.id))


async def take(db: AsyncSession, vault: Vault, code_id: UUID, now: datetime) -> Errand | None:
    """What is to be said to the lock, for this worker alone; None: nothing now, or another speaks to it."""
    code = await door_queries.locked_code(db, code_id)
    if code is None or code.due_at is None or code.due_at > now:
        return None
    if code.leased_until is not None and code.leased_until > now:
        later(db, CodeDue(code_id), code.leased_until)
        return None
    if code.code is None:  # it was gone, and is wanted again
        code.code, code.under = vault.seal(new_code()), vault.newest
    if _is_over(code, now):
        return None
    lock = await door_queries.door_lock(db, code.lock_id)
    assert lock is not None, "a lock stays as long as it has codes"
    leased_until = code.leased_until = now + LEASE
    await db.flush()
    assert code.state in {"wanted", "placed", "withdrawing"}, "nothing else is due"
    return Errand(
        code_id=code.id,
        wish=code.wish,
        state=_state(code),
        leased_until=leased_until,
        address=lock.address,
        secret=vault.opened(lock.secret),
        code=vault.opened(code.code),
        valid=None if code.state == "withdrawing" else Span(code.valid_from, code.valid_until),
        booking_id=code.booking_id,
    )


def _state(code: DoorCode) -> State:
    return msgspec.convert(code.state, State)


def _is_over(code: DoorCode, now: datetime) -> bool:
    if code.state == "withdrawing":
        if now < code.valid_until + AFTER_ITS_TIME:
            return False
        code.state, code.due_at, code.code = "gone", None, None
        return True
    if now < code.valid_until:
        return False
    code.state, code.due_at = "failed" if code.state == "wanted" else code.state, None
    return True


async def note(db: AsyncSession, vault: Vault, errand: Errand, outcome: Outcome, now: datetime) -> None:
    """Writes down how it went. What was wanted otherwise meanwhile is said to the lock next."""
    code = await door_queries.locked_code(db, errand.code_id)
    if code is None:
        return
    if code.leased_until == errand.leased_until:
        code.leased_until = None
    lock = await door_queries.locked_lock(db, code.lock_id)
    assert lock is not None, "a lock stays as long as it has codes"
    if outcome.is_done:
        lock.reached_at, lock.failing_since = now, None
    elif outcome.status is None or outcome.status >= 500:
        lock.failing_since = lock.failing_since or now
    if code.wish != errand.wish:
        code.due_at = now if code.due_at is None else min(code.due_at, now)
        publish(db, CodeDue(code.id))
        await db.flush()
        return
    valid = Span(code.valid_from, code.valid_until)
    standing = after_call(errand.state, code.attempts, outcome, valid=valid, now=now)
    code.state, code.due_at = standing.state, standing.due_at
    code.attempts, code.error = standing.attempts, standing.error
    if standing.state == "placed":
        code.placed_at = now
    if standing.state == "gone":
        code.code = None
    if standing.has_new_code:
        code.code, code.under = vault.seal(new_code()), vault.newest
    if standing.due_at is not None:
        later(db, CodeDue(code.id), standing.due_at)
    await db.flush()


async def tell_missing(db: AsyncSession, now: datetime, *, limit: int = 100) -> int:
    """To holders whose time comes and whose code is not in the lock; how many."""
    rows = await door_queries.missing(db, now + TOLD_BEFORE, now, limit)
    if not rows:
        return 0
    post = await post_of(db)
    places = await telling.places(db, sorted({row.resource_id for row in rows}))
    for row in rows:
        news = News(
            kind="door_failed",
            fill=lambda words, row=row: {
                "title": one_line(row.title) or words.gettext("your booking"),
                "times": times([(row.resource_id, row.starts_at, row.ends_at)], places, words),
            },
            path=f"/applications/{row.application_id}",
            application_id=row.application_id,
        )
        await tell(db, post, row.person_id, news, now)
        row.DoorCode.told_at = now
    await db.flush()
    return len(rows)
