"""From the change log to what each webhook is to be told: each change once, none missed, whoever is killed when.

A webhook's place in the log moves in the transaction that writes what it is told. So either both are there, or neither
is and the next reader begins where the last one ended.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import ChangeLog
from calendar_feeds.partners import queries, webhook_queries
from calendar_feeds.partners.kinds import kind_of
from calendar_feeds.partners.models import Webhook
from calendar_feeds.partners.rules import FIRST, MARGIN, Position, read_position, write_position
from core.errors import CursorTooOld

A_PAGE = 500


class Fed(Struct, frozen=True):
    """What came of reading on."""

    webhook_ids: Sequence[UUID]
    """Those for which something was written."""
    is_behind: bool
    """There is more to be read at once."""
    is_held_back: bool
    """There is more, once another transaction has ended."""


async def feed(db: AsyncSession, now: datetime, *, most: int = A_PAGE) -> Fed:
    """Reads on for every webhook that is on; at most so many changes for each."""
    webhooks = await webhook_queries.lock_listening(db)
    if not webhooks:
        return Fed([], is_behind=False, is_held_back=False)
    edge = await queries.edge(db)
    found = [(webhook, *await _feed(db, webhook, edge, now=now, most=most)) for webhook in webhooks]
    await db.flush()
    return Fed(
        [webhook.id for webhook, written, _ in found if written],
        is_behind=any(is_behind for *_, is_behind in found),
        is_held_back=await queries.is_held_back(db, edge),
    )


async def _feed(
    db: AsyncSession, webhook: Webhook, edge: int, *, now: datetime, most: int
) -> tuple[int, bool]:
    """How much was written, and whether there is more."""
    end = Position(edge, FIRST, now)
    try:
        after = read_position(webhook.position, edge, now)
    except CursorTooOld:  # paused for longer than the log goes back, or the database was restored from a copy
        webhook.position = write_position(end)
        return 0, False
    rows = await queries.settled(db, after, edge, limit=most)
    is_behind = len(rows) == most
    if is_behind:
        end = Position(rows[-1].xid, rows[-1].id, rows[-1].at)
    if rows or now - after.at > MARGIN:
        webhook.position = write_position(end)
    kinds = await _kinds(db, rows)
    chosen = [(row, kinds[row.id]) for row in rows if kinds[row.id] in webhook.kinds]
    deliveries = [
        {
            "id": delivery_id(webhook.id, row.id),
            "webhook_id": webhook.id,
            "change_id": row.id,
            "kind": kind,
            "created_at": now,
            "state": "due",
            "due_at": now + timedelta(microseconds=number),  # sent in this order, as far as all goes well
            "attempts": 0,
        }
        for number, (row, kind) in enumerate(chosen)
    ]
    await webhook_queries.add_deliveries(db, deliveries, now)
    return len(deliveries), is_behind


def delivery_id(webhook_id: UUID, change_id: UUID) -> UUID:
    """The same whenever that webhook is told of that change: the partner knows what it has had."""
    return uuid5(webhook_id, change_id.hex)


async def _kinds(db: AsyncSession, rows: Sequence[ChangeLog]) -> Mapping[UUID, str | None]:
    states: dict[UUID, list[str]] = defaultdict(list)
    kinds: dict[UUID, str | None] = {}
    for row in await queries.history(db, sorted({row.thing_id for row in rows})):
        kinds[row.id] = kind_of(row.kind, row.state, states[row.thing_id])
        states[row.thing_id].append(row.state)
    return kinds
