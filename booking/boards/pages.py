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

from booking.boards.day_lists import DayList, day_list, facilities
from booking.boards.screens import Screen, screen
from booking.boards.service import FacilityBoard, facility_board, watched_board
from booking.boards.stream import Streams, Watched
from booking.boards.views import board_view, day_list_view, screen_view
from core.page import link
from core.spans import DAY, FIRST_YEAR, LAST_YEAR, local_date, monday_of
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources.facts import Wanted

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


@get("/facilities/{facility_id:uuid}/screen")
async def facility_screen(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[str]:
    """For a screen on the wall: all of the facility; with `part=screen` what changes of it."""
    wanted = Wanted(facility_ids=(facility_id,))
    return await _screen(desk, wanted, desk.url(f"/facilities/{facility_id}/screen"))


@get("/resources/{resource_id:uuid}/screen")
async def resource_screen(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """The same at the door of one hall."""
    wanted = Wanted(resource_ids=(resource_id,))
    return await _screen(desk, wanted, desk.url(f"/resources/{resource_id}/screen"))


async def _screen(desk: Desk, wanted: Wanted, path: str) -> Response[str]:
    async def work(db: AsyncSession, _actor: Actor) -> Screen:
        return await screen(db, desk.tenant, wanted, desk.now)

    found = await desk.read(work)
    view = screen_view(found, desk.texts, desk.now)
    if desk.request.query_params.get("part") == "screen":
        return desk.page("booking/_screen.html", **view)
    return desk.page(
        "booking/screen.html",
        title=found.rows[0].name if wanted.resource_ids else found.name,
        fragment_url=link(path, part="screen"),
        zone=desk.tenant.zone_name,
        lost=desk.texts.gettext("No contact. Last updated at"),
        **view,
    )


@get("/day")
async def day(desk: AtDesk) -> Response[str]:
    """Who comes, for whoever opens, sets up and cleans; of the first facility that is hers when none is named."""
    query = desk.request.query_params
    on = read_day(query.get("on"), local_date(desk.tenant.zone, desk.now))

    async def work(db: AsyncSession, actor: Actor) -> tuple[list[tuple[UUID, str]], DayList | None]:
        known = await facilities(db, actor)
        facility_id = read_id(query.get("facility")) or next((id_ for id_, _ in known), None)
        if facility_id is None:
            return known, None
        return known, await day_list(db, actor, desk.tenant, facility_id, on=on, now=desk.now)

    known, found = await desk.read(work)
    path, chosen = desk.url("/day"), found and found.day.facility_id
    view: dict[str, Any] = {"facility": None, "on": on, "whole": None, "gaps": [], "visits": []}
    if found is not None:
        view = day_list_view(found, desk.texts, desk.base)
    return desk.page(
        "booking/day.html",
        **view,
        day_url=path,
        facilities=[(str(id_), name) for id_, name in known],
        form={"facility": str(chosen or ""), "on": on.isoformat()},
        board_url=link(desk.url(f"/facilities/{chosen}/board"), day=on.isoformat()) if chosen else None,
        previous_url=link(path, facility=chosen, on=(on - DAY).isoformat()),
        next_url=link(path, facility=chosen, on=(on + DAY).isoformat()),
    )


def read_id(text: str | None) -> UUID | None:
    """None for what is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


handlers = [board, board_events, facility_screen, resource_screen, day]
