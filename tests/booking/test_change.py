"""Changing and ending what one has: withdraw, cancel, move, and the versions that guard them, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import utc_now
from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20)


def type_of(answer: Any) -> str:
    return answer.json()["type"].removeprefix("/problems/")


async def club_of_two(town: Town) -> tuple[str, str, str]:
    """Tokens of two members, and the association's id."""

    async def work(db: AsyncSession) -> tuple[str, str, str]:
        one_id, one = await make.person(db)
        two_id, two = await make.person(db)
        return one, two, str((await make.association(db, one_id, two_id))[0])

    return await town.have(work)


async def test_withdraw_ends_what_is_undecided(town: Town) -> None:
    asked, free = await town.hall(decision="case_officer"), await town.hall()
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    made = await town.apply(kari, make.wish(asked.whole, EVENING), make.wish(free.whole, EVENING))
    withdraw = f"/applications/{made.json()['id']}/withdraw"

    assert (await town.post(withdraw, ola)).status_code == 404
    assert (await town.post(withdraw, officer)).status_code == 403
    done = await town.post(withdraw, kari)

    states = {each["resource_id"]: each["state"] for each in done.json()["bookings"]}
    assert states == {str(asked.whole): "withdrawn", str(free.whole): "confirmed"}
    assert await town.free(asked.whole, EVENING) == [EVENING]
    assert type_of(await town.post(withdraw, kari)) == "wrong-state"


async def test_cancelled_time_is_free_at_once(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    booking = await town.booked(kari, hall.whole, EVENING)
    cancel = f"/bookings/{booking}/cancel"

    assert (await town.post(cancel, ola, {})).status_code == 404
    assert (await town.post(cancel, None, {})).status_code == 401
    done = await town.post(cancel, kari, {"reason": "Forfall"})

    assert done.status_code == 200
    assert done.json()["booking"]["state"] == "cancelled"
    assert done.json()["booking"]["end_reason"] == "Forfall"
    assert (done.json()["refund"]["amount"], done.json()["rule"]) == (0, "nothing_paid")
    assert type_of(await town.post(cancel, kari, {})) == "wrong-state"
    await town.book(ola, hall.parts[0], EVENING)


async def test_after_the_deadline_only_staff_of_the_place_may_change(town: Town) -> None:
    hall, elsewhere = await town.hall(change_deadline_minutes=100 * 24 * 60), await town.hall()
    (kari,) = await town.people(1)
    officer = await town.person("case_officer", facility_id=hall.facility_id)
    stranger = await town.person("case_officer", facility_id=elsewhere.facility_id)
    caretaker = await town.person("caretaker")
    booking = await town.booked(kari, hall.whole, EVENING)

    assert type_of(await town.post(f"/bookings/{booking}/cancel", kari, {})) == "too-soon"
    assert type_of(await town.move(kari, booking, LATER)) == "too-soon"
    for other, status in ((stranger, 404), (caretaker, 403)):
        assert (await town.post(f"/bookings/{booking}/cancel", other, {})).status_code == status
        assert (await town.move(other, booking, LATER)).status_code == status
    assert (await town.move(officer, booking, LATER)).status_code == 200
    assert (await town.post(f"/bookings/{booking}/cancel", officer, {})).status_code == 200


async def test_any_delegate_changes_what_the_association_has(town: Town) -> None:
    hall = await town.hall()
    one, two, club = await club_of_two(town)
    (stranger,) = await town.people(1)
    booking = await town.booked(one, hall.whole, EVENING, association_id=club)

    assert (await town.move(stranger, booking, LATER)).status_code == 404
    assert (await town.move(two, booking, LATER)).status_code == 200
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(
            text("UPDATE delegate SET ended_at = now() WHERE person_id = (SELECT person_id FROM booking)")
        )
    # The one who applied acts for it no longer; what was booked for the association stays with it.
    assert (await town.post(f"/bookings/{booking}/cancel", one, {})).status_code == 404
    assert (await town.post(f"/bookings/{booking}/cancel", two, {})).status_code == 200


async def test_moving_is_judged_as_if_it_were_new(town: Town) -> None:
    hall = await town.hall(max_minutes=120, setup_minutes=30)
    kari, ola = await town.people(2)
    booking = await town.booked(kari, hall.whole, EVENING)
    await town.book(ola, hall.parts[0], make.at(TUESDAY, 12))

    for span, expected in (
        (make.at(TUESDAY, 18.25), "off-grid"),
        (make.at(TUESDAY, 18, 3), "too-long"),
        (make.at(TUESDAY, 21.5), "outside-opening-hours"),
        (make.at(TUESDAY, 12.5), "time-taken"),
        (make.at(TUESDAY, 13), "time-taken"),
        (make.at(TUESDAY - timedelta(weeks=4), 12), "too-soon"),
    ):
        refused = await town.move(kari, booking, span)
        assert type_of(refused) == expected
    assert make.span_of(await town.get(f"/bookings/{booking}", kari)) == EVENING

    over_itself = await town.move(kari, booking, make.at(TUESDAY, 18.5))
    assert over_itself.status_code == 200
    assert make.span_of(over_itself.json()) == make.at(TUESDAY, 18.5)
    assert over_itself.json()["sequence"] == 1
    elsewhere = await town.move(kari, booking, make.at(TUESDAY, 12), hall.parts[1])
    assert elsewhere.status_code == 200
    assert elsewhere.json()["resource_id"] == str(hall.parts[1])
    await town.book(ola, hall.whole, make.at(TUESDAY, 18, 2))
    assert (await town.move(kari, booking, EVENING, hall.facility_id)).status_code == 404


async def test_moving_keeps_to_the_holders_limits_its_own_time_left_out(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    async with town.database.transaction(town.tenant.id) as db:
        db.add(BookingLimit(holder="person", kind="minutes_per_week", value=60))
        db.add(BookingLimit(holder="person", kind="active_bookings", value=1))
    booking = await town.booked(kari, hall.whole, EVENING)

    assert (await town.move(kari, booking, LATER)).status_code == 200
    assert type_of(await town.move(kari, booking, make.at(TUESDAY, 12, 2))) == "limit-reached"


async def test_what_an_officer_decided_is_decided_anew_when_the_holder_moves_it(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    asked = await town.book(kari, hall.whole, EVENING)
    (booking,) = asked["bookings"]
    assert (await town.decide(officer, asked)).status_code == 200

    moved = await town.move(kari, booking["id"], LATER)

    assert moved.json()["state"] == "requested"
    assert moved.json()["decided_at"] is None
    assert (await town.apply(ola, make.wish(hall.parts[0], LATER))).status_code == 409  # held meanwhile
    assert (await town.decide(officer, asked)).status_code == 200
    by_officer = await town.move(officer, booking["id"], EVENING)
    assert by_officer.json()["state"] == "confirmed"


async def test_a_request_moved_to_where_nobody_decides_is_granted(town: Town) -> None:
    asked, automatic = await town.hall(decision="case_officer", request_holds=False), await town.hall()
    (kari,) = await town.people(1)
    booking = await town.booked(kari, asked.whole, EVENING)

    moved = await town.move(kari, booking, EVENING, automatic.whole)

    assert moved.json()["state"] == "confirmed"
    assert await town.free(automatic.whole, EVENING) == []


async def test_a_lost_update_is_refused(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, officer = *await town.people(1), await town.person("case_officer")
    asked = await town.book(kari, hall.whole, EVENING)
    (booking,) = asked["bookings"]
    seen = await town.ask("GET", f"/bookings/{booking['id']}", kari)
    case = await town.ask("GET", f"/applications/{asked['id']}", officer)
    assert (seen.headers["ETag"], case.headers["ETag"]) == ('"1"', '"1"')

    moved = await town.move(kari, booking["id"], LATER, headers={"If-Match": '"1"'})

    assert moved.headers["ETag"] == '"2"'
    again = await town.move(kari, booking["id"], EVENING, headers={"If-Match": '"1"'})
    assert (again.status_code, type_of(again), again.json()["version"]) == (412, "changed-meanwhile", 2)
    cancelled = await town.post(f"/bookings/{booking['id']}/cancel", kari, {}, {"If-Match": '"1"'})
    assert cancelled.status_code == 412
    # The case shows the booking, so its version is another too: she decides on what she has seen, or not.
    stale = await town.decide(officer, asked, headers={"If-Match": case.headers["ETag"]})
    assert stale.status_code == 412
    fresh = await town.ask("GET", f"/applications/{asked['id']}", officer)
    decided = await town.decide(officer, asked, headers={"If-Match": fresh.headers["ETag"]})
    assert decided.status_code == 200
    withdrawn = await town.post(
        f"/applications/{asked['id']}/withdraw", kari, None, {"If-Match": fresh.headers["ETag"]}
    )
    assert withdrawn.status_code == 412
    nonsense = await town.move(kari, booking["id"], EVENING, headers={"If-Match": "yesterday"})
    assert (nonsense.status_code, nonsense.json()["field"]) == (422, "If-Match")
    anyhow = await town.move(kari, booking["id"], EVENING, headers={"If-Match": "*"})
    assert anyhow.status_code == 200


async def test_nothing_is_deleted_and_everything_is_noted(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, officer, manager = (
        *await town.people(1),
        await town.person("case_officer"),
        await town.person("facility_manager"),
    )
    one, two, three, four = [await town.book(kari, part, EVENING) for part in hall.parts] + [
        await town.book(kari, hall.whole, LATER, hold=True)
    ]
    await town.decide(officer, one, reason="Ja")
    await town.move(officer, one["bookings"][0]["id"], make.at(TUESDAY, 10))
    await town.post(f"/bookings/{one['bookings'][0]['id']}/cancel", officer, {})
    await town.decide(officer, two, approve=False, reason="Nei")
    await town.post(f"/applications/{three['id']}/withdraw", kari)
    await town.post(f"/applications/{four['id']}/submit", kari)
    closure = await town.close(manager, LATER, facility_id=str(hall.facility_id), displace=True)
    assert (await town.ask("DELETE", f"/closures/{closure.json()['id']}", manager)).status_code == 204

    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text("SELECT row_id, action, actor_id IS NOT NULL, change FROM audit_entry ORDER BY at, id")
        )
        noted: dict[UUID, list[str]] = {}
        for row_id, action, by_someone, _change in rows:
            assert by_someone
            noted.setdefault(row_id, []).append(action)
        states = (await db.execute(text("SELECT state FROM booking ORDER BY created_at"))).scalars().all()
    assert states == ["cancelled", "rejected", "withdrawn", "displaced"]
    assert [noted[UUID(each["bookings"][0]["id"])] for each in (one, two, three, four)] == [
        ["requested", "confirmed", "moved", "cancelled"],
        ["requested", "rejected"],
        ["requested", "withdrawn"],
        ["held", "requested", "displaced"],
    ]
    assert noted[UUID(closure.json()["id"])] == ["closed", "lifted"]


@pytest.mark.parametrize("path", ["/bookings/{b}/cancel", "/bookings/{b}/move", "/applications/{a}/withdraw"])
async def test_a_token_that_only_reads_changes_nothing(town: Town, path: str) -> None:
    hall = await town.hall()

    async def work(db: AsyncSession) -> tuple[str, str]:
        row_id, full = await make.person(db, role="facility_manager")
        return full, make.token(db, row_id, "read")

    full, reading = await town.have(work)
    made = await town.book(full, hall.whole, EVENING)
    place = path.format(a=made["id"], b=made["bookings"][0]["id"])
    body = {"start": make.iso(LATER.start), "end": make.iso(LATER.end)} if path.endswith("move") else {}

    refused = await town.post(place, reading, body)

    assert refused.status_code == 403
    assert (await town.get(f"/applications/{made['id']}", reading))["version"] == 1


async def test_what_has_begun_is_no_longer_the_holders_to_change(town: Town) -> None:
    hall = await town.hall()
    kari, officer = *await town.people(1), await town.person("case_officer")
    booking = await town.booked(kari, hall.whole, EVENING)
    begun = utc_now() - timedelta(minutes=10)
    async with town.database.transaction(town.tenant.id) as db:
        values = {"begun": begun, "end": begun + timedelta(hours=1)}
        await db.execute(text("UPDATE booking SET starts_at = :begun, ends_at = :end"), values)
        await db.execute(text("UPDATE claim SET starts_at = :begun, ends_at = :end"), values)

    assert type_of(await town.post(f"/bookings/{booking}/cancel", kari, {})) == "too-soon"
    assert (await town.post(f"/bookings/{booking}/cancel", officer, {})).status_code == 200
