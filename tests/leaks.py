"""No national number is found where it must not be, a pytest plugin: what was logged, answered and written is read.

Logs of every test are read here as they come in; the databases of the tests when they are about to be dropped, and
answers as they are given, by tests/conftest.py; logs of servers in processes of their own by tests/web/served.py.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

import asyncpg
import httpx
import pytest

from people.proof import is_national_number

CANDIDATE = re.compile(r"(?<![\w+-])(?<!\w\.)([0-9]{6})[ \u00a0-]?([0-9]{5})(?![\w-])(?!\.\w)", re.ASCII)
"""Eleven figures that stand alone: in no longer number, identifier, instant or hexadecimal."""
TABLES = """
SELECT oid::regclass::text AS name, relforcerowsecurity AS is_walled FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
PASSES_WALLS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
BATCH = 5000


def national_numbers(text: str) -> set[str]:
    """Those in a text, real or synthetic, written together or as 6 and 5, in an address or not."""
    texts = [text, unquote(text)] if "%" in text else [text]
    candidates = {"".join(found) for each in texts for found in CANDIDATE.findall(each)}
    return {number for number in candidates if is_national_number(number, allow_synthetic=True)}


async def numbers_in_tables(connection: asyncpg.Connection) -> dict[str, int]:
    """Table → how many of its rows have a national number in the open, in any column; for the database's owner.

    Looks at every row, past row security: a database that is looked at is not used afterwards.
    """
    passes_walls: bool = await connection.fetchval(PASSES_WALLS)
    found: dict[str, int] = {}
    for table in await connection.fetch(TABLES):
        if table["is_walled"] and not passes_walls:
            await connection.execute(f"ALTER TABLE {table['name']} NO FORCE ROW LEVEL SECURITY")
        async with connection.transaction():
            rows = await connection.cursor(f"SELECT * FROM {table['name']}")
            while batch := await rows.fetch(BATCH):
                telling = sum(bool(national_numbers(_told(row.values()))) for row in batch)
                if telling:
                    found[table["name"]] = found.get(table["name"], 0) + telling
    return found


def _told(values: Iterable[object]) -> str:
    """Bytes are read as text, too: answers that are kept are."""
    return "\n".join(
        value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in values
    )


async def read_answer(answer: httpx.Response) -> None:
    """An event hook of httpx: fails the test that was answered with a national number, or whose address has one."""
    await answer.aread()
    for part in (str(answer.request.url), str(answer.headers), answer.text):
        assert not national_numbers(part), (
            f"{answer.request.method} {answer.request.url.path}: a national number"
        )


class Logs:
    """Tests that logged a national number, by name."""

    def __init__(self) -> None:
        self.telling: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, text in report.sections:
            if national_numbers(text):
                self.telling[f"{report.nodeid}: {name}"] = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.telling:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.telling:
            terminalreporter.section(f"{len(self.telling)} logged a national number")
            for line in self.telling:
                terminalreporter.line(line)


def pytest_configure(config: pytest.Config) -> None:
    """Reports of all worker processes come together in the first one."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Logs(), "ledig-leaks")
