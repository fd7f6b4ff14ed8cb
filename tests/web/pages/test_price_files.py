"""A price list from a file: told line by line first, added when asked, refused as a line in the form is."""

import re

import httpx
import pytest

from core.db import Database
from tests import make
from tests.web.pages.test_tariffs import LINE, siri
from tests.web.pages.test_trials import EVENING, laid, rows
from tests.web.village import Reader, Village, field_of, text_of

LIST = (
    "text_nb;unit;price;vat_code;weekdays;kind;percent\nHelg;hour;900,50;full;sat-sun\nRabatt;;;;;discount;25"
)


@pytest.fixture
async def admin(http: httpx.AsyncClient, village: Village) -> Reader:
    return await siri(http, village)


async def test_lines_are_told_first_and_then_added_after_the_others(
    http: httpx.AsyncClient, village: Village, admin: Reader, database: Database
) -> None:
    path = await laid(admin, village, LINE)
    before = await rows(database, village)
    page = await admin.get(f"{path}/lines/import")

    told = await admin.post(f"{path}/lines/import", {"version": "3", "text": LIST, "step": "check"})
    cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    sent = await http.post(
        f"{path}/lines/import",
        data={"version": "3", "text": "", "step": "check"},
        files={"file": ("priser.csv", f"\ufeff{LIST}".encode(), "text/csv")},
        headers={"Cookie": cookie},
    )

    assert field_of(page, "version") == "3"
    assert told.status_code == 200, text_of(told)
    for answer in (told, sent):
        assert re.search(r"2 Helg [^0-9]+ NOK 900.50 an hour 25 % VAT included", text_of(answer))
        assert "3 Rabatt all bookings 25 % off the hire" in text_of(answer)
        assert "Helg;hour;900,50;full;sat-sun" in answer.text, "kept for the next step"
    assert await rows(database, village) == before
    added = await admin.post(f"{path}/lines/import", {"version": "3", "text": LIST, "step": "add"})
    assert added.status_code == 303
    # 2 hours at 600 on a Tuesday, a quarter off.
    assert "In all Of it VAT: NOK 180 NOK 900" in text_of(await admin.get(path, **EVENING))
    again = await admin.post(f"{path}/lines/import", {"version": "3", "text": LIST, "step": "add"})
    assert again.status_code == 412


async def test_one_fault_keeps_all_from_being_added(
    http: httpx.AsyncClient, village: Village, admin: Reader, database: Database
) -> None:
    path = await laid(admin, village, LINE)
    async with database.transaction(village.tenant.id) as db:
        _, elsewhere = await make.person(db, role="facility_manager", facility_id=village.room_facility)
    before = await rows(database, village)

    for step in ("check", "add"):
        form = {"version": "3", "step": step}
        wrong = await admin.post(f"{path}/lines/import", {**form, "text": f"{LIST}\nHall;uke;gratis;full"})
        assert wrong.status_code == 422
        assert "4 unit Write one of these: hour, started_hour" in text_of(wrong)
        assert "4 price Write an amount in kroner" in text_of(wrong)
        assert 'id="text-error"' in wrong.text
        many = "text_nb;unit;price;vat_code\n" + "Hall;hour;600;full\n" * 400
        full = await admin.post(f"{path}/lines/import", {**form, "text": many})
        assert (full.status_code, "a tariff of fewer lines" in text_of(full)) == (422, True)
        headers = {"Authorization": f"Bearer {elsewhere}"}
        other = await http.post(f"{path}/lines/import", data={**form, "text": LIST}, headers=headers)
        assert other.status_code == 403
    cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    latin = await http.post(
        f"{path}/lines/import",
        data={"version": "3"},
        files={"file": ("priser.csv", "text_nb\nSvømming".encode("latin-1"), "text/csv")},
        headers={"Cookie": cookie},
    )
    assert (latin.status_code, 'id="file-error"' in latin.text) == (422, True)
    broken = await http.post(
        f"{path}/lines/import",
        content=b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        headers={"Cookie": cookie, "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert broken.status_code == 400
    assert await rows(database, village) == before
