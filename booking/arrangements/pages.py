"""HTML routes of arrangements for everybody, and taking another time for what was displaced."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking import replacing
from booking.arrangements import reading, staff_pages
from booking.arrangements.schemas import ArrangementOut
from booking.arrangements.views import View, arrangement_view
from booking.own_pages import sent
from core import files
from core.alphabet import alphabetical
from core.errors import Invalid, TimeTaken
from core.paging import Page
from core.texts import N_
from core.wire import id_in
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import place_queries
from resources.models import Facility

A_PAGE = 20
MOST_FACILITIES = 500


@get("/arrangements")
async def list_arrangements(desk: AtDesk) -> Response[str]:
    """What is to come, at all facilities or one."""
    query = desk.request.query_params
    cursor, chosen = query.get("cursor"), id_in(query.get("facility"))

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[ArrangementOut], list[Facility]]:
        page = await reading.arrangements(
            db, desk.tenant, facility_id=chosen, cursor=cursor, limit=A_PAGE, now=desk.now
        )
        sight = place_queries.sight_of(actor, desk.now)
        return page, list(await place_queries.facilities(db, sight, after=None, limit=MOST_FACILITIES))

    page, facilities = await desk.read(work)
    return desk.page(
        "booking/arrangements.html",
        arrangements=[arrangement_view(each, desk.texts, base=desk.base) for each in page.items],
        facilities=sorted(
            ((str(each.id), each.name) for each in facilities), key=lambda pair: alphabetical(pair[1])
        ),
        form={"facility": str(chosen or "")},
        previous_url=desk.url("/arrangements", facility=chosen) if cursor else None,
        next_url=desk.url("/arrangements", facility=chosen, cursor=page.next) if page.next else None,
    )


async def some(db: AsyncSession, desk: Desk, *, limit: int) -> list[View]:
    """The next few, for the front page."""
    page = await reading.arrangements(
        db, desk.tenant, facility_id=None, cursor=None, limit=limit, now=desk.now
    )
    return [arrangement_view(each, desk.texts, base=desk.base) for each in page.items]


@get("/arrangements/{arrangement_id:uuid}")
async def arrangement(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[str]:
    """One."""
    out = await desk.read(
        lambda db, actor: reading.arrangement(db, actor, desk.tenant, arrangement_id, desk.now)
    )
    manages = bool(desk.actor.grants) and reading.may_manage(desk.actor, out) and not out.cancelled
    return desk.page(
        "booking/arrangement.html",
        arrangement=arrangement_view(out, desk.texts, base=desk.base),
        edit_url=desk.url(f"/staff/arrangements/{out.id}") if manages else None,
        back_url=desk.url("/arrangements"),
    )


@get("/arrangements/{arrangement_id:uuid}/picture")
async def picture(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[bytes]:
    """Its picture, to be shown inside a page."""
    media_type, content, version = await desk.read(
        lambda db, actor: reading.picture(db, actor, desk.tenant, arrangement_id, desk.now)
    )
    return Response(content, media_type=media_type, headers=files.picture_headers(version))


@post("/bookings/{booking_id:uuid}/replace", status_code=200)
async def replace(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[Any]:
    """By one click; when somebody was quicker, back to the list with what there is now."""
    values = await sent(desk)
    replacement_id = id_in(values.get("replacement_id"))
    case = await desk.read(lambda db, actor: replacing.case_of(db, actor, booking_id))
    if replacement_id is None:
        raise Invalid(field="replacement_id", expected=N_("one of the times that are offered"))
    try:
        await desk.change(
            lambda db, actor: replacing.replace(db, actor, desk.tenant, booking_id, replacement_id, desk.now)
        )
    except TimeTaken:
        await desk.change(lambda db, actor: replacing.refresh(db, actor, desk.tenant, booking_id, desk.now))
        return Redirect(desk.url(f"/applications/{case}", done="gone"), status_code=303)
    return Redirect(desk.url(f"/applications/{case}", done="replaced"), status_code=303)


handlers = [list_arrangements, arrangement, picture, replace, *staff_pages.handlers]
