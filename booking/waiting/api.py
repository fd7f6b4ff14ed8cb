"""JSON routes of the waiting list."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from booking.waiting import service
from booking.waiting.schemas import WaitIn, WaitOut
from core.paging import CURSOR, MOST, Page
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


@get("/waiting", summary="What I wait for", responses=READ)
async def my_waits(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[WaitOut]:
    """By when I began to. With the application of what is offered now."""
    return await desk.read(lambda db, actor: service.mine(db, actor, desk.tenant, cursor=cursor, limit=limit))


@post("/waiting", summary="Tell me when it becomes free", status_code=201, responses=WRITE)
async def wait(desk: AtDesk, data: JSONBody[WaitIn]) -> Response[WaitOut]:
    """One time, which is then offered in order, or a search, of which I am told. At most 20 at once."""
    return await desk.answer(
        lambda db, actor: service.wait(db, actor, desk.tenant, data, desk.now), status=201
    )


@delete("/waiting/{wait_id:uuid}", summary="Wait no more", status_code=204, responses=CHANGE)
async def stop_waiting(desk: AtDesk, wait_id: FromPath[UUID]) -> None:
    """Twice is once."""
    await desk.change(lambda db, actor: service.stop(db, actor, wait_id, desk.now))


handlers = [my_waits, wait, stop_waiting]
