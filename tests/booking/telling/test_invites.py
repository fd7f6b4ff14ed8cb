"""Invitations as other programs read them: over changes of the clock, with growing SEQUENCE, whatever people write."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from booking.telling.invites import MOST, Address, Invite, invitations
from core.mail_tasks import objects_in
from core.spans import local_instant

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOOKING = UUID("01920000-0000-7000-8000-000000000001")
ORGANIZER = Address("Sandnes kommune", "ledig@sandnes.example")
KARI = Address("Kari Nordmann", "kari@example.org")
NASTY = st.text(max_size=300) | st.sampled_from(
    [
        "a\r\nATTENDEE:mailto:x@y.no\r\nBEGIN:VALARM",
        "\\;,\n:\"'",
        "🏐👩‍👩‍👧 øvelse",
        "\u202eevil\u2066",
        "ש" * 5000,
        "æ" * 10_000,
        "END:VEVENT\nEND:VCALENDAR",
        "{title}\x00\x0b\x85\u2028x",
    ]
)


def invite(**other: Any) -> Invite:
    start = local_instant(OSLO, date(2026, 12, 1), 18 * 60)
    values: dict[str, Any] = {
        "booking_id": BOOKING,
        "sequence": 0,
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "title": "Trening",
        "place": "Hall A, Solvikhallen",
        "text": "Solvik IL",
        "url": "https://ledig.example/solvik/applications/1",
        "method": "REQUEST",
    }
    return Invite(**{**values, **other})


def written(*invites: Invite, attendee: Address = KARI, organizer: Address = ORGANIZER) -> str:
    found = invitations(list(invites), organizer=organizer, attendee=attendee, zone=OSLO, now=NOW)
    assert found is not None
    check_lines(found)
    return found


def check_lines(text: str) -> None:
    """RFC 5545 §3.1, of which no reader complains before it reads something else than was meant."""
    raw = text.encode()
    assert raw.endswith(b"\r\n")
    for line in raw[:-2].split(b"\r\n"):
        assert b"\n" not in line
        assert b"\r" not in line
        assert len(line) <= 75
        line.decode()
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded(text)]
    assert all(name.replace("-", "").isalnum() and name.isupper() for name in names), names


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def by_vobject(text: str) -> Any:
    calendar: Any = cast("Any", vobject).readOne(text)
    calendar.validate()
    return calendar


def test_two_readers_agree_on_when_it_is_over_both_changes_of_the_clock() -> None:
    for day, minutes in ((date(2027, 3, 28), 60), (date(2026, 10, 25), 90), (date(2027, 7, 1), 600)):
        start = local_instant(OSLO, day, minutes)
        end = start + timedelta(hours=4)
        text = written(invite(starts_at=start, ends_at=end))
        [event] = cast("Any", Calendar.from_ical(text)).walk("VEVENT")
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, end)
        other = by_vobject(text).vevent
        assert (other.dtstart.value, other.dtend.value) == (start, end)
        assert f"DTSTART;TZID=Europe/Oslo:{start.astimezone(OSLO):%Y%m%dT%H%M%S}" in text
        assert "BEGIN:VTIMEZONE" in text


def test_the_hour_that_comes_twice_is_the_one_that_was_booked() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for start in (first, first + timedelta(hours=1)):
        text = written(invite(starts_at=start, ends_at=start + timedelta(hours=2)))
        [event] = cast("Any", Calendar.from_ical(text)).walk("VEVENT")
        assert event["DTSTART"].dt.timestamp() == start.timestamp()
        assert by_vobject(text).vevent.dtstart.value.timestamp() == start.timestamp()


def test_a_move_and_a_cancellation_are_of_the_same_event_with_a_higher_number() -> None:
    later = timedelta(hours=2)
    stands = invite()
    moved = invite(sequence=1, starts_at=stands.starts_at + later, ends_at=stands.ends_at + later)
    gone = invite(sequence=2, method="CANCEL")
    events: list[Any] = []
    for each in (stands, moved, gone):
        [(method, text)] = objects_in(written(each))
        assert method == each.method
        assert by_vobject(text).method.value == each.method
        events += cast("Any", Calendar.from_ical(text)).walk("VEVENT")
    assert {event["UID"] for event in events} == {f"booking-{BOOKING}@ledig"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["DTSTAMP"].dt for event in events] == [NOW] * 3
    assert all(event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED" for event in events)


def test_what_waits_for_an_answer_is_tentative() -> None:
    assert "STATUS:TENTATIVE" in written(invite(is_certain=False))


def test_the_calendar_itself_has_no_uid_and_each_object_one_event() -> None:
    text = written(invite(), invite(booking_id=UUID(int=2)))
    found = objects_in(text)
    assert len(found) == 2
    for _, each in found:
        calendar: Any = Calendar.from_ical(each)
        assert "UID" not in calendar
        assert len(calendar.walk("VEVENT")) == 1


def test_more_than_a_letter_can_bear_are_one_object_to_take_in() -> None:
    text = written(*(invite(booking_id=UUID(int=number + 1)) for number in range(MOST + 1)))
    [(method, only)] = objects_in(text)
    assert method == "PUBLISH"
    assert only.count("BEGIN:VEVENT") == MOST + 1
    assert "ATTENDEE" not in only, "RFC 5546 §3.2.1 forbids it"
    assert "ORGANIZER" in only


def test_nothing_to_put_into_a_calendar_is_no_object() -> None:
    assert invitations([], organizer=ORGANIZER, attendee=KARI, zone=OSLO, now=NOW) is None


def test_a_zone_that_we_do_not_write_out_is_told_in_utc() -> None:
    each = invite()
    text = invitations([each], organizer=ORGANIZER, attendee=KARI, zone=ZoneInfo("Europe/London"), now=NOW)
    assert text is not None
    assert f"DTSTART:{each.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" in text
    assert "TZID" not in text


@given(title=NASTY, place=NASTY, text=NASTY, name=NASTY)
def test_whatever_people_write_adds_no_line_of_its_own(title: str, place: str, text: str, name: str) -> None:
    plain = [line.partition(":")[0].partition(";")[0] for line in unfolded(written(invite()))]
    nasty = written(
        invite(title=title, place=place, text=text),
        attendee=Address(name, KARI.email),
        organizer=Address(name, ORGANIZER.email),
    )
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded(nasty)]
    assert names == plain
    [(_, found)] = objects_in(nasty)
    calendar: Any = Calendar.from_ical(found)
    [event] = calendar.walk("VEVENT")
    assert str(event["ATTENDEE"]) == "mailto:kari@example.org"
    assert event["UID"] == f"booking-{BOOKING}@ledig"
    by_vobject(nasty)


@pytest.mark.parametrize("title", ["Åpen dag; kaffe, kaker \\ saft", "Jenter 14 🏐"])
def test_a_title_reads_back_as_it_was_written(title: str) -> None:
    text = written(invite(title=title))
    [event] = cast("Any", Calendar.from_ical(text)).walk("VEVENT")
    assert event["SUMMARY"] == title
    assert by_vobject(text).vevent.summary.value == title
