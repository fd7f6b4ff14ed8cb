"""Messages inside over the API: one's own, the newest first, marked as read once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tests import make
from tests.booking.conftest import Town
from tests.booking.telling.reading import letters, notices, person, spread

DAY = make.next_weekday(2, weeks=2)
AT_SIX = make.at(DAY, 18)


async def test_ones_own_are_listed_paged_and_marked_once(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town)
    _, other = await person(town)
    _, officer = await person(town, "case_officer")
    booked = [await town.booked(token, hall.whole, make.at(DAY, hour)) for hour in (10, 12)]
    for booking_id in booked:
        await town.post(f"/bookings/{booking_id}/cancel", officer, {"reason": "Vask"})
    await spread(town)

    first = await town.get("/messages", token, limit=3)
    rest = await town.get("/messages", token, limit=3, cursor=first["next"])
    told = first["items"] + rest["items"]
    assert rest["next"] is None
    assert [each["kind"] for each in told] == ["cancelled", "cancelled", "confirmed", "confirmed"]
    unread = [each for each in told if each["read_at"] is None]
    assert [each["kind"] for each in unread] == ["cancelled", "cancelled"]
    assert told[0]["path"] == f"/applications/{told[0]['application_id']}"
    assert await town.get("/messages", other) == {"items": [], "next": None}

    path = f"/messages/{unread[0]['id']}/read"
    read = await town.post(path, token)
    assert read.status_code == 200
    assert datetime.fromisoformat(read.json()["read_at"])
    again = await town.post(path, token)
    assert again.json()["read_at"] == read.json()["read_at"]
    assert (await town.post(path, other)).status_code == 404
    assert (await town.ask("GET", "/messages")).status_code == 401


async def test_a_program_that_only_reads_marks_nothing(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    await town.booked(token, hall.whole, AT_SIX)
    await spread(town)
    reading = await town.have(lambda db: _reading(db, kari))
    [told] = (await town.get("/messages", reading))["items"]
    assert (await town.post(f"/messages/{told['id']}/read", reading)).status_code == 403


async def _reading(db: AsyncSession, person_id: UUID) -> str:
    return make.token(db, person_id, "read")


async def test_an_officer_who_approves_her_own_request_gets_the_invitation(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    officer, token = await person(town, "case_officer")
    asked = await town.book(token, hall.whole, AT_SIX)
    assert (await town.decide(token, asked)).status_code == 200
    await spread(town)
    assert [each.kind for each in await notices(town, officer)] == ["requested", "approved"]
    assert (await letters(town, officer))[1].calendar is not None
