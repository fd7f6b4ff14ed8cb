"""Door locks by pages: connected, changed, seen to; and the code on the page of the booking, for its holder alone."""

import re
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import select, update

from booking.door_models import DoorCode, DoorLock
from booking.models import Booking
from calendar_feeds.partners import door_codes
from core.db import Database
from core.spans import utc_now
from tests.web.village import Reader, Village, text_of

FORM = {
    "address": "https://lock.example.no/1",
    "secret": "lock-secret-0123",
    "minutes_before": "20",
    "minutes_after": "10",
}


async def admin(http: httpx.AsyncClient, village: Village) -> Reader:
    reader = Reader(http, village)
    await reader.sign_in("admin")
    return reader


async def lock_of(database: Database, village: Village) -> DoorLock:
    async with database.transaction(village.tenant.id) as db:
        return (await db.scalars(select(DoorLock))).one()


async def test_a_lock_is_connected_changed_seen_to_and_taken_away(
    http: httpx.AsyncClient, village: Village, database: Database
) -> None:
    reader = await admin(http, village)
    assert "No lock is connected." in text_of(await reader.get(village.url("/staff/doors")))
    place = f"resource:{village.hall.whole}"
    assert place in (await reader.get(village.url("/staff/doors/new"))).text
    done = await reader.post(village.url("/staff/doors/new"), {**FORM, "place": place})
    assert (done.status_code, done.headers["location"]) == (303, village.url("/staff/doors?done=connected"))
    assert "Not called yet" in text_of(await reader.get(village.url("/staff/doors")))
    again = await reader.post(village.url("/staff/doors/new"), {**FORM, "place": place})
    assert again.status_code == 409
    assert FORM["secret"] not in again.text
    lock = await lock_of(database, village)
    path = village.url(f"/staff/doors/{lock.id}")
    page = await reader.get(path)
    assert "lock.example.no/1" in page.text
    assert FORM["secret"] not in page.text
    changed = await reader.post(path, {**FORM, "secret": "", "minutes_before": "0"})
    assert changed.status_code == 303
    after = await lock_of(database, village)
    assert (after.minutes_before, after.secret) == (0, lock.secret)
    assert (await reader.post(f"{path}/place-anew", {})).status_code == 303
    assert (await reader.post(f"{path}/disconnect", {})).status_code == 303
    assert (await reader.get(path)).status_code == 404


async def test_what_cannot_be_a_lock_is_said_field_by_field(
    http: httpx.AsyncClient, village: Village
) -> None:
    reader = await admin(http, village)
    place = f"resource:{village.hall.whole}"
    for wrong, said in (
        ({"place": "x"}, "Choose where."),
        ({"address": "http://lock.example.no"}, "must begin with https://"),
        ({"address": "https://127.0.0.1/"}, "does not lead to the open internet"),
        ({"address": ""}, "cannot be read"),
        ({"secret": "short"}, "at least 8 characters"),
        ({"secret": "bøhallens lås"}, "cannot be sent"),
        ({"minutes_before": "-1"}, "a whole number of minutes"),
        ({"minutes_after": "1441"}, "a whole number of minutes"),
    ):
        answer = await reader.post(village.url("/staff/doors/new"), {**FORM, "place": place, **wrong})
        assert answer.status_code == 422, wrong
        assert said in text_of(answer), wrong


async def test_the_code_is_on_the_page_of_the_booking_for_its_holder_alone(
    app: Litestar, http: httpx.AsyncClient, village: Village, database: Database, kari: Reader
) -> None:
    reader = await admin(http, village)
    await reader.post(village.url("/staff/doors/new"), {**FORM, "place": f"resource:{village.hall.whole}"})
    booked = await kari.book(village.hall.whole)
    path = re.sub(r"\?.*", "", booked.headers["location"])
    async with database.transaction(village.tenant.id) as db:
        application_id = UUID(path.rpartition("/")[2])
        bookings = select(Booking.id).where(Booking.application_id == application_id)
        (booking_id,) = (await db.scalars(bookings)).all()
        await door_codes.keep(db, app.state.vault, [booking_id], utc_now())
        code = (await db.scalars(select(DoorCode))).one()
        assert code.code is not None
        figures = app.state.vault.opened(code.code)
    shown = await kari.get(path)
    assert figures in shown.text
    assert "The lock does not know it yet." in text_of(shown)
    async with database.transaction(village.tenant.id) as db:
        await db.execute(update(DoorCode).values(state="placed"))
    assert "It opens the door" in text_of(await kari.get(path))
    for other in (
        await reader.get(path),
        await reader.get(village.url(f"/staff/doors/{code.lock_id}")),
        await kari.get(village.url("/bookings")),
        await kari.get(f"/api{village.base}/bookings/{booking_id}"),
    ):
        assert other.status_code == 200
        assert figures not in other.text
