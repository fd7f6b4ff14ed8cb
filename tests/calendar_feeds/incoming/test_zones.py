"""A zone is known by every name that programs give it, or by its own rules."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_feeds.incoming.zones import Zones, zone_defined, zone_named, zone_offset
from tests.calendar_feeds.incoming.foreign_text import OSLO, framed, in_year, times

RULES = b"""BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200
TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT
DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT\r\nEND:VTIMEZONE\r\n""".replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
MINE = zone_defined(RULES, "")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Oslo", "Europe/Oslo"),
        ('"Europe/Oslo"', "Europe/Oslo"),
        (" europe/oslo ", "Europe/Oslo"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("Romance Standard Time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Roma, Stockholm, Wien", "Europe/Amsterdam"),
        ("(GMT+01.00) Sarajevo/Warsaw/Zagreb", "Europe/Sarajevo"),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(GMT-08.00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Oslo", "Europe/Oslo"),
        ("/freeassociation.sourceforge.net/Europe/Oslo", "Europe/Oslo"),
        ("/citadel.org/20211207_1/Europe/Oslo", "Europe/Oslo"),
        ("/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/New York", "America/New_York"),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_many_names(name: str, zone: str) -> None:
    assert zone_named(name) == ZoneInfo(zone)


@pytest.mark.parametrize(
    "name", ["UTC", "Z", "GMT", "Etc/UTC", "(UTC) Coordinated Universal Time", "tzone://Microsoft/Utc"]
)
def test_utc_has_names_too(name: str) -> None:
    assert zone_named(name) is UTC


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "Middle-earth",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe",
        "Europe/",
        "/",
        ".",
        "\0",
        "\udcff",
        "a" * 999,
    ],
)
def test_other_names_are_of_no_zone(name: str) -> None:
    assert zone_named(name) is None


@given(st.text(max_size=60))
def test_no_name_raises(name: str) -> None:
    zone_named(name)
    zone_offset(name)


@pytest.mark.parametrize(
    ("name", "hours"),
    [("GMT+0100", 1), ("UTC+1", 1), ("(UTC+01:00)", 1), ("-05:00", -5), ("(GMT-03.30) Somewhere", -3.5)],
)
def test_an_offset_is_a_zone_when_nothing_better_is_known(name: str, hours: float) -> None:
    zone = zone_offset(name)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)


@given(st.datetimes(min_value=datetime(1997, 1, 1), max_value=datetime(2037, 12, 31)))
def test_rules_that_say_the_same_as_a_known_zone_are_the_same_zone(at: datetime) -> None:
    assert MINE is not None
    assert at.replace(tzinfo=MINE).utcoffset() == at.replace(tzinfo=OSLO).utcoffset()


@pytest.mark.parametrize(
    "rules",
    [
        b"",
        b"BEGIN:VTIMEZONE\r\nTZID:Mine\r\nEND:VTIMEZONE\r\n",
        b"BEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\n",
        RULES.replace(b"16010101T030000", b"never"),
        RULES.replace(b"+0200", b"+9900"),
        RULES.replace(b"FREQ=YEARLY", b"FREQ=SOMETIMES"),
        RULES.replace(b"BEGIN:STANDARD", b"BEGIN:VEVENT"),
        RULES + bytes(100_000),
    ],
    ids=range(8),
)
def test_rules_that_make_no_sense_are_no_zone(rules: bytes) -> None:
    assert zone_defined(rules, "") is None


def test_a_zone_that_nobody_knows_is_told_once_and_the_local_one_used() -> None:
    unknown: list[str] = []
    zones = Zones(OSLO, unknown.append)
    assert [zones.of("Middle-earth"), zones.of("Middle-earth")] == [OSLO, OSLO]
    assert unknown == ["Middle-earth"]
    event = "DTSTART;TZID=Middle-earth:20270105T120000\nDURATION:PT1H"
    found = in_year(framed(event, event))
    assert (times(found), [problem.kind for problem in found.problems]) == (
        ["01-05 12:00"] * 2,
        ["unknown_zone"],
    )


def test_a_location_tells_what_a_made_up_name_does_not() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:1\nX-LIC-LOCATION:America/New_York\nEND:VTIMEZONE"
    event = "DTSTART;TZID=1:20270105T060000\nDURATION:PT1H"
    assert times(in_year(framed(event, head=zone))) == ["01-05 12:00"]
