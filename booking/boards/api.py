"""JSON routes of the house: the list of the day."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.day_lists import day_list, facilities
from booking.boards.schemas import DayOut
from core.errors import Invalid, NotFound
from core.spans import FIRST_YEAR, LAST_YEAR, local_date
from core.texts import N_
from people.actors import Actor
from people.answers import READ
from people.desk import AtDesk


@get("/day", summary="Who comes to a facility on a day", responses=READ)
async def day(
    desk: AtDesk, facility: FromQuery[UUID | None] = None, on: FromQuery[date | None] = None
) -> DayOut:
    """Who comes when and where, how to reach her, and what is to be ready; today when no day is named, and the first
    facility by name that the reader may ask about when none is.

    For caretakers and other staff of the place. Reading it leaves a trace.
    """
    wanted = on or local_date(desk.tenant.zone, desk.now)
    if not FIRST_YEAR <= wanted.year <= LAST_YEAR:
        raise Invalid(field="on", expected=N_("a year from 2000 to 2100"))

    async def work(db: AsyncSession, actor: Actor) -> DayOut:
        chosen = facility or next((id_ for id_, _ in await facilities(db, actor)), None)
        if chosen is None:
            raise NotFound(what="facility")
        return (await day_list(db, actor, desk.tenant, chosen, on=wanted, now=desk.now)).day

    return await desk.read(work)


handlers = [day]
