"""Feeds over HTTP: what a client that has been there before is sent, and what every answer says of itself."""

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import structs

from calendar_feeds import freshness
from calendar_feeds.freshness import Modified
from calendar_feeds.scopes import Scope
from calendar_feeds.sending import Asked, Sent, Stock, public_feed, send
from calendar_feeds.shelf import Shelf
from core.spans import utc_now
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.conftest import Reader
from tests.calendar_feeds.form import read
from web.app import make_app, opened

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 22, 23, tzinfo=UTC)


async def booked(town: Town, bookings: int = 1) -> make.Hall:
    hall = await town.hall()
    kari = await town.person()
    for hour in range(bookings):
        await town.booked(
            kari, hall.parts[0], make.at(TUESDAY, 8 + hour), title=f"Trening {hour}", public=True
        )
    return hall


async def test_every_public_feed_answers(town: Town, reader: Reader) -> None:
    hall = await town.hall()
    kari = await town.have(make.person)
    club, team = await town.have(lambda db: make.association(db, kari[0]))
    booking = await town.booked(
        kari[1], hall.parts[0], EVENING, public=True, association_id=str(club), team_id=str(team)
    )
    uid = f"booking-{booking}@ledig"
    things = {"resources": hall.parts[0], "facilities": hall.facility_id, "associations": club, "teams": team}
    for path in (*(reader.path(kind, id_) for kind, id_ in things.items()), reader.path("")):
        assert uid in await reader.events(path), path
        assert len(await reader.events(f"{path}?variant=busy")) == 1
        assert uid not in await reader.events(f"{path}?variant=busy")
    assert await reader.events(reader.path("resources", hall.parts[1])) == {}


async def test_what_is_not_there_is_not_found(town: Town, reader: Reader) -> None:
    hall = await town.hall()
    for path in (
        reader.path("resources", hall.facility_id),
        reader.path("facilities", hall.whole),
        reader.path("associations", hall.whole),
        reader.path("teams", hall.whole),
        f"/ical/{town.tenant.slug}/resources/x.ics",
        f"/ical/{town.tenant.slug}/resources/{hall.whole}.txt",
        "/ical/nowhere/municipality.ics",
        f"/ical/t/{town.tenant.slug}.{'A' * 22}.ics",
        f"/ical/t/{town.tenant.slug}.ics",
        "/ical/t/x",
    ):
        answer = await reader.ask(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
    wrong = await reader.ask(reader.path("resources", hall.whole) + "?variant=full")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "variant")


async def test_two_fetches_are_the_same_to_the_byte_and_the_third_is_none(town: Town, reader: Reader) -> None:
    hall = await booked(town, 4)
    for tail in ("", "?variant=busy"):
        path = reader.path("resources", hall.whole) + tail
        first, second = await reader.ask(path), await reader.ask(path)
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]
        third = await reader.ask(path, If_None_Match=first.headers["etag"])
        assert (third.status_code, third.content, third.headers["etag"]) == (304, b"", first.headers["etag"])
        assert "content-type" not in third.headers


async def test_tags_are_understood_as_they_are_sent(town: Town, reader: Reader) -> None:
    hall = await booked(town, 12)
    path = reader.path("resources", hall.whole)
    plain = (await reader.ask(path, Accept_Encoding="identity")).headers["etag"]
    zipped = (await reader.ask(path, Accept_Encoding="gzip")).headers["etag"]
    assert plain != zipped
    known = (plain, zipped, f"W/{plain}", f'"x", {plain}', f'W/"x",W/{zipped} , "y"', "*")
    unknown = ('"x"', plain.strip('"'), 'W/"x", "y"', "", "nonsense")
    for tags in known:
        assert (await reader.ask(path, If_None_Match=tags)).status_code == 304, tags
    for tags in unknown:
        assert (await reader.ask(path, If_None_Match=tags)).status_code == 200, tags


async def test_compressed_it_is_the_same_calendar_and_the_same_bytes_each_time(
    app: Litestar, town: Town, reader: Reader
) -> None:
    hall = await booked(town, 8)
    path = reader.path("resources", hall.whole)
    plain = await reader.ask(path, Accept_Encoding="identity")
    assert "content-encoding" not in plain.headers
    raw = list[bytes]()
    transport = httpx.ASGITransport(app=cast(Any, app))
    async with httpx.AsyncClient(transport=transport, base_url="http://ledig.test") as client:
        for _ in range(2):
            async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.headers["content-encoding"] == "gzip"
                assert answer.headers["vary"] == "Accept-Encoding"
                raw.append(b"".join([chunk async for chunk in answer.aiter_raw()]))
    refused = await reader.ask(path, Accept_Encoding="gzip;q=0, identity")
    assert "content-encoding" not in refused.headers
    assert raw[0] == raw[1]
    assert gzip.decompress(raw[0]) == plain.content == refused.content
    assert len(raw[0]) < len(plain.content) / 2


async def test_head_tells_what_get_would(town: Town, reader: Reader) -> None:
    hall = await booked(town)
    path = reader.path("resources", hall.whole)
    whole, head = await reader.ask(path), await reader.ask(path, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == whole.headers[name], name
    assert (await reader.ask(path, "HEAD", If_None_Match=whole.headers["etag"])).status_code == 304
    assert (await reader.ask(path, "PUT")).status_code == 405


async def test_every_answer_says_who_may_keep_it_and_that_nobody_is_to_find_it(
    town: Town, reader: Reader
) -> None:
    hall = await booked(town)
    secret = await reader.subscribed(await town.person(), "person")
    for path in (reader.path("resources", hall.whole), secret):
        whole = await reader.ask(path)
        for answer in (whole, await reader.ask(path, If_None_Match=whole.headers["etag"])):
            told = answer.headers
            assert told["cache-control"] == "private, max-age=300"
            assert told["x-robots-tag"] == "noindex"
            assert told["referrer-policy"] == "no-referrer"
            assert told["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in told
        assert whole.headers["content-type"] == "text/calendar; charset=utf-8"
        assert whole.headers["content-disposition"].startswith(f'inline; filename="{town.tenant.slug}-')


async def test_a_date_is_believed_only_when_nothing_of_it_can_still_be_under_way(
    app: Litestar, town: Town, reader: Reader
) -> None:
    hall = await booked(town)
    stock = Stock(town.database, Shelf(0), app.state.settings)

    async def sent(at: datetime, since: str | None = None, tags: str | None = None) -> Sent:
        scope = Scope("resource", hall.whole)
        found = await public_feed(stock, town.tenant, scope, variant="public", now=at)
        return await send(stock, found, Asked(tags, since), at)

    now = utc_now()
    young = (await sent(now)).headers["Last-Modified"]
    assert (await sent(now, young)).status == 200
    later = make.at(make.next_weekday(3), 12).start  # a Wednesday: no week begins meanwhile
    said = (await sent(later)).headers["Last-Modified"]
    assert (await sent(later, said)).status == 304
    assert (await sent(later, young)).status == 200
    assert (await sent(later, "nonsense")).status == 200
    assert (await sent(later, said, '"x"')).status == 200, "a tag counts before a date"

    await town.booked(await town.person(), hall.parts[1], EVENING)
    over_http = await reader.ask(reader.path("resources", hall.whole), If_Modified_Since=said)
    assert over_http.status_code == 200


@pytest.mark.parametrize(
    ("changed_at", "expected"),
    [
        (None, Modified(MONDAY, is_settled=True)),
        (MONDAY - timedelta(days=3), Modified(MONDAY, is_settled=True)),
        (MONDAY + timedelta(hours=5, microseconds=7), Modified(MONDAY + timedelta(hours=5), is_settled=True)),
        (NOON - timedelta(seconds=1), Modified(NOON - timedelta(minutes=10, seconds=1), is_settled=False)),
        (NOON + timedelta(seconds=1), Modified(NOON - timedelta(minutes=9, seconds=59), is_settled=False)),
    ],
)
def test_last_modified_stands_still_is_never_young_and_never_of_another_week(
    changed_at: datetime | None, expected: Modified
) -> None:
    assert freshness.modified(changed_at, MONDAY, NOON) == expected
    assert freshness.modified(changed_at, MONDAY, NOON + timedelta(microseconds=9)) == expected


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br, identity", False),
        ("", False),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: str, takes: bool) -> None:  # a table
    assert freshness.takes_gzip(accepted) is takes


async def test_a_change_of_whatever_stands_in_it_is_another_tag(town: Town, reader: Reader) -> None:
    """Bookings, closures, names, units: each is in the feed at the next request."""
    admin = await town.person("administrator")
    kari_id, kari = await town.have(make.person)
    hall = await town.hall()
    club, team = await town.have(lambda db: make.association(db, kari_id))
    booking = await town.booked(
        kari, hall.parts[0], EVENING, title="Cup", public=True, association_id=str(club), team_id=str(team)
    )
    part, other = f"/resources/{hall.parts[0]}", f"/resources/{hall.parts[1]}"
    places: list[tuple[str, Any]] = [
        ("resources", hall.parts[0]),
        ("facilities", hall.facility_id),
        ("", None),
    ]
    clubs, teams = ("associations", club), ("teams", team)
    changes: list[tuple[str, str, Any, str, list[tuple[str, Any]]]] = [
        ("PATCH", part, {"name": "Nysalen"}, "LOCATION:Nysalen", [*places, clubs, teams]),
        (
            "PATCH",
            f"/facilities/{hall.facility_id}",
            {"name": "Nyhallen"},
            "Nyhallen",
            [*places, clubs, teams],
        ),
        ("PATCH", f"/associations/{club}", {"name": "Nylaget"}, "Nylaget", [*places, clubs, teams]),
        ("PATCH", f"/teams/{team}", {"name": "Gutter 12"}, "Gutter 12", [*places, clubs, teams]),
        ("POST", f"/bookings/{booking}/cancel", {}, "STATUS:CANCELLED", [*places, clubs, teams]),
    ]
    for method, path, body, told, feeds in changes:
        before = {feed: (await reader.ask(reader.path(*feed))).headers["etag"] for feed in feeds}
        answer = await town.ask(method, path, admin, body=body)
        assert answer.status_code == 200, answer.text
        for feed, etag in before.items():
            now = await reader.ask(reader.path(*feed), If_None_Match=etag)
            assert now.status_code == 200, (path, feed)
            assert told in now.text.replace("\r\n ", ""), (path, feed)
            read(now.content)
    empty = reader.path("resources", hall.parts[1])
    tag = (await reader.ask(empty)).headers["etag"]
    await town.ask("PATCH", other, admin, body={"name": "Tomsalen"})
    assert "Tomsalen" in (await reader.ask(empty, If_None_Match=tag)).text


async def test_an_empty_clubs_new_name_is_heard_too(town: Town, reader: Reader) -> None:
    admin = await town.person("administrator")
    club, team = await town.have(make.association)
    for feed in (("associations", club), ("teams", team)):
        await reader.ask(reader.path(*feed))
    tags = [
        (await reader.ask(reader.path(*feed))).headers["etag"]
        for feed in (("associations", club), ("teams", team))
    ]
    await town.ask("PATCH", f"/associations/{club}", admin, body={"name": "Nylaget"})
    for feed, tag in zip((("associations", club), ("teams", team)), tags, strict=True):
        answer = await reader.ask(reader.path(*feed), If_None_Match=tag)
        assert "NAME:Nylaget" in answer.text, feed


async def test_another_units_bookings_come_and_go_with_the_units(town: Town, reader: Reader) -> None:
    hall = await booked(town)
    admin = await town.person("administrator")
    path = reader.path("resources", hall.whole)
    first = await reader.ask(path)
    assert "BEGIN:VEVENT" in first.text
    answer = await town.ask(
        "PUT", f"/resources/{hall.whole}/units", admin, body={"unit_ids": [str(hall.units[2])]}
    )
    assert answer.status_code == 200, answer.text
    second = await reader.ask(path, If_None_Match=first.headers["etag"])
    assert second.status_code == 200
    assert "BEGIN:VEVENT" not in second.text


def test_each_request_counts_as_one_for_a_feed(app: Litestar) -> None:
    handlers = [
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/ical/")
        for handler in route.route_handlers
    ]
    assert len(handlers) >= 6
    assert {handler.opt.get("limit") for handler in handlers if "GET" in handler.http_methods} == {"feed"}


async def test_the_short_way_says_what_the_routes_say(town: Town, reader: Reader) -> None:
    """Without `.ics` an address is not known to it, and goes the long way."""
    hall = await booked(town)
    secret = await reader.subscribed(await town.person(), "person")
    for path in (reader.path("resources", hall.whole), secret):
        for coding in ("gzip", "identity"):
            tag = (await reader.ask(path, Accept_Encoding=coding)).headers["etag"]
            short, long = [
                await reader.ask(each, If_None_Match=tag, Accept_Encoding=coding)
                for each in (path, path.removesuffix(".ics"))
            ]
            assert (short.status_code, long.status_code) == (304, 304)
            told, wanted = dict(short.headers), dict(long.headers)
            assert told.pop("content-length", "0") == wanted.pop("content-length", "0") == "0"
            if "resources" in path:
                assert (told.pop("etag"), wanted.pop("etag")) == (tag, tag)
            assert told == wanted


async def test_who_asks_for_too_many_is_stopped_and_each_is_counted_once(app: Litestar, town: Town) -> None:
    hall = await booked(town)
    path = f"/ical/{town.tenant.slug}/resources/{hall.whole}.ics"
    settings = structs.replace(app.state.settings, limits="feed=8")
    made = make_app(settings, town.database.url)
    async with opened(made, settings, town.database.url):
        transport = httpx.ASGITransport(app=cast(Any, made), client=("192.0.2.77", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://ledig.test") as client:
            answers = [(await client.get(path, headers={"If-None-Match": '"x"'})) for _ in range(5)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
            assert (await client.get(path)).status_code == 429
            assert int(answers[-1].headers["retry-after"]) > 0


async def test_nothing_of_another_municipality_is_told(town: Town, neighbour: Town, reader: Reader) -> None:
    hall = await booked(neighbour)
    secret = await Reader(neighbour).subscribed(await neighbour.person(), "person")
    assert (await reader.ask(f"/ical/{town.tenant.slug}/resources/{hall.whole}.ics")).status_code == 404
    assert (await reader.ask(secret)).status_code == 200
    assert (await reader.ask(secret.replace(neighbour.tenant.slug, town.tenant.slug))).status_code == 404
    assert await reader.events(reader.path("")) == {}
