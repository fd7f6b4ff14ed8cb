"""Times, spans and repeats that make no sense, wherever one is asked for: refused by name, nothing written."""

from typing import Any

import httpx
import pytest

from core.db import Database
from tests import make
from tests.web.towns import ASKED, Town, bodies, contents
from tests.web.wrongs import Json, refused


def span(start: Any, end: Any) -> Json:
    return {"start": start, "end": end}


START, END = make.iso(ASKED.start), make.iso(ASKED.end)
CLOCK = {"date": str(ASKED.start.date()), "time": "10:00"}
SPANS: list[tuple[Json, str]] = [
    (span(END, START), "end"),
    (span(START, START), "end"),
    (span(START, "9999-12-31T23:59:59Z"), "end"),
    (span("0001-01-01T00:00:00Z", END), "start"),
    (span("2100-12-31T00:00:00Z", "2101-01-02T00:00:00Z"), "end"),
    (span("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59"), "start"),
    (span("0001-01-01T00:00:00+23:59", END), "start"),
    (span({**CLOCK, "time": "24:01"}, END), "start"),
    (span({**CLOCK, "time": "10:00\n"}, END), "start"),
    (span({**CLOCK, "time": "١٠:٠٠"}, END), "start"),
    (span({**CLOCK, "date": "9999-12-31"}, END), "start"),
    (span({**CLOCK, "date": "0001-01-01"}, END), "start"),
    (span({**CLOCK, "fold": 2}, END), "start"),
    (span({**CLOCK, "zone": "UTC"}, END), "start"),
    (span({"date": "2027-03-28", "time": "02:30"}, "2027-03-28T10:00:00Z"), "start"),
]


@pytest.mark.parametrize(
    ("asked", "field"), SPANS, ids=[f"{each['start']}..{each['end']}" for each, _ in SPANS]
)
async def test_times_that_make_no_sense(
    http: httpx.AsyncClient, database: Database, here: Town, asked: Json, field: str
) -> None:
    """Wherever a time is asked for."""
    before = await contents(database, here.tenant)
    id_ = {"resource_id": str(here.ids["resource"])}
    tries: list[tuple[str, Json]] = [
        ("quote", {**id_, **asked}),
        ("applications", {"title": "x", "times": [{**id_, **asked}]}),
        ("closures", {**id_, **asked, "reason": "x"}),
        ("extra-openings", {**id_, **asked}),
        (f"bookings/{here.ids['booking']}/move", asked),
    ]
    for path, body in tries:
        answer = await http.post(f"{here.base}/{path}", json=body, headers=make.bearer(here.token))
        problem = await refused(answer, path)
        assert answer.status_code == 422, path
        assert problem["field"].removeprefix("times.0.").split(".")[0] == field, f"{path}: {problem}"
    assert await contents(database, here.tenant) == before


REPEATS: list[Json] = [
    {"rrule": "FREQ=SECONDLY"},
    {"rrule": "FREQ=SECONDLY;COUNT=10"},
    {"rrule": "FREQ=MINUTELY;COUNT=10000"},
    {"rrule": "FREQ=DAILY;COUNT=10000"},
    {"rrule": "FREQ=DAILY;COUNT=99999999999999999999"},
    {"rrule": "FREQ=DAILY;INTERVAL=0;COUNT=5"},
    {"rrule": "FREQ=DAILY;INTERVAL=99999999;COUNT=5"},
    {"rrule": "FREQ=DAILY"},
    {"rrule": "FREQ=DAILY;UNTIL=99991231"},
    {"rrule": "FREQ=YEARLY;COUNT=400;BYMONTH=2;BYMONTHDAY=30"},
    {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=500;INTERVAL=12"},
    {"rrule": "FREQ=WEEKLY;BYDAY=XX;COUNT=2"},
    {"rrule": "FREQ=WEEKLY;COUNT=2;COUNT=3"},
    {"rrule": "RRULE:"},
    {"rrule": ";;;;;;"},
    {"rrule": "FREQ=WEEKLY;COUNT=2\n"},
    {"rrule": "FREQ=WEEKLY;COUNT=2", "every_weeks": 1},
    {"every_weeks": 0, "until": "2027-01-01"},
    {"every_weeks": 53, "until": "2027-01-01"},
    {"every_weeks": 1, "until": "9999-12-31"},
    {"every_weeks": 1, "until": "0001-01-01"},
    {"every_weeks": 1, "until": "2027-01-01", "except": ["2026-12-15"] * 401},
    {"every_weeks": 1, "until": "2027-01-01", "except": [None]},
    {"every_weeks": 1},
    {},
]


@pytest.mark.parametrize("repeat", REPEATS, ids=str)
async def test_repeats_that_make_no_sense(
    http: httpx.AsyncClient, database: Database, here: Town, repeat: Json
) -> None:
    before = await contents(database, here.tenant)
    body = {**bodies(here)["apply"], "repeat": repeat}
    answer = await http.post(f"{here.base}/applications", json=body, headers=make.bearer(here.token))
    problem = await refused(answer, str(repeat))
    assert answer.status_code == 422, answer.text[:300]
    assert problem["field"].startswith("repeat"), problem
    assert await contents(database, here.tenant) == before


@pytest.mark.parametrize("times", [0, 101, 10_000])
async def test_too_many_times(http: httpx.AsyncClient, here: Town, times: int) -> None:
    body = {**bodies(here)["apply"], "times": bodies(here)["apply"]["times"] * times}
    answer = await http.post(f"{here.base}/applications", json=body, headers=make.bearer(here.token))
    problem = await refused(answer, str(times))
    assert (answer.status_code, problem["field"]) in {(422, "times"), (413, "body")}
