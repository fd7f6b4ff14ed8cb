"""JSON routes of what places lose and get: closures, and the units that resources take."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from booking import closures, new_units, reclaim
from booking.asking import Cursor, From, Limit, To, window_asked
from booking.schemas import ClosureIn, ClosureOut, UnitsIn, UnitsOut
from core.paging import Page
from people.answers import CHANGE, OPEN_READ, VERSIONED, WRITE
from people.desk import AtDesk
from resources.schemas import UnitIn, UnitOut


@post("/closures", summary="Close a place for a time", status_code=201, responses=WRITE)
async def close(desk: AtDesk, data: JSONBody[ClosureIn]) -> Response[ClosureOut]:
    """409 lists the bookings under it, unless `displace`."""
    return await desk.answer(
        lambda db, actor: closures.close(db, actor, desk.tenant, data, desk.now), status=201
    )


@get("/closures", summary="What is closed, and when", responses=OPEN_READ)
async def list_closures(
    desk: AtDesk, from_: From, to: To, cursor: Cursor = None, limit: Limit = 50
) -> Page[ClosureOut]:
    """Closures that touch the time, by start."""
    window = window_asked(desk.tenant.zone, from_, to)
    return await desk.read(
        lambda db, _actor: closures.closures(db, desk.tenant, window, cursor=cursor, limit=limit)
    )


@delete("/closures/{closure_id:uuid}", summary="Open again", status_code=204, responses=CHANGE)
async def lift(desk: AtDesk, closure_id: FromPath[UUID]) -> None:
    """The closure stays in the books as lifted."""
    await desk.change(lambda db, actor: closures.lift(db, actor, closure_id, desk.now))


@put("/resources/{resource_id:uuid}/units", summary="Which units the resource takes", responses=VERSIONED)
async def set_units(desk: AtDesk, resource_id: FromPath[UUID], data: JSONBody[UnitsIn]) -> Response[UnitsOut]:
    """Future bookings follow, or 409 in-use names those in the way and nothing changes."""
    return await desk.answer(
        lambda db, actor: reclaim.set_units(
            db, actor, resource_id, data.unit_ids, now=desk.now, version=desk.if_match()
        )
    )


@post("/facilities/{facility_id:uuid}/units", summary="Add a unit", responses=WRITE)
async def add_unit(desk: AtDesk, facility_id: FromPath[UUID], data: JSONBody[UnitIn]) -> Response[UnitOut]:
    """Closed from the beginning whenever its facility is."""
    return await desk.answer(
        lambda db, actor: new_units.add_unit(db, actor, facility_id, body=data, now=desk.now), status=201
    )


handlers = [close, list_closures, lift, set_units, add_unit]
