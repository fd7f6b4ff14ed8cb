"""HTML routes of boards, screens and the list of the day."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.service import FacilityBoard, facility_board, watched_board
from booking.boards.stream import Streams, Watched
from booking.boards.views import board_view
from core.page import link
from core.spans import FIRST_YEAR, LAST_YEAR, local_date, monday_of
from people.actors import Actor
from people.desk import AtDesk, Desk

WEEK = timedelta(days=7)
MOST_PAGES = 100
RETRY_MS = 5000
"""After which a browser that has lost its stream asks for a new one."""


class Asked(NamedTuple):
    """What of the board an address asks for."""

    first: date
    days: int
    page: int

    @property
    def query(self) -> dict[str, str]:
        """As the address says it."""
        return {"week": week_code(self.first)} if self.days == 7 else {"day": self.first.isoformat()}


def week_code(day: date) -> str:
    """`2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def read_asked(desk: Desk) -> Asked:
    """`?day=2026-11-24` or `?week=2026-W48`; today for anything else."""
    query = desk.request.query_params
    today = local_date(desk.tenant.zone, desk.now)
    number = query.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= MOST_PAGES else 1
    if "week" in query:
        return Asked(_monday(query["week"], today), 7, page)
    return Asked(read_day(query.get("day"), today), 1, page)


def read_day(text: str | None, today: date) -> date:
    """The day; today when it is none."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return today
    return day if FIRST_YEAR < day.year < LAST_YEAR else today


def _monday(code: str, today: date) -> date:
    try:
        year, week = code.split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return monday_of(today)
    return monday if FIRST_YEAR < monday.year < LAST_YEAR else monday_of(today)


@get("/facilities/{facility_id:uuid}/board")
async def board(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[str]:
    """The facility's day or week; with `part=board` the table alone."""
    asked = read_asked(desk)

    async def work(db: AsyncSession, actor: Actor) -> FacilityBoard:
        return await facility_board(
            db,
            actor,
            desk.tenant,
            facility_id,
            first=asked.first,
            count=asked.days,
            page=asked.page,
            now=desk.now,
        )

    found = await desk.read(work)
    view = board_view(found, desk.texts, desk.base, desk.now)
    values: dict[str, Any] = {"facility": found.name, "revision": found.revision, **view}
    if desk.request.query_params.get("part") == "board":
        return desk.page("booking/_board.html", **values)
    path = desk.url(f"/facilities/{facility_id}/board")
    here = {**asked.query, "page": asked.page if asked.page > 1 else None}
    return desk.page(
        "booking/board.html",
        **values,
        facility_url=desk.url(f"/facilities/{facility_id}"),
        is_week=asked.days == 7,
        week_number=asked.first.isocalendar().week,
        board_url=link(path, **here),
        fragment_url=link(path, **here, part="board"),
        events_url=link(f"{path}/events", **asked.query),
        screen_url=desk.url(f"/facilities/{facility_id}/screen"),
        **_steps(path, asked, local_date(desk.tenant.zone, desk.now), is_last=found.is_last),
    )


@get("/facilities/{facility_id:uuid}/board/events", opt={"uncompressed": True})
async def board_events(desk: AtDesk, facility_id: FromPath[UUID]) -> ServerSentEvent:
    """Says `changed`, with the revision, whenever the board at the same address without `/events` does."""
    asked = read_asked(desk)
    streams: Streams = desk.request.app.state.streams
    client: str = desk.request.scope["state"]["client"]
    streams.check(client)

    async def work(db: AsyncSession, actor: Actor) -> Watched:
        return await watched_board(
            db, actor, desk.tenant, facility_id, first=asked.first, count=asked.days, now=desk.now
        )

    watched = await desk.read(work)
    known = desk.request.headers.get("last-event-id") or desk.request.query_params.get("since")
    return ServerSentEvent(_told(streams, watched, client, known), headers={"Cache-Control": "no-store"})


async def _told(
    streams: Streams, watched: Watched, client: str, known: str | None
) -> AsyncGenerator[ServerSentEventMessage, None]:
    async with aclosing(streams.revisions(watched, client, known)) as revisions:
        async for revision in revisions:
            if revision is None:
                yield ServerSentEventMessage(data=None, comment="here", retry=RETRY_MS)
            else:
                yield ServerSentEventMessage(data=revision, event="changed", id=revision)


def _steps(path: str, asked: Asked, today: date, *, is_last: bool) -> dict[str, Any]:
    """The ways to other days and weeks, and to the other resources of a large facility."""
    step = timedelta(days=asked.days)
    before, after = asked._replace(first=asked.first - step), asked._replace(first=asked.first + step)
    now = asked._replace(first=monday_of(today) if asked.days == 7 else today)
    return {
        "previous_url": link(path, **before.query),
        "next_url": link(path, **after.query),
        "now_url": None if now.first == asked.first else link(path, **now.query),
        "day_url": link(path, day=today.isoformat() if _holds(asked, today) else asked.first.isoformat()),
        "week_url": link(path, week=week_code(asked.first)),
        "fewer_url": link(path, **asked.query, page=asked.page - 1) if asked.page > 1 else None,
        "more_url": None if is_last else link(path, **asked.query, page=asked.page + 1),
    }


def _holds(asked: Asked, day: date) -> bool:
    return asked.first <= day < asked.first + timedelta(days=asked.days)


handlers = [board, board_events]
