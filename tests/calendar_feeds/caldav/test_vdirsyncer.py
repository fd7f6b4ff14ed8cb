"""vdirsyncer fetches a calendar by CalDAV into files, and khal reads them: two programs that people use so."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import address

BIN = Path(sys.executable).parent
TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20)
Event = tuple[str, datetime, str, str]


class Desktop:
    """Somebody's machine, its clock in another part of the world."""

    def __init__(self, folder: Path, storage: Sequence[str]) -> None:
        self.folder = folder
        (folder / "files").mkdir()
        lines = [
            *("[general]", f'status_path = "{folder / "status"}"', "[pair it]", 'a = "web"', 'b = "files"'),
            *('collections = ["from a"]', "[storage web]", 'type = "caldav"', "read_only = true", *storage),
            *("[storage files]", 'type = "filesystem"', f'path = "{folder / "files"}"', 'fileext = ".ics"'),
        ]
        (folder / "vdirsyncer").write_text("\n".join(lines) + "\n")
        lines = [
            *("[calendars]", "[[it]]", f"path = {folder / 'files'}/*", "type = discover"),
            *("[sqlite]", f"path = {folder / 'khal.db'}", "[locale]"),
            *("local_timezone = UTC", "default_timezone = UTC", "timeformat = %H:%M"),
            *("dateformat = %Y-%m-%d", "longdateformat = %Y-%m-%d"),
            *("datetimeformat = %Y-%m-%d %H:%M", "longdatetimeformat = %Y-%m-%d %H:%M"),
        ]
        (folder / "khal").write_text("\n".join(lines) + "\n")
        self._run("vdirsyncer", "discover", given="y\n")

    def fetch(self) -> str:
        """What vdirsyncer says that it has done."""
        return self._run("vdirsyncer", "sync", "--force-delete", "it/calendar")

    def shown(self) -> set[Event]:
        """UID, start, title and state."""
        fields = [part for name in ("uid", "start-long", "title", "status") for part in ("--json", name)]
        told = self._run("khal", "list", *fields, f"{TUESDAY:%Y-%m-%d}", "1d")
        return {
            (event["uid"], _at(event["start-long"]), event["title"], event["status"].strip())
            for line in told.splitlines()
            for event in json.loads(line)
        }

    def _run(self, program: str, *command: str, given: str = "") -> str:
        done = subprocess.run(
            [str(BIN / program), "--config", str(self.folder / program), *command],
            input=given,
            capture_output=True,
            text=True,
            env={**os.environ, "TZ": "America/New_York", "LC_ALL": "C.UTF-8"},
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout + done.stderr


def _at(told: str) -> datetime:
    return datetime.strptime(told, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def uid(booking: str) -> str:
    return f"booking-{booking}@ledig"


async def test_by_the_address_alone_and_kept_up_to_date(town: Town, server: str, tmp_path: Path) -> None:
    hall, other = await town.hall(), await town.hall()
    kari, token = await town.have(make.person)
    kept = await town.booked(token, hall.parts[0], EVENING, title="Trening")
    cancelled = await town.booked(token, hall.parts[1], EVENING, title="Møte")
    feed = await address(town, kari)
    desktop = Desktop(tmp_path, [f'url = "{server}{feed.home}"'])

    desktop.fetch()
    first = desktop.shown()
    again = desktop.fetch()
    await town.move(token, kept, LATER, other.parts[0])
    await town.post(f"/bookings/{cancelled}/cancel", token, {})
    desktop.fetch()

    assert first == {
        (uid(kept), EVENING.start, "Trening", "CONFIRMED"),
        (uid(cancelled), EVENING.start, "Møte", "CONFIRMED"),
    }
    assert "Copying" not in again, "what has not changed is not fetched again"
    (moved,) = [each for each in desktop.shown() if each[0] == uid(kept)]
    (gone,) = [each for each in desktop.shown() if each[0] == uid(cancelled)]
    assert moved == (uid(kept), LATER.start, "Trening", "CONFIRMED")
    assert gone[3] == "CANCELLED"


async def test_with_the_secret_as_password_from_the_servers_name(
    town: Town, server: str, tmp_path: Path
) -> None:
    hall, other = await town.hall(), await town.hall()
    kari, token = await town.have(make.person)
    booking = await town.booked(token, hall.parts[0], EVENING, title="Trening", public=True)
    feed = await address(town, kari, "resource", hall.parts[0], "public")
    login = ['username = "kari"', f'password = "{feed.told}"']
    desktop = Desktop(tmp_path, [f'url = "{server}/"', *login])

    desktop.fetch()
    first = desktop.shown()
    await town.move(token, booking, EVENING, other.parts[0])
    desktop.fetch()

    assert first == {(uid(booking), EVENING.start, "Trening", "CONFIRMED")}
    assert not desktop.shown(), "what is elsewhere is not here"
