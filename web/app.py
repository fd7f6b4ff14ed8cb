"""The program as one Litestar application: rooms' routes, one desk, one set of refusals."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import msgspec
from litestar import Litestar, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router  # pyright: ignore[reportUnknownVariableType]  # litestar leaves PathLike open

import booking.api
import booking.telling.api
import calendar_feeds.api
import calendar_feeds.caldav.api
import calendar_feeds.feed_api
import calendar_feeds.incoming.api
import calendar_feeds.partners.api
import calendar_feeds.partners.door_pages
import calendar_feeds.sharing.api
import payments.invoicing.invoice_api
import payments.order_api
import payments.pages
import people.association_api
import people.audit_api
import people.person_api
import people.privacy_api
import people.staff_api
import people.token_api
import resources.api
from booking.boards.stream import Streams
from calendar_feeds.shelf import Shelf
from core import logs
from core.db import Database
from core.rates import Rates, counted, limits_of
from core.settings import Settings, read_settings
from core.tenants import Directory
from core.vault import vault_of
from payments.gateway import Stripe, provider_of
from payments.webhook_door import WebhookDoor
from people.answers import OPEN_READ, SHARED_READ
from people.desk import AnyRequest, open_desk
from people.oidc import Oidc
from people.providers import read_providers
from web import document, holdings, limits, pages, problems, tables, tenancy
from web.edge import edge
from web.letter import LetterRequest, check_request
from web.unchanged import unchanged

assert holdings.MODULES, "what they hold is shown, erased and forgotten"
assert tables.MODULES, "a refusal finds its column in the metadata of all tables"
STATIC = Path(__file__).parent / "static"
SHELF_BYTES = 64_000_000
"""Of calendars that a worker keeps as they were last sent."""


class TenantOut(msgspec.Struct):
    """A municipality that is here."""

    slug: str
    name: str
    number: str
    organisation_number: str
    languages: list[str]
    zone: str
    hosts: list[str]


@get("/api/municipalities", summary="Who is here", responses=SHARED_READ)
async def municipalities(request: AnyRequest) -> list[TenantOut]:
    """Every municipality of the installation, sorted by name."""
    directory: Directory = request.app.state.directory
    return [
        TenantOut(
            t.slug, t.name, t.number, t.organisation_number, list(t.languages), t.zone_name, list(t.hosts)
        )
        for t in await directory.all()
    ]


@get("/health/live", summary="The process answers")
async def live() -> dict[str, str]:
    """Says nothing about the database."""
    return {"status": "ok"}


@get("/health/ready", summary="The database answers too", responses={503: OPEN_READ[503]})
async def ready(request: AnyRequest) -> dict[str, str]:
    """503 busy when it does not."""
    database: Database = request.app.state.database
    await database.answers()
    return {"status": "ok"}


@asynccontextmanager
async def opened(app: Litestar, settings: Settings, url: str) -> AsyncGenerator[None, None]:
    """What the application needs while it serves."""
    app.state.database = Database(url, pool_size=settings.pool_size)
    app.state.directory = Directory(app.state.database)
    app.state.webhook_door.open(app.state.database)
    app.state.vault = vault_of(settings)
    app.state.oidc = Oidc()
    counting = Database(
        url, pool_size=1
    )  # of its own: counting waits for no request, and no request for counting
    app.state.rates = Rates(limits_of(settings), counted(counting, app.state.vault))
    app.state.streams = Streams(app.state.database)
    app.state.shelf = Shelf(SHELF_BYTES)
    app.state.trusted_proxies = limits.networks_of(settings.trusted_proxies)
    yield
    app.state.streams.close()
    await app.state.oidc.close()
    await app.state.webhook_door.close()
    if isinstance(app.state.provider, Stripe):
        await app.state.provider.close()
    await counting.close()
    await app.state.database.close()


def make_app(settings: Settings, url: str) -> Litestar:
    """The application on the database at `url` (the program's own role)."""
    app = Litestar(
        route_handlers=[
            municipalities,
            live,
            ready,
            people.staff_api.router,
            people.person_api.router,
            people.token_api.router,
            people.privacy_api.router,
            people.audit_api.router,
            people.association_api.router,
            resources.api.router,
            booking.api.router,
            booking.telling.api.router,
            calendar_feeds.api.router,
            *calendar_feeds.caldav.api.handlers,
            calendar_feeds.sharing.api.router,
            calendar_feeds.incoming.api.router,
            calendar_feeds.partners.api.router,
            calendar_feeds.partners.door_pages.router,
            calendar_feeds.feed_api.router,
            payments.pages.router,
            payments.order_api.router,
            payments.invoicing.invoice_api.router,
            *booking.api.shared_handlers,
            *pages.handlers(settings),
            create_static_files_router(
                path="/static",
                directories=[STATIC],
                include_in_schema=False,
                cache_control=CacheControlHeader(public=True, max_age=300),
            ),
        ],
        dependencies={"desk": Provide(open_desk)},
        exception_handlers={Exception: problems.answer_to, HTTPException: problems.answer_to},
        request_class=LetterRequest,
        before_request=check_request,
        middleware=[tenancy.whole_path, tenancy.same_origin, limits.limited],
        lifespan=[partial(opened, settings=settings, url=url)],
        request_max_body_size=problems.BODY_LIMIT,
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=2000, gzip_compress_level=5, exclude_opt_key="uncompressed"
        ),
        openapi_config=document.config(),
        logging_config=None,  # core/logs.py
        debug=False,
    )
    app.state.settings = settings
    app.state.providers = read_providers(settings.providers)
    app.state.provider = provider_of(settings)
    app.state.address_parameters = document.address_parameters(app)
    app.state.for_people_only = document.for_people_only(app)
    https = settings.public_url is not None and settings.public_url.startswith("https:")
    polled = unchanged(app.asgi_handler, app)
    named = tenancy.find_tenant(polled, hosts=tenancy.hosts_of(settings))
    app.state.webhook_door = WebhookDoor(named, app.state.provider)
    app.asgi_handler = edge(app.state.webhook_door, app, https=https)
    return app


def from_environment() -> Litestar:
    """What granian's workers load. `ledig` has set DATABASE_URL to that of the program's own role."""
    settings = read_settings(os.environ)
    assert settings.database_url, "the runner sets DATABASE_URL"
    logs.tell(settings.log_level)
    app = make_app(settings, settings.database_url)
    app.on_startup.append(end_streams_when_stopped)
    calm_collector()
    return app


async def end_streams_when_stopped(app: Litestar) -> None:
    """The server waits for its answers to end before it stops, and a stream does not end by itself.

    Its own handlers of the signals are called as before.
    """
    loop = asyncio.get_running_loop()

    def hear(number: signal.Signals) -> None:
        before = signal.getsignal(number)

        def stop(got: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(app.state.streams.close)
            if callable(before):
                before(got, frame)

        signal.signal(number, stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        hear(number)


def calm_collector() -> None:
    """A search makes some thousand small things and lets go of them at once. To look again and again for rings among
    them, and among all that was loaded, took half of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
