"""Calendars as programs in processes of their own see them: they fetch by themselves, in a zone of their own."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.spans import utc_now
from tests.calendar_feeds.clients.libraries import AHEAD, BACK
from tests.calendar_feeds.clients.shown import Shown, read_in_turn
from tests.conftest import ROOT
from tests.house import node

HERE: Final = Path(__file__).parent
BIN: Final = Path(sys.executable).parent
ELSEWHERE: Final = {"TZ": "America/New_York", "LC_ALL": "C.UTF-8"}
"""A machine whose own clock is of no help."""
KHAL_FIELDS: Final = (
    "calendar",
    "uid",
    "start-long",
    "end-long",
    "status",
    "title",
    "location",
    "description",
)
KHAL_CLOCK: Final = "%Y-%m-%d %H:%M"


async def output(*command: str, given: str = "", folder: Path = ROOT) -> str:
    """What it prints. It must end well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **ELSEWHERE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, errors = await process.communicate(given.encode())
    assert process.returncode == 0, (
        f"{command[0]} ended with {process.returncode}:\n{errors.decode()}{out.decode()}"
    )
    return out.decode()


async def by_node(feeds: Mapping[str, str]) -> dict[str, dict[str, list[Shown]]]:
    """Program → calendar → events, of node-ical and ical.js, for calendars by name: their addresses or files."""
    answer = json.loads(await output(node(), str(HERE / "read.mjs"), given=json.dumps({"feeds": feeds})))
    return {
        program: {name: sorted(_of_node(each) for each in events) for name, events in read.items()}
        for program, read in answer.items()
    }


def _of_node(event: dict[str, Any]) -> Shown:
    start, end = (datetime.fromtimestamp(event[name] / 1000, UTC) for name in ("start", "end"))
    return Shown(
        start, end, *(event[name] for name in ("uid", "status", "summary", "location", "description"))
    )


def as_node_ical_reads(event: Shown) -> Shown:
    """Version 0.27.2."""
    signs = {",": ",", ";": ";", "n": "\n", "N": "\n", "\\": "\\"}
    return read_in_turn(event, *((f"\\{escape}", sign) for escape, sign in signs.items()))


class Khal:
    """Somebody whose khal reads what her vdirsyncer fetches, and goes on reading: what is gone must go here too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feeds: dict[str, str] = {}

    async def read(self, feeds: Mapping[str, str]) -> dict[str, list[Shown]]:
        """Calendars by name, given by address. Events lose their UIDs: vdirsyncer names them by what is in them."""
        if feeds != self.feeds:
            await self._subscribe(feeds)
        # It takes a calendar that has become empty for a mistake, unless told that it is none.
        emptied = [part for name in feeds for part in ("--force-delete", name)]
        await self._vdirsyncer("sync", *emptied)
        return await self._list()

    async def hears_nothing_new(self) -> bool:
        told = await self._vdirsyncer("sync")
        return "Copying" not in told and "Deleting" not in told

    async def _subscribe(self, feeds: Mapping[str, str]) -> None:
        self.feeds = dict(feeds)
        lines = ["[general]", f'status_path = "{self.folder / "status"}"']
        for name, url in feeds.items():
            files = self.folder / "calendars" / name
            files.mkdir(parents=True, exist_ok=True)
            lines += [f"[pair {name}]", f'a = "{name}_web"', f'b = "{name}_files"', "collections = null"]
            lines += [f"[storage {name}_web]", 'type = "http"', f'url = "{url}"']
            lines += [
                f"[storage {name}_files]",
                'type = "filesystem"',
                f'path = "{files}"',
                'fileext = ".ics"',
            ]
        (self.folder / "vdirsyncer").write_text("\n".join(lines) + "\n")
        lines = ["[calendars]"]
        for name in feeds:
            lines += [f"[[{name}]]", f"path = {self.folder / 'calendars' / name}"]
        lines += ["[sqlite]", f"path = {self.folder / 'khal.db'}", "[locale]"]
        lines += ["local_timezone = UTC", "default_timezone = UTC", "timeformat = %H:%M"]
        lines += ["dateformat = %Y-%m-%d", "longdateformat = %Y-%m-%d"]
        lines += [f"datetimeformat = {KHAL_CLOCK}", f"longdatetimeformat = {KHAL_CLOCK}"]
        (self.folder / "khal").write_text("\n".join(lines) + "\n")
        await self._vdirsyncer("discover", given="y\n" * len(feeds))

    async def _vdirsyncer(self, *command: str, given: str = "") -> str:
        return await output(
            str(BIN / "vdirsyncer"), "--config", str(self.folder / "vdirsyncer"), *command, given=given
        )

    async def _list(self) -> dict[str, list[Shown]]:
        since, days = (utc_now() - BACK).strftime("%Y-%m-%d"), f"{(BACK + AHEAD).days}d"
        fields = [part for name in KHAL_FIELDS for part in ("--json", name)]
        told = await output(
            str(BIN / "khal"), "--config", str(self.folder / "khal"), "list", *fields, since, days
        )
        events: dict[str, dict[str, Shown]] = {name: {} for name in self.feeds}
        for line in told.splitlines():
            for event in json.loads(line):  # of one day; an event stands in each that it touches
                events[event["calendar"]][event["uid"]] = _of_khal(event)
        return {name: sorted(found.values()) for name, found in events.items()}


def _of_khal(event: dict[str, Any]) -> Shown:
    start, end = (
        datetime.strptime(event[name], KHAL_CLOCK).replace(tzinfo=UTC) for name in ("start-long", "end-long")
    )
    return Shown(start, end, "", *(event[name] for name in ("status", "title", "location", "description")))


class Libical:
    """The checker of libical.c, compiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "libical"
        flags = _run("pkg-config", "--cflags", "--libs", "libical")
        _run(
            "cc",
            "-Wall",
            "-Wextra",
            "-Werror",
            str(HERE / "libical.c"),
            "-o",
            str(self.program),
            *shlex.split(flags),
        )

    def read(self, raw: bytes) -> list[Shown]:
        """Refuses, with an AssertionError, what libical finds fault with."""
        calendar = self.folder / "calendar.ics"
        calendar.write_bytes(raw)
        done = subprocess.run([self.program, calendar], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        lines = done.stdout.decode().removesuffix("\n").split("\n")
        return sorted(_of_libical(line.split("\x1f")) for line in lines if line)


def _of_libical(fields: Sequence[str]) -> Shown:
    start, end = (datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(each)) for each in fields[:2])
    return Shown(start, end, *(each.replace("\x1e", "\n") for each in fields[2:]))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
