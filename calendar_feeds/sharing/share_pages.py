"""HTML routes: how a calendar is put into other sites and programs, and the open data in words."""

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.sharing.answers import api_home, home
from calendar_feeds.sharing.described import DATASETS
from core.errors import NotFound
from core.page import link
from core.spans import local_date
from core.texts import N_
from people import association_queries
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import place_queries
from resources.place_queries import Sight

PREVIEWING: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https: data:;"
    " connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'; object-src 'none'"
)
"""As of every page, and it shows a page of ours within itself."""
WEEK: Final = timedelta(days=7)
HEIGHTS: Final = {"resources": 640, "facilities": 560, "associations": 480}
FRAME_TITLES: Final = {
    "resources": N_("Free and taken times: %(name)s"),
    "facilities": N_("What is booked: %(name)s"),
    "associations": N_("What is coming: %(name)s"),
}
"""What the frame is called, for those who do not see it."""


async def _nobody_asks(_db: AsyncSession, _actor: Actor) -> None:
    """For the page that only asks who reads."""


@get("/share/resources/{resource_id:uuid}")
async def share_resource(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """Its week, its feeds and its free times, for other sites."""

    async def work(db: AsyncSession, _: Actor) -> str:
        found = await place_queries.resources(db, Sight(now=desk.now), ids=[resource_id])
        if not found:
            raise NotFound(what="resource")
        return f"{found[0].resource.name}, {found[0].facility.name}"

    name = await desk.read(work)
    return _page(desk, "resources", resource_id, name, free=f"resource={resource_id}")


@get("/share/facilities/{facility_id:uuid}")
async def share_facility(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[str]:
    """The same of a facility with all its places."""

    async def work(db: AsyncSession, _: Actor) -> str:
        sight = Sight(now=desk.now)
        found = await place_queries.resources(db, sight, facility_ids=[facility_id], limit=1)
        if not found:
            raise NotFound(what="facility")
        return found[0].facility.name

    name = await desk.read(work)
    return _page(desk, "facilities", facility_id, name, free=f"facility={facility_id}")


@get("/share/associations/{association_id:uuid}")
async def share_association(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """What an association has booked for everybody to know."""

    async def work(db: AsyncSession, _: Actor) -> str:
        row = await association_queries.association(db, association_id)
        if row is None:
            raise NotFound(what="association")
        return row.name

    name = await desk.read(work)
    return _page(desk, "associations", association_id, name, free=None)


def _page(desk: Desk, kind: str, thing_id: UUID, name: str, *, free: str | None) -> Response[str]:
    frame_url = link(f"{home(desk)}/embed/{kind}/{thing_id}", lang=desk.language)
    feeds = api_home(desk, "/ical")
    today = local_date(desk.tenant.zone, desk.now)
    title = desk.texts.gettext(FRAME_TITLES[kind], name=name)
    response = desk.page(
        "calendar_feeds/share.html",
        name=name,
        back_url=desk.url(f"/{kind}/{thing_id}"),
        frame_code=_frame_code(frame_url, title, HEIGHTS[kind]),
        frame_title=title,
        preview_url=link(desk.url(f"/embed/{kind}/{thing_id}"), lang=desk.language),
        fragment_url=link(f"{home(desk)}/embed/{kind}/{thing_id}/fragment", lang=desk.language),
        calendar_url=f"{feeds}/{kind}/{thing_id}.ics",
        busy_url=None if free is None else f"{feeds}/{kind}/{thing_id}.ifb",
        free_url=None if free is None else f"{api_home(desk)}/free?{free}&from={today}&to={today + WEEK}",
        data_url=desk.url("/open-data"),
        subscribe_url=desk.url(f"/{kind}/{thing_id}/subscribe"),
    )
    response.headers["Content-Security-Policy"] = PREVIEWING
    return response


def _frame_code(url: str, title: str, height: int) -> str:
    """What is put into the other site's page."""
    return (
        f'<iframe src="{escape(url)}" title="{escape(title)}" width="100%" height="{height}" loading="lazy"'
        ' frameborder="0"></iframe>'
    )


@get("/open-data")
async def open_data_page(desk: AtDesk) -> Response[str]:
    """What there is, under which licence, and what the fields mean."""
    await desk.read(_nobody_asks)
    base = f"{api_home(desk)}/open-data"
    return desk.page(
        "calendar_feeds/open_data.html",
        datasets=[
            {
                "name": each.name,
                "title": desk.texts.gettext(each.title),
                "text": desk.texts.gettext(each.text),
                "files": [
                    {"name": form.upper(), "url": f"{base}/{each.name}.{form}"} for form in ("csv", "json")
                ],
                "fields": _fields(desk, each.fields),
            }
            for each in DATASETS
        ],
        catalogues=[
            ("DCAT-AP-NO, JSON-LD", f"{base}/catalog.jsonld"),
            ("DCAT-AP-NO, Turtle", f"{base}/catalog.ttl"),
        ],
    )


def _fields(desk: Desk, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, desk.texts.gettext(text)) for name, text in fields.items()]


handlers = [share_resource, share_facility, share_association, open_data_page]
