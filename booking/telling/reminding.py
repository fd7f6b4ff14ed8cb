"""Reminders before use, and what waits for officers each weekday morning."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.doors import Code
from booking.doors import codes as door_codes
from booking.telling import queries
from booking.telling.service import News, post_of, tell
from booking.telling.times import Places, times
from booking.telling.wording import one_line
from core.db import AnyRow
from core.spans import local_date, local_day
from core.texts import Texts
from core.vault import vault_of
from people.rules import STAFF

AHEAD: Final = timedelta(hours=24)
KNOWN_FOR: Final = timedelta(hours=12)
"""Who booked or moved it so lately needs no reminder yet."""
BATCH: Final = 200
"""Bookings of one run; the rest are in the next."""
MORNING: Final = 7
"""The hour of the municipality's clock from which digests are written."""
FRIDAY: Final = 5


async def remind(db: AsyncSession, now: datetime, *, at_most: int = BATCH) -> int:
    """Whoever has a confirmed booking within 24 hours, once for all hers of that day; how many bookings.

    At most so many bookings in one go; the rest are in the next. `reminded_at` is set in the same transaction, whether
    or not she wants to be told; a move takes it away.
    """
    due = await queries.due_reminders(
        db, now=now, until=now + AHEAD, changed_before=now - KNOWN_FOR, limit=at_most
    )
    if not due:
        return 0
    post = await post_of(db)
    days = {(row.person_id, local_date(post.tenant.zone, row.starts_at)) for row in due}
    end = max(local_day(post.tenant.zone, day).end for _, day in days)
    locked = await queries.lock_reminders(db, sorted({row.person_id for row in due}), now=now, until=end)
    groups: dict[tuple[UUID, object], list[AnyRow]] = defaultdict(list)
    for row in sorted(locked, key=lambda each: (each.starts_at, each.id)):
        key = (row.person_id, local_date(post.tenant.zone, row.starts_at))
        if key in days:
            groups[key].append(row)
    told = [row.id for rows in groups.values() for row in rows]
    places = await queries.places(db, sorted({row.resource_id for rows in groups.values() for row in rows}))
    codes = await door_codes(db, vault_of(post.settings), told)
    for (person_id, _), rows in groups.items():
        ids = {row.application_id for row in rows}
        application_id = next(iter(ids)) if len(ids) == 1 else None
        news = News(
            kind="reminder",
            fill=lambda words, rows=rows: _reminder(rows, places, words),
            path="/bookings" if application_id is None else f"/applications/{application_id}",
            application_id=application_id,
            hidden=lambda words, rows=rows: ("codes", _codes(rows, places, codes, words)),
        )
        await tell(db, post, person_id, news, now)
    await queries.note_reminded(db, told, now)
    return len(told)


def _reminder(rows: list[AnyRow], places: Places, words: Texts) -> dict[str, str]:
    named = list(dict.fromkeys(one_line(row.title) for row in rows if row.title.strip()))
    found = [(row.resource_id, row.starts_at, row.ends_at) for row in rows]
    return {
        "title": words.listed(named[:3]) or words.gettext("your booking"),
        "times": times(found, places, words),
        "day": words.day(words.local(rows[0].starts_at).date()),
    }


def _codes(
    rows: list[AnyRow], places: Places, codes: Mapping[UUID, Code], words: Texts
) -> list[tuple[str, str]]:
    """Where and when, and what opens the door there; nothing where the lock has said no."""
    return [
        (times([(row.resource_id, row.starts_at, row.ends_at)], places, words), found.code)
        for row in rows
        if (found := codes.get(row.id)) is not None and not found.has_failed
    ]


async def digest(db: AsyncSession, now: datetime) -> int:
    """To each officer who is at work and for whom something waits, once a morning of a weekday; how many."""
    post = await post_of(db)
    local = now.astimezone(post.tenant.zone)
    if local.isoweekday() > FRIDAY or local.hour < MORNING:
        return 0
    since = local_day(post.tenant.zone, local.date()).start
    roles = sorted(STAFF["application.decide"])
    rows = await queries.waiting_by_officer(db, roles, now=now, today=local.date(), since=since)
    for row in rows:
        filled = {"count": str(row.count), "late": _some(row.late), "own": _some(row.own)}
        news = News(kind="digest", fill=lambda _words, filled=filled: filled, path="/requests")
        await tell(db, post, row.person_id, news, now)
    return len(rows)


def _some(number: int) -> str:
    return str(number) if number else ""
