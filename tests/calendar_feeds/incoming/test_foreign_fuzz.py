"""No text makes the reading raise; what a peer can read too, it reads alike."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import icalendar
import recurring_ical_events  # pyright: ignore[reportMissingTypeStubs]  # it has none
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from calendar_feeds.incoming.foreign import read
from calendar_feeds.incoming.occurrence import ForeignCalendar, ReadLimits
from tests.calendar_feeds.incoming.foreign_text import OSLO, YEAR, framed, in_year, sample

SAMPLES = [
    sample(name) for name in ("outlook_published", "google", "webuntis", "club_fixtures", "custom_zone")
]
WORDS = [
    b"RRULE:FREQ=DAILY", b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", b"DTSTART:00010101T000000Z",
    b"DTSTART:99991231", b"DTEND:16010101T000000Z", b"DURATION:P9999999D", b"DURATION:-P1W", b"EXDATE:20270101",
    b"RDATE:20270101,20270102", b"RDATE;VALUE=PERIOD:20270101T000000Z/PT1H", b"RECURRENCE-ID:20270308T170000Z",
    b"RECURRENCE-ID;VALUE=DATE:20270308", b"RECURRENCE-ID;RANGE=THISANDFUTURE:20270308T170000Z", b"COUNT=0",
    b"TZID:Europe/Oslo", b";TZID=", b";VALUE=DATE", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VTIMEZONE",
    b"END:VTIMEZONE", b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"UID:", b"SEQUENCE:9", b"STATUS:CANCELLED", b"\r\n ",
    b"\r\n", b"\n", b"\0", b"\xff", b"\xe2\x80\xae", b":", b";", b",", b'"', b"\\", b"=", b"INTERVAL=99999",
    b"BYSETPOS=-1", b"BYDAY=-53SU", b"T", b"Z", b"+0100",
]  # fmt: skip
SMALL = ReadLimits(text_bytes=100_000, events=50, occurrences=400)


def sound(found: ForeignCalendar) -> None:
    """Whatever came in, this holds for what comes out."""
    keys = [each.key for each in found.occurrences]
    assert len(set(keys)) == len(keys)
    assert list(found.occurrences) == sorted(found.occurrences, key=lambda each: (each.starts_at, each.key))
    for each in found.occurrences:
        assert each.starts_at.tzinfo is UTC
        assert each.ends_at.tzinfo is UTC
        assert each.starts_at < each.ends_at
        assert each.starts_at < YEAR.end
        assert YEAR.start < each.ends_at
        assert not each.starts_at.microsecond
        assert len(each.key) <= 220
        assert len(each.summary) <= 200
        assert each.summary.isprintable() or not any(ord(letter) < 32 for letter in each.summary)
    assert len(found.problems) <= 210


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_bytes(text: bytes) -> None:
    sound(read(text, YEAR, OSLO, SMALL))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=6), max_size=60))
def test_words_of_calendars_in_any_order(words: list[bytes]) -> None:
    text = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270105T120000Z\r\nDURATION:PT1H\r\n"
    sound(read(text + b"".join(words) + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", YEAR, OSLO, SMALL))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(WORDS), st.integers(0, 40)), max_size=8),
)
def test_calendars_with_pieces_cut_out_and_others_put_in(
    text: bytes, changes: list[tuple[float, bytes, int]]
) -> None:  # fmt: skip
    for share, word, cut in changes:
        place = round(len(text) * share)
        text = text[:place] + word + text[place + cut :]
    sound(read(text, YEAR, OSLO, SMALL))


@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False))
def test_calendars_with_their_lines_in_any_order(text: bytes, chance: Random) -> None:
    lines = text.split(b"\r\n")
    chance.shuffle(lines)
    sound(read(b"\r\n".join(lines), YEAR, OSLO, SMALL))


def rule(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if freq == "WEEKLY":
        days = draw(
            st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3)
        )
        parts += [f"BYDAY={','.join(sorted(days))}", f"WKST={draw(st.sampled_from(['MO', 'SU']))}"]
    elif freq == "MONTHLY":
        parts.append(draw(st.sampled_from(["BYMONTHDAY=1,15", "BYDAY=2TU", "BYDAY=-1FR", "BYMONTHDAY=-1"])))
    end = draw(st.sampled_from(["none", "count", "until"]))
    if end == "count":
        parts.append(f"COUNT={draw(st.integers(1, 60))}")
    elif end == "until":
        until = datetime(2027, 1, 1) + timedelta(hours=draw(st.integers(0, 9000)))
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")
    return "RRULE:" + ";".join(parts)


@st.composite
def series(draw: st.DrawFn) -> str:
    """A series and changes to it, as a program would write them, none of it over a change of the clock."""
    start = datetime(2024, 1, 1, 8) + timedelta(
        days=draw(st.integers(0, 1200)), hours=draw(st.integers(0, 8))
    )
    zone = ";TZID=Europe/Oslo:"
    lines = [f"DTSTART{zone}{start:%Y%m%dT%H%M%S}", "DURATION:PT90M", rule(draw)]
    lines += [
        f"EXDATE{zone}{start + timedelta(days=day):%Y%m%dT%H%M%S}"
        for day in draw(st.sets(st.integers(1, 900), max_size=4))
    ]
    lines += [
        f"RDATE{zone}{start + timedelta(days=day, minutes=17):%Y%m%dT%H%M%S}"
        for day in draw(st.sets(st.integers(1, 900), max_size=3))
    ]
    return "\n".join(lines)


@settings(max_examples=30)  # the peer takes its time
@given(series())
def test_a_series_is_read_as_its_peer_reads_it(event: str) -> None:
    """PyPI recurring-ical-events, which is made for calendars that are right."""
    text = framed(event)
    calendar: Any = icalendar.Calendar.from_ical(text)
    times: list[Any] = list(recurring_ical_events.of(calendar).between(YEAR.start, YEAR.end))
    theirs = {(each.start.astimezone(UTC), each.end.astimezone(UTC)) for each in times}
    ours = in_year(text)
    sound(ours)
    assert not ours.problems
    assert {(each.starts_at, each.ends_at) for each in ours.occurrences} == theirs


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.integers(1, 40),
)
def test_each_day_is_the_same_on_the_clock_whatever_the_season(start: datetime, interval: int) -> None:
    event = (
        f"DTSTART;TZID=Europe/Oslo:{start:%Y%m%dT%H%M%S}\nDURATION:PT1S\nRRULE:FREQ=DAILY;INTERVAL={interval}"
    )
    found = in_year(framed(event))
    days = (start + timedelta(days=n * interval) for n in range(4000))
    expected = [
        at for day in days if YEAR.start <= (at := day.replace(tzinfo=OSLO).astimezone(UTC)) < YEAR.end
    ]
    assert [each.starts_at for each in found.occurrences] == expected


@given(st.integers(0, 800), st.integers(1, 30))
def test_far_away_starts_make_no_difference(days: int, interval: int) -> None:
    """The years before the window are not counted through, and yet count."""
    start = datetime(2024, 1, 3, 12) + timedelta(days=days)
    assume(start.year < 2027)
    for freq, stride in (("DAILY", timedelta(days=interval)), ("WEEKLY", timedelta(weeks=interval))):
        event = "DTSTART:{:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nRRULE:FREQ={};INTERVAL={}"
        far = in_year(framed(event.format(start - 500 * stride, freq, interval)))
        near = in_year(framed(event.format(start, freq, interval)))
        assert far.occurrences == near.occurrences
