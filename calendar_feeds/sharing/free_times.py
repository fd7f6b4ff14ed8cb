"""When are many resources free, in one go? By the one engine, as everybody may know it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import free_spans, length_for, starts
from booking.claims import Board, terms_for, window_of
from booking.guard import open_board
from calendar_feeds.sharing.schemas import ResourceFreeOut
from core.errors import Invalid
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span, merge
from core.tenants import Tenant
from core.texts import N_
from core.wire import span_out
from resources.facts import Bookable, Wanted
from resources.queries import bookable

MOST = 50
"""Resources in one answer."""
MOST_DAYS = 31


def check_window(window: Span) -> None:
    """Raises Invalid for more than 31 local days, one of which may have 25 hours."""
    if window.length > timedelta(days=MOST_DAYS, hours=1):
        raise Invalid(field="to", expected=N_("at most %(n)s days after from"), words={"n": str(MOST_DAYS)})


async def free_times(
    db: AsyncSession,
    tenant: Tenant,
    wanted: Wanted,
    window: Span,
    *,
    base: str,
    minutes: int | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[ResourceFreeOut]:
    """By name. Ids that are unknown or not published are left out. Two statements, however many. Raises Invalid."""
    check_window(window)
    after = read_cursor(cursor, str, UUID)
    found = [
        each
        for each in await bookable(db, wanted, window)
        if after is None or (each.facts.name, each.facts.id) > after
    ]
    shown = found[:limit]
    more = write_cursor(shown[-1].facts.name, shown[-1].facts.id) if len(found) > limit else None
    if not shown:
        return Page([], None)
    reach = window_of([window], {each.facts.id: each for each in shown})
    board = await open_board(db, {unit.id for each in shown for unit in each.units}, reach, now)
    return Page(
        [
            ResourceFreeOut(
                resource_id=each.facts.id,
                name=each.facts.name,
                facility_id=each.facts.facility_id,
                facility_name=each.facts.facility_name,
                url=f"{base}/resources/{each.facts.id}",
                free=[span_out(span, tenant.zone) for span in _free(each, board, window, minutes, now)],
            )
            for each in shown
        ],
        more,
    )


def _free(each: Bookable, board: Board, window: Span, minutes: int | None, now: datetime) -> Sequence[Span]:
    if not each.units:
        return []
    terms, taken = terms_for(each), board.taken(each.units)
    if minutes is None:
        return free_spans(terms, each.hours, taken, window=window, now=now)
    length = length_for(terms, minutes)
    if length is None:
        return []
    found = starts(terms, each.hours, taken, windows=[window], length=length, now=now)
    return merge(Span(start, start + length) for start in found)
