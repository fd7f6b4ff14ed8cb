"""The open data over HTTP: tables as CSV and JSON, and the catalogue that describes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from booking.asking import Cursor
from calendar_feeds.sharing import open_data
from calendar_feeds.sharing.answers import TAGGED, answer, api_home, etag_of, home, json_answer
from calendar_feeds.sharing.catalog import Publisher, catalogue, turtle_of
from calendar_feeds.sharing.described import (
    BOOKINGS,
    CATALOGUE,
    CATALOGUE_TEXT,
    RESOURCES,
    Described,
    datasets,
)
from calendar_feeds.sharing.schemas import OpenBooking, OpenResource
from core.page import link
from core.paging import Page
from core.sheets import csv_of
from core.spans import DAY, Span, local_date, local_day, span_between
from core.texts import texts
from core.wire import WHEN, when
from people.actors import Actor
from people.answers import OPEN_READ
from people.desk import AtDesk, Desk

MOST_ROWS: Final = 10_000
AHEAD: Final = timedelta(days=90)
Row = TypeVar("Row", OpenResource, OpenBooking)
Rows = Annotated[int, QueryParameter(ge=1, le=MOST_ROWS)]
MaybeFrom = Annotated[
    str | None,
    QueryParameter(name="from", pattern=WHEN, description="An instant, or a local date; else today."),
]
MaybeTo = Annotated[
    str | None,
    QueryParameter(
        name="to",
        pattern=WHEN,
        description="An instant, or a local date, not included; at most a year on. Else 90 days on.",
    ),
]


async def _resources(desk: Desk, cursor: str | None, limit: int) -> Page[OpenResource]:
    return await desk.read(
        lambda db, _: open_data.open_resources(db, base=home(desk), cursor=cursor, limit=limit, now=desk.now)
    )


async def _bookings(desk: Desk, window: Span, cursor: str | None, limit: int) -> Page[OpenBooking]:
    return await desk.read(
        lambda db, _: open_data.open_bookings(
            db, desk.tenant, window, cursor=cursor, limit=limit, now=desk.now
        )
    )


def _window(desk: Desk, from_: str | None, to: str | None) -> Span:
    zone = desk.tenant.zone
    start = when(from_, zone, "from") if from_ else local_day(zone, local_date(zone, desk.now)).start
    end = when(to, zone, "to") if to else local_day(zone, local_date(zone, start) + AHEAD.days * DAY).start
    return span_between(start, end)


def _next(desk: Desk, name: str, cursor: str | None, **query: object) -> str | None:
    """The address of the next page; None on the last."""
    return None if cursor is None else link(f"{api_home(desk)}/open-data/{name}", **query, cursor=cursor)


def _csv(desk: Desk, about: Described, rows: Sequence[Row], next_url: str | None) -> Response[bytes]:
    cells = ([_cell(getattr(row, name)) for name in about.fields] for row in rows)
    body = csv_of(list(about.fields), cells)
    headers = {"Content-Disposition": f'attachment; filename="{desk.tenant.slug}-{about.name}.csv"'}
    if next_url is not None:
        headers["Link"] = f'<{next_url}>; rel="next"'
    return answer(desk, body, "text/csv", etag=etag_of(body), headers=headers)


def _cell(value: object) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return " ".join(cast("list[str]", value))
        case datetime():
            return value.isoformat()
        case _:
            return value


@get(
    "/open-data/resources.json",
    summary="Open data: places that can be booked",
    responses=OPEN_READ,
    response_headers=TAGGED,
)
async def open_resources(
    desk: AtDesk, cursor: Cursor = None, limit: Rows = 1000
) -> Response[Page[OpenResource]]:
    """What is published, by name. Free for any use, and open to scripts of any page."""
    return json_answer(desk, await _resources(desk, cursor, limit))


@get(
    "/open-data/resources.csv",
    summary="The same for spreadsheets",
    responses=OPEN_READ,
    response_headers=TAGGED,
    media_type="text/csv",
)
async def open_resources_table(
    desk: AtDesk, cursor: Cursor = None, limit: Rows = MOST_ROWS
) -> Response[bytes]:
    """UTF-8 with its mark, semicolons. Where there is more, the header `Link` says where."""
    found = await _resources(desk, cursor, limit)
    return _csv(desk, RESOURCES, found.items, _next(desk, "resources.csv", found.next, limit=limit))


@get(
    "/open-data/bookings.json",
    summary="Open data: taken times",
    responses=OPEN_READ,
    response_headers=TAGGED,
    opt={"limit": "search"},
)
async def open_bookings(
    desk: AtDesk, from_: MaybeFrom = None, to: MaybeTo = None, cursor: Cursor = None, limit: Rows = 1000
) -> Response[Page[OpenBooking]]:
    """By start, of at most a year. What and for whom only where those who booked tell everybody; never a person."""
    window = _window(desk, from_, to)
    return json_answer(desk, await _bookings(desk, window, cursor, limit))


@get(
    "/open-data/bookings.csv",
    summary="The same for spreadsheets",
    responses=OPEN_READ,
    response_headers=TAGGED,
    media_type="text/csv",
    opt={"limit": "search"},
)
async def open_bookings_table(
    desk: AtDesk, from_: MaybeFrom = None, to: MaybeTo = None, cursor: Cursor = None, limit: Rows = MOST_ROWS
) -> Response[bytes]:
    """UTF-8 with its mark, semicolons. Where there is more, the header `Link` says where."""
    window = _window(desk, from_, to)
    found = await _bookings(desk, window, cursor, limit)
    asked = {"from": window.start.isoformat(), "to": window.end.isoformat(), "limit": limit}
    return _csv(desk, BOOKINGS, found.items, _next(desk, "bookings.csv", found.next, **asked))


async def _nothing(_db: AsyncSession, _actor: Actor) -> None:
    """Only that a token, if there is one, holds."""


async def _catalogue(desk: Desk) -> dict[str, Any]:
    await desk.read(_nothing)
    tenant, zone = desk.tenant, desk.tenant.zone_name
    spoken = {code: texts(code, zone).gettext for code in tenant.languages}
    publisher = Publisher(
        name=tenant.name,
        organisation_number=tenant.organisation_number,
        number=tenant.number,
        languages=tenant.languages,
        home=home(desk),
    )
    return catalogue(
        publisher,
        datasets(f"{api_home(desk)}/open-data", spoken),
        page=f"{home(desk)}/open-data",
        titles={code: say(CATALOGUE).format(municipality=tenant.name) for code, say in spoken.items()},
        descriptions={code: say(CATALOGUE_TEXT) for code, say in spoken.items()},
    )


@get(
    "/open-data/catalog.jsonld",
    summary="The open data described: DCAT-AP-NO as JSON-LD",
    responses=OPEN_READ,
    response_headers=TAGGED,
    media_type="application/ld+json",
)
async def open_catalogue(desk: AtDesk) -> Response[dict[str, Any]]:
    """For catalogues such as data.norge.no."""
    body = msgspec.json.encode(await _catalogue(desk))
    return answer(desk, body, "application/ld+json", etag=etag_of(body))


@get(
    "/open-data/catalog.ttl",
    summary="The open data described: DCAT-AP-NO as Turtle",
    responses=OPEN_READ,
    response_headers=TAGGED,
    media_type="text/turtle",
)
async def open_catalogue_turtle(desk: AtDesk) -> Response[bytes]:
    """For catalogues such as data.norge.no."""
    body = turtle_of(await _catalogue(desk)).encode()
    return answer(desk, body, "text/turtle", etag=etag_of(body))


handlers = [
    open_resources,
    open_resources_table,
    open_bookings,
    open_bookings_table,
    open_catalogue,
    open_catalogue_turtle,
]
