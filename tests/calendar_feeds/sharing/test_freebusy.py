"""Free/busy over HTTP: what is not in it is free, as real calendar programs read it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

import httpx
import icalendar
import pytest
import vobject
from litestar import Litestar
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import Span, intersect, local_day, subtract
from core.tenants import Tenant
from resources.models import Resource
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.sharing.counting import counted

TUESDAY = make.next_weekday(2)
WINDOW = Span(local_day(make.OSLO, TUESDAY).start, local_day(make.OSLO, TUESDAY + timedelta(days=6)).end)
ASKED = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=7))}


async def feed(town: Town, what: str, thing_id: UUID, **more: Any) -> httpx.Response:
    query = more.pop("query", ASKED)
    return await town.http.get(f"/ical/{town.tenant.slug}/{what}/{thing_id}.ifb", params=query, **more)


def periods(text: str) -> dict[str, list[Span]]:
    """FBTYPE → what a calendar program reads of the only component."""
    (component,) = components(text)
    return periods_of(component)


def components(text: str) -> list[Any]:
    calendar: Any = icalendar.Calendar.from_ical(text)
    return calendar.walk("VFREEBUSY")


def periods_of(component: Any) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    told = component.get("FREEBUSY", [])
    for each in cast("list[Any]", told if isinstance(told, list) else [told]):
        found.setdefault(each.params["FBTYPE"], []).append(Span(each.start, each.end))
    return found


def everything(found: dict[str, list[Span]]) -> list[Span]:
    return sorted(span for spans in found.values() for span in spans)


def apart(spans: Iterable[Span]) -> bool:
    ordered = list(spans)
    return all(one.end <= other.start for one, other in pairwise(ordered))


async def test_what_is_not_busy_is_free_by_the_engine(town: Town) -> None:
    """Confirmed, asked for, closed, outside the hours and set-up around: each is told as what it is."""
    hall = await town.hall(setup_minutes=30, cleanup_minutes=15)
    kari, keeper = await town.person(), await town.person("facility_manager")
    sure, asked = make.at(TUESDAY, 10), make.at(TUESDAY, 14)
    await town.booked(kari, hall.parts[0], sure, title="Bursdagen til Ola")
    await town.have(
        lambda db: make.change_resource(db, hall.parts[1], decision="case_officer", request_holds=True)
    )
    await town.booked(kari, hall.parts[1], asked)
    await town.have(lambda db: make.change_resource(db, hall.parts[1], decision="automatic"))
    shut = make.at(TUESDAY + timedelta(days=1), 12, 3)
    await town.close(keeper, shut, resource_id=str(hall.parts[2]))

    answer = await feed(town, "resources", hall.whole)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = periods(answer.text)
    assert found["BUSY"] == [sure]
    assert found["BUSY-TENTATIVE"] == [asked]
    assert any(span.holds(shut) for span in found["BUSY-UNAVAILABLE"])
    assert apart(everything(found))
    assert await town.free(hall.whole, WINDOW) == list(subtract([WINDOW], everything(found)))
    assert "Bursdagen" not in answer.text

    part = periods((await feed(town, "resources", hall.parts[0])).text)
    assert "BUSY-TENTATIVE" not in part
    assert await town.free(hall.parts[0], WINDOW) == list(subtract([WINDOW], everything(part)))


async def test_a_pool_is_busy_when_it_is_full(town: Town) -> None:
    pool, _ = await town.have(lambda db: make.pool(db, lanes=2))
    kari = await town.person()
    at = make.at(TUESDAY, 18)
    await town.booked(kari, pool, at)
    assert "BUSY" not in periods((await feed(town, "resources", pool)).text)
    await town.booked(kari, pool, at)
    found = periods((await feed(town, "resources", pool)).text)
    assert found["BUSY"] == [at]
    assert await town.free(pool, WINDOW) == list(subtract([WINDOW], everything(found)))


async def test_two_programs_read_the_same(town: Town) -> None:
    hall = await town.hall()
    await town.booked(await town.person(), hall.whole, make.at(TUESDAY, 18))
    text = (await feed(town, "resources", hall.whole)).text
    reader: Any = vobject
    component: Any = reader.readOne(text).vfreebusy
    assert component.dtstart.value == WINDOW.start
    assert component.dtend.value == WINDOW.end
    read: dict[str, list[Span]] = {}
    for each in component.freebusy_list:
        read.setdefault(each.params["FBTYPE"][0], []).extend(Span(*pair) for pair in each.value)
    assert read == periods(text)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n")
    assert "METHOD" not in text


async def test_over_the_night_when_the_clock_is_set_back(town: Town) -> None:
    hall = await town.hall()
    query = {"from": "2027-10-30", "to": "2027-11-02"}
    window = Span(datetime(2027, 10, 29, 22, tzinfo=UTC), datetime(2027, 11, 1, 23, tzinfo=UTC))
    found = periods((await feed(town, "resources", hall.whole, query=query)).text)
    assert window.length == timedelta(hours=73)
    assert await town.free(hall.whole, window) == list(
        intersect(subtract([window], everything(found)), [window])
    )


async def test_a_facility_tells_of_each_of_its_resources(town: Town) -> None:
    hall = await town.hall()
    await town.booked(await town.person(), hall.parts[0], make.at(TUESDAY, 18))
    answer = await feed(town, "facilities", hall.facility_id)
    told = {str(each["UID"]): periods_of(each) for each in components(answer.text)}
    for resource_id in (hall.whole, *hall.parts):
        alone = periods((await feed(town, "resources", resource_id)).text)
        assert told[f"freebusy-{resource_id}@ledig"] == alone
    assert len(told) == 4


async def test_the_same_state_has_the_same_name_whenever_it_is_asked(town: Town) -> None:
    hall = await town.hall()
    first = await feed(town, "resources", hall.whole)
    known = {"If-None-Match": f'"other", {first.headers["etag"]}'}
    same = await feed(town, "resources", hall.whole, headers=known)
    head = await town.http.head(f"/ical/{town.tenant.slug}/resources/{hall.whole}.ifb", params=ASKED)
    await town.booked(await town.person(), hall.whole, make.at(TUESDAY, 18))
    changed = await feed(town, "resources", hall.whole, headers=known)
    assert first.headers["etag"].startswith('W/"')
    assert (same.status_code, same.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert changed.status_code == 200
    assert changed.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-12-01", "to": "2028-12-01"}, "to"),
        ({"from": "soon"}, "from"),
        ({"from": "2026-12-02", "to": "2026-12-01"}, "end"),
        ({"since": "2026-12-02"}, "since"),
    ],
)
async def test_what_cannot_be_understood_is_named(town: Town, query: dict[str, str], field: str) -> None:
    hall = await town.hall()
    answer = await feed(town, "resources", hall.whole, query=query)
    assert answer.status_code == 422, answer.text
    assert f'"{field}"' in answer.text or field in answer.text


async def test_what_is_not_published_or_elsewhere_is_not_there(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    hidden = datetime(2100, 1, 1, tzinfo=UTC)
    await town.have(lambda db: make.change_resource(db, hall.parts[0], published_from=hidden))
    assert (await feed(town, "resources", hall.parts[0])).status_code == 404
    officer = make.bearer(await town.person("administrator"))
    assert (await feed(town, "resources", hall.parts[0], headers=officer)).status_code == 404
    assert str(hall.parts[0]) not in (await feed(town, "facilities", hall.facility_id)).text
    other = await town.http.get(f"/ical/{stranger.slug}/resources/{hall.whole}.ifb")
    assert other.status_code == 404
    for name in ("x.ifb", f"{hall.whole}.ifb.ifb", ".ifb"):
        assert (await town.http.get(f"/ical/{town.tenant.slug}/resources/{name}")).status_code == 404

    async def hide(db: AsyncSession) -> None:
        await db.execute(update(Resource).values(published_from=hidden))

    await town.have(hide)
    assert (await feed(town, "facilities", hall.facility_id)).status_code == 404


async def test_many_resources_take_no_more_statements_than_few(town: Town, app: Litestar) -> None:
    kari = await town.person()
    counts: list[int] = []
    for number in (5, 20):

        async def work(db: AsyncSession, number: int = number) -> tuple[UUID, list[UUID]]:
            facility_id = await make.facility(db)
            await make.open_daily(db, facility_id)
            units = [await make.unit(db, facility_id) for _ in range(number)]
            return facility_id, [await make.resource(db, facility_id, [unit]) for unit in units]

        facility_id, resource_ids = await town.have(work)
        for resource_id in resource_ids:
            await town.booked(kari, resource_id, make.at(TUESDAY, 18))
        with counted(app) as sent:
            answer = await feed(town, "facilities", facility_id)
        assert answer.text.count("BEGIN:VFREEBUSY") == number
        counts.append(len(sent))
    assert counts[0] == counts[1], counts
