"""Every page over HTTP, as a browser without JavaScript meets it: found, booked, refused, moved, cancelled, decided."""

import re
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import event, select

from booking.models import Booking
from core.db import Database
from core.settings import Settings
from core.tenants import Directory, Tenant
from core.texts import LANGUAGES
from people.models import RoleGrant
from tests import make
from tests.conftest import Urls
from tests.web.test_templates import read
from tests.web.village import FIGURES, TUESDAY, WISH, Reader, Village, field_of, found, links_of, text_of
from web.app import make_app, opened
from web.pages import safe_path


@pytest.fixture
async def village(app: Litestar, database: Database, tenant: Tenant) -> Village:
    app.state.directory = Directory(app.state.database)
    return await found(database, tenant)


@pytest.fixture
async def kari(http: httpx.AsyncClient, village: Village) -> Reader:
    """A citizen who has signed in."""
    reader = Reader(http, village)
    assert (await reader.sign_in("citizen")).status_code == 303
    return reader


@pytest.fixture
async def ingrid(http: httpx.AsyncClient, village: Village) -> Reader:
    """A case officer who has signed in."""
    reader = Reader(http, village)
    await reader.sign_in("officer")
    return reader


@pytest.fixture
def nobody(http: httpx.AsyncClient, village: Village) -> Reader:
    return Reader(http, village)


async def pages_of(village: Village, reader: Reader) -> list[str]:
    """An address of every page that a reader may open."""
    booked = await reader.book(village.hall.parts[0])
    asked = await reader.book(village.room, accepted_terms="2026-1")
    mine = await reader.get(village.url("/bookings"))
    wish = f"on={TUESDAY}&from_time=18:00&to_time=19:00"
    return [
        "/",
        f"/search?text=hall&from_on={TUESDAY}&from_time=17:00&to_time=21:00",
        "/search?from_on=tomorrow",
        "/accessibility",
        village.base,
        village.url(f"/search?from_on={TUESDAY}&from_time=17:00&to_time=21:00"),
        village.url("/search?text=xyzzy"),
        village.url("/search?from_on=2026-02-30&people=0"),
        village.url(f"/facilities/{village.hall.facility_id}"),
        village.url(f"/resources/{village.hall.whole}"),
        village.url(
            f"/resources/{village.pool}?week={TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week}"
        ),
        village.url(f"/resources/{village.room}?week=2026-W44"),
        village.book(village.room),
        f"{village.book(village.pool)}?{wish}&every_weeks=1&until={TUESDAY + timedelta(days=21)}",
        f"{village.book(village.hall.parts[0])}?{wish}",
        village.url("/sign-in"),
        village.url("/accessibility"),
        village.url("/bookings"),
        booked.headers["location"],
        asked.headers["location"],
        *links_of(mine, "/(cancel|move)$")[:2],
        village.url("/requests"),
        village.url("/nothing-here"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_whole_in_every_language(
    village: Village, kari: Reader, ingrid: Reader, language: str
) -> None:
    paths = await pages_of(village, kari)
    case = links_of(await ingrid.get(village.url("/requests")), "/requests/")[0]
    titles: dict[str, str] = {}
    for reader, path in [
        *((kari, path) for path in paths),
        (ingrid, village.url("/requests")),
        (ingrid, case),
    ]:
        reader.cookies["language"] = language
        answer = await reader.get(path)
        assert answer.status_code in {200, 403, 404, 422}, f"{path}: {answer.status_code}"
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        tags = read(answer.text).tags
        assert ("html", {"lang": language, "data-color-scheme": "auto"}) in tags, path
        assert [tag for tag, _ in tags].count("h1") == 1, path
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        titles[path] = re.findall("<title>(.*?)</title>", answer.text)[0]
        assert len(titles[path]) > 3, path
    assert len(set(titles.values())) > len(titles) / 2


async def test_a_language_chosen_once_stays(nobody: Reader, village: Village) -> None:
    nobody.cookies.clear()
    chosen = await nobody.get(village.base, lang="nn")
    later = await nobody.get(village.url("/search"))
    unknown = await nobody.get(village.base, lang="tlh")
    above = await nobody.get("/", lang="en")

    assert 'lang="nn"' in chosen.text
    assert '<html lang="nn"' in later.text
    assert '<html lang="nn"' in unknown.text
    assert '<html lang="en"' in above.text


async def test_a_free_time_is_found_and_booked_and_shown(village: Village, kari: Reader) -> None:
    hits = await kari.get(
        village.url("/search"), text="idrettshallen", from_on=str(TUESDAY), from_time="18:00", to_time="20:00"
    )
    form = await kari.get(links_of(hits, "/book\\?")[0])
    assert field_of(form, "on") == TUESDAY.isoformat()
    assert (field_of(form, "from_time"), field_of(form, "to_time")) == ("18:00", "18:30")
    assert "This time is free" in text_of(form)
    assert "It is yours as soon as you book." in text_of(form)

    sent = await kari.book(village.hall.parts[0], idempotency_key=field_of(form, "idempotency_key") or "")
    receipt = await kari.get(sent.headers["location"])
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    whole = await kari.get(village.url(f"/resources/{village.hall.whole}"), week=week)
    mine = await kari.get(village.url("/bookings"))

    assert sent.status_code == 303
    assert "Your time is booked" in text_of(receipt)
    assert "18:00–19:00" in text_of(receipt)
    assert "Handball training" in text_of(whole)  # hers, so she may see it
    assert "Handball training" in text_of(mine)


async def test_who_has_a_time_is_told_to_nobody_else(village: Village, kari: Reader, nobody: Reader) -> None:
    await kari.book(village.hall.parts[0], title="Secret party")
    await kari.book(village.hall.parts[1], title="Open day", public="yes", from_time="20:00", to_time="21:00")
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    seen = text_of(await nobody.get(village.url(f"/resources/{village.hall.whole}"), week=week))

    assert "Secret party" not in seen
    assert "Kari" not in seen
    assert "Taken" in seen
    assert "Open day" in seen


async def test_pressing_book_without_having_signed_in_loses_nothing(village: Village, nobody: Reader) -> None:
    form = await nobody.get(village.book(village.pool), on=str(TUESDAY), from_time="18:00", to_time="19:00")
    assert "You sign in before it is booked." in text_of(form)
    away = await nobody.book(
        village.pool, quantity="3", title="Svømmeskole & moro", audience="children", public="yes"
    )
    assert away.status_code == 303
    choice = await nobody.get(away.headers["location"])
    assert "Kari Nordmann" in text_of(choice)
    back = await nobody.sign_in("citizen", field_of(choice, "next") or "")
    form = await nobody.get(back.headers["location"])

    assert field_of(form, "title") == "Svømmeskole & moro"
    assert field_of(form, "quantity") == "3"
    assert field_of(form, "from_time") == "18:00"
    assert "checked" in re.findall(r'<input[^>]*name="public"[^>]*>', form.text)[0]
    assert '<option value="children" selected>' in form.text
    assert "Signed in as Kari Nordmann" in text_of(form)


async def test_a_form_sent_twice_books_once(database: Database, village: Village, kari: Reader) -> None:
    first = await kari.book(village.hall.parts[0], idempotency_key="k1")
    again = await kari.book(village.hall.parts[0], idempotency_key="k1")
    other = await kari.book(village.hall.parts[0], idempotency_key="k1", from_time="20:00", to_time="21:00")

    assert again.headers["location"] == first.headers["location"]
    assert other.status_code == 303
    assert other.headers["location"] != first.headers["location"]
    async with database.transaction(village.tenant.id) as db:
        assert len((await db.scalars(select(Booking.id))).all()) == 2


async def test_a_taken_time_is_refused_with_times_to_take_instead(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.whole)
    refused = await kari.book(village.hall.parts[0], title="Too late", people="12")
    said = text_of(refused)

    assert refused.status_code == 409
    assert "<title>Error: " in refused.text
    assert "The time is taken." in said
    assert "In the way:" in said
    assert "The nearest free times:" in said
    assert field_of(refused, "title") == "Too late"
    assert field_of(refused, "people") == "12"
    assert "autofocus" in refused.text
    instead = links_of(refused, "/book\\?.*start=")
    form = await kari.get(instead[0])
    assert "This time is free" in text_of(form)
    assert field_of(form, "title") == "Too late"


async def test_other_halls_are_offered_for_the_same_time(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    refused = await kari.book(village.hall.parts[0], title="Too late")
    elsewhere = [
        url for url in links_of(refused, "/book\\?.*start=") if str(village.hall.parts[0]) not in url
    ]

    assert elsewhere
    assert all(f"start={TUESDAY}T18%3A00" in url for url in elsewhere)


REFUSED: list[tuple[dict[str, str], int, str]] = [
    ({"title": ""}, 422, "Write what the time is for."),
    ({"on": ""}, 422, "Choose a day."),
    ({"on": "2026-02-30"}, 422, "Write a day that exists."),
    ({"on": "9999-12-31"}, 422, "Write a day that exists."),
    ({"from_time": "25:00"}, 422, "Write a time such as 18:00."),
    ({"to_time": "17:00"}, 422, "The end must be after the start."),
    ({"to_on": "2020-01-01"}, 422, "The last day must not be before the first."),
    ({"people": "many"}, 422, "Write a whole number, 1 or more."),
    ({"title": "x" * 201}, 422, "Write at most 200 letters in the title."),
    ({"title": "a\0b"}, 422, "Write at most 200 letters in the title."),
    ({"every_weeks": "1"}, 422, "Write the last day of the repeats."),
    ({"every_weeks": "1", "until": "2020-01-01"}, 422, "The last day must not be before the first"),
    ({"association_id": "01a2076e-1c61-7935-b75a-9ca51501f8ce"}, 403, "Choose an association"),
    ({"team": "01a2076e-1c61-7935-b75a-9ca51501f8ce"}, 422, "Choose a team"),
    ({"quantity": "2"}, 422, "There are 1 in all."),
    ({"from_time": "06:00", "to_time": "07:00"}, 422, "Open: "),
    ({"from_time": "18:10", "to_time": "19:10"}, 422, "Book in steps of 30 minutes"),
    ({"on": "2024-01-02"}, 422, "The earliest that can be booked now is"),
    ({"from_time": "18:00", "to_time": "18:10"}, 422, "The shortest booking here is 30 minutes."),
]


@pytest.mark.parametrize(("fields", "status", "told"), REFUSED)
async def test_what_is_wrong_is_said_and_nothing_is_lost(
    village: Village, kari: Reader, fields: dict[str, str], status: int, told: str
) -> None:
    answer = await kari.book(village.hall.parts[0], purpose="Keep this", **fields)

    assert answer.status_code == status
    assert told in text_of(answer)
    assert field_of(answer, "purpose") == "Keep this"
    assert "Error: " in answer.text


async def test_terms_must_be_accepted(village: Village, kari: Reader) -> None:
    refused = await kari.book(village.room)
    taken = await kari.book(village.room, accepted_terms=field_of(refused, "accepted_terms") or "")

    assert refused.status_code == 422
    assert "You must accept the terms to book." in text_of(refused)
    assert "Tidy up." in text_of(refused)
    assert taken.status_code == 303


async def test_associations_book_where_only_they_may(village: Village, kari: Reader, nobody: Reader) -> None:
    refused = await kari.book(village.club_hall)
    await nobody.sign_in("delegate")
    form = await nobody.get(village.book(village.club_hall))
    team = re.findall(r'<option value="([^"]*)">Jenter 14', form.text)[0]
    booked = await nobody.book(village.club_hall, association_id=str(village.association), team=team)

    assert refused.status_code == 422
    assert "Choose an association that you may book for." in text_of(refused)
    assert booked.status_code == 303
    assert "Øvre IL" in text_of(await nobody.get(booked.headers["location"]))


async def test_repeats_are_seen_before_they_are_booked(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    weekly = {"every_weeks": "1", "until": str(TUESDAY + timedelta(days=21))}
    seen = await kari.book(village.hall.parts[0], action="check", **weekly)
    refused = await kari.book(village.hall.parts[0], **weekly)
    some = await kari.book(village.hall.parts[0], if_refused="skip", **weekly)
    receipt = await kari.get(some.headers["location"])

    assert seen.status_code == 200
    assert text_of(seen).count("The time is taken.") == 1
    assert "1 of the times cannot be had" in text_of(seen)
    assert seen.text.count('name="except"') == 4
    assert refused.status_code == 409
    assert refused.text.count('name="except"') == 4
    assert some.status_code == 303
    assert "One time could not be booked" in text_of(receipt)
    assert "Your times are booked" in text_of(receipt)


async def test_days_that_are_ticked_are_left_out(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    weekly = {"every_weeks": "1", "until": str(TUESDAY + timedelta(days=7)), "except": str(TUESDAY)}
    booked = await kari.book(village.hall.parts[0], **weekly)

    assert booked.status_code == 303
    assert text_of(await kari.get(booked.headers["location"])).count("Confirmed") == 1


async def test_the_quote_is_a_part_of_a_page_and_never_an_error(village: Village, nobody: Reader) -> None:
    wish = {"on": str(TUESDAY), "from_time": "18:00", "to_time": "19:00"}
    free = await nobody.get(village.url(f"/resources/{village.pool}/quote"), **wish)
    closed = await nobody.get(
        village.url(f"/resources/{village.pool}/quote"), **{**wish, "from_time": "05:00"}
    )
    nonsense = await nobody.get(village.url(f"/resources/{village.pool}/quote"), **{**wish, "on": "soon"})

    assert [answer.status_code for answer in (free, closed, nonsense)] == [200, 200, 200]
    assert "<html" not in free.text
    assert "This time is free" in free.text
    assert "outside the opening hours" in closed.text


async def test_a_booking_is_moved_and_cancelled(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    mine = await kari.get(village.url("/bookings"))
    move, cancel = links_of(mine, "/move$")[0], links_of(mine, "/cancel$")[0]
    form = await kari.get(move)
    wish = {
        "on": str(TUESDAY),
        "from_time": "20:00",
        "to_time": "21:00",
        "version": field_of(form, "version") or "",
    }
    moved = await kari.post(move, wish)
    told = await kari.get(moved.headers["location"])
    stale = await kari.post(cancel, {"version": "1"})
    sure = await kari.get(cancel)
    cancelled = await kari.post(cancel, {"version": field_of(sure, "version") or "", "reason": "Ill"})
    after = await kari.get(cancelled.headers["location"])

    assert field_of(form, "from_time") == "18:00"
    assert "The booking is moved." in text_of(told)
    assert "20:00–21:00" in text_of(told)
    assert stale.status_code == 412
    assert "Somebody has changed this since you read it." in text_of(stale)
    assert "The booking is cancelled." in text_of(after)
    assert not links_of(after, "/cancel$")


async def test_a_move_to_a_taken_time_keeps_the_old_one(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    await kari.book(village.hall.parts[0], from_time="20:00", to_time="21:00")
    move = links_of(await kari.get(village.url("/bookings")), "/move$")[0]
    wish = {"on": str(TUESDAY), "from_time": "20:00", "to_time": "21:00", "version": "1"}
    refused = await kari.post(move, wish)

    assert refused.status_code == 409
    assert "The time is taken." in text_of(refused)
    assert links_of(refused, "/move\\?start=")
    assert field_of(await kari.get(links_of(refused, "/move\\?start=")[0]), "from_time") != "18:00"


async def test_what_is_not_hers_is_not_there(village: Village, kari: Reader, nobody: Reader) -> None:
    receipt = (await kari.book(village.hall.parts[0])).headers["location"]
    mine = await kari.get(village.url("/bookings"))
    await nobody.sign_in("delegate")
    for path in (receipt, *links_of(mine, "/(move|cancel)$")):
        assert (await nobody.get(path)).status_code == 404
    assert (await nobody.post(links_of(mine, "/cancel$")[0], {"version": "1"})).status_code == 404
    assert (await nobody.get(village.url("/requests"))).status_code == 403
    assert "Requests" not in text_of(await nobody.get(village.base))


async def test_nobody_is_told_to_sign_in_and_comes_back(village: Village, nobody: Reader) -> None:
    answer = await nobody.get(village.url("/bookings"))
    way = links_of(answer, "/sign-in\\?")[0]

    assert answer.status_code == 401
    assert way == f"{village.base}/sign-in?next=%2F{village.tenant.slug}%2Fbookings"


async def test_an_officer_answers_a_request(village: Village, kari: Reader, ingrid: Reader) -> None:
    asked = await kari.book(village.room, accepted_terms="2026-1", title="Årsmøte")
    assert "We have received your request" in text_of(await kari.get(asked.headers["location"]))
    queue = await ingrid.get(village.url("/requests"))
    case = links_of(queue, "/requests/")[0]
    page = await ingrid.get(case)
    decision = re.findall(r'name="(decision-[^"]*)"', page.text)[0]
    version = field_of(page, "version") or ""
    nothing = await ingrid.post(case, {"version": version})
    no_reason = await ingrid.post(case, {"version": version, decision: "reject"})
    stale = await ingrid.post(case, {"version": "99", decision: "approve"})
    done = await ingrid.post(case, {"version": version, decision: "approve", "reason": "Welcome."})
    twice = await ingrid.post(case, {"version": version, decision: "approve"})

    assert "1 request waits for an answer" in text_of(queue)
    assert "Årsmøte" in text_of(page)
    assert "Kari Nordmann" in text_of(page)
    assert (nothing.status_code, no_reason.status_code, stale.status_code) == (422, 422, 412)
    assert "Give the reason when you reject." in text_of(no_reason)
    assert done.status_code == 303
    assert "The answer is sent." in text_of(await ingrid.get(done.headers["location"]))
    assert twice.status_code == 409
    told = text_of(await kari.get(asked.headers["location"]))
    assert "Confirmed" in told
    assert "Welcome." in told


async def test_an_officer_sees_who_else_wants_the_time(
    database: Database, village: Village, kari: Reader, ingrid: Reader, nobody: Reader
) -> None:
    async with database.transaction(village.tenant.id) as db:
        open_room = await make.resource(
            db,
            village.room_facility,
            [await make.unit(db, village.room_facility)],
            name="Lillesalen",
            decision="case_officer",
            request_holds=False,
        )
    await nobody.sign_in("delegate")
    await kari.book(open_room, title="Bryllup")
    await nobody.book(open_room, title="Cup", association_id=str(village.association))
    queue = await ingrid.get(village.url("/requests"), facility=str(village.room_facility))
    first, second = links_of(queue, "/requests/")
    seen = text_of(await ingrid.get(first))

    assert text_of(queue).count("1 other wants or has the time") == 2
    assert "Øvre IL: Cup" in seen
    for case, expected in ((first, 303), (second, 409)):
        page = await ingrid.get(case)
        decision = re.findall(r'name="(decision-[^"]*)"', page.text)[0]
        answer = await ingrid.post(case, {"version": field_of(page, "version") or "", decision: "approve"})
        assert answer.status_code == expected


async def test_an_officer_of_one_house_decides_only_there(
    database: Database, village: Village, kari: Reader, ingrid: Reader
) -> None:
    async with database.transaction(village.tenant.id) as db:
        grant = (
            await db.scalars(select(RoleGrant).where(RoleGrant.person_id == village.person("officer")))
        ).one()
        grant.facility_id = village.hall.facility_id
    asked = await kari.book(village.room, accepted_terms="2026-1")
    case = asked.headers["location"].replace("/applications/", "/requests/").partition("?")[0]

    assert "0 requests wait for an answer" in text_of(await ingrid.get(village.url("/requests")))
    assert (await ingrid.get(case)).status_code == 404
    assert (await ingrid.post(case, {"version": "1"})).status_code == 404


UNSAFE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/x\r\nSet-Cookie: a=b",
    "evil.example",
    "",
]


@pytest.mark.parametrize("path", UNSAFE)
async def test_signing_in_leads_to_no_other_site(village: Village, nobody: Reader, path: str) -> None:
    assert safe_path(path) is None
    answer = await nobody.sign_in("citizen", path)
    assert answer.status_code == 303
    assert answer.headers["location"] == village.base
    page = await nobody.get(village.url("/sign-in"), next=path)
    assert field_of(page, "next") == village.base


async def test_the_login_is_the_browsers_own_and_ends(village: Village, kari: Reader) -> None:
    name = f"ledig_{village.tenant.slug}"
    first = kari.cookies[name]
    again = await kari.sign_in("citizen")
    header = again.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "samesite=lax" in header.lower()
    assert kari.cookies[name] != first
    second = kari.cookies[name]
    out = await kari.post(village.url("/sign-out"), {})
    assert out.status_code == 303
    for secret in (first, second):
        kari.cookies[name] = secret
        assert (await kari.get(village.url("/bookings"))).status_code == 401


async def test_another_site_cannot_send_a_form(
    village: Village, http: httpx.AsyncClient, kari: Reader
) -> None:
    cookie = {"Cookie": f"ledig_{village.tenant.slug}={kari.cookies[f'ledig_{village.tenant.slug}']}"}
    for origin in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await http.post(village.url("/sign-out"), headers={**cookie, **origin})
        assert answer.status_code == 403
    assert (await kari.get(village.url("/bookings"))).status_code == 200


async def test_only_figures_of_the_demo_can_be_chosen(village: Village, nobody: Reader) -> None:
    choice = text_of(await nobody.get(village.url("/sign-in")))
    for part in ("citizen", "delegate", "officer", "manager", "admin"):
        assert FIGURES[part] in choice
    for part in ("", "neighbour", "root", str(village.person("citizen"))):
        assert (await nobody.sign_in(part)).status_code == 422


async def test_outside_the_demo_nobody_chooses_who_to_be(
    database_urls: Urls, village: Village, tmp_path: Any
) -> None:
    settings = Settings(demo=False, var_dir=tmp_path)
    real = make_app(settings, database_urls.program)
    transport = httpx.ASGITransport(app=cast(Any, real), raise_app_exceptions=False)
    async with (
        opened(real, settings, database_urls.program),
        httpx.AsyncClient(transport=transport, base_url="http://ledig.test") as client,
    ):
        assert (await client.get(village.base)).status_code == 200
        assert (await client.get(village.url("/sign-in"))).status_code == 404
        answer = await client.post(village.url("/sign-in"), data={"persona": "admin"})
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_on_its_own_host_no_link_carries_the_slug(app: Litestar, village: Village) -> None:
    transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{village.tenant.hosts[0]}") as client:
        for path in (
            "/",
            "/search",
            f"/resources/{village.pool}",
            f"/resources/{village.pool}/book",
            "/bookings",
        ):
            answer = await client.get(path)
            assert answer.status_code in {200, 401}, path
            addresses = re.findall(r'(?:href|action|hx-get)="([^"]*)"', answer.text)
            assert not any(village.tenant.slug in address for address in addresses), path
        entered = await client.post("/sign-in", data={"persona": "citizen", "next": "/bookings"})
        assert entered.headers["location"] == "/bookings"
        assert (await client.get("/bookings")).status_code == 200
        home = await client.post("/sign-out")
        assert home.headers["location"] == "/"


async def test_the_login_of_one_municipality_opens_nothing_in_another(
    database: Database, village: Village, stranger: Tenant, kari: Reader
) -> None:
    await found(database, stranger)
    kari.cookies[f"ledig_{stranger.slug}"] = kari.cookies[f"ledig_{village.tenant.slug}"]
    assert (await kari.get(f"/{stranger.slug}/bookings")).status_code == 401
    assert (await kari.get(f"/{stranger.slug}/resources/{village.pool}")).status_code == 404
    assert (await kari.get(f"/{stranger.slug}/resources/{village.pool}/book")).status_code == 404


async def test_the_search_over_all_finds_and_leads_on(village: Village, nobody: Reader) -> None:
    wish = {"text": "idrettshallen", "from_on": str(TUESDAY), "from_time": "18:00", "to_time": "20:00"}
    first = await nobody.get("/search", **wish)
    moved = await nobody.get("/search", **wish, municipality=village.tenant.slug)
    here = await nobody.get(moved.headers["location"])

    assert first.status_code == 200
    assert "hits" in text_of(first)
    assert moved.status_code == 303
    assert moved.headers["location"].startswith(f"{village.base}/search?text=idrettshallen")
    assert "4 hits" in text_of(here)


async def test_the_pool_says_how_many_lanes_are_left(village: Village, kari: Reader) -> None:
    await kari.book(village.pool, quantity="4")
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    page = text_of(await kari.get(village.url(f"/resources/{village.pool}"), week=week))
    refused = await kari.book(village.pool, quantity="3")

    assert "2 of 6" in page
    assert "6 of 6" in page
    assert refused.status_code == 409


async def test_each_municipality_has_its_own_colour(village: Village, nobody: Reader) -> None:
    theme = await nobody.get(village.url("/theme.css"))
    assert theme.headers["content-type"].startswith("text/css")
    assert "--ds-color-accent-base-default:#0062ba" in theme.text


async def test_what_people_write_is_shown_as_they_wrote_it(village: Village, kari: Reader) -> None:
    nasty = "<script>alert('x')</script> & \"Ærlig\""
    booked = await kari.book(village.hall.parts[0], title=nasty)
    for path in (booked.headers["location"], village.url("/bookings")):
        answer = await kari.get(path)
        assert "<script>alert" not in answer.text
        assert nasty in text_of(answer).replace("  ", " ") or "&lt;script&gt;" in answer.text


NONSENSE = [
    "",
    "\0",
    "%",
    "😀",
    "-1",
    "1e309",
    "9" * 400,
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "2026-11-24T18:00:00",
    "2026-W99",
    "0000-W01",
    "' OR 1=1 --",
    "<b>",
    "../../etc/passwd",
    "x" * 5000,
    "01a2076e-1c61-7935-b75a-9ca51501f8ce",
]


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_never_a_fault_of_ours(
    village: Village, kari: Reader, ingrid: Reader, value: str
) -> None:
    await kari.book(village.hall.parts[0])
    await kari.book(village.room, accepted_terms="2026-1")
    mine = await kari.get(village.url("/bookings"))
    case = links_of(await ingrid.get(village.url("/requests")), "/requests/")[0]
    fields = [
        *WISH,
        "to_on",
        "second_time",
        "association_id",
        "team",
        "people",
        "every_weeks",
        "until",
        "except",
    ]
    asked: list[tuple[Reader, str, list[str]]] = [
        (
            kari,
            "/search",
            ["text", "from_on", "to_time", "minutes", "people", "activity", "municipality", "page"],
        ),
        (
            kari,
            village.url("/search"),
            ["text", "from_on", "to_on", "from_time", "accessible", "facility", "page"],
        ),
        (kari, village.url(f"/resources/{village.pool}"), ["week", "lang"]),
        (kari, village.book(village.pool), [*fields, "start"]),
        (kari, village.url(f"/resources/{village.pool}/quote"), fields),
        (kari, village.url("/bookings"), ["cursor", "done"]),
        (ingrid, village.url("/requests"), ["cursor", "facility"]),
        (kari, village.url("/sign-in"), ["next"]),
        (kari, links_of(mine, "/applications/")[0], ["new", "missed"]),
        (kari, links_of(mine, "/move$")[0], ["start", "end"]),
    ]
    for reader, path, names in asked:
        for name in names:
            wish = WISH if path.endswith(("/book", "/quote")) else {}
            more = (
                {"end": str(TUESDAY)} if name == "start" else {"start": str(TUESDAY)} if name == "end" else {}
            )
            answer = await reader.get(path, **{**wish, **more, name: value})
            assert answer.status_code < 500, f"{path}?{name}="
    sent: list[tuple[Reader, str, dict[str, str], list[str]]] = [
        (kari, village.book(village.hall.parts[1]), WISH, [*fields, "idempotency_key"]),
        (kari, links_of(mine, "/cancel$")[0], {"version": "99"}, ["version", "reason"]),
        (
            kari,
            links_of(mine, "/move$")[0],
            {**WISH, "version": "99"},
            ["version", "on", "from_time", "to_on"],
        ),
        (ingrid, case, {"version": "99"}, ["version", "reason", "decision-x"]),
        (kari, village.url("/sign-in"), {"persona": "citizen"}, ["persona", "next"]),
    ]
    for reader, path, form, names in sent:
        for name in names:
            answer = await reader.post(path, {**form, name: value})
            assert answer.status_code < 500, f"{path} {name}="
            assert answer.headers.get("location", "/").startswith("/"), f"{path} {name}="


async def test_a_body_that_is_no_form_is_a_form_left_empty(village: Village, kari: Reader, http: Any) -> None:
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in kari.cookies.items())}
    path = village.book(village.hall.parts[0])
    bodies: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"json": {"title": "x"}}, {}),
        ({"content": b"\xff\xfe\x00"}, {}),
        ({"files": {"title": ("a.txt", b"x")}, "data": {"on": str(TUESDAY)}}, {}),
        ({"content": b"title=%ff&on=%00"}, {"Content-Type": "application/x-www-form-urlencoded"}),
        ({"content": b"x"}, {"Content-Type": "multipart/form-data"}),
    ]
    for sent, headers in bodies:
        answer = await http.post(path, headers={**cookie, **headers}, **sent)
        assert answer.status_code in {400, 422}, sent


@contextmanager
def counted(app: Litestar) -> Generator[list[str]]:
    """The statements that the program sends while the block runs."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SET"):
            told.append(statement)

    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_page_asks_as_often_however_much_there_is(
    app: Litestar, database: Database, village: Village, kari: Reader, ingrid: Reader
) -> None:
    paths = [
        (kari, village.base),
        (kari, village.url(f"/search?from_on={TUESDAY}")),
        (kari, village.url(f"/facilities/{village.hall.facility_id}")),
        (kari, village.url(f"/resources/{village.hall.whole}")),
        (kari, village.book(village.hall.whole)),
        (kari, village.url("/bookings")),
        (ingrid, village.url("/requests")),
    ]

    async def counts() -> list[int]:
        found: list[int] = []
        for reader, path in paths:
            with counted(app) as told:
                assert (await reader.get(path)).status_code == 200
            found.append(len(told))
        return found

    await kari.book(village.room, accepted_terms="2026-1", from_time="10:00", to_time="11:00")
    few = await counts()
    async with database.transaction(village.tenant.id) as db:
        for _ in range(8):
            await make.resource(db, village.hall.facility_id, village.hall.units[:1])
    for hour in range(12, 18):
        times = {"from_time": f"{hour}:00", "to_time": f"{hour + 1}:00"}
        assert (await kari.book(village.hall.whole, **times)).status_code == 303
        assert (await kari.book(village.room, accepted_terms="2026-1", **times)).status_code == 303

    assert await counts() == few
    assert max(few) <= 12


def test_the_day_that_is_booked_is_a_tuesday() -> None:
    assert TUESDAY.isoweekday() == 2
    assert date(2026, 1, 1) < TUESDAY


@pytest.fixture(autouse=True)
async def _fresh(http: httpx.AsyncClient) -> AsyncGenerator[None]:
    """No cookie of one test is sent by the next."""
    http.cookies.clear()
    yield
    http.cookies.clear()
