"""Every route, tried as every role of two municipalities: who may is answered, nobody else is, and writes nothing.

Who may do what stands in tests/web/rights.py. Those who may ask a program that forgets: it carries everything out and
rolls back, so that one town serves for all. Those who may not ask the real one, and the town is as before.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.settings import Settings
from core.tenants import Directory
from tests.conftest import Urls
from tests.web.cast import NOBODY, PARTS, Forgetful, Part, Player, players_in
from tests.web.conftest import new_town
from tests.web.rights import FORMS, RIGHTS, expected, key_of, passes, suggestion
from tests.web.test_tenants import plain
from tests.web.towns import PARAMETERS, QUERIES, Route, Town, bodies, contents, routes_of
from web.app import make_app, opened

UNASKED = {"/static/{file_path:path}", "/api", "/api/openapi.json"}
"""Files, and the API's own document: they know of no person and no municipality."""


@dataclass(frozen=True)
class Stage:
    """Two towns with the whole cast, and two ways to ask: one that keeps nothing, and the real one."""

    routes: list[Route]
    here: Town
    there: Town
    players: dict[str, Player]
    strangers: dict[str, Player]
    rehearsal: httpx.AsyncClient
    real: httpx.AsyncClient
    database: Database
    told_to_nobody: dict[Route, tuple[int, str]] = field(default_factory=dict[Route, tuple[int, str]])

    async def ask(self, http: httpx.AsyncClient, route: Route, headers: dict[str, str]) -> httpx.Response:
        """The route of `here`, with all it needs but a right."""
        http.cookies.clear()
        fill = FORMS.get(key_of(route), lambda _: {"version": "1"})
        return await http.request(
            route.method,
            route.path(self.here),
            params=QUERIES.get(route.name, {}),
            json=bodies(self.here).get(route.name) if route.in_document else None,
            data=fill(self.here) if route.method == "POST" and not route.in_document else None,
            headers=headers,
        )

    async def as_player(self, http: httpx.AsyncClient, route: Route, player: Player) -> httpx.Response:
        return await self.ask(http, route, player.headers(self.here, to_page=not route.in_document))

    async def as_nobody(self, route: Route) -> tuple[int, str]:
        """What is told to who has not signed in; asked once."""
        if route not in self.told_to_nobody:
            self.told_to_nobody[route] = plain(await self.ask(self.rehearsal, route, {}))
        return self.told_to_nobody[route]

    async def contents(self) -> tuple[Any, Any]:
        return await contents(self.database, self.here.tenant), await contents(
            self.database, self.there.tenant
        )


@pytest.fixture(scope="session")
async def stage(
    app: Litestar, database: Database, database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    settings = Settings(demo=True, var_dir=tmp_path_factory.mktemp("var"), pool_size=5)
    async with AsyncExitStack() as stack:
        clients: list[httpx.AsyncClient] = []
        for forgets in (True, False):
            program = make_app(settings, database_urls.program)
            await stack.enter_async_context(opened(program, settings, database_urls.program))
            program.state.directory = Directory(database)
            if forgets:
                program.state.database = Forgetful(database_urls.program, pool_size=5)
                stack.push_async_callback(program.state.database.close)
            transport = httpx.ASGITransport(app=cast("Any", program), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://ledig.test")
            clients.append(await stack.enter_async_context(client))
        here, there = [await new_town(app, database, database_urls) for _ in range(2)]
        yield Stage(
            routes=[route for route in routes_of(app) if route.template not in UNASKED],
            here=here,
            there=there,
            players=await players_in(database, here),
            strangers=await players_in(database, there),
            rehearsal=clients[0],
            real=clients[1],
            database=database,
        )


async def test_every_route_stands_in_the_table(stage: Stage) -> None:
    """And the table names no route that is gone."""
    known = {key_of(route) for route in stage.routes}
    assert RIGHTS.keys() - known == set(), "no such routes"
    missing: list[str] = []
    for route in stage.routes:
        if key_of(route) in RIGHTS:
            continue
        told = {
            name: (await stage.as_player(stage.rehearsal, route, player)).status_code
            for name, player in stage.players.items()
        }
        missing.append(suggestion(key_of(route), told))
    assert not missing, "\n".join(["", "Read these lines, and put them into tests/web/rights.py:", *missing])


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_who_may_is_answered_and_nobody_else_is(stage: Stage, part: Part) -> None:
    """Exactly as the table says; and what was refused has written nothing."""
    player, before = stage.players[part.name], await stage.contents()
    wrong: list[str] = []
    for route in stage.routes:
        right = RIGHTS.get(key_of(route))
        if right is None:
            continue  # the test above misses it
        wanted = expected(right, part)
        answer = await stage.as_player(stage.rehearsal if wanted is None else stage.real, route, player)
        status = answer.status_code
        if not (passes(right, status) if wanted is None else status == wanted):
            wrong.append(f"{route}: {status} instead of {wanted or right.held or 'success'}")
    assert not wrong, "\n".join(["", *wrong])
    assert await stage.contents() == before, "something was written without a right to"


@pytest.mark.parametrize("part", [part for part in PARTS if part is not NOBODY], ids=str)
async def test_a_role_of_the_other_municipality_is_nobody_here(stage: Stage, part: Part) -> None:
    """Her token is no token, and her cookie, under this municipality's name, is no cookie."""
    stranger, before = stage.strangers[part.name], await stage.contents()
    for route in stage.routes:
        headers = stranger.headers(stage.here, to_page=not route.in_document)
        nobody = await stage.as_nobody(route)
        answer = await stage.ask(stage.real if nobody[0] >= 400 else stage.rehearsal, route, headers)
        if "Authorization" in headers and not asks_nobody(route):
            assert answer.status_code == 401, f"{route}: {answer.status_code}"
        else:
            assert plain(answer) == nobody, str(route)
    assert await stage.contents() == before, "something was written without a right to"


def asks_nobody(route: Route) -> bool:
    """Routes that never look who asks, or that lead to the way in: what they tell is the same for all."""
    return "{m:str}" not in route.template or route.name in {"vocabulary", "theme", "sign_out", "book"}


def test_the_parameters_of_every_route_are_known(stage: Stage) -> None:
    for route in stage.routes:
        assert set(route.parameters) <= set(PARAMETERS), str(route)
