"""JSON routes of privacy: what is held about me, erasing me, who has read about me, how long things are kept."""

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import CURSOR, MOST, Page
from people import collecting, erasing, retaining
from people.actors import Actor
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk, Desk
from people.privacy_schemas import DataOut, ErasureOut, ReadOut, RetentionIn, RetentionOut

Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]


def data_in_words(data: DataOut, desk: Desk) -> DataOut:
    """Its texts in the reader's language."""
    said = desk.texts.gettext
    return replace(
        data,
        notes=[said(note) for note in data.notes],
        holdings=[replace(each, title=said(each.title)) for each in data.holdings],
    )


def erasure_in_words(erasure: ErasureOut, desk: Desk) -> ErasureOut:
    """The same."""
    said = desk.texts.gettext
    return replace(
        erasure,
        effects=[
            replace(each, what=said(each.what), why=said(each.why) if each.why else None)
            for each in erasure.effects
        ],
    )


def rules_in_words(rules: list[RetentionOut], desk: Desk) -> list[RetentionOut]:
    """The same."""
    said = desk.texts.gettext
    return [replace(each, title=said(each.title), reason=said(each.reason)) for each in rules]


@get("/me/data", summary="Everything that is held about me", responses=READ)
async def my_data(desk: AtDesk) -> Response[DataOut]:
    """As a file to keep. Another municipality answers for itself. My national number is not in it."""
    return await file_of(desk)


async def file_of(desk: Desk) -> Response[DataOut]:
    """The reader's data, to be saved by her browser and by nothing in between."""
    found = await desk.read(lambda db, actor: collecting.collected(db, actor, desk.tenant))
    day = desk.texts.local(desk.now).date().isoformat()
    name = f"ledig-{desk.tenant.slug}-{day}.json"
    content: Any = msgspec.json.format(msgspec.json.encode(data_in_words(found, desk)), indent=2)
    return Response(
        content,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@get("/me/erasure", summary="What erasing me would come to", responses=READ)
async def my_erasure(desk: AtDesk) -> ErasureOut:
    """What goes, what the law keeps, and what must be put in order first. Changes nothing."""
    found = await desk.read(lambda db, actor: erasing.erasure(db, actor, desk.now))
    return erasure_in_words(found, desk)


@post("/me/erasure", summary="Erase me", status_code=200, responses=CHANGE)
async def erase_me(desk: AtDesk) -> Response[ErasureOut]:
    """All of it at once, and for good; at a browser only. 409 not-erasable while something is in the way."""

    async def work(db: AsyncSession, actor: Actor) -> ErasureOut:
        return erasure_in_words(await erasing.erase_me(db, actor, desk.now), desk)

    return await desk.answer(work)


@get("/me/reads", summary="Who of staff has read about me", responses=READ)
async def reads_of_me(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[ReadOut]:
    """Newest first; once an hour for each kind of page."""
    return await desk.read(lambda db, actor: collecting.reads_of_me(db, actor, cursor=cursor, limit=limit))


@get("/retention", summary="How long each kind of data is kept", responses=READ)
async def retention(desk: AtDesk) -> list[RetentionOut]:
    """For administrators. Each night, what is older is forgotten."""
    return rules_in_words(await desk.read(retaining.rules), desk)


@put("/retention", summary="Set how long data is kept", responses=WRITE)
async def set_retention(desk: AtDesk, data: JSONBody[RetentionIn]) -> list[RetentionOut]:
    """For administrators. All that differs from what the program proposes; never shorter than the law asks for."""
    found = await desk.change(lambda db, actor: retaining.set_rules(db, actor, data, desk.now))
    return rules_in_words(found, desk)


router = Router(
    path="/api/{m:str}",
    tags=["privacy"],
    route_handlers=[my_data, my_erasure, erase_me, reads_of_me, retention, set_retention],
)
