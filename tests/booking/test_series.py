"""Changing one, this and the following, or all of a series; across the nights when the clock is set, and in races."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from booking.models import Booking
from booking.series_rules import shifted
from core.errors import NonexistentLocalTime
from core.outbox_models import OutboxMessage
from core.spans import Span, local_date, utc_now
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
WEEK = timedelta(days=7)


@contextmanager
def counted(engine: AsyncEngine) -> Generator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def weekly(town: Town, token: str, resource: UUID, weeks: int = 4, hour: float = 18) -> dict[str, Any]:
    until = TUESDAY + (weeks - 1) * WEEK
    return await town.book(
        token, resource, make.at(TUESDAY, hour, 2), repeat={"every_weeks": 1, "until": until.isoformat()}
    )


async def change(town: Town, token: str, booking: str, verb: str, **body: Any) -> Any:
    return await town.post(f"/bookings/{booking}/{verb}", token, body)


def to(span: Span, **more: Any) -> dict[str, Any]:
    return {"start": make.iso(span.start), "end": make.iso(span.end), **more}


async def stands(town: Town, made: dict[str, Any], token: str) -> list[tuple[str, Span, str]]:
    """Resource, span and state of each booking of the application, by start."""
    found = await town.get(f"/applications/{made['id']}", token)
    return [(each["resource_id"], make.span_of(each), each["state"]) for each in found["bookings"]]


async def test_this_and_the_following_move_by_the_clock_and_the_rest_stay(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    made = await weekly(town, kari, hall.whole)
    second = made["bookings"][1]["id"]
    answer = await change(
        town,
        kari,
        second,
        "move",
        **to(make.at(TUESDAY + WEEK + timedelta(days=1), 19, 1), which="following"),
    )
    assert answer.status_code == 200, answer.text
    assert [each["state"] for each in answer.json()["series"]] == ["confirmed"] * 3
    wednesday = TUESDAY + timedelta(days=1)
    assert [span for _, span, _ in await stands(town, made, kari)] == [
        make.at(TUESDAY, 18, 2),
        *(make.at(wednesday + n * WEEK, 19, 1) for n in (1, 2, 3)),
    ]


async def test_a_series_may_go_to_where_its_own_others_are_now(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    made = await weekly(town, kari, hall.whole)
    first = made["bookings"][0]["id"]
    answer = await change(town, kari, first, "move", **to(make.at(TUESDAY + WEEK, 18, 2), which="all"))
    assert answer.status_code == 200, answer.text
    moved = [span.start for _, span, _ in await stands(town, made, kari)]
    assert moved == [make.at(TUESDAY + n * WEEK, 18).start for n in (1, 2, 3, 4)]


async def test_all_or_nothing_names_each_that_is_in_the_way(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    made = await weekly(town, kari, hall.whole)
    await town.book(ola, hall.parts[0], make.at(TUESDAY + 2 * WEEK, 20))
    before = await stands(town, made, kari)
    first = made["bookings"][0]["id"]

    refused = await change(town, kari, first, "move", **to(make.at(TUESDAY, 20, 2), which="all"))

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/time-taken")
    (told,) = refused.json()["refused"]
    assert (told["booking_id"], told["problems"]) == (made["bookings"][2]["id"], ["/problems/time-taken"])
    assert await stands(town, made, kari) == before


async def test_the_refused_stay_and_the_others_go(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    made = await weekly(town, kari, hall.whole)
    await town.book(ola, hall.parts[0], make.at(TUESDAY + 2 * WEEK, 20))
    first = made["bookings"][0]["id"]
    answer = await change(
        town, kari, first, "move", **to(make.at(TUESDAY, 20, 2), which="all", if_refused="skip")
    )
    fates = [[problem["type"] for problem in each["problems"]] for each in answer.json()["series"]]
    assert fates == [[], [], ["/problems/time-taken"], []]
    hours = [span.start.astimezone(make.OSLO).hour for _, span, _ in await stands(town, made, kari)]
    assert hours == [20, 20, 18, 20]


async def test_one_that_must_stay_is_in_the_way_of_the_one_that_would_take_its_place(town: Town) -> None:
    """Each goes a week on. The last meets somebody, stays, and so must all before it."""
    hall = await town.hall()
    kari, ola = await town.people(2)
    made = await weekly(town, kari, hall.whole)
    await town.book(ola, hall.whole, make.at(TUESDAY + 4 * WEEK, 18))
    first = made["bookings"][0]["id"]
    answer = await change(
        town, kari, first, "move", **to(make.at(TUESDAY + WEEK, 18, 2), which="all", if_refused="skip")
    )
    assert (answer.status_code, len(answer.json()["refused"])) == (409, 4)


async def test_to_another_hall_and_decided_anew_there(town: Town) -> None:
    hall, other = await town.hall(), await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    made = await weekly(town, kari, hall.whole)
    third = made["bookings"][2]["id"]
    answer = await change(
        town,
        kari,
        third,
        "move",
        **to(make.at(TUESDAY + 2 * WEEK, 18, 2), which="following", resource_id=str(other.whole)),
    )
    assert answer.status_code == 200, answer.text
    now = await stands(town, made, kari)
    assert [(place, state) for place, _, state in now] == [
        *[(str(hall.whole), "confirmed")] * 2,
        *[(str(other.whole), "requested")] * 2,
    ]
    assert await town.free(hall.whole, now[2][1]) == [now[2][1]]
    assert (await town.get(f"/applications/{made['id']}", kari))["answer_by"] is not None


async def test_cancelling_follows_the_deadline_of_each(town: Town) -> None:
    days = (TUESDAY - local_date(make.OSLO, utc_now())).days
    hall = await town.hall(change_deadline_minutes=(days + 3) * 24 * 60)
    (kari,) = await town.people(1)
    made = await weekly(town, kari, hall.whole)
    second = made["bookings"][1]["id"]
    refused = await change(town, kari, second, "cancel", which="all")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-soon")
    done = await change(town, kari, second, "cancel", which="all", if_refused="skip", reason="Slutt")
    assert done.status_code == 200, done.text
    assert [each["state"] for each in done.json()["series"]] == ["confirmed", *["cancelled"] * 3]
    ended = await town.get(f"/bookings/{second}", kari)
    assert ended["end_reason"] == "Slutt"


async def test_one_alone_is_changed_as_ever_and_of_an_application_without_repeat_all_is_one(
    town: Town,
) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    wishes = [make.wish(hall.whole, make.at(TUESDAY + n * WEEK, 18)) for n in (0, 1)]
    made = (await town.apply(kari, *wishes)).json()
    done = await change(town, kari, made["bookings"][0]["id"], "cancel", which="all")
    assert len(done.json()["series"]) == 1
    assert [state for _, _, state in await stands(town, made, kari)] == ["cancelled", "confirmed"]


async def test_who_may_not_change_one_may_not_change_the_series(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    made = await weekly(town, kari, hall.whole)
    first = made["bookings"][0]["id"]
    assert (await change(town, ola, first, "cancel", which="all")).status_code == 404
    caretaker = await town.person("caretaker")
    assert (await change(town, caretaker, first, "cancel", which="all")).status_code == 403
    officer = await town.person("case_officer")
    assert (await change(town, officer, first, "cancel", which="all")).status_code == 200


async def test_a_change_of_a_series_is_told_once_and_takes_as_many_statements_however_long_it_is(
    town: Town,
) -> None:
    (kari,) = await town.people(1)
    counts: list[int] = []
    for weeks in (3, 9):
        hall = await town.hall()
        made = await weekly(town, kari, hall.whole, weeks)
        first = made["bookings"][0]["id"]
        with counted(town.database.engine) as seen:
            moved = await change(town, kari, first, "move", **to(make.at(TUESDAY, 19, 2), which="all"))
        assert moved.status_code == 200, moved.text

        async def told(db: Any, application: str = made["id"]) -> list[Any]:
            rows = (
                await db.scalars(select(OutboxMessage.body).where(OutboxMessage.kind == "BookingsChanged"))
            ).all()
            return [
                body for body in rows if body["application_id"] == application and body["change"] == "moved"
            ]

        (message,) = await town.have(told)
        assert len(message["bookings"]) == weeks
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_a_series_and_another_booking_race_for_the_same_time(town: Town) -> None:
    for round_ in range(4):
        hall = await town.hall()
        kari, ola = await town.people(2)
        made = await weekly(town, kari, hall.whole)
        first = made["bookings"][0]["id"]
        wanted = make.at(TUESDAY + (round_ % 4) * WEEK, 20, 2)
        moved, booked = await asyncio.gather(
            change(town, kari, first, "move", **to(make.at(TUESDAY, 20, 2), which="all")),
            town.apply(ola, make.wish(hall.parts[0], wanted)),
        )
        assert sorted([moved.status_code, booked.status_code]) in ([200, 409], [201, 409])

        async def check(db: Any, resource: UUID = hall.whole) -> list[Booking]:
            return list((await db.scalars(select(Booking).where(Booking.resource_id == resource))).all())

        hours = {each.starts_at.astimezone(make.OSLO).hour for each in await town.have(check)}
        assert hours == ({20} if moved.status_code == 200 else {18})


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 10, 20), "2026-10-20T19:00+02:00"),
        (date(2026, 10, 27), "2026-10-27T19:00+01:00"),
        (date(2027, 3, 30), "2027-03-30T19:00+02:00"),
    ],
)
def test_the_clock_time_is_kept_on_both_sides_of_the_night_when_it_is_set(day: date, told: str) -> None:
    picked, moved = make.at(date(2026, 10, 20), 18, 2), make.at(date(2026, 10, 20), 19, 2)
    span = shifted(make.at(day, 18, 2), picked, moved, make.OSLO)
    assert isinstance(span, Span)
    assert span.start.astimezone(make.OSLO).isoformat(timespec="minutes") == told
    assert span.length == timedelta(hours=2)


def test_a_time_that_the_clock_skips_is_the_refusal_that_says_so() -> None:
    picked, moved = make.at(date(2027, 3, 21), 1), make.at(date(2027, 3, 21), 2)
    assert isinstance(shifted(make.at(date(2027, 3, 28), 1), picked, moved, make.OSLO), NonexistentLocalTime)


async def test_a_series_of_half_a_year_keeps_its_clock_time_over_the_night_when_the_clock_is_set(
    town: Town,
) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    made = await weekly(town, kari, hall.whole, weeks=27)
    first = made["bookings"][0]["id"]
    moved = await change(town, kari, first, "move", **to(make.at(TUESDAY, 19, 2), which="all"))
    assert moved.status_code == 200, moved.text
    starts = [span.start for _, span, _ in await stands(town, made, kari)]
    assert {start.astimezone(make.OSLO).hour for start in starts} == {19}
    assert len({start.astimezone(UTC).hour for start in starts}) == 2


async def test_a_day_of_a_repeat_may_be_had_at_another_time_and_place(town: Town) -> None:
    hall, other = await town.hall(), await town.hall()
    (kari,) = await town.people(1)
    instead = {
        "day": (TUESDAY + WEEK).isoformat(),
        **to(make.at(TUESDAY + WEEK, 20), resource_id=str(other.whole)),
    }
    until = (TUESDAY + 2 * WEEK).isoformat()
    repeat = {"every_weeks": 1, "until": until, "instead": [instead]}
    made = await town.book(kari, hall.whole, make.at(TUESDAY, 18), repeat=repeat)
    assert [(place, span) for place, span, _ in await stands(town, made, kari)] == [
        (str(hall.whole), make.at(TUESDAY, 18)),
        (str(other.whole), make.at(TUESDAY + WEEK, 20)),
        (str(hall.whole), make.at(TUESDAY + 2 * WEEK, 18)),
    ]
    done = await change(town, kari, made["bookings"][0]["id"], "cancel", which="all")
    assert len(done.json()["series"]) == 2, "what was taken elsewhere is on its own"
    wishes = [make.wish(hall.parts[n], make.at(TUESDAY, 10)) for n in (0, 1)]
    refused = await town.apply(kari, *wishes, repeat=repeat)
    assert (refused.status_code, refused.json()["field"]) == (422, "repeat.instead")
