"""JSON routes of who decides, and of terms with their versions."""

from uuid import UUID

from litestar import Response, get, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from people.actors import Actor
from people.answers import OPEN_READ, VERSIONED
from people.desk import AtDesk
from resources import deciding, lease_terms
from resources.decision_schemas import PoliciesIn, PoliciesOut, TermsVersionsOut


@get("/resources/{resource_id:uuid}/policies", summary="Who decides, and when", responses=OPEN_READ)
async def policies(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[PoliciesOut]:
    """The first line that fits decides, else `decision`. The ETag goes into If-Match of a change."""
    return await desk.answer(lambda db, actor: deciding.policies(db, actor, resource_id, now=desk.now))


@put("/resources/{resource_id:uuid}/policies", summary="Set who decides, and when", responses=VERSIONED)
async def set_policies(
    desk: AtDesk, resource_id: FromPath[UUID], data: JSONBody[PoliciesIn]
) -> Response[PoliciesOut]:
    """The whole list. What is booked stays as it was decided."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: deciding.set_policies(
            db, actor, resource_id, body=data, version=version, now=desk.now
        )
    )


@get("/resources/{resource_id:uuid}/terms", summary="All versions of the terms", responses=OPEN_READ)
async def terms(desk: AtDesk, resource_id: FromPath[UUID]) -> TermsVersionsOut:
    """The newest first. What was accepted is named on each booking (`terms_version`)."""

    async def work(db: AsyncSession, actor: Actor) -> TermsVersionsOut:
        _, found = await lease_terms.versions(db, actor, resource_id, zone=desk.tenant.zone, now=desk.now)
        return found

    return await desk.read(work)


handlers = [policies, set_policies, terms]
