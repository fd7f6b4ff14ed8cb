"""Opening hours, holidays and limits over HTTP."""

from typing import Any

import pytest

from tests import make
from tests.resources.staff import HALL, Staff, hall


async def test_weekly_hours_are_set_as_a_whole(staff: Staff, everybody: Staff) -> None:
    facility, _, resource = await hall(staff)
    lines = [
        {"weekday": 1, "opens": "08:00", "closes": "22:00", "valid_from": None, "valid_until": None},
        {"weekday": 5, "opens": "18:00", "closes": "02:00", "valid_from": None, "valid_until": None},
        {
            "weekday": 6,
            "opens": "00:00",
            "closes": "24:00",
            "valid_from": "2026-08-17",
            "valid_until": "2027-06-20",
        },
    ]

    put = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": lines}, **{"If-Match": '"1"'})
    late = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": []}, **{"If-Match": '"1"'})
    own = await staff("PUT", f"/resources/{resource['id']}/opening", {"lines": lines[:1]})

    assert (put.status_code, put.json()) == (200, {"lines": lines, "version": 2})
    assert late.status_code == 412
    assert own.json()["lines"] == lines[:1]
    read = (await everybody("GET", f"/resources/{resource['id']}")).json()
    assert (read["opening"], read["facility_opening"]) == (lines[:1], lines)
    assert (await everybody("GET", f"/facilities/{facility['id']}/opening")).json()["lines"] == lines


@pytest.mark.parametrize(
    "line",
    [
        {"weekday": 0, "opens": "08:00", "closes": "09:00"},
        {"weekday": 8, "opens": "08:00", "closes": "09:00"},
        {"weekday": 1, "opens": "24:00", "closes": "09:00"},
        {"weekday": 1, "opens": "08:60", "closes": "09:00"},
        {"weekday": 1, "opens": "08:00", "closes": "24:01"},
        {"weekday": 1, "opens": "08:00\n", "closes": "09:00"},
        {
            "weekday": 1,
            "opens": "08:00",
            "closes": "09:00",
            "valid_from": "2027-01-02",
            "valid_until": "2027-01-01",
        },
    ],
)
async def test_a_line_that_no_clock_shows_is_refused(staff: Staff, line: dict[str, Any]) -> None:
    facility = await staff.made("/facilities", HALL)

    answer = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": [line]})

    assert 400 <= answer.status_code < 500
    assert (await staff("GET", f"/facilities/{facility['id']}/opening")).json() == {"lines": [], "version": 1}


async def test_extra_openings_come_and_go(staff: Staff, everybody: Staff) -> None:
    facility, _, _ = await hall(staff)
    day = make.next_weekday(7).isoformat()
    body = {
        "facility_id": facility["id"],
        "start": {"date": day, "time": "10:00"},
        "end": {"date": day, "time": "24:00"},
    }

    extra = await staff.made("/extra-openings", body)

    assert (await everybody("GET", "/extra-openings")).json() == [extra]
    assert (await staff("DELETE", f"/extra-openings/{extra['id']}")).status_code == 204
    assert (await staff("DELETE", f"/extra-openings/{extra['id']}")).status_code == 404
    assert (await everybody("GET", "/extra-openings")).json() == []
    both = await staff("POST", "/extra-openings", body | {"resource_id": facility["id"]})
    assert (both.status_code, both.json()["field"]) == (422, "facility_id")
    backwards = await staff("POST", "/extra-openings", body | {"end": body["start"]})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "end")


async def test_school_holidays_and_limits_come_change_and_go(staff: Staff) -> None:
    holiday = await staff.made(
        "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}
    )
    limit = await staff.made("/limits", {"holder": "person", "kind": "active_bookings", "value": 3})

    assert (await staff("GET", "/school-holidays")).json() == [holiday]
    changed = await staff("PATCH", f"/limits/{limit['id']}", {"value": 0})
    assert changed.json() == limit | {"value": 0}
    assert (await staff("GET", "/limits")).json() == [changed.json()]
    for path in (f"/school-holidays/{holiday['id']}", f"/limits/{limit['id']}"):
        assert (await staff("DELETE", path)).status_code == 204
    assert (await staff("GET", "/limits")).json() == (await staff("GET", "/school-holidays")).json() == []
    backwards = await staff(
        "POST", "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2026-12-20"}
    )
    assert (backwards.status_code, backwards.json()["field"]) == (422, "until_on")
