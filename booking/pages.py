"""HTML routes of the room: finding a place and a free time. The others stand in the modules joined at the end."""

from collections import Counter
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking import book_pages, closure_pages, own_pages, searching
from booking.arrangements import pages as arrangement_pages
from booking.boards import pages as board_pages
from booking.cases import absence_pages, case_pages, decision_pages, queue_pages, reason_pages, routing_pages
from booking.cases import own_pages as own_case_pages
from booking.hit_prices import with_prices
from booking.schemas import HitOut
from booking.search_form import SearchForm, asked_text, card, read_search_form
from booking.telling import pages as telling
from booking.views import hit_view, monday_asked, week_steps
from booking.waiting import pages as waiting_pages
from booking.weeks import ShownWeek, resource_week
from core.alphabet import alphabetical
from core.errors import NotFound
from core.page import link, render
from core.spans import local_date, utc_now
from core.tenants import Tenant
from core.texts import LANGUAGES, Texts, texts
from core.wire import id_in
from people import queries as people
from people.actors import NOBODY, Actor
from people.desk import AnyRequest, AtDesk, Desk
from people.frame import frame, language_of, remember_language
from resources import place_queries
from resources.activities import ACTIVITIES, label
from resources.facts import LimitFacts
from resources.models import Facility, Opening, Unit
from resources.price_list import price_list
from resources.queries import limits_at
from resources.tariff_queries import priceables
from resources.tariffs import Priceable
from resources.views import address, capacity, picture, resource_view, rules_view

MOST_FACILITIES = 500
MOST_CHIPS = 8
MOST_ARRANGEMENTS = 3
HITS_A_PAGE = 25
EVERY_HIT = 100_000


def activity_pairs(words: Texts) -> list[tuple[str, str]]:
    """Code and label of every activity, by label."""
    pairs = [(code, words.gettext(label(code, ACTIVITIES))) for code in ACTIVITIES]
    return sorted(pairs, key=lambda pair: alphabetical(pair[1]))


def facility_pairs(facilities: list[Facility]) -> list[tuple[str, str]]:
    """Id and name, by name."""
    pairs = [(str(each.id), each.name) for each in facilities]
    return sorted(pairs, key=lambda pair: alphabetical(pair[1]))


async def _clubs(db: AsyncSession, actor: Actor) -> list[tuple[str, str]]:
    """Id and name of those she may search for; no statement for who acts for none."""
    if not actor.associations:
        return []
    return [(str(each.id), each.name) for each in await people.associations(db, actor.associations)]


async def _facilities(db: AsyncSession, actor: Actor, desk: Desk) -> list[Facility]:
    sight = place_queries.sight_of(actor, desk.now)
    return list(await place_queries.facilities(db, sight, after=None, limit=MOST_FACILITIES))


@get("/")
async def front(desk: AtDesk) -> Response[str]:
    """The way in: the search, what people do here, and every facility."""

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[list[Facility], list[place_queries.Kept], list[dict[str, Any]], list[tuple[str, str]]]:
        sight = place_queries.sight_of(actor, desk.now)
        coming = await arrangement_pages.some(db, desk, limit=MOST_ARRANGEMENTS)
        facilities, kept = await _facilities(db, actor, desk), await place_queries.resources(db, sight)
        return facilities, kept, coming, await _clubs(db, actor)

    facilities, kept, arrangements, clubs = await desk.read(work)
    things = Counter(each.resource.facility_id for each in kept)
    popular = Counter(code for each in kept for code in each.resource.activities)
    return desk.page(
        "booking/front.html",
        search=card(
            read_search_form({}, desk.texts),
            desk.url("/search"),
            place_name="facility",
            places=facility_pairs(facilities),
            activities=activity_pairs(desk.texts),
            associations=clubs,
        ),
        facilities=[
            {
                "name": each.name,
                "url": desk.url(f"/facilities/{each.id}"),
                "address": address(each),
                "picture_url": picture(each.pictures, desk.language)[0],
                "resources": things[each.id],
            }
            for each in sorted(facilities, key=lambda each: alphabetical(each.name))
        ],
        activities=[
            {
                "name": desk.texts.gettext(label(code, ACTIVITIES)),
                "url": desk.url("/search", activity=code),
            }
            for code, _ in popular.most_common(MOST_CHIPS)
        ],
        arrangements=arrangements,
    )


@get("/search", opt={"limit": "search"})
async def search(desk: AtDesk) -> Response[str]:
    """Where is it free in this municipality?"""
    filled = read_search_form(desk.request.query_params, desk.texts)

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[list[Facility], list[tuple[str, str]], list[HitOut], int]:
        holder = await searching.holder_asked(db, actor, filled.association_id)
        facilities, clubs = await _facilities(db, actor, desk), await _clubs(db, actor)
        if filled.query is None:
            return facilities, clubs, [], 0
        asked = filled.query.sought(desk.now, desk.tenant.zone)
        found = await searching.search(
            db,
            actor,
            {desk.tenant.id: desk.tenant},
            asked,
            now=desk.now,
            cursor=None,
            limit=EVERY_HIT,
            holder=holder,
        )
        shown = _shown(filled, found.items)
        priced = await with_prices(db, holder, desk.tenant, asked, shown, texts=desk.texts)
        return facilities, clubs, priced, len(found.items)

    facilities, clubs, hits, count = await desk.read(work)
    return desk.page(
        "booking/search.html",
        status=422 if filled.errors else 200,
        search=card(
            filled,
            desk.url("/search"),
            place_name="facility",
            places=facility_pairs(facilities),
            activities=activity_pairs(desk.texts),
            associations=clubs,
        ),
        searched_for=dict(clubs).get(str(filled.association_id)),
        **_found(
            filled,
            hits,
            count,
            path=desk.url("/search"),
            places={desk.tenant.slug: (desk.tenant, desk.base)},
            words=desk.texts,
        ),
        wait_url=None if filled.errors else link(desk.url("/waiting/new"), **filled.form),
    )


def _shown(filled: SearchForm, hits: list[HitOut]) -> list[HitOut]:
    """Those of the page that is asked for."""
    begin = (filled.page - 1) * HITS_A_PAGE
    return hits[begin : begin + HITS_A_PAGE]


def _found(
    filled: SearchForm,
    hits: list[HitOut],
    count: int,
    *,
    path: str,
    places: dict[str, tuple[Tenant, str]],
    words: Texts,
) -> dict[str, Any]:
    """What booking/search.html says of the page's hits, of `count` in all. `places`: slug → municipality and where
    its links begin.
    """
    asked = "" if filled.query is None else asked_text(filled.query.sought(utc_now(), words.zone), words)

    def page_url(number: int) -> str:
        return link(path, **filled.form, page=number)

    return {
        "asked": asked,
        "hits": [
            hit_view(
                hit,
                places[hit.municipality][0],
                base=places[hit.municipality][1],
                is_among_all=len(places) > 1,
                texts=words,
                association_id=filled.association_id,
            )
            for hit in hits
        ],
        "count": count,
        "previous_url": page_url(filled.page - 1) if filled.page > 1 else None,
        "next_url": page_url(filled.page + 1) if filled.page * HITS_A_PAGE < count else None,
    }


@get("/resources/{resource_id:uuid}")
async def resource(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """What it is, its week, and the rules in force."""
    today = local_date(desk.tenant.zone, desk.now)
    monday = monday_asked(desk.request.query_params.get("week"), today)

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[place_queries.Kept, list[Unit], list[Opening], list[LimitFacts], ShownWeek, Priceable]:
        sight = place_queries.sight_of(actor, desk.now)
        found = await place_queries.resources(db, sight, ids=[resource_id])
        if not found:
            raise NotFound(what="resource")
        units = await place_queries.units_of_resources(db, [resource_id])
        lines = await place_queries.lines(db, resource_id=resource_id)
        inherited = await place_queries.lines(db, facility_id=found[0].facility.id)
        week = await resource_week(db, actor, desk.tenant, resource_id, monday, desk.now)
        limits = await limits_at(db, [week.facts])
        known = (await priceables(db, [resource_id]))[resource_id]
        return found[0], units.get(resource_id, []), list(lines or inherited), limits, week, known

    kept, units, lines, limits, week, known = await desk.read(work)
    path = desk.url(f"/resources/{resource_id}")
    kept_for = {"association_id": id_in(desk.request.query_params.get("association_id"))}
    return desk.page(
        "booking/resource.html",
        resource=resource_view(
            kept.resource,
            kept.facility,
            url=path,
            facility_url=desk.url(f"/facilities/{kept.facility.id}"),
            texts=desk.texts,
        ),
        rules=rules_view(
            kept.resource, units, limits, lines, texts=desk.texts, today=today, policies=week.policies
        ),
        prices=price_list(known, desk.texts, today),
        week=week.week,
        left=week.left,
        capacity=capacity(units),
        book_url=link(f"{path}/book", **kept_for),
        share_url=desk.url(f"/share/resources/{resource_id}"),
        subscribe_url=f"{path}/subscribe",
        wait_url=link(desk.url("/waiting/new"), resource=resource_id),
        **week_steps(path, monday, today, **kept_for),
    )


def _above_all(request: AnyRequest, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """A page above all municipalities."""
    language = language_of(request, list(LANGUAGES))
    html = render(template, frame(request, None, language), **values)
    response = Response(html, status_code=status, media_type="text/html")
    return remember_language(request, response, language)


async def _tenants(request: AnyRequest) -> list[Tenant]:
    tenants: list[Tenant] = await request.app.state.directory.all()
    return sorted(tenants, key=lambda tenant: alphabetical(tenant.name))


def _card_above_all(filled: SearchForm, tenants: list[Tenant], words: Texts) -> dict[str, Any]:
    return card(
        filled,
        "/search",
        place_name="municipality",
        places=[(tenant.slug, tenant.name) for tenant in tenants],
        activities=activity_pairs(words),
    )


@get("/", include_in_schema=False)
async def municipalities(request: AnyRequest) -> Response[str]:
    """Choose municipality, or search in all of them."""
    tenants = await _tenants(request)
    words = texts(language_of(request, list(LANGUAGES)))
    return _above_all(
        request,
        "booking/municipalities.html",
        search=_card_above_all(read_search_form({}, words), tenants, words),
        municipalities=[{"name": tenant.name, "url": f"/{tenant.slug}"} for tenant in tenants],
    )


@get("/search", include_in_schema=False, opt={"limit": "search"})
async def search_all(request: AnyRequest) -> Response[Any]:
    """Where is it free, in all municipalities? With one chosen, on to its own page."""
    tenants = await _tenants(request)
    words = texts(language_of(request, list(LANGUAGES)))
    filled = read_search_form(request.query_params, words)
    chosen = filled.form["municipality"]
    if any(tenant.slug == chosen for tenant in tenants):
        return Redirect(link(f"/{chosen}/search", **{**filled.form, "municipality": ""}), status_code=303)
    hits: list[HitOut] = []
    if filled.query is not None and tenants:
        now = utc_now()
        async with request.app.state.database.public() as db:
            page = await searching.search(
                db,
                NOBODY,
                {tenant.id: tenant for tenant in tenants},
                filled.query.sought(now, tenants[0].zone),
                now=now,
                cursor=None,
                limit=EVERY_HIT,
            )
        hits = page.items
    return _above_all(
        request,
        "booking/search.html",
        status=422 if filled.errors else 200,
        search=_card_above_all(filled, tenants, words),
        searched_for=None,
        **_found(
            filled,
            _shown(filled, hits),
            len(hits),
            path="/search",
            places={tenant.slug: (tenant, f"/{tenant.slug}") for tenant in tenants},
            words=words,
        ),
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[
        front,
        search,
        resource,
        *book_pages.handlers,
        *own_pages.handlers,
        *closure_pages.handlers,
        *arrangement_pages.handlers,
        *waiting_pages.handlers,
        *telling.handlers,
        *case_pages.handlers,
        *own_case_pages.handlers,
        *decision_pages.handlers,
        *reason_pages.handlers,
        *board_pages.handlers,
        *queue_pages.handlers,
        *routing_pages.handlers,
        *absence_pages.handlers,
    ],
)
shared_handlers = [municipalities, search_all]
