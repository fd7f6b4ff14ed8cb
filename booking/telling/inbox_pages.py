"""HTML routes of one's messages inside."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from booking.telling import inbox
from people.desk import AtDesk

A_PAGE = 25


@get("/messages")
async def messages(desk: AtDesk) -> Response[str]:
    """The newest first."""
    cursor = desk.request.query_params.get("cursor")
    page = await desk.read(lambda db, actor: inbox.notices(db, actor, cursor=cursor, limit=A_PAGE))
    done = "done" in desk.request.query_params
    return desk.page(
        "booking/messages.html",
        notice=desk.texts.gettext("All messages are marked as read.") if done else None,
        messages=[
            {
                "subject": each.subject,
                "created_at": each.created_at,
                "is_read": each.read_at is not None,
                "url": desk.url(f"/messages/{each.id}"),
            }
            for each in page.items
        ],
        unread=desk.actor.unread,
        read_url=desk.url("/messages/read"),
        profile_url=desk.url("/me"),
        previous_url=desk.url("/messages") if cursor else None,
        next_url=desk.url("/messages", cursor=page.next) if page.next else None,
    )


@get("/messages/{notice_id:uuid}")
async def message(desk: AtDesk, notice_id: FromPath[UUID]) -> Response[str]:
    """One; whoever opens it has read it."""
    found = await desk.change(lambda db, actor: inbox.open_notice(db, actor, notice_id, desk.now))
    if found.read_at == desk.now:
        desk.actor = msgspec.structs.replace(desk.actor, unread=max(0, desk.actor.unread - 1))
    return desk.page(
        "booking/message.html",
        message={
            "subject": found.subject,
            "text": found.text,
            "created_at": found.created_at,
            "url": desk.url(found.path),
        },
        back_url=desk.url("/messages"),
    )


@post("/messages/read", status_code=303)
async def read_all(desk: AtDesk) -> Redirect:
    """All that there is by now."""
    await desk.change(lambda db, actor: inbox.mark_all_read(db, actor, desk.now))
    return Redirect(desk.url("/messages", done="read"), status_code=303)


handlers = [messages, message, read_all]
