"""Two municipalities of the same shape: nothing of the one is told to, or changed by, the other, on any route."""

import json
import re
import secrets
from collections import Counter
from collections.abc import Generator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.ids import new_id
from tests import make
from tests.conftest import Urls
from tests.web.bodies_me import AT_BROWSER
from tests.web.conftest import new_town
from tests.web.said import PARTS
from tests.web.sold import copied, sold
from tests.web.towns import PARAMETERS, QUERIES, Route, Town, bodies, contents, form, plain, routes_of


@pytest.fixture(autouse=True)
def _provider_of_before(app: Litestar) -> Generator[None]:
    """The till of one test is none of the next."""
    before = app.state.provider
    yield
    app.state.provider = before


TOLD_TO_ALL = {"/api/municipalities", "/api/search", "/", "/search"}
"""Where public facts of all municipalities belong."""
HELD_BACK = {
    "submit",
    "replace",
    "end_role",
    "erase_me",
    "accept_offer",
    "decline_offer",
    "appeal_decision",
}
"""What the town has is in no state for it: it holds nothing, and has one administrator."""


async def ask(
    http: httpx.AsyncClient,
    route: Route,
    town: Town,
    *,
    path: str | None = None,
    body: Any = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> httpx.Response:
    """The route as the town's own administrator would ask it, but for what is said."""
    answer = await http.request(
        route.method,
        path or route.path(town),
        params={**QUERIES.get(route.name, {}), **(query or {})},
        json=body if body is not None else bodies(town).get(route.name) if route.in_document else None,
        data=form(town) if route.method == "POST" and not route.in_document else None,
        headers=_own(route, town) if headers is None else headers,
    )
    town.answers.append(answer)
    return answer


def _own(route: Route, town: Town) -> dict[str, str]:
    """What opens the route to the town's own administrator."""
    return town.cookie if route.name in AT_BROWSER else make.bearer(town.token)


def local(app: Litestar) -> list[Route]:
    """The routes of a municipality."""
    return [route for route in routes_of(app) if "{m:str}" in route.template]


def json_routes(app: Litestar) -> list[Route]:
    return [route for route in local(app) if route.in_document]


def test_every_route_is_known_to_these_tests(app: Litestar) -> None:
    """A new route brings its body, and says what the ids in its path are."""
    sample = bodies(Town(None, dict.fromkeys(PARAMETERS.values(), new_id()), "", "", "", ""))  # type: ignore[arg-type]  # nobody asks it
    for route in local(app):
        for name in route.parameters:
            assert name in PARAMETERS, f"{route}: say in towns.PARAMETERS what {name} is"
        if route.in_document and route.has_body:
            assert route.name in sample, f"{route}: give towns.bodies a body for {route.name}"
    without_town = {route.template for route in routes_of(app)} - {route.template for route in local(app)}
    assert without_town >= {"/api/search", "/api/municipalities", "/health/live", "/health/ready"}


def test_what_the_towns_say_stands_once() -> None:
    """A row that stands in two files is one that the other silently writes over."""
    times = Counter(key for part in PARTS for key in part)
    assert not [key for key, count in times.items() if count > 1]


def test_every_id_in_a_body_or_address_is_known_to_these_tests(app: Litestar) -> None:
    for route in json_routes(app):
        for name in route.query:
            assert not name.endswith("_id") or name in PARAMETERS, f"{route} ?{name}="


ODD = {
    "send_files": 422,
    "close_appeal": 403,
    "connect_door": 409,
    "begin_export": 409,
    "refund_again": 409,
    **dict.fromkeys(("change_invoice", "leave_out_of_invoice", "credit_invoice"), 404),
}
"""Operations that ask for a file, which no JSON is, for an officer who has not applied herself, for a place that has
no lock yet, for something new to export, for a refund that failed, or for an invoice: the town's order is a receipt.
"""


async def test_every_route_answers_the_town_itself(
    app: Litestar, http: httpx.AsyncClient, database: Database, database_urls: Urls
) -> None:
    """What shows that the refusals below are for the other's ids, not for something else."""
    for route in json_routes(app):
        town = await new_town(app, database, database_urls)
        if route.bought is not None:
            app.state.provider = await sold(database, town)
        answer = await ask(http, route, town)
        expected = (
            {409} if route.name in HELD_BACK else {ODD[route.name]} if route.name in ODD else {200, 201, 204}
        )
        assert answer.status_code in expected, f"{route}: {answer.status_code} {answer.text}"


async def test_an_id_of_the_other_town_is_an_id_of_nothing(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, there: Town
) -> None:
    """In path, address and body alike: the answer is that for an id that does not exist, and nothing is written."""
    for town in (here, there):
        await sold(database, town)
    before = await contents(database, there.tenant)
    tried = 0
    for route in local(app):
        for name in route.parameters:
            foreign = await ask(http, route, here, path=route.path(here, **{name: route.id_in(there, name)}))
            missing = await ask(http, route, here, path=route.path(here, **{name: new_id()}))
            assert foreign.status_code == 404, f"{route} {name}: {foreign.status_code}"
            assert plain(foreign) == plain(missing), f"{route} {name}"
            tried += 1
        for name in set(route.query) & set(PARAMETERS):
            foreign = await ask(http, route, here, query={name: str(there.ids[PARAMETERS[name]])})
            missing = await ask(http, route, here, query={name: str(new_id())})
            assert plain(foreign) == plain(missing), f"{route} ?{name}="
            tried += 1
    assert tried > 20
    assert await contents(database, there.tenant) == before


async def test_an_id_of_the_other_town_in_a_body_is_an_id_of_nothing(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, there: Town
) -> None:
    before = await contents(database, there.tenant), await contents(database, here.tenant)
    tried: set[str] = set()
    for route in json_routes(app):
        own, foreign = bodies(here).get(route.name), bodies(there).get(route.name)
        for path, table in ids_in(own, here):
            answers = [
                await ask(http, route, here, body=replaced(own, path, str(id_)))
                for id_ in (there.ids[table], new_id())
            ]
            assert answers[0].status_code in {403, 404, 422}, f"{route} {path}: {answers[0].text}"
            assert plain(answers[0]) == plain(answers[1]), f"{route} {path}"
            tried.add(f"{route.name} {path}")
        assert (own is None) == (foreign is None)
    assert len(tried) >= 11, tried
    assert (await contents(database, there.tenant), await contents(database, here.tenant)) == before


def ids_in(value: Any, town: Town, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """Where in a body ids of the town stand, and of which table they are."""
    table_of = {str(id_): table for table, id_ in town.ids.items()}
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return [found for key, inner in members for found in ids_in(inner, town, (*path, key))]
    if isinstance(value, list):
        each = enumerate(cast("list[Any]", value))
        return [found for key, inner in each for found in ids_in(inner, town, (*path, key))]
    return [(path, table_of[value])] if value in table_of else []


def replaced(body: Any, path: tuple[Any, ...], value: str) -> Any:
    """A copy of the body with another value at the path."""
    copy = json.loads(json.dumps(body))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


async def test_a_secret_of_the_other_town_opens_nothing(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, there: Town
) -> None:
    """Its token is 401 like any made-up one; its cookie, under either name, is no cookie at all."""
    before = await contents(database, there.tenant), await contents(database, here.tenant)
    made_up = make.bearer(f"ledig_{secrets.token_urlsafe(32)}")
    for route in json_routes(app):
        token = await ask(http, route, here, headers=make.bearer(there.token))
        if route.name != "vocabulary":  # asks for nobody
            assert token.status_code == 401, f"{route}: {token.status_code}"
            assert token.headers["WWW-Authenticate"] == "Bearer"
        assert plain(token) == plain(await ask(http, route, here, headers=made_up)), str(route)
    for route in local(app):
        nobody = await ask(http, route, here, headers={})
        for cookie in (there.cookie, {"Cookie": f"ledig_{here.tenant.slug}={there.login}"}):
            assert plain(await ask(http, route, here, headers=cookie)) == plain(nobody), str(route)
    if (await contents(database, here.tenant)) != before[1]:
        pytest.fail("something was written without a right to")
    assert await contents(database, there.tenant) == before[0]


async def test_the_same_ids_in_both_towns_are_two_rows(
    app: Litestar, http: httpx.AsyncClient, database: Database, database_urls: Urls
) -> None:
    """Keys begin with the tenant: a change here leaves the namesake's row as it was."""
    for route in json_routes(app):
        if route.method == "GET":
            continue
        town = await new_town(app, database, database_urls)
        twin = await new_town(app, database, database_urls, like=town)
        if route.bought is not None:
            app.state.provider = await sold(database, town)
            await copied(database, town, twin)
        before = await contents(database, twin.tenant)
        answer = await ask(http, route, town)
        assert answer.status_code < 500, f"{route}: {answer.text}"
        assert await contents(database, twin.tenant) == before, str(route)
        told_nothing(answer, twin)


async def test_hosts_and_slugs_do_not_mix(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, there: Town
) -> None:
    """On a municipality's own host its slug is optional and any other's is not found."""
    await sold(database, here)
    own_host = {"Host": f"{here.tenant.slug}.test", **make.bearer(here.token)}
    other_host = {"Host": f"{there.tenant.slug}.test", **make.bearer(here.token)}
    for route in json_routes(app):
        if route.method != "GET":
            continue
        path = route.path(here)
        bare = path.replace(f"/{here.tenant.slug}", "", 1)
        with_slug = await ask(http, route, here)
        without = await ask(http, route, here, path=bare, headers=own_host)
        expected = ODD.get(route.name, 200)
        assert without.status_code == with_slug.status_code == expected, f"{route}: {without.text}"
        if (
            route.name != "changes" and expected == 200
        ):  # where to go on is of the moment; refusals name their path
            assert without.content == with_slug.content
        at_other = await ask(http, route, here, path=path, headers=other_host)
        assert at_other.status_code == 404, str(route)
        foreign_slug = route.path(there)
        assert (await ask(http, route, here, path=foreign_slug, headers=own_host)).status_code == 404, str(
            route
        )
        bare_at_other = await ask(http, route, here, path=bare, headers=other_host)
        assert bare_at_other.status_code in {401, 200 if route.name == "vocabulary" else 401}, str(route)


@pytest.mark.parametrize(
    "path", ["/api/municipalities", "/health/live", "/health/ready", "/api/openapi.json"]
)
async def test_shared_paths_are_the_same_under_every_host(
    http: httpx.AsyncClient, here: Town, path: str
) -> None:
    plain_host = await http.get(path)
    own_host = await http.get(path, headers={"Host": f"{here.tenant.slug}.test:8000"})
    assert plain_host.status_code == own_host.status_code == 200
    assert plain_host.json() == own_host.json()


@pytest.mark.parametrize("slug", ["finnes-ikke", "API", "../api", "%00", "a" * 100, "sandnes%2Fx", "é"])
async def test_a_town_that_does_not_exist_is_not_found(http: httpx.AsyncClient, slug: str) -> None:
    answer = await http.get(f"/api/{slug}/facilities")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_search_over_all_tells_public_facts_and_no_more(
    http: httpx.AsyncClient, here: Town, there: Town
) -> None:
    """Without hits from both, the rest of this file would prove nothing."""
    town, seen = 0, ""
    cursor: str | None = ""
    while cursor is not None:
        query = {**QUERIES["search_all"], "limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/api/search", params=query, headers=make.bearer(here.token))).json()
        town += sum(hit["municipality"] in {here.tenant.slug, there.tenant.slug} for hit in page["items"])
        seen += json.dumps(page)
        cursor = page["next"]
    assert town == 2
    assert here.seen in seen
    assert there.seen in seen
    assert here.hidden not in seen
    assert there.hidden not in seen


async def test_no_answer_of_one_town_holds_a_word_of_the_other(
    app: Litestar, http: httpx.AsyncClient, here: Town, there: Town
) -> None:
    """Every route, asked as administrator and as nobody, read to the last byte."""
    told = 0
    for route in routes_of(app):
        if route.method != "GET" or not all(name in PARAMETERS for name in route.parameters):
            continue
        for headers in (make.bearer(here.token), here.cookie, {}):
            answer = await ask(http, route, here, headers=headers)
            told += here.seen in answer.text or here.hidden in answer.text
            if route.template not in TOLD_TO_ALL:
                told_nothing(answer, there)
            assert there.hidden not in answer.text, str(route)
    assert told > 20, "the marks are in what one's own town answers"


def told_nothing(answer: httpx.Response, other: Town) -> None:
    """Not a mark, not a name, not an id of the other town, unless the asker put it in; headers included."""
    words = [other.seen, other.hidden, other.tenant.slug, other.tenant.name, other.token, other.login]
    text = answer.text + str(answer.headers)
    asked = str(answer.request.url)
    assert not [word for word in words if word in text and word not in asked], answer.text


async def test_links_are_of_the_host_that_was_asked(
    app: Litestar, http: httpx.AsyncClient, here: Town
) -> None:
    """Without the slug on the municipality's own host, with it elsewhere, and never into another municipality."""
    slug, pages = here.tenant.slug, 0
    for route in local(app):
        if route.method != "GET" or route.in_document:
            continue
        path = route.path(here)
        bare = path.replace(f"/{slug}", "", 1) or "/"
        own = await ask(http, route, here, path=bare, headers={**here.cookie, "Host": f"{slug}.test"})
        shared = await ask(http, route, here, headers=here.cookie)
        assert own.status_code == shared.status_code, str(route)
        if not shared.headers["content-type"].startswith("text/html"):
            continue
        pages += 1
        for links, wrong in (
            (inner_links(own), f"/{slug}(?:/|$|\\?)"),
            (inner_links(shared), f"/(?!{slug}(?:/|$|\\?))"),
        ):
            assert not [link for link in links if re.match(wrong, link)], f"{route}: {links}"
    assert pages >= 8


def inner_links(page: httpx.Response) -> set[str]:
    """Where the page's links and forms lead on this site, but for what all municipalities share."""
    found = set(re.findall(r'(?:href|action|hx-get|hx-post)="(/[^"]*)"', page.text))
    return {link for link in found if not link.startswith("/static/") and link != "/"}
