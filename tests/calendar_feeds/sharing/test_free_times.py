"""Free times of many resources in one answer: the engine's own, public, bounded, in pages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import DAY, Span, local_day, merge
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.sharing.counting import counted

TUESDAY = make.next_weekday(2)
WEEK = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=7))}
WINDOW = Span(local_day(make.OSLO, TUESDAY).start, local_day(make.OSLO, TUESDAY + 6 * DAY).end)
HIDDEN = datetime(2100, 1, 1, tzinfo=UTC)


async def told(town: Town, **query: Any) -> dict[UUID, list[Span]]:
    """Resource → its free times."""
    found = await town.get("/free", **{**WEEK, **query})
    return {
        UUID(each["resource_id"]): [make.span_of(span) for span in each["free"]] for each in found["items"]
    }


async def test_each_is_told_as_it_is_told_alone(town: Town) -> None:
    hall = await town.hall(setup_minutes=30)
    pool, _ = await town.have(lambda db: make.pool(db, lanes=2))
    kari = await town.person()
    await town.booked(kari, hall.parts[0], make.at(TUESDAY, 12), title="Bare for oss")
    await town.booked(kari, pool, make.at(TUESDAY, 18))

    found = await told(town)
    assert set(found) == {hall.whole, *hall.parts, pool}
    for resource_id, spans in found.items():
        assert spans == await town.free(resource_id, WINDOW)
    one = await told(town, resource=[str(hall.parts[0]), str(pool)])
    assert one == {each: found[each] for each in (hall.parts[0], pool)}
    assert set(await told(town, facility=str(hall.facility_id))) == {hall.whole, *hall.parts}


async def test_with_a_length_only_where_such_a_booking_may_lie(town: Town) -> None:
    """Between two bookings there is an hour: free as such, and not for two hours."""
    hall = await town.hall()
    kari = await town.person()
    for hour in (10, 12):
        await town.booked(kari, hall.parts[0], make.at(TUESDAY, hour))
    gap = make.at(TUESDAY, 11)
    of_all = (await told(town))[hall.parts[0]]
    of_two_hours = (await told(town, minutes=120))[hall.parts[0]]
    assert gap in of_all
    assert not any(span.meets(gap) for span in of_two_hours)
    assert merge([*of_two_hours, gap]) == of_all
    assert (await told(town, minutes=40_000))[hall.parts[0]] == []


async def test_what_is_not_published_or_elsewhere_is_left_out(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    await town.have(lambda db: make.change_resource(db, hall.parts[0], published_from=HIDDEN))
    officer = await town.person("administrator")
    asked = {**WEEK, "resource": [str(each) for each in hall.parts]}
    for token in (None, officer):
        found = await town.get("/free", token, **asked)
        assert {each["resource_id"] for each in found["items"]} == {str(each) for each in hall.parts[1:]}
    other = await town.http.get(f"/api/{stranger.slug}/free", params=asked)
    assert other.json()["items"] == []


async def test_in_pages_by_name_each_once(town: Town) -> None:
    await town.hall()
    await town.hall()
    seen: list[str] = []
    query: dict[str, Any] = {**WEEK, "limit": 3}
    while True:
        page = await town.get("/free", **query)
        seen += [each["resource_id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2027-10-01", "to": "2027-11-02"}, "to"),
        ({"limit": 51}, "limit"),
        ({"resource": ["00000000-0000-0000-0000-000000000000"] * 51}, "resource"),
        ({"resource": "hall"}, "resource"),
        ({"minutes": 0}, "minutes"),
        ({"length": 60}, "length"),
    ],
)
async def test_too_much_is_refused_by_name(town: Town, query: dict[str, Any], field: str) -> None:
    answer = await town.http.get(f"/api/{town.tenant.slug}/free", params={**WEEK, **query})
    assert answer.status_code in {400, 422}
    assert answer.json()["field"].startswith(field), answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_month_in_which_the_clock_is_set_back_fits(town: Town) -> None:
    await town.hall()
    assert await told(town, **{"from": "2027-10-01", "to": "2027-11-01"})


async def test_pages_of_other_sites_may_read_it_and_ask_whether_it_changed(town: Town) -> None:
    hall = await town.hall()

    async def ask(headers: dict[str, str]) -> httpx.Response:
        address = f"/api/{town.tenant.slug}/free"
        return await town.http.get(
            address, params=WEEK, headers={"Origin": "https://club.example", **headers}
        )

    first = await ask({})
    known = {"If-None-Match": first.headers["etag"]}
    same = await ask(known)
    await town.booked(await town.person(), hall.whole, make.at(TUESDAY, 18))
    assert first.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in first.headers
    assert "set-cookie" not in first.headers
    assert (same.status_code, same.content) == (304, b"")
    assert (await ask(known)).status_code == 200


async def test_many_take_no_more_statements_than_few(town: Town, app: Litestar) -> None:
    counts: list[int] = []
    await town.hall()
    await told(town)  # the first to ask reads which municipalities there are
    for number in (5, 20):

        async def work(db: AsyncSession, number: int = number) -> UUID:
            facility_id = await make.facility(db)
            for _ in range(number):
                await make.resource(db, facility_id, [await make.unit(db, facility_id)])
            return facility_id

        facility_id = await town.have(work)
        with counted(app) as sent:
            found = await told(town, facility=str(facility_id))
        assert len(found) == number
        counts.append(len(sent))
    assert counts[0] == counts[1], counts
