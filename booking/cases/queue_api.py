"""JSON routes of the queue: whose a case is."""

from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath, JSONBody

from booking.cases import assigning
from booking.schemas import ApplicationOut, AssignIn
from people.answers import VERSIONED
from people.desk import AtDesk


@post(
    "/applications/{application_id:uuid}/assign",
    summary="Take a case, hand it over, or let go of it",
    status_code=200,
    responses=VERSIONED,
)
async def assign(
    desk: AtDesk, application_id: FromPath[UUID], data: JSONBody[AssignIn]
) -> Response[ApplicationOut]:
    """To an officer who may decide there; null: to nobody. Taking what somebody else has needs If-Match."""
    return await desk.answer(
        lambda db, actor: assigning.assign(
            db,
            actor,
            desk.tenant,
            application_id,
            data.officer_id,
            now=desk.now,
            version=desk.if_match(),
        )
    )


handlers = [assign]
