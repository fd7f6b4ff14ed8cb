"""HTML routes of the room: a facility and what can be booked there."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from core.alphabet import alphabetical
from core.errors import NotFound
from core.spans import local_date
from people.actors import Actor
from people.desk import AtDesk
from resources import (
    article_pages,
    place_queries,
    policy_pages,
    price_file_pages,
    price_list_pages,
    tariff_line_pages,
    tariff_pages,
    tariff_settings_pages,
    terms_pages,
    tier_pages,
)
from resources.models import Facility, Opening
from resources.views import card_view, facility_view


@get("/facilities/{facility_id:uuid}")
async def facility(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[str]:
    """With its opening hours and the way there."""

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[Facility, list[place_queries.Kept], list[Opening]]:
        sight = place_queries.sight_of(actor, desk.now)
        found = await place_queries.facilities(db, sight, after=None, limit=1, ids=[facility_id])
        if not found:
            raise NotFound(what="facility")
        kept = await place_queries.resources(db, sight, facility_ids=[facility_id])
        return found[0], kept, list(await place_queries.lines(db, facility_id=facility_id))

    row, kept, lines = await desk.read(work)
    kept.sort(key=lambda each: alphabetical(each.resource.name))
    return desk.page(
        "resources/facility.html",
        facility=facility_view(row, lines, desk.texts, local_date(desk.tenant.zone, desk.now))
        | {"url": desk.url(f"/facilities/{facility_id}")},
        resources=[
            card_view(each.resource, desk.url(f"/resources/{each.resource.id}"), desk.texts) for each in kept
        ],
        share_url=desk.url(f"/share/facilities/{facility_id}"),
        arrangements_url=desk.url("/arrangements", facility=facility_id),
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[
        facility,
        *policy_pages.handlers,
        *tariff_pages.handlers,
        *tariff_line_pages.handlers,
        *price_file_pages.handlers,
        *tariff_settings_pages.handlers,
        *article_pages.handlers,
        *tier_pages.handlers,
        *price_list_pages.handlers,
        *terms_pages.handlers,
    ],
)
