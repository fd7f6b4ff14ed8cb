"""What CalDAV tells of calendars and their objects, to whom, and what is remembered of it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.models import Feed
from people.models import Person
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import (
    NAMESPACES,
    C,
    D,
    Program,
    address,
    booked,
    program,
    told,
)

TUESDAY = make.next_weekday(2)


async def test_properties_that_are_not_there_are_named(town: Town) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)

    found = await reader.find('<d:displayname/><d:quota-used-bytes/><x:odd xmlns:x="urn:x"/><bare/>')
    said = found.by_href[reader.calendar]

    assert set(said.props) == {f"{D}displayname"}
    assert said.missing == {f"{D}quota-used-bytes", "{urn:x}odd", "bare"}


@pytest.mark.parametrize("body", ["", f"<d:propfind {NAMESPACES}><d:allprop/></d:propfind>"])
async def test_who_asks_for_all_gets_all_but_the_objects(town: Town, body: str) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)

    found = told(await reader.ask("PROPFIND", body=body, depth="1"))
    names = told(
        await reader.ask("PROPFIND", body=f"<d:propfind {NAMESPACES}><d:propname/></d:propfind>", depth="1")
    )

    for href, said in found.by_href.items():
        assert f"{C}calendar-data" not in said.props
        assert not said.missing
        assert set(names.by_href[href].props) == set(said.props)
    rights = found.by_href[reader.calendar].props[f"{D}current-user-privilege-set"]
    assert {each.tag for each in rights.iter()} == {
        *(f"{D}current-user-privilege-set", f"{D}privilege", f"{D}read"),
        f"{D}read-current-user-privilege-set",
    }


async def test_an_object_that_is_known_is_not_sent_again(town: Town) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)
    ((href, etag),) = (await reader.query()).etags.items()

    same = await town.http.get(href, headers={"If-None-Match": etag})
    head = await town.http.head(href)

    assert (same.status_code, same.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert head.headers["content-type"].startswith("text/calendar; charset=utf-8")
    assert head.headers["x-robots-tag"] == "noindex"


async def test_closures_stand_in_the_calendar_of_a_place(town: Town) -> None:
    kari, _, part, _ = await booked(town)
    manager = await town.person("facility_manager")
    reader = await program(town, kari, "resource", part, "public")
    before = told(await reader.sync()).token

    shut = await town.close(manager, make.at(TUESDAY, 10), resource_id=str(part))
    after = told(await reader.sync(before))
    await town.ask("DELETE", f"/closures/{shut.json()['id']}", manager)
    lifted = await reader.fetch(*after.etags)

    (href,) = after.etags
    assert href.endswith(f"/closure-{shut.json()['id']}.ics")
    assert "STATUS:CANCELLED" in lifted.by_href[href].text(f"{C}calendar-data")


async def test_busy_times_tell_nobody_which_bookings_they_are(town: Town) -> None:
    kari, token, part, booking = await booked(town)
    reader = await program(town, kari, "resource", part, "busy")
    first = told(await reader.sync())
    feed = await town.http.get(f"/ical/t/{reader.home.split('/')[3]}.ics")

    await town.move(token, booking, make.at(TUESDAY, 20))
    second = told(await reader.sync(first.token))
    (href,) = second.etags
    whole = (await reader.fetch(href)).by_href[href].text(f"{C}calendar-data")

    assert list(first.etags) == [href]
    assert booking not in href
    assert booking not in whole
    assert "Trening" not in whole
    assert f"UID:{href.rpartition('/')[2].removesuffix('.ics')}@ledig" in feed.text, "as the feed names it"


async def test_staff_read_who_to_call_and_that_is_noted_and_follows_her_telephone(town: Town) -> None:
    kari, _, part, booking = await booked(town)
    officer, _ = await town.have(lambda db: make.person(db, role="facility_manager"))
    reader = await program(town, officer, "resource", part, "staff")
    first = told(await reader.sync())
    assert await reads_of(town, kari) == 0, "to hear that there is something tells of nobody"

    async def change(db: AsyncSession) -> None:
        person = (await db.scalars(select(Person).where(Person.id == kari))).one()
        person.phone = "+4799999999"

    await town.have(change)
    second = told(await reader.sync(first.token))
    (href,) = second.etags
    whole = (await reader.fetch(href)).by_href[href].text(f"{C}calendar-data")

    assert href.endswith(f"booking-{booking}.ics")
    assert "+4799999999" in whole.replace("\r\n ", "")
    assert await reads_of(town, kari) == 1


async def reads_of(town: Town, person_id: UUID) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        counting = text("SELECT count(*) FROM personal_read WHERE person_id = :id AND what = 'calendar'")
        return await db.scalar(counting, {"id": person_id}) or 0


async def test_that_a_program_reads_is_remembered(town: Town) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    reader = Program(town.http, feed.home, {"User-Agent": "DAVx5/4.4 (Android)"})

    await reader.query()

    async with town.database.transaction(town.tenant.id) as db:
        row: Any = (await db.execute(select(Feed.used_at, Feed.used_by).where(Feed.id == feed.id))).one()
    assert row.used_at is not None
    assert "DAVx" in row.used_by
