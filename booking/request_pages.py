"""HTML routes of the case officer: what waits for an answer, and answering it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queue_queries, showing
from booking.schemas import ApplicationOut, BookingOut
from booking.views import View, span_of
from core.alphabet import alphabetical
from core.db import AnyRow
from core.paging import Page
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere
from resources import place_queries
from resources.models import Facility

A_PAGE = 50


def _demand_officer(actor: Actor) -> None:
    demand_somewhere(actor, "application.decide")


@get("/requests")
async def requests(desk: AtDesk) -> Response[str]:
    """Oldest first, at the places where the reader may read bookings."""
    query = desk.request.query_params
    chosen, cursor = _uuid(query.get("facility")), query.get("cursor")

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[list[Facility], Page[ApplicationOut], int, dict[UUID, list[AnyRow]]]:
        _demand_officer(actor)
        sight = place_queries.sight_of(actor, desk.now)
        facilities = list(await place_queries.facilities(db, sight, after=None, limit=500))
        page = await showing.applications(
            db,
            actor,
            desk.tenant,
            mine=False,
            state="requested",
            facility_id=chosen,
            cursor=cursor,
            limit=A_PAGE,
            now=desk.now,
        )
        facility_ids, resource_ids = showing.readable_places(actor)
        if chosen is not None and (facility_ids is None or chosen in facility_ids):
            facility_ids, resource_ids = [chosen], None
        count = await queue_queries.waiting(db, facility_ids=facility_ids, resource_ids=resource_ids)
        undecided = [each.id for out in page.items for each in _undecided(out)]
        return facilities, page, count, await queue_queries.rivals(db, undecided)

    facilities, page, count, rivals = await desk.read(work)
    done = "done" in query
    return desk.page(
        "booking/requests.html",
        notice=desk.texts.gettext("The answer is sent.") if done else None,
        form={"facility": str(chosen or "")},
        facilities=sorted(
            ((str(each.id), each.name) for each in facilities), key=lambda pair: alphabetical(pair[1])
        ),
        requests=[_listed(desk, out, rivals) for out in page.items if _undecided(out)],
        count=count,
        previous_url=desk.url("/requests", facility=chosen) if cursor else None,
        next_url=desk.url("/requests", facility=chosen, cursor=page.next) if page.next else None,
    )


def _listed(desk: Desk, out: ApplicationOut, rivals: Mapping[UUID, Sequence[AnyRow]]) -> View:
    waiting = _undecided(out)
    return {
        "title": out.title,
        "applicant": out.applicant,
        "association": out.association,
        "resource": waiting[0].resource_name,
        "facility": waiting[0].facility_name,
        "first": span_of(waiting[0]),
        "more": len(waiting) - 1,
        "submitted_at": out.created_at,
        "conflicts": len({row.id for each in waiting for row in rivals.get(each.id, ())}),
        "url": desk.url(f"/requests/{out.id}"),
    }


def _undecided(out: ApplicationOut) -> list[BookingOut]:
    return [each for each in out.bookings if each.state == "requested"]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


handlers = [requests]
