"""What other sites and programs read: free/busy, free times of many resources, and the open data."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from booking.asking import Cursor, From, To, window_asked
from calendar_feeds.sharing import free_times, freebusy, open_data_api
from calendar_feeds.sharing.answers import TAGGED, answer, etag_of, for_everybody, home, json_answer, readable
from calendar_feeds.sharing.ical import freebusy_calendar
from calendar_feeds.sharing.schemas import ResourceFreeOut
from core.errors import Invalid, NotFound
from core.paging import Page
from core.texts import N_
from core.wire import CODE
from people.answers import OPEN_READ
from people.desk import AtDesk, Desk
from resources.facts import Wanted

FREE_BUSY = ".ifb"
ICAL = "text/calendar"
"""Litestar adds the charset."""
SomeIds = Annotated[list[UUID] | None, QueryParameter(max_items=free_times.MOST)]


async def freebusy_feed(desk: Desk, name: str, *, at_facility: bool) -> Response[bytes]:
    """`…/{id}.ifb`, with `from` and `to` as instants or local dates. Raises NotFound, Invalid."""
    thing_id = _id(name)
    query = desk.request.query_params
    for parameter in query:
        if parameter not in {"from", "to"}:
            raise Invalid(
                field=parameter[:100],
                expected=N_("one of the parameters %(names)s"),
                words={"names": "from, to"},
            )
    window = freebusy.window_asked(desk.tenant, query.get("from"), query.get("to"), desk.now)
    find = freebusy.of_facility if at_facility else freebusy.of_resource
    found = await for_everybody(desk, lambda db: find(db, thing_id, window, base=home(desk), now=desk.now))
    etag = etag_of(msgspec.json.encode(found))
    return answer(desk, freebusy_calendar(found, desk.now).encode(), ICAL, etag=etag)


def _id(name: str) -> UUID:
    try:
        return UUID(name.removesuffix(FREE_BUSY))
    except ValueError as error:
        raise NotFound(what="feed") from error


@get(
    "/free",
    summary="Free times of many resources",
    responses=OPEN_READ,
    response_headers=TAGGED,
    opt={"limit": "search"},
)
async def free_of_many(
    desk: AtDesk,
    from_: From,
    to: To,
    resource: SomeIds = None,
    facility: SomeIds = None,
    activity: Annotated[str | None, QueryParameter(pattern=CODE)] = None,
    minutes: Annotated[int | None, QueryParameter(ge=1, le=44_640)] = None,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=free_times.MOST)] = free_times.MOST,
) -> Response[Page[ResourceFreeOut]]:
    """By name, of at most 31 days; of those named, else of all that are published. With `minutes`: only where a booking
    of at least that length may lie. Ids that are not there or not published are left out.

    What everybody may know: the same whoever asks, and open to scripts of any page.
    """
    window = window_asked(desk.tenant.zone, from_, to)
    wanted = Wanted(
        resource_ids=tuple(resource) if resource else None,
        facility_ids=tuple(facility) if facility else None,
        activity=activity,
        published_at=desk.now,
    )
    found = await desk.read(
        lambda db, _: free_times.free_times(
            db,
            desk.tenant,
            wanted,
            window,
            base=home(desk),
            minutes=minutes,
            cursor=cursor,
            limit=limit,
            now=desk.now,
        )
    )
    return json_answer(desk, found)


router = Router(
    path="/api/{m:str}",
    tags=["sharing"],
    middleware=[readable],
    route_handlers=[free_of_many, *open_data_api.handlers],
)
