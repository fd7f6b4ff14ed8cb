"""Two towns with the whole cast, and two ways to ask every route: one that keeps nothing of it, and the real one."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
from litestar import Litestar

from booking.boards.stream import Streams
from calendar_feeds.events import write_events
from core.db import Database
from core.settings import Settings
from core.tenants import home_of
from tests.conftest import AMPLE, Urls
from tests.web.cast import Forgetful, Player, players_in
from tests.web.entitled import key_of
from tests.web.filled_in import FORMS
from tests.web.sold import clicked, sold
from tests.web.towns import QUERIES, Route, Town, bodies, contents, plain, routes_of
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
    sent: dict[str, Any]
    """Operation → what `here` sends with it."""
    told_to_nobody: dict[Route, tuple[int, str]] = field(default_factory=dict[Route, tuple[int, str]])

    async def ask(self, http: httpx.AsyncClient, route: Route, headers: dict[str, str]) -> httpx.Response:
        """The route of `here`, with all it needs but a right."""
        http.cookies.clear()
        fill = FORMS.get(key_of(route), lambda _: {"version": "1"})
        return await http.request(
            route.method,
            route.path(self.here),
            params=QUERIES.get(route.name, {}),
            json=self.sent.get(route.name) if route.in_document else None,
            data=fill(self.here) if route.method == "POST" and not route.in_document else None,
            headers={"Accept-Encoding": "identity", **headers},
        )

    async def as_player(self, http: httpx.AsyncClient, route: Route, player: Player) -> httpx.Response:
        return await self.ask(http, route, player.headers(self.here, to_page=not route.in_document))

    async def as_nobody(self, route: Route) -> tuple[int, str]:
        """What is told to who has not signed in; asked once."""
        if route not in self.told_to_nobody:
            self.told_to_nobody[route] = plain(await self.ask(self.rehearsal, route, {}))
        return self.told_to_nobody[route]

    async def is_as_for_nobody(self, route: Route, answer: httpx.Response) -> bool:
        """Whether the answer just given tells, byte for byte, what nobody is told."""
        if plain(answer) != await self.as_nobody(route):
            del self.told_to_nobody[route]  # the clock has gone on: what is free by now?
        return plain(answer) == await self.as_nobody(route)

    async def contents(self) -> list[Any]:
        """A fingerprint of both towns."""
        return [await contents(self.database, town.tenant) for town in (self.here, self.there)]


FOR_EVERYBODY = ("/ical/", "/{m:str}/embed/")
"""What stands in other programs and on other sites, where nobody can say who she is."""


def asks_nobody(route: Route) -> bool:
    """Routes that never look who asks, or that lead to the way in: what they tell is the same for all."""
    if "{m:str}" not in route.template or route.template.startswith(FOR_EVERYBODY):
        return True
    return route.name in {"vocabulary", "theme", "sign_out", "book"}


@asynccontextmanager
async def staged(
    database: Database, urls: Urls, var_dir: Path, here: Town, there: Town
) -> AsyncGenerator[Stage]:
    """While the programs run. Nobody else may have to do with the towns."""
    till = await sold(database, here)
    await clicked(database, here, till)
    settings = Settings(demo=True, var_dir=var_dir, pool_size=5, limits=AMPLE)
    async with database.transaction(here.tenant.id) as db:  # or whoever reads a feed first, writes them
        bought = [here.ids["used_booking"], here.ids["unpaid_booking"]]
        await write_events(db, here.tenant, home_of(here.tenant, settings), bought)
    async with AsyncExitStack() as stack:
        clients: list[httpx.AsyncClient] = []
        programs: list[Litestar] = []
        for forgets in (True, False):
            program = make_app(settings, urls.program)
            await stack.enter_async_context(opened(program, settings, urls.program))
            programs.append(program)
            program.state.provider = till
            program.state.streams = Streams(database, lasts=0)  # the client reads answers to their end
            if forgets:
                program.state.database = Forgetful(urls.program, pool_size=5)
                stack.push_async_callback(program.state.database.close)
            transport = httpx.ASGITransport(app=cast("Any", program), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://ledig.test")
            clients.append(await stack.enter_async_context(client))
        yield Stage(
            routes=[route for route in routes_of(programs[0]) if route.template not in UNASKED],
            here=here,
            there=there,
            players=await players_in(database, here),
            strangers=await players_in(database, there),
            rehearsal=clients[0],
            real=clients[1],
            database=database,
            sent=bodies(here),
        )
