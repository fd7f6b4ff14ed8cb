"""JSON routes of one's messages inside."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, QueryParameter

from booking.telling import inbox
from booking.telling.schemas import NoticeOut
from core.paging import CURSOR, MOST, Page
from people.answers import CHANGE, READ
from people.desk import AtDesk

Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]


@get("/messages", summary="My messages", responses=READ)
async def messages(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[NoticeOut]:
    """The newest first; `read_at` is null for those that have not been opened."""
    return await desk.read(lambda db, actor: inbox.notices(db, actor, cursor=cursor, limit=limit))


@post("/messages/{notice_id:uuid}/read", summary="Mark a message as read", status_code=200, responses=CHANGE)
async def read_message(desk: AtDesk, notice_id: FromPath[UUID]) -> Response[NoticeOut]:
    """Twice is once: it keeps the time of the first."""
    return await desk.answer(lambda db, actor: inbox.mark_read(db, actor, notice_id, desk.now))


router = Router(path="/api/{m:str}", tags=["messages"], route_handlers=[messages, read_message])
