"""JSON routes of arrangements, and of what the displaced may have instead."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from booking import replacing
from booking.arrangements import reading, service
from booking.arrangements.schemas import ArrangementIn, ArrangementMade, ArrangementOut, ArrangementPatch
from booking.schemas import ApplicationOut, ReplaceIn, ReplacementsOut
from core.errors import TimeTaken
from core.paging import CURSOR, MOST, Page
from people.actors import Actor
from people.answers import OPEN_READ, READ, VERSIONED, WRITE
from people.desk import AtDesk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


@get("/arrangements", summary="Public events to come", responses=OPEN_READ)
async def list_arrangements(
    desk: AtDesk, facility: FromQuery[UUID | None] = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[ArrangementOut]:
    """By their next time."""
    return await desk.read(
        lambda db, _actor: reading.arrangements(
            db, desk.tenant, facility_id=facility, cursor=cursor, limit=limit, now=desk.now
        )
    )


@get("/arrangements/{arrangement_id:uuid}", summary="A public event", responses=OPEN_READ)
async def arrangement(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[ArrangementOut]:
    """Also when it is over or cancelled. The ETag is for If-Match."""
    return await desk.answer(
        lambda db, actor: reading.arrangement(db, actor, desk.tenant, arrangement_id, desk.now)
    )


@post("/arrangements", summary="Lay a public event", status_code=201, responses=WRITE)
async def arrange(desk: AtDesk, data: JSONBody[ArrangementIn]) -> Response[ArrangementMade]:
    """409 lists the bookings under it, unless `displace`."""
    return await desk.answer(
        lambda db, actor: service.arrange(db, actor, desk.tenant, data, now=desk.now), status=201
    )


@patch("/arrangements/{arrangement_id:uuid}", summary="What is told of it", responses=VERSIONED)
async def change_arrangement(
    desk: AtDesk, arrangement_id: FromPath[UUID], data: JSONBody[ArrangementPatch]
) -> Response[ArrangementOut]:
    """Only what is given. Its times are moved and cancelled as bookings are."""
    return await desk.answer(
        lambda db, actor: service.change(
            db, actor, desk.tenant, arrangement_id, data, version=desk.if_match(), now=desk.now
        )
    )


@post(
    "/arrangements/{arrangement_id:uuid}/cancel",
    summary="It does not take place",
    status_code=200,
    responses=VERSIONED,
)
async def cancel_arrangement(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[ArrangementOut]:
    """Its times are free at once. What was displaced for it stays displaced."""
    return await desk.answer(
        lambda db, actor: service.cancel(
            db, actor, desk.tenant, arrangement_id, version=desk.if_match(), now=desk.now
        )
    )


@get(
    "/bookings/{booking_id:uuid}/replacements",
    summary="What a displaced one may have instead",
    responses=READ,
)
async def list_replacements(desk: AtDesk, booking_id: FromPath[UUID]) -> ReplacementsOut:
    """Times that are still free, by start. They are not held."""

    async def work(db: AsyncSession, actor: Actor) -> ReplacementsOut:
        found = await replacing.of_booking(db, actor, desk.tenant, booking_id, desk.now)
        return ReplacementsOut(booking_id, found)

    return await desk.read(work)


@post(
    "/bookings/{booking_id:uuid}/replace",
    summary="Take a time instead of the displaced one",
    status_code=200,
    responses=WRITE,
)
async def replace(
    desk: AtDesk, booking_id: FromPath[UUID], data: JSONBody[ReplaceIn]
) -> Response[ApplicationOut]:
    """Confirmed at once. 409 time-taken tells, as `replacements`, what there is now."""
    try:
        return await desk.answer(
            lambda db, actor: replacing.replace(
                db, actor, desk.tenant, booking_id, data.replacement_id, desk.now
            )
        )
    except TimeTaken as refusal:
        found = await desk.change(
            lambda db, actor: replacing.refresh(db, actor, desk.tenant, booking_id, desk.now)
        )
        refusal.facts["replacements"] = found
        raise


handlers = [
    list_arrangements,
    arrangement,
    arrange,
    change_arrangement,
    cancel_arrangement,
    list_replacements,
    replace,
]
