"""The check finds what is wrong with a calendar: every fault that can be planted is found by our own reading or by a
program, and a calendar without any passes them all.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from calendar_feeds.ical import END, Shown, Words, frame, lines
from tests.calendar_feeds.clients.libraries import LIBRARIES
from tests.calendar_feeds.clients.octets import faults, unfolded
from tests.calendar_feeds.clients.programs import Libical, by_node

OSLO = ZoneInfo("Europe/Oslo")
WORDS = Words(busy="Opptatt", cancelled="Avlyst: {title}", closed="Stengt", closed_for="Stengt: {reason}")
NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)


def calendar() -> bytes:
    """Two events, well written, the first with a long title."""
    head, end = frame("Sal", "https://ledig.example/solvik", "#0062ba", OSLO)
    events: list[str] = []
    for number, title in enumerate(["Årsmøte " + "ø" * 80, "Trening, jenter"]):
        written = lines(
            Shown(
                id=UUID(int=number),
                sequence=number,
                state="confirmed",
                starts_at=NOON + timedelta(days=number),
                ends_at=NOON + timedelta(days=number, hours=1),
                changed_at=NOON - timedelta(days=30),
                title=title,
                is_public=True,
                association=None,
                team=None,
                place="Sal, Hallen",
                address="",
                url=f"https://ledig.example/solvik/bookings/{number}",
                text="",
            ),
            WORDS,
            OSLO,
        )
        events.append(f"{written.head}{written.times}{written.place}{written.full}{END}")
    return (head + "".join(events) + end).encode()


def instead(old: bytes, new: bytes, times: int = 1) -> Callable[[bytes], bytes]:
    def plant(raw: bytes) -> bytes:
        assert old in raw
        return raw.replace(old, new, times)

    return plant


def in_the_last(name: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """In place of the last content line of that name."""

    def plant(raw: bytes) -> bytes:
        before, found, after = raw.rpartition(b"\r\n" + name)
        assert found
        return before + b"\r\n" + new + after.partition(b"\r\n")[2]

    return plant


def folded_in_a_sign(raw: bytes) -> bytes:
    return raw.replace("SUMMARY:Å".encode(), b"SUMMARY:\xc3\r\n \x85", 1)


def unfolded_lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n ", b"")


FIRST = b"UID:booking-00000000-0000-0000-0000-000000000000@ledig"
SECOND = b"UID:booking-00000000-0000-0000-0000-000000000001@ledig"
PLANTED: dict[str, Callable[[bytes], bytes]] = {
    "lines end in LF alone": instead(b"\r\n", b"\n", -1),
    "one line ends in LF alone": instead(b"SEQUENCE:0\r\n", b"SEQUENCE:0\n"),
    "one line ends in CR alone": instead(b"SEQUENCE:0\r\n", b"SEQUENCE:0\r"),
    "a long line": unfolded_lines,
    "folded inside a sign": folded_in_a_sign,
    "an end without its line end": lambda raw: raw.removesuffix(b"\r\n"),
    "a UID twice": instead(SECOND, FIRST),
    "no UID": instead(FIRST + b"\r\n", b""),
    "an injected property": instead(b"SUMMARY:", b"ATTENDEE:mailto:ola@example.org\r\nSUMMARY:"),
    "an injected line": instead(b"SUMMARY:", b"SUMMARY:a\r\nFest hos meg\r\nX-NOTHING:"),
    "an injected alarm": instead(
        b"END:VEVENT", b"BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT"
    ),
    "a method": instead(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:PUBLISH\r\n"),
    "a UID of the calendar": instead(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nUID:solvik@ledig\r\n"),
    "two calendars": lambda raw: raw + raw,
    "a calendar in another": instead(b"BEGIN:VEVENT", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VEVENT"),
    "no PRODID": instead(b"PRODID:-//Ledig//Booking//NO\r\n", b""),
    "no DTSTAMP": in_the_last(b"DTSTAMP:", b""),
    "a DTSTAMP that is not in UTC": in_the_last(b"DTSTAMP:", b"DTSTAMP:20261108T110000\r\n"),
    "no such status": instead(b"STATUS:CONFIRMED", b"STATUS:BOOKED"),
    "a status twice": instead(b"STATUS:CONFIRMED", b"STATUS:CONFIRMED\r\nSTATUS:CANCELLED"),
    "no such zone": instead(b"DTSTART;TZID=Europe/Oslo", b"DTSTART;TZID=Europe/Solvik"),
    "a zone that is not told of": instead(
        b"BEGIN:VTIMEZONE\r\nTZID:Europe/Oslo", b"BEGIN:VTIMEZONE\r\nTZID:CET"
    ),
    "a time of no zone": instead(b"DTSTART;TZID=Europe/Oslo", b"DTSTART"),
    "a day for a time": in_the_last(b"DTEND;", b"DTEND;VALUE=DATE:20261210\r\n"),
    "an end before its start": in_the_last(b"DTEND;", b"DTEND;TZID=Europe/Oslo:20261209T110000\r\n"),
    "a time that is none": instead(b"T120000", b"T250000"),
    "a comma that is not escaped": instead(b"Trening\\,", b"Trening,"),
    "a backslash that means nothing": instead(b"Trening\\,", b"Tren\\xing"),
    "a control sign": instead(b"SUMMARY:Trening", b"SUMMARY:Tre\x07ning"),
    "an event that does not end": instead(b"END:VEVENT\r\n", b""),
}


def test_a_calendar_without_faults_passes() -> None:
    raw = calendar()
    assert faults(raw) == []
    assert [len(library.read(raw)) for library in LIBRARIES.values()] == [2] * len(LIBRARIES)


@pytest.mark.parametrize("fault", PLANTED)
def test_every_planted_fault_is_found(fault: str) -> None:
    raw = PLANTED[fault](calendar())
    assert raw != calendar()
    assert faults(raw)


@pytest.mark.parametrize(
    ("fault", "programs"),
    [
        ("folded inside a sign", {"vobject", "ics", "Home Assistant"}),
        ("no UID", {"vobject"}),
        ("no DTSTAMP", {"vobject"}),
        ("no such status", {"ics", "Home Assistant"}),
        ("no such zone", {"icalendar", "Home Assistant"}),
        ("a time of no zone", {"vobject", "Home Assistant"}),
        ("an injected line", {"vobject", "ics", "Home Assistant"}),
    ],
)
def test_programs_find_them_too(fault: str, programs: set[str]) -> None:
    """So that a reader who has lost its teeth is noticed."""
    raw = PLANTED[fault](calendar())
    found: set[str] = set()
    for name, library in LIBRARIES.items():
        try:
            library.read(raw)
        except Exception:  # noqa: BLE001  # whatever each raises
            found.add(name)
    assert found >= programs


async def test_node_ical_leaves_out_an_event_of_the_same_name(tmp_path: Path) -> None:
    file = tmp_path / "calendar.ics"
    file.write_bytes(PLANTED["a UID twice"](calendar()))
    read = await by_node({"twice": str(file)})
    assert [len(read[name]["twice"]) for name in ("node-ical", "ical.js")] == [1, 2]


@pytest.mark.libical
@pytest.mark.parametrize("fault", ["no PRODID", "a method", "an injected line"])
def test_libical_finds_them_too(fault: str, tmp_path: Path) -> None:
    libical = Libical(tmp_path)
    assert len(libical.read(calendar())) == 2
    with pytest.raises(AssertionError):
        libical.read(PLANTED[fault](calendar()))


def test_lines_are_joined_before_they_are_read() -> None:
    assert unfolded("A:\xe6".encode()[:3] + b"\r\n " + "A:\xe6".encode()[3:] + b"\r\n") == ["A:æ"]
