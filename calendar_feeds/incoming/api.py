"""JSON routes of calendars in."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.incoming import service, trying
from calendar_feeds.incoming.diff import EventState
from calendar_feeds.incoming.schemas import (
    ImportEventOut,
    ImportIn,
    ImportOut,
    ImportPatch,
    ResolveIn,
    TriedOut,
)
from core.paging import CURSOR, MOST, Page
from core.settings import Settings
from people.actors import Actor
from people.answers import ASK, CHANGE, READ, VERSIONED, WRITE
from people.desk import AtDesk, Desk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


def settings_at(desk: Desk) -> Settings:
    """What is set from outside."""
    return desk.request.app.state.settings


@get("/imports", summary="Calendars that are attached", responses=READ)
async def imports(
    desk: AtDesk, resource: FromQuery[UUID | None] = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[ImportOut]:
    """Those at places that the reader looks after; the failing first, then by label."""
    return await desk.read(
        lambda db, actor: service.imports(
            db, actor, desk.tenant, resource_id=resource, cursor=cursor, limit=limit, now=desk.now
        )
    )


@post("/imports", summary="Attach a calendar", status_code=201, responses=WRITE)
async def add_import(desk: AtDesk, data: JSONBody[ImportIn]) -> Response[ImportOut]:
    """It is fetched at once, and then as often as said. The address is never told again."""
    return await desk.answer(
        lambda db, actor: service.add(db, actor, desk.tenant, data, settings=settings_at(desk), now=desk.now),
        status=201,
    )


@post(
    "/imports/try",
    summary="What would come of it?",
    status_code=200,
    responses=ASK,
    opt={"limit": "search"},
)
async def try_import(desk: AtDesk, data: JSONBody[ImportIn]) -> TriedOut:
    """Asks the calendar's host, and writes nothing. The answer takes as long as the host does: up to half a minute."""
    return await tried(desk, data)


async def tried(desk: Desk, form: ImportIn) -> TriedOut:
    """With no transaction open while the host is asked. Raises SignInNeeded, Forbidden, NotFound, Invalid."""
    settings = settings_at(desk)
    address = await desk.read(lambda db, actor: service.check(db, actor, form, settings))
    heard = await trying.hear(address, desk.tenant, settings, desk.now)

    async def work(db: AsyncSession, actor: Actor) -> TriedOut:
        await service.demand_at(db, actor, form.resource_id)
        return await trying.tried(db, desk.tenant, form, heard, desk.now)

    return await desk.read(work)


@get("/imports/{import_id:uuid}", summary="One attached calendar", responses=READ)
async def read_import(desk: AtDesk, import_id: FromPath[UUID]) -> Response[ImportOut]:
    """How it is. The ETag is for If-Match."""
    return await desk.answer(lambda db, actor: service.one(db, actor, desk.tenant, import_id, now=desk.now))


@patch("/imports/{import_id:uuid}", summary="Change, pause or go on", responses=VERSIONED)
async def change_import(
    desk: AtDesk, import_id: FromPath[UUID], data: JSONBody[ImportPatch]
) -> Response[ImportOut]:
    """Only what is given changes."""
    return await desk.answer(
        lambda db, actor: service.change(
            db,
            actor,
            desk.tenant,
            import_id,
            data,
            version=desk.if_match(),
            settings=settings_at(desk),
            now=desk.now,
        )
    )


@delete("/imports/{import_id:uuid}", summary="Let go of a calendar", status_code=204, responses=CHANGE)
async def remove_import(
    desk: AtDesk, import_id: FromPath[UUID], brought: FromQuery[Literal["keep", "withdraw"]] = "keep"
) -> None:
    """What it brought stays; or, what is to come of it is opened again and cancelled."""
    await desk.change(
        lambda db, actor: service.remove(db, actor, import_id, withdraws=brought == "withdraw", now=desk.now)
    )


@post("/imports/{import_id:uuid}/fetch", summary="Fetch it now", status_code=200, responses=CHANGE)
async def fetch_import(desk: AtDesk, import_id: FromPath[UUID]) -> Response[ImportOut]:
    """Soon after the answer, which is how it stood before."""
    return await desk.answer(
        lambda db, actor: service.fetch_now(db, actor, desk.tenant, import_id, now=desk.now)
    )


@post(
    "/imports/{import_id:uuid}/sure",
    summary="Carry out what was held back",
    status_code=200,
    responses=CHANGE,
)
async def sure_import(desk: AtDesk, import_id: FromPath[UUID]) -> Response[ImportOut]:
    """Much is gone from the calendar, and that is right: it goes here too, if the calendar is the same still."""
    return await desk.answer(
        lambda db, actor: service.fetch_now(db, actor, desk.tenant, import_id, is_sure=True, now=desk.now)
    )


@get("/imports/{import_id:uuid}/events", summary="What an attached calendar brought", responses=READ)
async def import_events(
    desk: AtDesk,
    import_id: FromPath[UUID],
    in_state: Annotated[EventState | None, QueryParameter(name="state")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ImportEventOut]:
    """What is not over, by start. `state=collides` lists what waits for somebody to decide."""
    return await desk.read(
        lambda db, actor: service.events(
            db, actor, desk.tenant, import_id, state=in_state, cursor=cursor, limit=limit, now=desk.now
        )
    )


@post(
    "/imports/{import_id:uuid}/events/{event_id:uuid}/resolve",
    summary="Decide about an event that collides",
    status_code=200,
    responses=WRITE,
)
async def resolve_event(
    desk: AtDesk, import_id: FromPath[UUID], event_id: FromPath[UUID], data: JSONBody[ResolveIn]
) -> Response[ImportEventOut]:
    """Take the others' time, of which they are told; leave the event out; or try again. One that still collides is
    answered so.
    """
    return await desk.answer(
        lambda db, actor: service.resolve(
            db, actor, desk.tenant, import_id, event_id, form=data, now=desk.now
        )
    )


router = Router(
    path="/api/{m:str}",
    tags=["imports"],
    route_handlers=[
        imports,
        add_import,
        try_import,
        read_import,
        change_import,
        remove_import,
        fetch_import,
        sure_import,
        import_events,
        resolve_event,
    ],
)
