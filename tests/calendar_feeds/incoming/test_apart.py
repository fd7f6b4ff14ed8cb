"""A process of its own reads foreign calendars: whatever they hold, the program stays as it is."""

import psutil
import pytest

from calendar_feeds.incoming import reader
from calendar_feeds.incoming.apart import ANSWER_BYTES, parse_apart
from calendar_feeds.incoming.occurrence import LIMITS, TEXT_CHARACTERS, ReadLimits
from tests.calendar_feeds.incoming.foreign_text import OSLO, YEAR, framed, in_year, sample

HOUR = "DTSTART:20270105T120000Z\nDURATION:PT1H"
BRISK = ReadLimits(patience_seconds=2)


@pytest.mark.parametrize("name", ["outlook_published", "google", "webuntis", "club_fixtures", "custom_zone"])
async def test_it_reads_as_it_would_here(name: str) -> None:
    assert await parse_apart(sample(name), YEAR, OSLO) == in_year(sample(name))


async def test_what_is_too_large_is_not_even_tried() -> None:
    found = await parse_apart(bytes(1001), YEAR, OSLO, ReadLimits(text_bytes=1000))
    assert ([problem.kind for problem in found.problems], found.is_whole) == (["too_large"], False)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=9",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
    ],
)
async def test_a_rule_that_never_comes_true_loses_its_event_alone(rule: str) -> None:
    mad = f"UID:mad\nDTSTART:19700101T120000Z\nDURATION:PT1H\nRRULE:{rule}"
    found = await parse_apart(framed(mad, f"UID:good\n{HOUR}"), YEAR, OSLO, BRISK)
    assert [each.key for each in found.occurrences] == ["good"]
    assert [(each.kind, each.uid) for each in found.problems] == [("too_slow", "mad")]


async def test_time_ends_for_many_events_that_are_slow() -> None:
    mad = "DTSTART:19700101T120000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"
    found = await parse_apart(framed(f"UID:good\n{HOUR}", *[mad] * 100), YEAR, OSLO, BRISK)
    assert [each.key for each in found.occurrences] == ["good"]
    assert found.problems[-1].kind == "too_slow"
    assert not found.problems[-1].uid
    assert not found.is_whole


async def test_a_zone_whose_rules_never_end_is_given_up() -> None:
    zone = """
        BEGIN:VTIMEZONE
        TZID:Mine
        BEGIN:STANDARD
        DTSTART:16010101T000000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        RRULE:FREQ=SECONDLY
        END:STANDARD
        END:VTIMEZONE
    """
    event = "UID:mad\nDTSTART;TZID=Mine:20270105T120000\nDURATION:PT1H"
    found = await parse_apart(framed(event, f"UID:good\n{HOUR}", head=zone), YEAR, OSLO, BRISK)
    assert "good" in {each.key for each in found.occurrences}
    assert found.problems


async def test_memory_ends() -> None:
    rows = framed(*(f"{HOUR}\nSUMMARY:{'x' * 900}{number}" for number in range(5_000)))
    found = await parse_apart(rows, YEAR, OSLO, ReadLimits(memory_bytes=45_000_000))
    assert ([problem.kind for problem in found.problems], found.is_whole) == (["too_much_memory"], False)


SIZE = 9_900_000
HEAVY = {
    "folded to one letter": b"BEGIN:VEVENT\nUID:1\nSUMMARY:" + b"\n x" * (SIZE // 3),
    "lines of one letter": b"x\n" * (SIZE // 2),
    "dates": b"BEGIN:VEVENT\nUID:1\nDTSTART:20270105\nRDATE:" + b"20270101," * (SIZE // 9),
    "begun": b"BEGIN:VEVENT\n" * (SIZE // 13),
    "zones": b"BEGIN:VTIMEZONE\nTZID:a\nEND:VTIMEZONE\n" * (SIZE // 38),
    "long words": b"BEGIN:VEVENT\nUID:1\nDTSTART:20270105\nSUMMARY:" + "\U0001f3c0".encode() * (SIZE // 4),
}


@pytest.mark.parametrize("name", HEAVY)
async def test_ten_megabytes_of_the_worst_cost_the_program_nothing(name: str) -> None:
    """The process that reads has its own limits, and is gone afterwards."""
    text = b"BEGIN:VCALENDAR\n" + HEAVY[name] + b"\nEND:VEVENT\nEND:VCALENDAR\n"
    before = psutil.Process().memory_info().rss
    found = await parse_apart(text, YEAR, OSLO, ReadLimits(patience_seconds=4))
    assert len(found.occurrences) <= 20_000
    assert psutil.Process().memory_info().rss - before < 200_000_000
    assert not [child for child in psutil.Process().children() if reader.__name__ in child.cmdline()]


async def test_as_much_as_may_be_said_comes_through() -> None:
    """The most occurrences, with the longest words of the widest letters: the answer is the largest there is."""
    words = "\U0001f3c0" * 50
    text = framed(*(f"{HOUR}\nSUMMARY:{words}{number}" for number in range(20_000)))
    found = await parse_apart(text, YEAR, OSLO, ReadLimits(patience_seconds=60))
    assert (len(found.occurrences), found.problems, found.is_whole) == (20_000, (), True)


def test_no_answer_within_the_limits_is_cut_off() -> None:
    most = LIMITS.occurrences * (TEXT_CHARACTERS * 4 * 2 + 220 * 4 + 300)
    assert most < ANSWER_BYTES
