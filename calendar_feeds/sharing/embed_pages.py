"""HTML routes for the pages of other sites: a week within a frame, and as a piece of HTML to be put into a page.

Nobody is signed in here and no cookie is set: everybody is shown what everybody may know.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from booking.views import monday_asked, week_steps
from booking.weeks import ShownWeek, resource_week
from calendar_feeds.sharing import coming
from calendar_feeds.sharing.answers import answer, etag_of, for_everybody, home
from calendar_feeds.sharing.coming import Coming
from calendar_feeds.sharing.listed import View, days_of_coming, days_of_week, window_of
from core.page import link, render
from core.spans import DAY, local_date
from core.texts import Texts, pick_language, texts
from people.actors import NOBODY
from people.desk import AtDesk, Desk
from people.frame import frame
from resources.facts import ResourceFacts

POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'none';"
    " frame-ancestors *; base-uri 'none'"
)
"""Any page may frame it, and it loads nothing but its style."""
FACILITY_DAYS: Final = 7
ASSOCIATION_DAYS: Final = 28


class Asked(NamedTuple):
    """What the address says, and what follows from it."""

    language: str
    texts: Texts
    today: date
    monday: date

    @property
    def kept(self) -> dict[str, str]:
        """What stands in the addresses of other weeks too."""
        return {"lang": self.language}


def _asked(desk: Desk) -> Asked:
    """`?lang=` and `?week=`. No cookie is asked: what a page shows is the choice of who made that page."""
    query, accepted = desk.request.query_params, desk.request.headers.get("accept-language")
    language = pick_language(query.get("lang"), None, accepted, desk.tenant.languages)
    words = texts(language, desk.tenant.zone_name)
    today = local_date(desk.tenant.zone, desk.now)
    return Asked(language, words, today, monday_asked(query.get("week"), today))


def _answer(desk: Desk, asked: Asked, template: str, **values: Any) -> Response[Any]:
    around = frame(desk.request, desk.tenant, asked.language)
    body = render(template, around, **values).encode()
    headers = {
        "Content-Security-Policy": POLICY,
        "Content-Language": asked.language,
        "Vary": "Accept-Language",
    }
    return answer(desk, body, "text/html", etag=etag_of(body), headers=headers)


async def _week(desk: Desk, resource_id: UUID, asked: Asked) -> ShownWeek:
    async def work(db: AsyncSession) -> ShownWeek:
        return await resource_week(db, NOBODY, desk.tenant, resource_id, asked.monday, desk.now)

    return await for_everybody(desk, work)


def _place(facts: ResourceFacts) -> str:
    return f"{facts.name}, {facts.facility_name}"


@get("/embed/resources/{resource_id:uuid}")
async def resource_frame(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[Any]:
    """Its week, as on its own page; free times lead there."""
    asked = _asked(desk)
    shown = await _week(desk, resource_id, asked)
    url = desk.url(f"/resources/{resource_id}")
    path = desk.url(f"/embed/resources/{resource_id}")
    return _answer(
        desk,
        asked,
        "calendar_feeds/embed_week.html",
        heading=_place(shown.facts),
        url=link(url, **asked.kept),
        name=shown.facts.name,
        week=shown.week,
        left=shown.left,
        capacity=shown.capacity,
        book_url=f"{url}/book",
        **week_steps(path, asked.monday, asked.today, **asked.kept),
    )


@get("/embed/resources/{resource_id:uuid}/fragment")
async def resource_fragment(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[Any]:
    """The same as a list of days."""
    asked = _asked(desk)
    shown = await _week(desk, resource_id, asked)
    return _fragment(
        desk,
        asked,
        "resource",
        thing_id=resource_id,
        heading=_place(shown.facts),
        url=f"{home(desk)}/resources/{resource_id}",
        first=asked.monday,
        last=asked.monday + (FACILITY_DAYS - 1) * DAY,
        days=days_of_week(shown.week, resource_id, home(desk), asked.texts),
    )


def _fragment(
    desk: Desk, asked: Asked, kind: str, *, thing_id: UUID, days: list[View], **values: Any
) -> Response[Any]:
    return _answer(
        desk,
        asked,
        "calendar_feeds/_fragment.html",
        kind=kind,
        prefix=f"ledig-{kind}-{thing_id}",
        days=days,
        **values,
    )


async def _at_facility(desk: Desk, facility_id: UUID, asked: Asked) -> Coming:
    window = window_of(asked.monday, FACILITY_DAYS, asked.texts)
    return await for_everybody(
        desk, lambda db: coming.at_facility(db, desk.tenant, facility_id, window, desk.now)
    )


async def _for_association(desk: Desk, association_id: UUID, asked: Asked) -> Coming:
    window = window_of(asked.monday, ASSOCIATION_DAYS, asked.texts)
    return await for_everybody(desk, lambda db: coming.for_association(db, association_id, window, desk.now))


def _list(desk: Desk, asked: Asked, found: Coming, *, path: str, url: str, count: int) -> Response[Any]:
    """A frame with a list of days in it."""
    return _answer(
        desk,
        asked,
        "calendar_feeds/embed_list.html",
        heading=found.name,
        url=link(url, **asked.kept),
        first=asked.monday,
        last=asked.monday + (count - 1) * DAY,
        days=days_of_coming(
            found.entries, asked.monday, count, asked.texts, with_empty=count <= FACILITY_DAYS
        ),
        **_weeks(week_steps(path, asked.monday, asked.today, **asked.kept), count),
    )


def _weeks(steps: Mapping[str, Any], count: int) -> dict[str, Any]:
    """Of more than one week there is no number to tell."""
    return {**steps, "week_number": steps["week_number"] if count <= FACILITY_DAYS else None}


@get("/embed/facilities/{facility_id:uuid}")
async def facility_frame(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[Any]:
    """What stands on its places in a week."""
    asked = _asked(desk)
    found = await _at_facility(desk, facility_id, asked)
    path, url = (desk.url(f"{before}/facilities/{facility_id}") for before in ("/embed", ""))
    return _list(desk, asked, found, path=path, url=url, count=FACILITY_DAYS)


@get("/embed/facilities/{facility_id:uuid}/fragment")
async def facility_fragment(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[Any]:
    """The same as a piece of HTML."""
    asked = _asked(desk)
    found = await _at_facility(desk, facility_id, asked)
    return _fragment(
        desk,
        asked,
        "facility",
        thing_id=facility_id,
        heading=found.name,
        url=f"{home(desk)}/facilities/{facility_id}",
        first=asked.monday,
        last=asked.monday + (FACILITY_DAYS - 1) * DAY,
        days=days_of_coming(found.entries, asked.monday, FACILITY_DAYS, asked.texts, with_empty=True),
    )


@get("/embed/associations/{association_id:uuid}")
async def association_frame(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """What it has booked for everybody to know, four weeks on."""
    asked = _asked(desk)
    found = await _for_association(desk, association_id, asked)
    path, url = (desk.url(f"{before}/associations/{association_id}") for before in ("/embed", ""))
    return _list(desk, asked, found, path=path, url=url, count=ASSOCIATION_DAYS)


@get("/embed/associations/{association_id:uuid}/fragment")
async def association_fragment(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """The same as a piece of HTML."""
    asked = _asked(desk)
    found = await _for_association(desk, association_id, asked)
    return _fragment(
        desk,
        asked,
        "association",
        thing_id=association_id,
        heading=found.name,
        url=f"{home(desk)}/associations/{association_id}",
        first=asked.monday,
        last=asked.monday + (ASSOCIATION_DAYS - 1) * DAY,
        days=days_of_coming(found.entries, asked.monday, ASSOCIATION_DAYS, asked.texts, with_empty=False),
    )


handlers = [
    resource_frame,
    resource_fragment,
    facility_frame,
    facility_fragment,
    association_frame,
    association_fragment,
]
