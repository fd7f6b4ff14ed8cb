"""JSON routes of tokens: one's own, and, for administrators, everybody's."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import CURSOR, MOST, Page
from people import tokens
from people.actors import Actor
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk
from people.token_schemas import StaffTokenOut, TokenIn, TokenMade, TokenOut

Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]


@get("/me/tokens", summary="My tokens", responses=READ)
async def my_tokens(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[TokenOut]:
    """Newest first, the ended ones too."""
    return await desk.read(
        lambda db, actor: tokens.own_tokens(db, actor, desk.now, cursor=cursor, limit=limit)
    )


@post("/me/tokens", summary="Make a token", status_code=201, responses=WRITE)
async def make_token(desk: AtDesk, data: JSONBody[TokenIn]) -> Response[TokenMade]:
    """At a browser only: no token makes another. The secret is shown this once; asked again under the same
    Idempotency-Key, the answer is the same without it.
    """
    shown: list[TokenMade] = []

    async def work(db: AsyncSession, actor: Actor) -> TokenMade:
        made = await tokens.make_token(db, actor, data, desk.now)
        shown[:] = [made]
        return replace(made, secret=None)  # what is kept for the Idempotency-Key holds no secret

    response = await desk.answer(work, status=201)
    kept: Any = response.content
    if shown and msgspec.json.decode(kept, type=TokenMade).id == shown[0].id:
        content: Any = msgspec.json.encode(shown[0])
        response.content = content
    response.headers["Cache-Control"] = "no-store"
    return response


@delete("/me/tokens/{token_id:uuid}", summary="Revoke a token of mine", status_code=204, responses=CHANGE)
async def revoke_token(desk: AtDesk, token_id: FromPath[UUID]) -> None:
    """It opens nothing from now on."""
    await desk.change(lambda db, actor: tokens.revoke_own(db, actor, token_id, desk.now))


@get("/tokens", summary="Everybody's tokens", responses=READ)
async def all_tokens(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[StaffTokenOut]:
    """For administrators. Newest first; without their secrets, which nobody knows."""
    return await desk.read(
        lambda db, actor: tokens.all_tokens(db, actor, desk.now, cursor=cursor, limit=limit)
    )


@delete("/tokens/{token_id:uuid}", summary="Revoke anybody's token", status_code=204, responses=CHANGE)
async def revoke_any_token(desk: AtDesk, token_id: FromPath[UUID]) -> None:
    """For administrators."""
    await desk.change(lambda db, actor: tokens.revoke_any(db, actor, token_id, desk.now))


router = Router(
    path="/api/{m:str}",
    tags=["tokens"],
    route_handlers=[my_tokens, make_token, revoke_token, all_tokens, revoke_any_token],
)
