"""What becomes of an application: booked, requested, held or refused, over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import HoldLapsed
from booking.tasks import lapse_hold
from core.spans import local_date, utc_now
from resources.models import BookingLimit, Resource
from tests import make
from tests.booking.conftest import Town
from tests.booking.racing import run_out

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
TERMS = {"version": "2026-1", "nb": "Rydd etter deg."}


def last_sunday(month: int) -> date:
    """Of the next such month that is at least three weeks ahead: when the clocks are set."""
    today = local_date(make.OSLO, utc_now())
    for year in (today.year, today.year + 1):
        last = date(year, month, 31)
        day = last - timedelta(days=last.isoweekday() % 7)
        if day > today + timedelta(weeks=3):
            return day
    raise AssertionError("one of two years will do")


def local(day: date, clock: str) -> dict[str, str]:
    return {"date": day.isoformat(), "time": clock}


async def test_decided_automatically(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)

    made = await town.book(kari, hall.parts[0], EVENING, purpose="Trening", people=12, audience="barn")

    (booking,) = made["bookings"]
    assert booking["state"] == "confirmed"
    assert booking["decided_at"] is not None
    assert (made["purpose"], made["people"], made["audience"]) == ("Trening", 12, "barn")
    assert make.span_of(booking) == EVENING
    assert await town.get(f"/applications/{made['id']}", kari) == made
    assert await town.get(f"/bookings/{booking['id']}", kari) == booking


@pytest.mark.parametrize("request_holds", [True, False])
async def test_decided_by_an_officer(town: Town, *, request_holds: bool) -> None:
    hall = await town.hall(decision="case_officer", request_holds=request_holds)
    kari, ola = await town.people(2)

    asked = await town.book(kari, hall.whole, EVENING)
    rival = await town.apply(ola, make.wish(hall.parts[0], EVENING))

    assert asked["bookings"][0]["state"] == "requested"
    assert asked["bookings"][0]["decided_at"] is None
    assert rival.status_code == (409 if request_holds else 201)
    assert bool(await town.free(hall.parts[1], EVENING)) != request_holds


async def test_several_times_at_several_places_are_one_case(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)

    made = await town.apply(
        kari, make.wish(hall.parts[0], EVENING), make.wish(hall.parts[1], make.at(TUESDAY, 10, 2))
    )
    both = await town.apply(kari, make.wish(hall.parts[2], EVENING), make.wish(hall.whole, EVENING))

    assert [each["state"] for each in made.json()["bookings"]] == ["confirmed", "confirmed"]
    assert both.status_code == 409  # the second is in the way of the first
    assert await town.free(hall.parts[2], EVENING) == [EVENING]


async def test_a_hold_is_submitted(town: Town) -> None:
    automatic, asked = await town.hall(), await town.hall(decision="case_officer", request_holds=False)
    kari, ola = await town.people(2)
    held = await town.apply(
        kari, make.wish(automatic.whole, EVENING), make.wish(asked.whole, EVENING), hold=True
    )
    assert held.status_code == 201, held.text
    assert {each["state"] for each in held.json()["bookings"]} == {"held"}
    assert held.json()["pay_by"] == held.json()["bookings"][0]["held_until"]
    assert (await town.apply(ola, make.wish(asked.parts[0], EVENING))).status_code == 409

    submit = f"/applications/{held.json()['id']}/submit"
    assert (await town.post(submit, ola)).status_code == 404
    assert (await town.post(submit, None)).status_code == 401
    done = await town.post(submit, kari)
    again = await town.post(submit, kari)

    states = {each["resource_id"]: each["state"] for each in done.json()["bookings"]}
    assert states == {str(automatic.whole): "confirmed", str(asked.whole): "requested"}
    assert {each["held_until"] for each in done.json()["bookings"]} == {None}
    assert again.json()["type"] == "/problems/wrong-state"
    assert (await town.apply(ola, make.wish(asked.parts[0], EVENING))).status_code == 201  # it competes now


async def test_a_hold_lapses_by_its_task(town: Town) -> None:
    hall = await town.hall(hold_minutes=20)
    (kari,) = await town.people(1)
    held = await town.book(kari, hall.whole, EVENING, hold=True)
    (booking,) = held["bookings"]
    message = HoldLapsed(UUID(booking["id"]))

    async with town.database.transaction(town.tenant.id) as db:
        await lapse_hold(db, message, utc_now() + timedelta(minutes=19))
    assert await town.state(booking["id"]) == "held"
    for _ in range(2):  # delivered twice
        async with town.database.transaction(town.tenant.id) as db:
            await lapse_hold(db, message, utc_now() + timedelta(minutes=21))

    assert await town.state(booking["id"]) == "lapsed"
    assert await town.free(hall.whole, EVENING) == [EVENING]
    late = await town.post(f"/applications/{held['id']}/submit", kari)
    assert late.json()["type"] == "/problems/wrong-state"


async def test_a_hold_whose_task_is_late_is_in_nobodys_way(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    held = await town.book(kari, hall.whole, EVENING, hold=True)
    assert await town.free(hall.parts[0], EVENING) == []
    await run_out(town, held)

    assert await town.free(hall.parts[0], EVENING) == [EVENING]
    calendar = await town.get(
        f"/resources/{hall.whole}/calendar", **{"from": str(TUESDAY), "to": str(TUESDAY + timedelta(1))}
    )
    assert calendar["entries"] == []
    cancelled = await town.post(f"/bookings/{held['bookings'][0]['id']}/cancel", kari, {})
    assert cancelled.json()["type"] == "/problems/wrong-state"
    assert await town.booked(ola, hall.parts[0], EVENING)
    assert await town.state(held["bookings"][0]["id"]) == "lapsed"


async def test_weekly_keeps_what_the_clock_shows_when_it_is_set(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    for sunday in (last_sunday(3), last_sunday(10)):
        first = sunday - timedelta(days=5)
        wish = {
            "resource_id": str(hall.parts[0]),
            "start": local(first, "18:00"),
            "end": local(first, "19:30"),
        }
        until, left_out = first + timedelta(weeks=3), first + timedelta(weeks=2)
        repeat = {"every_weeks": 1, "until": str(until), "except": [str(left_out)]}

        made = await town.apply(kari, wish, repeat=repeat)

        assert made.status_code == 201, made.text
        starts = [each["start"] for each in made.json()["bookings"]]
        assert [start[:16] for start in starts] == [
            f"{first + timedelta(weeks=week)}T18:00" for week in (0, 1, 3)
        ]
        assert starts[0][16:] != starts[1][16:]
        assert {make.span_of(each).length.total_seconds() for each in made.json()["bookings"]} == {90 * 60.0}


async def test_a_rule_repeats(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)

    made = await town.apply(
        kari, make.wish(hall.parts[0], EVENING), repeat={"rrule": "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=5"}
    )

    days = [date.fromisoformat(each["start"][:10]) for each in made.json()["bookings"]]
    assert days == [TUESDAY + timedelta(days=n) for n in (0, 2, 7, 9, 14)]


async def test_a_time_that_the_clock_skips_is_refused_by_its_name(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        facility = await make.facility(db)
        await make.open_daily(db, facility, 0, 1440)
        room = await make.resource(db, facility, [await make.unit(db, facility)])
    (kari,) = await town.people(1)
    spring = last_sunday(3)

    def wish(day: date) -> dict[str, Any]:
        return {"resource_id": str(room), "start": local(day, "02:30"), "end": local(day, "04:00")}

    alone = await town.apply(kari, wish(spring))
    repeat = {"every_weeks": 1, "until": str(spring + timedelta(weeks=1))}
    failed = await town.apply(kari, wish(spring - timedelta(weeks=1)), repeat=repeat)
    skipped = await town.apply(kari, wish(spring - timedelta(weeks=1)), repeat=repeat, if_refused="skip")

    assert alone.status_code == failed.status_code == 422
    assert alone.json()["type"] == failed.json()["type"] == "/problems/nonexistent-local-time"
    assert alone.json()["field"] == "times.0.start"
    assert [each["day"] for each in failed.json()["refused"]] == [str(spring)]
    assert len(skipped.json()["bookings"]) == 2
    (refused,) = skipped.json()["refused"]
    assert refused["day"] == str(spring)
    assert refused["problems"][0]["type"] == "/problems/nonexistent-local-time"


async def test_all_or_nothing_lists_everything_and_skip_books_the_rest(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    taken = [make.at(TUESDAY + timedelta(weeks=week), 18) for week in (1, 3)]
    for span in taken:
        await town.book(ola, hall.parts[0], span)
    repeat = {"every_weeks": 1, "until": str(TUESDAY + timedelta(weeks=4))}

    async def rows() -> tuple[int, int]:
        async with town.database.transaction(town.tenant.id) as db:
            count = text("SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM outbox)")
            one, two = (await db.execute(count)).one()
            return one, two

    before = await rows()
    failed = await town.apply(kari, make.wish(hall.whole, EVENING), repeat=repeat, hold=True)
    assert failed.status_code == 409
    assert failed.json()["type"] == "/problems/time-taken"
    assert [make.span_of(each) for each in failed.json()["conflicts"]] == taken
    assert [make.span_of(each["span"]) for each in failed.json()["refused"]] == taken
    assert await rows() == before

    made = await town.apply(kari, make.wish(hall.whole, EVENING), repeat=repeat, if_refused="skip")
    assert made.status_code == 201
    assert len(made.json()["bookings"]) == 3
    assert [make.span_of(each["span"]) for each in made.json()["refused"]] == taken
    assert {each["problems"][0]["type"] for each in made.json()["refused"]} == {"/problems/time-taken"}
    assert make.span_of(made.json()["refused"][0]["problems"][0]["conflicts"][0]) == taken[0]

    daily = await town.apply(kari, make.wish(hall.whole, EVENING), repeat={"rrule": "FREQ=DAILY;COUNT=200"})
    assert daily.status_code == 409  # most of them touch nobody; those that do are told
    series = {"rrule": "FREQ=DAILY;COUNT=150"}
    assert (
        await town.apply(ola, make.wish(hall.whole, make.at(TUESDAY, 9)), repeat=series)
    ).status_code == 201
    every = await town.apply(kari, make.wish(hall.parts[1], make.at(TUESDAY, 9)), repeat=series)
    assert len(every.json()["refused"]) == len(every.json()["conflicts"]) == 150

    nothing_left = await town.apply(ola, make.wish(hall.whole, EVENING), if_refused="skip")
    assert nothing_left.status_code == 409


async def test_terms_must_be_accepted_in_the_version_in_force(town: Town) -> None:
    hall = await town.hall(terms=TERMS)
    (kari,) = await town.people(1)
    wish = make.wish(hall.parts[0], EVENING)

    for accepted in (None, False, "2025-1", ""):
        refused = await town.apply(kari, wish, accepted_terms=accepted)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/terms-not-accepted")
        assert refused.json()["versions"] == ["2026-1"]
    by_version = await town.apply(kari, wish, accepted_terms="2026-1")
    by_true = await town.apply(kari, make.wish(hall.parts[1], EVENING), accepted_terms=True)
    assert by_version.json()["accepted_terms"] == by_true.json()["accepted_terms"] == "2026-1"


async def test_who_may_apply_for_whom(town: Town) -> None:
    hall = await town.hall(association_only=True)
    async with town.database.transaction(town.tenant.id) as db:
        kari_id, kari = await make.person(db)
        ola_id, ola = await make.person(db)
        club, team = await make.association(db, kari_id)
        other, other_team = await make.association(db, ola_id)
        _, reader = await make.person(db, scopes=["read"])
    wish = make.wish(hall.parts[0], EVENING)

    async def refusal(token: str | None, **more: Any) -> tuple[int, str]:
        answer = await town.apply(token, wish, **more)
        return answer.status_code, answer.json()["type"]

    assert await refusal(None) == (401, "/problems/sign-in-needed")
    assert await refusal("ledig_unknown") == (401, "/problems/sign-in-needed")
    assert await refusal(reader) == (403, "/problems/forbidden")
    assert await refusal(kari) == (422, "/problems/association-needed")
    assert await refusal(ola, association_id=str(club)) == (403, "/problems/forbidden")
    assert await refusal(kari, association_id=str(other)) == (403, "/problems/forbidden")
    assert await refusal(kari, association_id=str(club), team_id=str(other_team)) == (
        422,
        "/problems/invalid",
    )
    assert await refusal(kari, team_id=str(team)) == (422, "/problems/invalid")
    made = await town.apply(kari, wish, association_id=str(club), team_id=str(team))
    assert made.status_code == 201
    assert (made.json()["association"], made.json()["team_id"]) == ("Viking", str(team))


async def test_limits_of_persons_and_associations(town: Town) -> None:
    hall, elsewhere = await town.hall(), await town.hall()
    async with town.database.transaction(town.tenant.id) as db:
        db.add(BookingLimit(holder="person", kind="active_bookings", value=2, facility_id=hall.facility_id))
        db.add(BookingLimit(holder="person", kind="minutes_per_week", value=120, resource_id=hall.parts[2]))
        db.add(BookingLimit(holder="association", kind="minutes_per_week", value=180))
        kari_id, kari = await make.person(db)
        club, _ = await make.association(db, kari_id)

    first = await town.booked(kari, hall.parts[0], EVENING)
    await town.book(kari, hall.parts[1], EVENING)
    third = await town.apply(kari, make.wish(hall.parts[2], EVENING))
    assert (third.status_code, third.json()["type"]) == (409, "/problems/limit-reached")
    assert (third.json()["kind"], third.json()["limit"], third.json()["used"]) == ("active_bookings", 2, 2)
    await town.book(kari, elsewhere.parts[0], EVENING)
    await town.post(f"/bookings/{first}/cancel", kari, {})
    much = await town.apply(kari, make.wish(hall.parts[2], make.at(TUESDAY, 8, 2.5)))
    assert (much.json()["type"], much.json()["kind"]) == ("/problems/limit-reached", "minutes_per_week")
    await town.book(kari, hall.parts[2], make.at(TUESDAY, 8, 2))

    # What she books for her association counts there, and each week by itself.
    repeat = {"every_weeks": 1, "until": str(TUESDAY + timedelta(weeks=2))}
    three_hours = make.wish(hall.parts[0], make.at(TUESDAY, 12, 3))
    made = await town.apply(kari, three_hours, association_id=str(club), repeat=repeat)
    assert made.status_code == 201, made.text
    more = await town.apply(
        kari, make.wish(elsewhere.whole, make.at(TUESDAY, 12)), association_id=str(club), if_refused="skip"
    )
    assert more.json()["type"] == "/problems/limit-reached"
    twice = await town.apply(kari, three_hours, make.wish(elsewhere.whole, make.at(TUESDAY, 18)))
    assert twice.status_code == 409


async def test_the_resources_rules_hold(town: Town) -> None:
    hall = await town.hall(
        interval_minutes=60, min_minutes=60, max_minutes=120, notice_days=1, horizon_days=30
    )
    (kari,) = await town.people(1)
    today = local_date(make.OSLO, utc_now())

    for span, status, type_ in (
        (make.at(TUESDAY, 18.5), 422, "off-grid"),
        (make.at(TUESDAY, 18, 0.5), 422, "too-short"),
        (make.at(TUESDAY, 18, 3), 422, "too-long"),
        (make.at(TUESDAY, 7), 422, "outside-opening-hours"),
        (make.at(TUESDAY, 21, 2), 422, "outside-opening-hours"),
        (make.at(today, 21), 422, "too-soon"),
        (make.at(today - timedelta(days=7), 18), 422, "too-soon"),
        (make.at(today + timedelta(days=31), 18), 422, "too-far-ahead"),
    ):
        answer = await town.apply(kari, make.wish(hall.parts[0], span))
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{type_}"), span
    unknown = await town.apply(kari, make.wish(hall.facility_id, EVENING))
    assert unknown.status_code == 404


async def test_a_lane_may_not_be_asked_for_more_often_than_there_is(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(db, lanes=6)
    hall = await town.hall()
    (kari,) = await town.people(1)

    seven = await town.apply(kari, make.wish(pool, EVENING, quantity=7))
    two_halls = await town.apply(kari, make.wish(hall.whole, EVENING, quantity=2))

    assert (seven.status_code, seven.json()["field"], seven.json()["at_most"]) == (422, "quantity", 6)
    assert two_halls.status_code == 422


async def test_a_camp_over_midnight_is_one_booking(town: Town) -> None:
    async def work(db: AsyncSession) -> UUID:
        facility = await make.facility(db)
        await make.open_daily(db, facility, 0, 1440)
        return await make.resource(db, facility, [await make.unit(db, facility)], setup_minutes=60)

    camp: UUID = await town.have(work)
    kari, ola = await town.people(2)
    span = make.at(TUESDAY, 16, 68)

    await town.book(kari, camp, span)

    day = make.at(TUESDAY, 0, 120)
    free = await town.free(camp, day)
    # Nobody ends later than an hour before, as her set-up begins then; whoever follows sets up after her.
    assert [(each.start, each.end) for each in free] == [
        (day.start, span.start - timedelta(hours=1)),
        (span.end + timedelta(hours=1), day.end),
    ]
    inside = await town.apply(ola, make.wish(camp, make.at(TUESDAY + timedelta(days=1), 12)))
    (conflict,) = [make.span_of(each) for each in inside.json()["conflicts"]]
    assert span.holds(conflict)  # the day of it that is in the way


async def test_a_booking_keeps_the_padding_it_was_made_with(town: Town) -> None:
    hall = await town.hall(setup_minutes=30, cleanup_minutes=30)
    kari, ola = await town.people(2)
    await town.book(kari, hall.parts[0], EVENING)
    async with town.database.transaction(town.tenant.id) as db:
        row = await db.get_one(Resource, (town.tenant.id, hall.parts[0]))
        row.setup_minutes = row.cleanup_minutes = 0

    close = await town.apply(ola, make.wish(hall.parts[0], make.at(TUESDAY, 19)))
    later = await town.apply(ola, make.wish(hall.parts[0], make.at(TUESDAY, 19.5)))

    assert (close.status_code, later.status_code) == (409, 201)
