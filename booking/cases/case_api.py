"""JSON routes of the case: what is written in it, its decisions, offers and appeals, and the list of reasons."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from booking import offers
from booking.cases import appeals, case, case_queries, writing
from booking.cases.asking import MOST_OF_A_FORM, sent_with_files
from booking.cases.case_schemas import (
    AppealAnswerIn,
    AppealIn,
    AppealOut,
    DecisionsOut,
    EntryOut,
    MessageIn,
    MessagesOut,
    OfferRef,
)
from booking.schemas import ApplicationOut
from core import files
from core.errors import Invalid, NotFound
from people.actors import Actor
from people.answers import READ, WRITE
from people.desk import AtDesk


@get(
    "/applications/{application_id:uuid}/messages",
    summary="What has been written in the case",
    responses=READ,
)
async def case_messages(desk: AtDesk, application_id: FromPath[UUID]) -> MessagesOut:
    """In order of time, the newest 500. Notes only for staff who decide there."""

    async def work(db: AsyncSession, actor: Actor) -> MessagesOut:
        found = await case.seen(db, actor, application_id, desk.now)
        return MessagesOut(await case.timeline(db, found, desk.tenant))

    return await desk.read(work)


@post(
    "/applications/{application_id:uuid}/messages",
    summary="Write in the case",
    status_code=201,
    responses=WRITE,
)
async def write_message(
    desk: AtDesk, application_id: FromPath[UUID], data: JSONBody[MessageIn]
) -> Response[EntryOut]:
    """A `question` stops the clock, the applicant's `answer` starts it again; a `note` stays inside."""
    return await desk.answer(
        lambda db, actor: writing.write(
            db, actor, desk.tenant, application_id, kind=data.kind, text=data.text, now=desk.now
        ),
        status=201,
    )


@post(
    "/applications/{application_id:uuid}/files",
    summary="Send files in the case",
    status_code=201,
    responses=WRITE,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def send_files(desk: AtDesk, application_id: FromPath[UUID]) -> Response[EntryOut]:
    """multipart/form-data: `file`, up to five PDF, PNG or JPEG of at most 5 MB each, with `text` and `kind` as for
    messages.
    """
    values, attached = await sent_with_files(desk)
    kind: Any = values.get("kind", "message")
    if kind not in {"message", "note", "question", "answer"}:
        raise Invalid(field="kind", expected=["message", "note", "question", "answer"])
    text = values.get("text", "")

    async def work(db: AsyncSession, actor: Actor) -> EntryOut:
        return await writing.write(
            db,
            actor,
            desk.tenant,
            application_id,
            kind=kind,
            text=text,
            attached=attached,
            needs_file=True,
            now=desk.now,
        )

    return await desk.answer(work, status=201)


@get(
    "/applications/{application_id:uuid}/files/{file_id:uuid}",
    summary="A file of the case",
    responses=READ,
)
async def case_file(desk: AtDesk, application_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """As something to keep."""
    row = await desk.read(lambda db, actor: case.file(db, actor, application_id, file_id, desk.now))
    return Response(row.content, media_type=row.media_type, headers=files.headers_of(row.name))


@get("/applications/{application_id:uuid}/decisions", summary="What has been decided", responses=READ)
async def decisions(desk: AtDesk, application_id: FromPath[UUID]) -> DecisionsOut:
    """Each as it was made, with its right of appeal; the first one first."""

    async def work(db: AsyncSession, actor: Actor) -> DecisionsOut:
        found = await case.seen(db, actor, application_id, desk.now)
        return DecisionsOut(await case.decisions(db, found, desk.tenant))

    return await desk.read(work)


@post(
    "/applications/{application_id:uuid}/decisions/{number:int}/appeal",
    summary="Appeal a decision",
    status_code=201,
    responses=WRITE,
)
async def appeal_decision(
    desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int], data: JSONBody[AppealIn]
) -> Response[AppealOut]:
    """Once. A late one is received as late."""
    return await desk.answer(
        lambda db, actor: appeals.appeal(db, actor, desk.tenant, application_id, number, data.text, desk.now),
        status=201,
    )


@post(
    "/applications/{application_id:uuid}/decisions/{number:int}/appeal/close",
    summary="What came of an appeal",
    status_code=200,
    responses=WRITE,
)
async def close_appeal(
    desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int], data: JSONBody[AppealAnswerIn]
) -> Response[AppealOut]:
    """Once."""
    return await desk.answer(
        lambda db, actor: appeals.answer_appeal(
            db, actor, desk.tenant, application_id, number, data, desk.now
        )
    )


@post(
    "/applications/{application_id:uuid}/accept-offer",
    summary="Take the time that is offered",
    status_code=200,
    responses=WRITE,
)
async def accept_offer(
    desk: AtDesk, application_id: FromPath[UUID], data: JSONBody[OfferRef]
) -> Response[ApplicationOut]:
    """What was asked for is given up for it."""

    async def work(db: AsyncSession, actor: Actor) -> ApplicationOut:
        await demand_of(db, application_id, data.offer_id)
        return await offers.accept_offer(db, actor, desk.tenant, data.offer_id, desk.now)

    return await desk.answer(work)


@post(
    "/applications/{application_id:uuid}/decline-offer",
    summary="Let the time that is offered go",
    status_code=200,
    responses=WRITE,
)
async def decline_offer(
    desk: AtDesk, application_id: FromPath[UUID], data: JSONBody[OfferRef]
) -> Response[ApplicationOut]:
    """What was asked for waits for the municipality again."""

    async def work(db: AsyncSession, actor: Actor) -> ApplicationOut:
        await demand_of(db, application_id, data.offer_id)
        return await offers.decline_offer(db, actor, desk.tenant, data.offer_id, desk.now)

    return await desk.answer(work)


async def demand_of(db: AsyncSession, application_id: UUID, offer_id: UUID) -> None:
    """Raises NotFound for an offer of another case."""
    if await case_queries.application_of_offer(db, offer_id) != application_id:
        raise NotFound(what="offer")


handlers = [
    case_messages,
    write_message,
    send_files,
    case_file,
    decisions,
    appeal_decision,
    close_appeal,
    accept_offer,
    decline_offer,
]
