"""Reminders before use, one a day and person, and officers' mornings."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from booking.case_models import Absence
from booking.models import Application, Booking
from booking.telling import reminding
from core.spans import local_instant
from tests import make
from tests.booking.conftest import Town
from tests.booking.telling.reading import SETTINGS, letters, notices, person, spread, text_messages

DAY = make.next_weekday(2, weeks=2)
AT_SIX = make.at(DAY, 18)
AT_EIGHT = make.at(DAY, 20)
THE_DAY_BEFORE = AT_SIX.start - timedelta(hours=23)
AT_SEVEN = local_instant(make.OSLO, DAY, 7 * 60)


async def remind(town: Town, now: datetime, at_most: int = 200) -> int:
    async def once() -> int:
        async with town.database.transaction(town.tenant.id) as db:
            db.info["settings"] = SETTINGS
            return await reminding.remind(db, now, at_most=at_most)

    return await once()


async def digest(town: Town, now: datetime) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        db.info["settings"] = SETTINGS
        return await reminding.digest(db, now)


async def reminded(town: Town, booking_id: str) -> datetime | None:
    async with town.database.transaction(town.tenant.id) as db:
        return await db.scalar(select(Booking.reminded_at).where(Booking.id == UUID(booking_id)))


async def told(town: Town, kind: str) -> list[UUID]:
    return [each.person_id for each in await notices(town) if each.kind == kind]


async def test_ones_bookings_of_a_day_are_one_reminder_and_no_second(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town, notices=["reminder", "sms"], phone="+4791234567")
    booked = [await town.booked(token, hall.whole, span) for span in (AT_SIX, AT_EIGHT)]
    next_day = await town.booked(token, hall.whole, make.at(DAY + timedelta(days=1), 18))
    await spread(town)

    assert await remind(town, THE_DAY_BEFORE - timedelta(hours=2)) == 0
    assert await remind(town, THE_DAY_BEFORE) == 2
    assert await remind(town, THE_DAY_BEFORE + timedelta(minutes=10)) == 0

    assert await told(town, "reminder") == [kari]
    letter = (await letters(town, kari))[-1]
    assert "18:00–19:00" in letter.text
    assert "20:00–21:00" in letter.text
    assert letter.text.count("Hele hallen") == 2
    assert f"https://{town.tenant.hosts[0]}/bookings" in letter.text
    assert letter.unsubscribe_url is not None
    assert "/unsubscribe/" in letter.text
    assert len(await text_messages(town)) == 1
    assert [await reminded(town, each) for each in booked] == [THE_DAY_BEFORE] * 2
    assert await reminded(town, next_day) is None


async def test_two_workers_at_once_remind_once(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town)
    await town.booked(token, hall.whole, AT_SIX)
    counts = await asyncio.gather(*(remind(town, THE_DAY_BEFORE) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert len(await told(town, "reminder")) == 1


async def test_a_move_is_reminded_of_anew(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    booked = await town.booked(token, hall.whole, AT_SIX)
    assert await remind(town, THE_DAY_BEFORE) == 1
    assert (await town.move(token, booked, AT_EIGHT)).status_code == 200
    assert await reminded(town, booked) is None
    assert await remind(town, THE_DAY_BEFORE + timedelta(hours=2)) == 1
    assert await told(town, "reminder") == [kari, kari]


async def test_who_wants_none_gets_none_and_is_not_asked_about_again(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town, notices=["email"])
    booked = await town.booked(token, hall.whole, AT_SIX)
    assert await remind(town, THE_DAY_BEFORE) == 1
    assert await letters(town, kari) == []
    assert await reminded(town, booked) == THE_DAY_BEFORE


async def test_what_was_booked_a_moment_ago_or_does_not_stand_is_not_reminded_of(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town)
    gone = await town.booked(token, hall.whole, AT_SIX)
    fresh = await town.booked(token, hall.whole, AT_EIGHT)
    await town.post(f"/bookings/{gone}/cancel", token, {})
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(
            update(Booking)
            .where(Booking.id == UUID(fresh))
            .values(updated_at=THE_DAY_BEFORE - timedelta(hours=1))
        )
    assert await remind(town, THE_DAY_BEFORE) == 0
    assert await told(town, "reminder") == []


async def test_more_than_a_run_can_bear_are_in_the_next(town: Town) -> None:
    hall = await town.hall()
    tokens = [(await person(town))[1] for _ in range(5)]
    for number, token in enumerate(tokens):
        await town.booked(token, hall.whole, make.at(DAY, 10 + number))
    now = make.at(DAY, 10).start - timedelta(hours=10)
    assert [await remind(town, now, at_most=2) for _ in range(4)] == [2, 2, 1, 0]


async def test_an_officer_hears_each_weekday_morning_what_waits_at_her_places(town: Town) -> None:
    here, there = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    _, token = await person(town)
    all_over, _ = await person(town, "case_officer")
    at_here, _ = await person(town, "case_officer", scope={"facility_id": here.facility_id})
    at_part, _ = await person(town, "facility_manager", scope={"resource_id": there.parts[0]})
    await person(town, "caretaker")
    first = await town.book(token, here.whole, AT_SIX)
    await town.book(token, here.whole, AT_EIGHT)
    await town.book(token, there.whole, AT_SIX)
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(update(Application).values(answer_by=AT_SEVEN + timedelta(days=1)))
        await db.execute(
            update(Application)
            .where(Application.id == UUID(first["id"]))
            .values(officer_id=at_here, answer_by=AT_SEVEN - timedelta(days=1))
        )

    assert await digest(town, AT_SEVEN - timedelta(minutes=1)) == 0, "not before seven"
    assert await digest(town, AT_SEVEN) == 2
    assert await digest(town, AT_SEVEN + timedelta(hours=1)) == 0, "once a morning"

    by_person = {each.person_id: each for each in await letters(town)}
    assert set(by_person) == {all_over, at_here}
    assert at_part not in by_person, "nothing waits there"
    assert by_person[all_over].subject == "Requests that wait: 3"
    assert "Past their deadline: 1" in by_person[all_over].text
    assert "Your own" not in by_person[all_over].text
    assert by_person[at_here].subject == "Requests that wait: 2"
    assert "Your own: 1" in by_person[at_here].text
    assert by_person[at_here].unsubscribe_url is not None


async def test_no_digest_on_a_saturday_nor_to_who_is_away_nor_when_nothing_waits(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    officer, _ = await person(town, "case_officer")
    assert await digest(town, AT_SEVEN) == 0
    _, token = await person(town)
    await town.book(token, hall.whole, AT_SIX)
    saturday = AT_SEVEN + timedelta(days=4)
    assert saturday.astimezone(make.OSLO).isoweekday() == 6
    assert await digest(town, saturday) == 0
    async with town.database.transaction(town.tenant.id) as db:
        db.add(Absence(officer_id=officer, from_on=date(2026, 1, 1), until_on=date(2080, 1, 1)))
    assert await digest(town, AT_SEVEN) == 0
    assert await told(town, "digest") == []
