"""Killed between any two statements: all of it has happened, or nothing; and the same request again completes it."""

import json
import subprocess
import sys
from typing import Any

from tests import make
from tests.booking.conftest import Town
from tests.booking.test_races import EVENING, TUESDAY
from tests.conftest import ROOT, Urls


def kill_at_every_step(town: Town, urls: Urls, method: str, path: str, token: str, body: Any) -> list[Any]:
    """What doomed.py says: one line for each death, and one for the answer."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.booking.doomed",
            urls.program,
            str(town.tenant.id),
            method,
            f"/api/{town.tenant.slug}{path}",
            token,
            json.dumps(body),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_all_or_nothing(lines: list[Any], *, status: int) -> None:
    *deaths, answer = lines
    assert answer["answer"] == status, answer
    seen = [tuple(death["left"]) for death in deaths]
    # Before the commit as it was; from the commit on, as it will be for ever, also after the same request again.
    turn = next((n for n, left in enumerate(seen) if left != seen[0]), None)
    assert turn is not None, "no death after the commit"
    assert turn >= 6, "the deaths before the commit are the point of it"
    assert set(seen[turn:]) == {seen[turn]}


async def test_a_series_that_is_held(town: Town, database_urls: Urls) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=3))}
    body = make.application(make.wish(hall.whole, EVENING), repeat=repeat, hold=True)

    lines = kill_at_every_step(town, database_urls, "POST", "/applications", kari, body)

    check_all_or_nothing(lines, status=201)
    assert len(lines[-1]["body"]["bookings"]) == 3
    assert {each["state"] for each in lines[-1]["body"]["bookings"]} == {"held"}


async def test_a_move(town: Town, database_urls: Urls) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    have = await town.booked(kari, hall.whole, EVENING)
    later = make.at(TUESDAY, 20)
    body = {"start": make.iso(later.start), "end": make.iso(later.end), "resource_id": str(hall.parts[1])}

    lines = kill_at_every_step(town, database_urls, "POST", f"/bookings/{have}/move", kari, body)

    check_all_or_nothing(lines, status=200)


async def test_a_closure_that_displaces(town: Town, database_urls: Urls) -> None:
    hall = await town.hall()
    manager, *people = await town.person("facility_manager"), *await town.people(3)
    for who, part in zip(people, hall.parts, strict=True):
        await town.booked(who, part, EVENING)
    body = {
        "facility_id": str(hall.facility_id),
        "start": make.iso(EVENING.start),
        "end": make.iso(EVENING.end),
        "reason": "Brann",
        "displace": True,
    }

    lines = kill_at_every_step(town, database_urls, "POST", "/closures", manager, body)

    check_all_or_nothing(lines, status=201)
    assert len(lines[-1]["body"]["displaced"]) == 3
