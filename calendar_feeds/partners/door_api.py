"""JSON routes of door locks: for whoever looks after the place."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from calendar_feeds.partners import doors as service
from calendar_feeds.partners.door_schemas import DoorCodeOut, DoorIn, DoorOut, DoorPatch
from core.destinations import Network, networks
from core.paging import CURSOR, MOST, Page
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk, Desk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


def allowed(desk: Desk) -> tuple[Network, ...]:
    """Networks of the inside that the operator lets addresses lead to."""
    return networks(desk.request.app.state.settings.call_networks)


@get("/doors", summary="Door locks", responses=READ)
async def list_doors(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[DoorOut]:
    """Newest first, of the places that you look after, with how it stands with each."""
    return await desk.read(
        lambda db, actor: service.doors(db, actor, desk.tenant, cursor=cursor, limit=limit)
    )


@get("/doors/{lock_id:uuid}", summary="A door lock", responses=READ)
async def door(desk: AtDesk, lock_id: FromPath[UUID]) -> DoorOut:
    """Its secret is not told again."""
    return await desk.read(lambda db, actor: service.door(db, actor, desk.tenant, lock_id))


@post("/doors", summary="Connect the lock of a resource's door", status_code=201, responses=WRITE)
async def connect_door(desk: AtDesk, data: JSONBody[DoorIn]) -> Response[DoorOut]:
    """Every confirmed booking to come gets a code in it, from now on too."""
    vault = desk.request.app.state.vault
    return await desk.answer(
        lambda db, actor: service.connect(
            db, actor, desk.tenant, data, vault=vault, allow=allowed(desk), now=desk.now
        ),
        status=201,
    )


@patch("/doors/{lock_id:uuid}", summary="Change a door lock", responses=WRITE)
async def change_door(desk: AtDesk, lock_id: FromPath[UUID], data: JSONBody[DoorPatch]) -> Response[DoorOut]:
    """Only what is given. With another address or secret all codes are placed anew."""
    vault = desk.request.app.state.vault
    return await desk.answer(
        lambda db, actor: service.change(
            db, actor, desk.tenant, lock_id, data, vault=vault, allow=allowed(desk), now=desk.now
        )
    )


@delete("/doors/{lock_id:uuid}", summary="Disconnect a door lock", status_code=204, responses=CHANGE)
async def disconnect_door(desk: AtDesk, lock_id: FromPath[UUID]) -> None:
    """Its codes are withdrawn first."""
    await desk.change(lambda db, actor: service.disconnect(db, actor, lock_id, desk.now))


@post("/doors/{lock_id:uuid}/place-anew", summary="Place all codes anew", status_code=200, responses=CHANGE)
async def place_anew(desk: AtDesk, lock_id: FromPath[UUID]) -> Response[DoorOut]:
    """For a lock that has forgotten what it knew, or was mended."""
    return await desk.answer(lambda db, actor: service.place_anew(db, actor, desk.tenant, lock_id, desk.now))


@get("/doors/{lock_id:uuid}/codes", summary="Bookings' codes in a lock", responses=READ)
async def door_codes(
    desk: AtDesk, lock_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Page[DoorCodeOut]:
    """Latest first, with how it stands with each. The codes themselves are their holders' alone."""
    return await desk.read(
        lambda db, actor: service.codes(db, actor, desk.tenant, lock_id, cursor=cursor, limit=limit)
    )


handlers = [list_doors, door, connect_door, change_door, disconnect_door, place_anew, door_codes]
