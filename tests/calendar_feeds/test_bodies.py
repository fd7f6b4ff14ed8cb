"""What stands in a feed, to the byte: an event a booking, words of people in values only, no more than may be told."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import icalendar
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.ical import (
    END,
    Shown,
    Shut,
    Words,
    busy_head,
    busy_lines,
    closure_lines,
    frame,
    lines,
    told_first,
)
from calendar_feeds.models import FeedSecret
from core.texts import texts
from people.models import Person, RoleGrant
from people.privacy_models import PersonalRead
from resources.models import Closure
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.conftest import Reader
from tests.calendar_feeds.form import read

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
OSLO = ZoneInfo("Europe/Oslo")
WORDS = Words(busy="Opptatt", cancelled="Avlyst: {title}", closed="Stengt", closed_for="Stengt: {reason}")
WORSE = (
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:mine\\;,:\"'{title}{0}%s\u2028\u2029\x85\x0b\x0c\x00\x1b\u202e\ufeff"
    "🙂\U0001f9d1\u200d\U0001f3a4"
)
SAID = texts("nb")
ANY_TEXT = st.text(max_size=200) | st.text(alphabet='\r\n\\;,:"æøå🙂\u202eא \t', max_size=200)


def event(title: str, *, state: str = "confirmed", is_public: bool = True, **more: str) -> Shown:
    start = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    return Shown(
        id=uuid4(),
        sequence=0,
        state=state,
        starts_at=start,
        ends_at=start + timedelta(hours=3),
        changed_at=start,
        title=title,
        is_public=is_public,
        association=more.get("association"),
        team=more.get("team"),
        place=more.get("place", "Sal A, Hallen"),
        address=more.get("address", "Gata 1, 4307 Sandnes"),
        url="https://ledig.test/sandnes/bookings/1",
        text=more.get("text", ""),
    )


def calendar(*events: str, name: str = "Hallen") -> bytes:
    head, end = frame(
        name, "https://ledig.test/sandnes", "#0062ba", OSLO, source="https://ledig.test/ical/x.ics"
    )
    return (head + "".join(events) + end).encode()


@settings(max_examples=60, deadline=None)
@given(
    title=ANY_TEXT,
    who=ANY_TEXT,
    place=ANY_TEXT,
    text=ANY_TEXT,
    state=st.sampled_from(["confirmed", "cancelled"]),
)
@example(title=WORSE, who=WORSE, place=WORSE, text=WORSE, state="confirmed")
@example(title="ø" * 10_000, who="🙂" * 10_000, place="\\" * 10_000, text="a,;" * 3_400, state="cancelled")
@example(title="", who="", place="", text="", state="confirmed")
def test_what_people_write_never_breaks_a_line_or_becomes_a_property(
    title: str, who: str, place: str, text: str, state: str
) -> None:
    shown = event(title, state=state, association=who, team=who, place=place, address=place, text=text)
    shut = Shut(
        id=uuid4(),
        starts_at=shown.starts_at,
        ends_at=shown.ends_at,
        changed_at=shown.changed_at,
        is_lifted=state == "cancelled",
        reason=title,
        place=place,
    )
    told, closed = lines(shown, WORDS, OSLO), closure_lines(shut, WORDS, OSLO)
    for rest in (
        told.public,
        told.full,
        told_first(told.full, f"{who}\n{text}"),
        busy_lines(WORDS, told.times),
    ):
        content = calendar(
            told.head + told.times + told.place + rest + END,
            closed.head + closed.times + closed.place + closed.public + END,
            name=title,
        )
        found = read(content)
        assert set(found) == {f"booking-{shown.id}@ledig", f"closure-{shut.id}@ledig"}
        assert content == content.decode().encode()


@settings(deadline=None)
@given(facts=ANY_TEXT, text=ANY_TEXT)
def test_what_staff_are_told_first_is_followed_by_all_the_rest(facts: str, text: str) -> None:
    full = lines(event("Trening", text=text), WORDS, OSLO).full
    with_facts = told_first(full, facts).replace("\r\n ", "").split("\r\n")
    for before, after in zip(full.replace("\r\n ", "").split("\r\n"), with_facts, strict=True):
        name, _, value = before.partition(":")
        assert after.startswith(f"{name}:" if name else "")
        assert after.endswith(value)


def test_both_hours_that_the_clock_shows_twice_are_told_apart() -> None:
    """Where it is put back at three: half past two comes twice, and TZID would mean the first of them."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    starts: list[str] = []
    for start in (first, first + timedelta(hours=1)):
        shown = replace(event("Natt"), starts_at=start, ends_at=first + timedelta(hours=3))
        told = lines(shown, WORDS, OSLO)
        content = calendar(told.head + told.times + told.place + told.public + END)
        (component,) = cast(Any, icalendar.Calendar.from_ical(content)).walk("VEVENT")
        starts.append(component["DTSTART"].dt.astimezone(UTC).isoformat())
    assert starts == ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"]


def test_a_busy_uid_tells_of_no_booking_and_of_no_other_feed() -> None:
    booking, other = uuid4(), uuid4()
    uids = {
        busy_head(key, feed, id_)
        for key in (b"a" * 32, b"b" * 32)
        for feed in ("resource:1", "resource:2")
        for id_ in (booking, other)
    }
    assert len(uids) == 8
    assert not [uid for uid in uids if str(booking) in uid or booking.hex in uid]


async def test_busy_tells_when_and_no_more(town: Town, reader: Reader) -> None:
    hall = await town.hall()
    kari = await town.have(make.person)
    club, team = await town.have(lambda db: make.association(db, kari[0]))
    await town.booked(
        kari[1], hall.parts[0], EVENING, title="Cup", public=True, association_id=str(club), team_id=str(team)
    )
    paths = [
        f"{reader.path(kind, id_)}?variant=busy"
        for kind, id_ in (
            ("resources", hall.parts[0]),
            ("resources", hall.whole),
            ("facilities", hall.facility_id),
            ("associations", club),
            ("", None),
        )
    ]
    paths += [await reader.subscribed(kari[1], "person", variant="busy") for _ in range(2)]
    uids = set[str]()
    for path in paths:
        answer = await reader.ask(path)
        ((uid, found),) = read(answer.content).items()
        assert set(found) == {
            *("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "TRANSP", "CLASS"),
            "SUMMARY",
        }
        assert found["SUMMARY"] == "Opptatt"
        assert "Cup" not in answer.text
        uids.add(uid)
    assert len(uids) == len(paths), "each feed names it for itself"
    keys = await town.have(lambda db: db.scalars(select(FeedSecret.key)))
    assert [len(key) for key in keys] == [32]


async def test_what_is_private_is_told_as_taken_and_in_no_clubs_feed(town: Town, reader: Reader) -> None:
    hall = await town.hall()
    kari = await town.have(make.person)
    club, _ = await town.have(lambda db: make.association(db, kari[0]))
    booking = await town.booked(kari[1], hall.parts[0], EVENING, title="Styret", association_id=str(club))
    (found,) = (await reader.events(reader.path("resources", hall.parts[0]))).values()
    assert found["SUMMARY"] == "Opptatt"
    assert "DESCRIPTION" not in found
    for tail in ("", "?variant=busy"):
        assert await reader.events(reader.path("associations", club) + tail) == {}
    own = await reader.events(await reader.subscribed(kari[1], "association", club))
    assert own[f"booking-{booking}@ledig"]["SUMMARY"] == "Styret – Viking"


async def test_a_closure_is_an_event_of_every_place_that_it_closes(town: Town, reader: Reader) -> None:
    hall, other = await town.hall(), await town.hall()
    admin = await town.person("administrator")
    closures = {
        "unit": await town.close(admin, make.at(TUESDAY, 8), unit_id=str(hall.units[0])),
        "resource": await town.close(
            admin, make.at(TUESDAY, 10), resource_id=str(hall.parts[1]), reason="Vask, gulv"
        ),
        "facility": await town.close(admin, make.at(TUESDAY, 12), facility_id=str(hall.facility_id)),
    }
    uids = {kind: f"closure-{answer.json()['id']}@ledig" for kind, answer in closures.items()}
    wanted = {
        reader.path("resources", hall.parts[0]): {"unit", "facility"},
        reader.path("resources", hall.parts[1]): {"resource", "facility"},
        reader.path("resources", hall.parts[2]): {"facility"},
        reader.path("resources", hall.whole): {"unit", "resource", "facility"},
        reader.path("facilities", hall.facility_id): {"unit", "resource", "facility"},
        reader.path(""): {"unit", "resource", "facility"},
        reader.path("resources", other.whole): set[str](),
        reader.path("facilities", other.facility_id): set[str](),
    }
    for path, kinds in wanted.items():
        found = await reader.events(path)
        assert set(found) == {uids[kind] for kind in kinds}, path
        busy = await reader.events(f"{path}?variant=busy")
        assert len(busy) == len(kinds)
        assert not set(busy) & set(found)
        assert {each["SUMMARY"] for each in busy.values()} <= {"Opptatt"}
    told = (await reader.events(reader.path("")))[uids["resource"]]
    closed = SAID.gettext("Closed: {reason}").format(reason="Vask\\, gulv")
    assert told["SUMMARY"] == closed
    assert told["LOCATION"].endswith(", Idrettshallen".replace(",", "\\,"))

    path = reader.path("resources", hall.whole)
    tag = (await reader.ask(path)).headers["etag"]
    lifted = await town.ask("DELETE", f"/closures/{closures['resource'].json()['id']}", admin)
    assert lifted.status_code == 204
    after = await reader.ask(path, If_None_Match=tag)
    cancelled = read(after.content)[uids["resource"]]
    assert (cancelled["STATUS"], cancelled["TRANSP"], cancelled["SEQUENCE"]) == (
        "CANCELLED",
        "TRANSPARENT",
        "1",
    )
    assert cancelled["SUMMARY"] == SAID.gettext("Cancelled: {title}").format(title=closed)

    long_ago = EVENING.start - timedelta(days=120)
    await town.have(
        lambda db: db.execute(
            update(Closure).where(Closure.lifted_at.is_not(None)).values(lifted_at=long_ago)
        )
    )
    await town.booked(admin, hall.parts[2], EVENING)
    assert uids["resource"] not in await reader.events(path)


async def test_what_nobody_has_decided_is_tentative_and_nobody_elses_until_it_takes_time(
    town: Town, reader: Reader
) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    waits = await town.hall(decision="case_officer")
    kari = await town.person()
    loose = f"booking-{await town.booked(kari, hall.whole, EVENING, public=True)}@ledig"
    held = f"booking-{await town.booked(kari, waits.whole, EVENING, public=True)}@ledig"
    assert await reader.events(reader.path("resources", hall.whole)) == {}
    assert (await reader.events(reader.path("resources", waits.whole)))[held]["STATUS"] == "TENTATIVE"
    own = await reader.events(await reader.subscribed(kari, "person"))
    assert {own[loose]["STATUS"], own[held]["STATUS"]} == {"TENTATIVE"}


async def test_staff_read_who_to_call_and_when_to_make_ready_and_leave_a_trace(
    town: Town, reader: Reader
) -> None:
    hall = await town.hall(setup_minutes=30, cleanup_minutes=15)
    kari_id, kari = await town.have(lambda db: make.person(db, name="Kari Ødegård"))
    caretaker_id, caretaker = await town.have(lambda db: make.person(db, role="caretaker"))

    async def call(number: str) -> None:
        await town.have(
            lambda db: db.execute(update(Person).where(Person.id == kari_id).values(phone=number))
        )

    await call("+4799999999")
    await town.booked(kari, hall.parts[0], EVENING, title="Lukket øving")
    path = await reader.subscribed(caretaker, "facility", hall.facility_id, "staff")
    first = await reader.ask(path)
    (found,) = read(first.content).values()
    assert found["SUMMARY"] == "Lukket øving"
    description = found["DESCRIPTION"].replace("\\,", ",")
    facts = [
        SAID.gettext("Contact: {who}").format(who="Kari Ødegård, +4799999999"),
        SAID.gettext("Set-up from {time}").format(time="17.30"),
        SAID.gettext("Clean-up until {time}").format(time="19.15"),
    ]
    assert description.startswith("\\n".join(facts) + "\\n\\n")

    async def reads(db: AsyncSession) -> list[tuple[UUID, UUID, str]]:
        rows = await db.execute(select(PersonalRead.person_id, PersonalRead.reader_id, PersonalRead.what))
        return [(row.person_id, row.reader_id, row.what) for row in rows]

    assert await town.have(reads) == [(kari_id, caretaker_id, "calendar")]
    assert (await reader.ask(path, If_None_Match=first.headers["etag"])).status_code == 304
    await call("+4788888888")
    assert "+4788888888" in (await reader.ask(path, If_None_Match=first.headers["etag"])).text.replace(
        "\r\n ", ""
    )

    full = await reader.subscribed(caretaker, "facility", hall.facility_id, "full")
    assert "+4788888888" not in (await reader.ask(full)).text
    assert (await reader.ask(full)).text.count("BEGIN:VEVENT") == 1


async def test_a_role_that_ended_opens_nothing_any_more(town: Town, reader: Reader) -> None:
    hall = await town.hall()
    person_id, caretaker = await town.have(lambda db: make.person(db, role="caretaker"))
    path = await reader.subscribed(caretaker, "facility", hall.facility_id, "staff")
    assert (await reader.ask(path)).status_code == 200
    grants = update(RoleGrant).where(RoleGrant.person_id == person_id).values(ended_at=EVENING.start)
    await town.have(lambda db: db.execute(grants))
    assert (await reader.ask(path)).status_code == 410
