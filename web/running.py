"""Running the program: all of it on one machine, or one part of it."""

import asyncio
import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from types import FrameType

import msgspec

import booking.tasks
import booking.telling.tasks
import calendar_feeds.partners.door_tasks
import calendar_feeds.partners.tasks
import calendar_feeds.tasks
import payments.invoicing.tasks
import payments.provider_tasks
import payments.tasks
import payments.telling_tasks
import people.tasks
from core import mail_tasks, sms_tasks, tasks
from core.embedded import embedded_postgres
from core.provision import Access, access, prepare, refuse_powerful_role
from core.settings import Settings, SettingsError
from payments.sandbox.__main__ import real_key_in
from payments.sandbox.program import KEY
from people.providers import read_providers
from web import demo, demo_money, holdings

ROOMS = (
    mail_tasks,
    sms_tasks,
    people.tasks,
    booking.tasks,
    booking.telling.tasks,
    calendar_feeds.tasks,
    calendar_feeds.partners.tasks,
    calendar_feeds.partners.door_tasks,
    payments.provider_tasks,
    payments.invoicing.tasks,
    payments.tasks,
    payments.telling_tasks,
)
"""The tasks modules of all rooms."""
assert holdings.MODULES, "what they hold is forgotten by night"
PR_SET_PDEATHSIG = 1
START_SECONDS = 60.0
SANDBOX_PORT = 8420
"""Of the payment sandbox in the demo, where it is free."""


@contextmanager
def database(settings: Settings) -> Generator[Access, None, None]:
    """Who connects how; the embedded PostgreSQL, for as long as it is needed, where none is given."""
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = stack.enter_context(embedded_postgres(settings.var_dir / "postgres", durable=True))
        yield asyncio.run(access(settings, url))


def migrate(found: Access) -> None:
    """Roles and tables, newest. Raises CannotProvision, and SettingsError when nobody here may."""
    if found.owner is None:
        raise SettingsError(
            "DATABASE_URL is the program's own role, which may not migrate: set DATABASE_OWNER_URL"
        )
    asyncio.run(prepare(found.owner, found.program))


def run(settings: Settings, *, with_demo: bool) -> None:
    """Everything on this machine, until Ctrl-C: database, demo, web, relay and worker."""
    began = time.monotonic()
    read_providers(settings.providers)  # refuses nonsense while somebody looks
    with ExitStack() as stack:
        found = stack.enter_context(database(settings))
        if found.owner is not None:
            migrate(found)
        asyncio.run(refuse_powerful_role(found.program))
        port = free_port(settings.host, settings.port)
        base_url = settings.public_url or f"http://{settings.host}:{port}"
        if with_demo and found.owner is not None:
            asyncio.run(demo.load(found, base_url, settings.var_dir))
        if with_demo and settings.stripe_key is None:
            settings = stack.enter_context(_sandbox(settings, port))
            if settings.stripe_key is not None:
                asyncio.run(demo_money.connect(found.program))
        child = stack.enter_context(_web(settings, found.program, port, with_demo=with_demo))
        told = msgspec.structs.replace(settings, port=port)  # letters lead to where it really is
        stack.enter_context(tasks.start(told, found.program, rooms=ROOMS))
        _wait_until_ready(f"http://{settings.host}:{port}/health/ready", child)
        if port != settings.port:
            print(f"Port {settings.port} is taken, {port} is used instead.")
        if with_demo and settings.stripe_key == KEY:
            print(f"What is paid in the demo goes to a sandbox at {settings.stripe_url} (docs/payments.md).")
        print(
            f"Ledig is at {base_url} (ready in {time.monotonic() - began:.1f} s). Ctrl-C stops it.",
            flush=True,
        )
        _until_stopped(child)


def web(settings: Settings) -> None:
    """The web part alone, in this process's place. DATABASE_URL must be the program's own role."""
    if read_providers(settings.providers) and not settings.keys:
        raise SettingsError(
            "LEDIG_PROVIDERS needs LEDIG_KEYS, the same on every machine: see `ledig keys new`"
        )
    url = _own_url(settings)
    os.environ["DATABASE_URL"] = url
    os.execv(sys.executable, granian(settings, settings.port))  # noqa: S606  # its words are our own


def relay(settings: Settings) -> None:
    """The relay alone, until told to stop."""
    tasks.run_relay(settings, _own_url(settings), rooms=ROOMS)


def worker(settings: Settings) -> None:
    """A worker alone, until told to stop."""
    tasks.run_worker(settings, _own_url(settings), rooms=ROOMS)


def _own_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise SettingsError("DATABASE_URL is not set: it names the database and the program's own role")
    asyncio.run(refuse_powerful_role(settings.database_url))
    return settings.database_url


def granian(settings: Settings, port: int) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface=asgi",
        "--factory",
        "--no-ws",
        f"--host={settings.host}",
        f"--port={port}",
        f"--workers={settings.web_workers}",
        f"--log-level={settings.log_level}",
        "web.app:from_environment",
    ]


@contextmanager
def _web(
    settings: Settings, program_url: str, port: int, *, with_demo: bool
) -> Generator[subprocess.Popen[bytes], None, None]:
    """The web server as a child that does not outlive us."""
    environ: Mapping[str, str] = {
        **os.environ,
        "DATABASE_URL": program_url,
        "DATABASE_OWNER_URL": "",
        "LEDIG_DEMO": "yes" if with_demo else "no",
        "LEDIG_VAR": str(settings.var_dir),
        "LEDIG_PORT": str(port),
        **_stripe_environ(settings),
    }
    command = granian(settings, port)
    child = subprocess.Popen(
        command,
        env=environ,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509  # one system call; relay and worker start their threads later
    )
    try:
        yield child
    finally:
        _end(child)


@contextmanager
def _sandbox(settings: Settings, port: int) -> Generator[Settings, None, None]:
    """The stand-in for the payment provider as a child that does not outlive us, and the settings that lead to it.

    It speaks to this machine alone, and keeps what it knows beside the database.
    """
    name = real_key_in(os.environ)
    if name is not None:
        print(
            f"{name} holds a key of Stripe's, so the payment sandbox is not started: nothing is paid online."
        )
        yield settings
        return
    told = msgspec.structs.replace(
        settings, stripe_key=KEY, stripe_secrets=(f"whsec_{secrets.token_urlsafe(24)}",)
    )
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # compared, not listened on
    port_there = free_port("127.0.0.1", SANDBOX_PORT)
    command = [
        *(sys.executable, "-m", "payments.sandbox"),
        f"--port={port_there}",
        f"--notices=http://{host}:{port}/webhooks/stripe",
        f"--file={settings.var_dir / 'sandbox.json'}",
        *(f"--account={ref}" for ref in demo_money.ACCOUNTS.values()),
    ]
    child = subprocess.Popen(
        command,
        env={**os.environ, **_stripe_environ(told)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509  # as for the web server
    )
    try:
        yield msgspec.structs.replace(told, stripe_url=f"http://127.0.0.1:{port_there}")
    finally:
        _end(child)


def _stripe_environ(settings: Settings) -> dict[str, str]:
    """What `read_settings` makes the same of."""
    return {
        "LEDIG_STRIPE_KEY": settings.stripe_key or "",
        "LEDIG_STRIPE_SECRETS": ",".join(settings.stripe_secrets),
        "LEDIG_STRIPE_URL": settings.stripe_url or "",
    }


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_parent() -> None:
    """Linux ends the child when we are killed outright; elsewhere it must be ended by hand."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or, when somebody has it, one that is free."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SettingsError(f"LEDIG_HOST={host!r}: no port to be had there")


def _wait_until_ready(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise SettingsError(f"the web server ended with code {child.returncode}; its reason stands above")
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(url, timeout=5),  # noqa: S310  # our own address
        ):
            return
        time.sleep(0.05)
    raise SettingsError(f"the web server does not answer at {url} after {START_SECONDS:.0f} s")


def _until_stopped(child: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, SIGTERM, or the web server gone."""
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not told.wait(0.5):
        if child.poll() is not None:
            raise SettingsError(f"the web server ended with code {child.returncode}")
    print("Stopping.", flush=True)
