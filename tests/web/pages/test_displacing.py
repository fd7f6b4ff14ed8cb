"""Closing, arranging and waiting by pages, without JavaScript: who is in the way is seen before anything is taken."""

from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from core.db import Database
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import happen
from tests.web.pages.test_every_page import counted
from tests.web.village import TUESDAY, Reader, Village, field_of, links_of, text_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
EVENING = make.at(TUESDAY, 18)
CLOSING = {"on": TUESDAY.isoformat(), "from_time": "17:00", "to_time": "20:00", "reason": "Mended floor"}


@pytest.fixture
async def olav(http: httpx.AsyncClient, village: Village) -> Reader:
    """The facility manager, signed in."""
    return await signed_in(http, village, "manager")


async def signed_in(http: httpx.AsyncClient, village: Village, part: str) -> Reader:
    reader = Reader(http, village)
    assert (await reader.sign_in(part)).status_code == 303
    return reader


def town_of(village: Village, http: httpx.AsyncClient, database: Database) -> Town:
    return Town(http, database, village.tenant)


async def test_a_place_is_closed_in_two_steps_and_the_displaced_take_another_time_by_one_click(
    http: httpx.AsyncClient, database: Database, village: Village, olav: Reader, kari: Reader
) -> None:
    booked = await kari.book(village.hall.parts[0])
    case = booked.headers["location"].partition("?")[0]
    administration = await olav.get(village.url("/staff"))
    listed = await olav.get(links_of(administration, "/staff/closures$")[0])
    form = await olav.get(links_of(listed, "/new$")[0])
    assert "Idrettshallen: all of it" in text_of(form)
    wish = {**CLOSING, "place": f"facility:{village.hall.facility_id}"}

    asked = await olav.post(village.url("/staff/closures/new"), wish)

    assert asked.status_code == 409
    assert "1 booking is in the way" in text_of(asked)
    assert "Kari Nordmann: Handball training" in text_of(asked)
    reads = await kari.get(village.url("/me/reads"))
    assert "Olav Driftsleder" in text_of(reads)
    seen = field_of(asked, "seen") or ""
    unseen = await olav.post(village.url("/staff/closures/new"), {**wish, "displace": "yes", "seen": "x"})
    assert unseen.status_code == 409
    done = await olav.post(village.url("/staff/closures/new"), {**wish, "displace": "yes", "seen": seen})
    assert done.status_code == 303
    shown = await olav.get(done.headers["location"])
    assert "The place is closed" in text_of(shown)
    assert "Mended floor" in text_of(shown)

    await happen(town_of(village, http, database))
    page = await kari.get(case)
    assert "Instead of" in text_of(page)
    path = f"{page.text.split('/replace')[0].rpartition(chr(34))[2]}/replace"
    taken = await kari.post(path, {"replacement_id": field_of(page, "replacement_id") or ""})
    assert taken.status_code == 303
    after = await kari.get(taken.headers["location"])
    assert "The time is yours." in text_of(after)
    assert "Instead of" not in text_of(after)

    lifted = await olav.post(f"{shown.text.split('/lift')[0].rpartition(chr(34))[2]}/lift", {})
    assert lifted.status_code == 303
    assert "open again" in text_of(await olav.get(lifted.headers["location"]))


async def test_what_is_not_filled_in_is_asked_for(village: Village, olav: Reader, kari: Reader) -> None:
    empty = await olav.post(village.url("/staff/closures/new"), {"place": "moon:1"})
    wanted = ["Choose where.", "Choose a day.", "Write why."]
    assert empty.status_code == 422
    assert all(each in text_of(empty) for each in wanted)
    arranged = await olav.post(village.url("/staff/arrangements/new"), {"website": "javascript:alert(1)"})
    assert arranged.status_code == 422
    for each in (
        "Choose where.",
        "Write what it is called.",
        "Write who arranges it.",
        "begins with https://",
    ):
        assert each in text_of(arranged)
    for path in ("/staff/closures", "/staff/closures/new", "/staff/arrangements", "/staff/arrangements/new"):
        assert (await kari.get(village.url(path))).status_code == 403


async def test_an_arrangement_with_its_picture_is_there_for_everybody(
    http: httpx.AsyncClient, village: Village, olav: Reader, kari: Reader
) -> None:
    await kari.book(village.hall.parts[0])
    path = village.url("/staff/arrangements/new")
    wish = {
        "place-0": f"resource:{village.hall.whole}",
        "on-0": TUESDAY.isoformat(),
        "from_time-0": "17:00",
        "to_time-0": "20:00",
        "title": "Day of sports",
        "organiser": "Øvre IL",
        "description-en": "Come and try!",
        "alt-en": "A ball",
    }

    async def send(fields: dict[str, str], name: str, content: bytes) -> httpx.Response:
        cookie = "; ".join(f"{key}={value}" for key, value in olav.cookies.items())
        files = {"picture": (name, content)}
        return await http.post(path, data=fields, files=files, headers={"Cookie": cookie})

    pdf = await send(wish, "plan.pdf", b"%PDF-1.7")
    assert pdf.status_code == 422
    assert "PNG or JPEG" in text_of(pdf)
    asked = await send(wish, "ball.png", PNG)
    assert asked.status_code == 409
    assert "Kari Nordmann: Handball training" in text_of(asked)
    laid = await send({**wish, "displace": "yes", "seen": field_of(asked, "seen") or ""}, "ball.png", PNG)
    assert laid.status_code == 303

    nobody = Reader(http, village)
    listed = await nobody.get(village.url("/arrangements"))
    assert "Day of sports" in text_of(listed)
    page = await nobody.get(links_of(listed, "/arrangements/[0-9a-f-]+$")[0])
    assert "Come and try!" in text_of(page)
    assert 'itemtype="https://schema.org/Event"' in page.text
    assert 'alt="A ball"' in page.text
    picture = await nobody.get(str(page.url.path) + "/picture")
    assert picture.content == PNG
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-disposition"] == "inline"
    assert "sandbox" in picture.headers["content-security-policy"]

    edit = links_of(await olav.get(village.url("/staff/arrangements")), "/staff/arrangements/[0-9a-f-]+$")[0]
    version = field_of(await olav.get(edit), "version") or ""
    fields = {"version": version, "title": "Week of sports", "organiser": "Øvre IL"}
    assert (await olav.post(edit, fields)).status_code == 303
    assert (await olav.post(edit, fields)).status_code == 412
    assert "Week of sports" in text_of(await nobody.get(str(page.url.path)))
    version = field_of(await olav.get(edit), "version") or ""
    assert (await olav.post(f"{edit}/cancel", {"version": version})).status_code == 303
    assert "This has been cancelled." in text_of(await nobody.get(str(page.url.path)))
    assert "Week of sports" not in text_of(await nobody.get(village.url("/arrangements")))


async def test_from_a_taken_time_to_the_list_and_from_the_offer_to_the_case(
    http: httpx.AsyncClient, database: Database, village: Village, kari: Reader
) -> None:
    anne = await signed_in(http, village, "delegate")
    await anne.book(village.hall.parts[0])
    week = await kari.get(
        village.url(f"/resources/{village.hall.parts[0]}"),
        week=f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}",
    )
    way = links_of(week, "/waiting/new")[0]
    refused = await kari.book(village.hall.parts[0])
    assert refused.status_code == 409
    assert links_of(refused, "/waiting/new")

    form = await kari.get(way)
    fields = {
        "resource": str(village.hall.parts[0]),
        **{name: field_of(form, name) or "" for name in ("on", "from_time", "to_time", "to_on")},
    }
    assert (fields["on"], fields["from_time"], fields["to_time"]) == (TUESDAY.isoformat(), "18:00", "19:00")
    sent = await kari.post(village.url("/waiting"), fields)
    assert sent.status_code == 303
    mine = await kari.get(sent.headers["location"])
    assert "You are on the list." in text_of(mine)
    async with database.transaction(village.tenant.id) as db:
        booking_id = await db.scalar(text("SELECT id FROM booking LIMIT 1"))
    page = await anne.get(village.url(f"/bookings/{booking_id}/cancel"))
    await anne.post(
        village.url(f"/bookings/{booking_id}/cancel"),
        {"version": field_of(page, "version") or "", "reason": ""},
    )
    await happen(town_of(village, http, database))

    offered = await kari.get(village.url("/waiting"))
    assert "Offered to you now" in text_of(offered)
    case = links_of(offered, "/applications/[0-9a-f-]+$")[0]
    assert "The time is held for you until" in text_of(await kari.get(case))
    stop = f"{offered.text.split('/stop')[0].rpartition(chr(34))[2]}/stop"
    assert (await anne.post(stop, {})).status_code == 404
    stopped = await kari.post(stop, {})
    assert stopped.status_code == 303
    assert "You wait for nothing." in text_of(await kari.get(village.url("/waiting")))


async def test_a_search_is_kept_as_the_address_has_it(village: Village, kari: Reader) -> None:
    day = TUESDAY.isoformat()
    found = await kari.get(village.url("/search"), activity="handball", from_on=day, minutes="120")
    form = await kari.get(links_of(found, "/waiting/new")[0])
    assert "Handball" in text_of(form)
    fields = {name: field_of(form, name) or "" for name in ("activity", "from_on", "minutes")}
    wrong = await kari.post(village.url("/waiting"), {**fields, "until": "2020-01-01"})
    assert wrong.status_code == 422
    sent = await kari.post(village.url("/waiting"), {**fields, "until": day})
    assert sent.status_code == 303
    mine = await kari.get(village.url("/waiting"))
    (way,) = links_of(mine, "/search.*activity=handball")
    assert "minutes=120" in way
    assert f"from_on={day}" in way


async def test_however_much_there_is_a_page_asks_as_often(
    app: Litestar, village: Village, olav: Reader, kari: Reader
) -> None:
    counts: dict[str, list[int]] = {}
    for number in range(2):
        for week in range(1 + number * 4):
            day = TUESDAY + timedelta(days=7 * (week + number * 3))
            await olav.post(
                village.url("/staff/closures/new"),
                {**CLOSING, "on": day.isoformat(), "place": f"resource:{village.pool}"},
            )
            await olav.post(
                village.url("/staff/arrangements/new"),
                {
                    "place-0": f"resource:{village.hall.whole}",
                    "on-0": day.isoformat(),
                    "from_time-0": "08:00",
                    "to_time-0": "09:00",
                    "title": f"Day {number} {week}",
                    "organiser": "Us",
                },
            )
        for who, path in (
            (olav, "/staff/closures"),
            (olav, "/staff/arrangements"),
            (kari, "/arrangements"),
            (kari, "/waiting"),
        ):
            with counted(app) as statements:
                assert (await who.get(village.url(path))).status_code == 200
            counts.setdefault(path, []).append(len(statements))
    assert all(few == many for few, many in counts.values()), counts
