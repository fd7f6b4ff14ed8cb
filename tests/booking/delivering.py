"""What happens later, made to happen: messages of a municipality delivered as workers would."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import text

from booking import tasks
from core.delivery import deliver
from core.pace import STEADY
from core.settings import Settings
from core.spans import utc_now
from tests.booking.conftest import Town

assert tasks.HOUSES, "imported, they have subscribed"
ONLY = (
    "BookingsChanged",
    "ClosureLifted",
    "HoldLapsed",
    "ReplacementsDue",
    "WaitMade",
    "LookAgain",
    "UnitMade",
)
"""Messages that lead on to others here."""
LEAVES = ("OfferMade", "ReplacementsFound", "SeenFree")
"""Messages that are only told of."""


async def waiting(town: Town, kinds: Collection[str], until: datetime) -> list[Any]:
    """The messages (id, kind, body, due_at) that are due, in order."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text(
                "SELECT id, kind, body, due_at FROM outbox WHERE kind = ANY(:kinds) AND due_at <= :until"
                " AND dead_at IS NULL ORDER BY created_at, id"
            ),
            {"kinds": list(kinds), "until": until},
        )
        return list(rows.all())


async def happen(town: Town, *, now: datetime | None = None, at_once: int = 1) -> None:
    """Deliver until nothing is due, each message so many times at once."""
    now = now or utc_now()
    for _ in range(200):
        found = await waiting(town, ONLY, max(now, utc_now()))
        if not found:
            return
        for row in found:
            async with town.database.transaction(town.tenant.id) as db:
                await db.execute(
                    text("UPDATE outbox SET sent_at = clock_timestamp() WHERE id = :id"), {"id": row.id}
                )
            await asyncio.gather(
                *(
                    deliver(town.database, town.tenant.id, row.id, now=now, pace=STEADY, settings=Settings())
                    for _ in range(at_once)
                )
            )
            await _check_done(town, row.id)
    raise AssertionError("it never ends")


async def _check_done(town: Town, message_id: Any) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        error = await db.scalar(
            text("SELECT last_error FROM outbox WHERE id = :id AND last_error IS NOT NULL"),
            {"id": message_id},
        )
    assert error is None, error


async def told(town: Town, kind: str) -> list[Any]:
    """The bodies of what was told of, in order."""
    return [row.body for row in await waiting(town, [kind], datetime.max.replace(tzinfo=utc_now().tzinfo))]
