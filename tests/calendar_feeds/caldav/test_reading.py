"""A feed read as a CalDAV calendar: found, listed, queried, fetched."""

from uuid import UUID

from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import C, D, Program, program, told

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20)


async def person(town: Town) -> tuple[UUID, str]:
    return await town.have(make.person)


async def test_a_program_finds_the_calendar_from_its_address_alone(town: Town) -> None:
    kari, _ = await person(town)
    reader = await program(town, kari)

    home = await reader.find("<d:current-user-principal/><c:calendar-home-set/>", reader.home)
    said = home.by_href[reader.home]
    below = await reader.find("<d:resourcetype/><d:displayname/>", reader.home, depth="1")

    assert said.props[f"{D}current-user-principal"].findtext(f"{D}href") == reader.home
    assert said.props[f"{C}calendar-home-set"].findtext(f"{D}href") == reader.home
    assert set(below.by_href) == {reader.home, reader.calendar}
    kinds = below.by_href[reader.calendar].props[f"{D}resourcetype"]
    assert [each.tag for each in kinds] == [f"{D}collection", f"{C}calendar"]


async def test_what_is_listed_is_what_is_fetched_and_what_the_feed_holds(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    booking = await town.booked(token, hall.parts[0], EVENING, title="Trening <1> & 2")
    reader = await program(town, kari)

    listed = await reader.find("<d:getetag/><d:getcontenttype/>", depth="1")
    (href,) = listed.etags
    fetched = await reader.fetch(href, reader.calendar + "booking-none.ics")
    whole = await reader.ask("GET", href)

    assert href == f"{reader.calendar}booking-{booking}.ics"
    assert fetched.gone == {reader.calendar + "booking-none.ics"}
    assert fetched.etags == listed.etags == {href: whole.headers["etag"]}
    data = fetched.by_href[href].text(f"{C}calendar-data")
    assert data == whole.text
    assert f"UID:booking-{booking}@ledig\r\n" in data
    assert "SUMMARY:Trening <1> & 2\r\n" in data
    assert data.replace("\r\n", "").isprintable(), "every line ends as iCalendar has it"


async def test_a_query_by_time_finds_what_touches_it(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    early = await town.booked(token, hall.parts[0], EVENING)
    await town.booked(token, hall.parts[0], LATER)
    reader = await program(town, kari)

    found = await reader.query(
        f'<c:time-range start="{EVENING.start:%Y%m%dT%H%M%SZ}" end="{EVENING.end:%Y%m%dT%H%M%SZ}"/>'
    )

    assert list(found.etags) == [f"{reader.calendar}booking-{early}.ics"]


async def test_a_request_that_takes_no_time_is_nobodys_business_when_it_is_withdrawn_either(
    town: Town,
) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, token = await town.have(make.person)
    mine = await program(town, kari)
    everybody = Program(town.http, f"/caldav/{town.tenant.slug}/resources/{hall.parts[0]}/", {})
    before = told(await everybody.sync()).token
    asked = await town.book(token, hall.parts[0], EVENING, title="Hemmelig")
    assert len((await mine.query()).etags) == 1

    await town.post(f"/applications/{asked['id']}/withdraw", token)

    assert (await everybody.query()).etags == {}
    heard = told(await everybody.sync(before))
    assert (heard.etags, heard.gone) == ({}, set())
    assert len((await mine.query()).etags) == 1, "who asked is told that it has ended"
    feed = await town.http.get(f"/ical/{town.tenant.slug}/resources/{hall.parts[0]}.ics")
    assert "VEVENT" not in feed.text
