"""Calendars as Outlook, Google, Untis and others write them are read as their writers meant them."""

import pytest

from calendar_feeds.incoming.foreign import read
from calendar_feeds.incoming.occurrence import PROBLEMS, ReadLimits
from tests.calendar_feeds.incoming.foreign_text import OSLO, YEAR, framed, in_year, rows, sample, times

WEEKLY = """
    DTSTART;TZID=Europe/Oslo:20270301T180000
    DTEND;TZID=Europe/Oslo:20270301T200000
    RRULE:FREQ=WEEKLY;COUNT=5
"""
WITHOUT_ONE = ["03-01 18:00", "03-15 18:00", "03-22 18:00", "03-29 18:00"]


def test_a_room_mailbox_as_exchange_publishes_it() -> None:
    found = in_year(sample("outlook_published"))
    korps = (
        "040000008200E00074C5B7101A82E00800000000A1B2C3D4E5F6DB01000000000000000"
        "0100000001234567890ABCDEF1234567890ABCDEF"
    )
    assert found.name == "Møterom Fjellhallen"
    assert rows(found) == [
        (f"{korps} 20270301T170000Z", "03-01 18:00", "03-01 20:00"),
        (f"{korps} 20270308T170000Z", "03-08 18:00", "03-08 20:00"),
        (f"{korps} 20270315T170000Z", "03-16 19:00", "03-16 21:30"),
        (f"{korps} 20270322T170000Z", "03-22 18:00", "03-22 20:00"),
        (f"{korps} 20270405T160000Z", "04-05 18:00", "04-05 20:00"),
        (f"{korps} 20270412T160000Z", "04-12 18:00", "04-12 20:00"),
        (f"{korps} 20270419T160000Z", "04-19 18:00", "04-19 20:00"),
        (f"{korps} 20270426T160000Z", "04-26 18:00", "04-26 20:00"),
        ("040000008200E00074C5B7101A82E00800000000FFFF", "05-10 00:00", "05-12 00:00"),
    ]
    moved, closed = found.occurrences[2], found.occurrences[-1]
    assert (moved.summary, moved.location, moved.is_tentative) == (
        "Korøvelse (flyttet)",
        "Fjellhallen; sal 1",
        True,
    )
    assert (closed.is_all_day, closed.is_busy, found.problems, found.is_whole) == (True, False, (), True)


def test_a_calendar_of_google() -> None:
    found = in_year(sample("google"))
    assert rows(found) == [
        ("3opqrstu4vwxyzab@google.com 20270104T160000Z", "01-04 17:00", "01-04 18:30"),
        ("3opqrstu4vwxyzab@google.com 20270201T160000Z", "02-01 19:00", "02-01 20:30"),
        ("3opqrstu4vwxyzab@google.com 20270405T150000Z", "04-05 17:00", "04-05 18:30"),
        ("1abcdefg2hijklmn@google.com", "05-17 00:00", "05-18 00:00"),
        ("5cdefghi6jklmnop@google.com", "06-10 18:00", "06-10 20:00"),
    ]
    assert [each.is_busy for each in found.occurrences] == [True, True, True, False, True]
    assert found.occurrences[-1].summary == "Sommerfest, med grill Ta med stol"
    assert found.occurrences[-1].is_tentative
    assert not found.problems


def test_a_timetable() -> None:
    found = in_year(sample("webuntis"))
    assert rows(found) == [
        ("lesson-88121-20270111", "01-11 08:30", "01-11 09:15"),
        ("lesson-88123-20270111", "01-11 09:15", "01-11 10:00"),
    ]
    assert found.occurrences[0].summary == "KRØ 8A, 8B"


def test_fixtures_of_a_club() -> None:
    found = in_year(sample("club_fixtures"))
    assert times(found) == ["04-10 12:00", "04-17 14:00", "04-24 14:00"]
    assert [(problem.kind, problem.what) for problem in found.problems] == [
        ("no_uid", "Uten UID"),
        ("duplicate", "Fjell - Elv"),
    ]
    assert in_year(sample("club_fixtures")) == found
    assert found.is_whole


def test_a_zone_that_a_program_made_up() -> None:
    found = in_year(sample("custom_zone"))
    assert rows(found) == [
        ("time-1 20270326T090000Z", "03-26 10:00", "03-26 11:30"),
        ("time-1 20270402T080000Z", "04-02 10:00", "04-02 11:30"),
    ]
    assert (found.occurrences[0].summary, found.problems) == ("Svømming 4. trinn", ())


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20270105", [("1", "01-05 00:00", "01-06 00:00")]),
        ("DTSTART;VALUE=DATE:20270105\nDTEND;VALUE=DATE:20270105", [("1", "01-05 00:00", "01-06 00:00")]),
        ("DTSTART:20270105\nDURATION:P2D", [("1", "01-05 00:00", "01-07 00:00")]),
        ("DTSTART;VALUE=DATE:20270328\nDURATION:P1W", [("1", "03-28 00:00", "04-04 00:00")]),
        ("DTSTART:20270105T120000\nDTEND:20270105T130000", [("1", "01-05 12:00", "01-05 13:00")]),
        ("DTSTART:20270105T120000Z\nDURATION:PT1H30M", [("1", "01-05 13:00", "01-05 14:30")]),
        ("DTSTART:20270105T120000+0200\nDURATION:PT1H", [("1", "01-05 11:00", "01-05 12:00")]),
        ("DTSTART:20270105T1200Z\nDURATION:PT1H", [("1", "01-05 13:00", "01-05 14:00")]),
        ("DTSTART:20270105T235960\nDURATION:PT1M", [("1", "01-05 23:59", "01-06 00:00")]),
        ("DTSTART:20270105T240000\nDURATION:PT1H", [("1", "01-06 00:00", "01-06 01:00")]),
        ("DTSTART:20270105T120000\nDTEND;VALUE=DATE:20270106", [("1", "01-05 12:00", "01-06 00:00")]),
        ("DTSTART;VALUE=DATE:20270105\nDTEND:20270105T120000", [("1", "01-05 00:00", "01-05 12:00")]),
        ("DTSTART;TZID=America/New_York:20270105T060000\nDTEND:20270105T070000", [("1", "01-05 12:00", "01-05 13:00")]),
        ("dtstart;tzid=europe/oslo:20270105t120000\nduration:pt1h", [("1", "01-05 12:00", "01-05 13:00")]),
        ("DTSTART:20261231T220000Z\nDTEND:20261231T233000Z", []),
        ("DTSTART:20261231T233000Z\nDTEND:20270101T003000Z", [("1", "01-01 00:30", "01-01 01:30")]),
        ("DTSTART:20280101T000000Z\nDTEND:20280101T010000Z", []),
        ("DTSTART:19700101T000000Z\nDTEND:99991231T000000Z", [("1", "01-01 01:00", "07-08 02:00")]),
        ("DTSTART:20270105T120000\nDURATION:PT1H\nSTATUS:CANCELLED", []),
    ],
)  # fmt: skip
def test_starts_and_ends(event: str, expected: list[tuple[str, str, str]]) -> None:
    found = in_year(framed(event))
    assert (rows(found), found.problems) == (expected, ())


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("SUMMARY:x", "no_start"),
        ("DTSTART:20270105T120000", "no_length"),
        ("DTSTART:20270105T120000\nDTEND:20270105T120000", "no_length"),
        ("DTSTART:20270105T120000\nDTEND:20270105T110000", "ends_before_start"),
        ("DTSTART;VALUE=DATE:20270105\nDTEND;VALUE=DATE:20270104", "ends_before_start"),
        ("DTSTART:20270105T120000\nDURATION:-PT1H", "ends_before_start"),
        ("DTSTART:20271305T120000\nDURATION:PT1H", "unreadable_event"),
        ("DTSTART:tomorrow\nDURATION:PT1H", "unreadable_event"),
        ("DTSTART:00010101T000000\nDURATION:PT1H", "unreadable_event"),
        ("DTSTART:20270105T120000\nDURATION:soon", "unreadable_event"),
        ("DTSTART:20270105T120000\nDURATION:P999999999W", "unreadable_event"),
        ("DTSTART:٢٠٢٧٠١٠٥T120000\nDURATION:PT1H", "unreadable_event"),
    ],
)
def test_an_event_that_cannot_be_read_does_not_lose_the_others(event: str, kind: str) -> None:
    found = in_year(framed(f"UID:bad\n{event}", "UID:good\nDTSTART:20270105T120000Z\nDURATION:PT1H"))
    assert [(each.kind, each.uid) for each in found.problems] == [(kind, "bad")]
    assert PROBLEMS[found.problems[0].kind]
    assert [each.key for each in found.occurrences] == ["good"]
    assert found.is_whole


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=3", ["03-01 18:00", "03-08 18:00", "03-15 18:00"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270315", ["03-01 18:00", "03-08 18:00", "03-15 18:00"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270315T170000Z", ["03-01 18:00", "03-08 18:00", "03-15 18:00"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270315T165959Z", ["03-01 18:00", "03-08 18:00"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270315T180000", ["03-01 18:00", "03-08 18:00", "03-15 18:00"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20260101T000000Z", []),
        ("rrule:freq=weekly;count=2;X-OWN=1;", ["03-01 18:00", "03-08 18:00"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["03-01 18:00", "03-03 18:00", "03-08 18:00"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=-1;UNTIL=20270330T000000Z", ["03-01 18:00", "03-15 18:00", "03-29 18:00"]),
        (
            "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Oslo:20270302T180000,20270303T180000",
            ["03-01 18:00", "03-04 18:00"],
        ),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20270302T170000Z\nEXDATE:20270303T170000Z", ["03-01 18:00"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20270302", ["03-01 18:00", "03-03 18:00"]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20270302T180000", ["03-01 18:00", "03-03 18:00"]),
        ("RDATE;TZID=Europe/Oslo:20270303T190000", ["03-01 18:00", "03-03 19:00"]),
        (
            "RDATE;VALUE=PERIOD:20270303T180000Z/PT1H,20270305T180000Z/20270305T190000Z",
            ["03-01 18:00", "03-03 19:00", "03-05 19:00"],
        ),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1MO;COUNT=2", ["03-01 18:00", "03-29 18:00", "04-26 18:00"]),
        ("RRULE:FREQ=YEARLY", ["03-01 18:00"]),
        ("RRULE:FREQ=WEEKLY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=2", ["03-01 18:00", "03-02 18:00", "03-08 18:00"]),
    ],
)  # fmt: skip
def test_when_an_event_recurs(rule: str, expected: list[str]) -> None:
    start = "DTSTART;TZID=Europe/Oslo:20270301T180000\nDTEND;TZID=Europe/Oslo:20270301T190000\n"
    found = in_year(framed(start + rule))
    assert (times(found), found.problems) == (expected, ())


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=FORTNIGHTLY", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=x", "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;BYEASTER=1", "FREQ=DAILY;FREQ=WEEKLY", "RSCALE=HEBREW;FREQ=YEARLY", "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;COUNT=many", "FREQ=MONTHLY;BYSETPOS=0", "FREQ=DAILY;BYHOUR=" + ",".join(["1"] * 2000), "=", "",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_leaves_the_first_time(rule: str) -> None:
    found = in_year(framed(f"DTSTART:20270301T180000\nDURATION:PT1H\nRRULE:{rule}"))
    assert times(found) == ["03-01 18:00"]
    assert [problem.kind for problem in found.problems] == ["unreadable_rule"]


def test_a_week_in_the_year_keeps_its_clock_over_both_changes() -> None:
    found = in_year(framed("DTSTART;TZID=Europe/Oslo:20200106T070000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"))
    assert len(found.occurrences) == 52
    assert {start.split()[1] for start in times(found)} == {"07:00"}


def test_what_the_clock_skips_and_what_it_shows_twice() -> None:
    night = "DTSTART;TZID=Europe/Oslo:20270327T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    autumn = "DTSTART;TZID=Europe/Oslo:20271030T230000\nDTEND;TZID=Europe/Oslo:20271031T040000"
    found = in_year(framed(night, autumn))
    assert times(found)[:3] == ["03-27 02:30", "03-28 03:30", "03-29 02:30"]
    assert found.occurrences[3].ends_at - found.occurrences[3].starts_at == YEAR.length / 365 / 4


def test_a_changed_time_of_a_series_keeps_its_key() -> None:
    moved = "UID:1\nRECURRENCE-ID:20270308T170000Z\nDTSTART:20270309T170000Z\nDTEND:20270309T180000Z\nSUMMARY:Moved"
    found, before = in_year(framed(WEEKLY, moved)), in_year(framed(WEEKLY))
    assert [each.key for each in found.occurrences] == [each.key for each in before.occurrences]
    changed = [
        now.key for now, then in zip(found.occurrences, before.occurrences, strict=True) if now != then
    ]
    assert changed == ["1 20270308T170000Z"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("RECURRENCE-ID:20270308T170000Z\nSTATUS:CANCELLED", WITHOUT_ONE),
        ("RECURRENCE-ID;VALUE=DATE:20270308\nSTATUS:CANCELLED", WITHOUT_ONE),
        ("RECURRENCE-ID;TZID=Europe/Oslo:20270308T180000", [*WITHOUT_ONE, "12-24 09:00"]),
        ("RECURRENCE-ID:20280308T170000Z", [*WITHOUT_ONE, "03-08 18:00", "12-24 09:00"]),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T170000Z\nSTATUS:CANCELLED", ["03-01 18:00", "03-08 18:00"]),
    ],
)  # fmt: skip
def test_one_time_of_a_series_is_changed(change: str, expected: list[str]) -> None:
    found = in_year(framed(WEEKLY, f"UID:1\n{change}\nDTSTART:20271224T080000Z\nDTEND:20271224T090000Z"))
    assert (times(found), found.problems) == (sorted(expected), ())


def test_a_series_is_changed_from_one_time_on() -> None:
    onward = """
        UID:1
        RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T170000Z
        DTSTART;TZID=Europe/Oslo:20270316T190000
        DTEND;TZID=Europe/Oslo:20270316T193000
        SUMMARY:Later
    """
    found = in_year(framed(WEEKLY, onward))
    assert rows(found) == [
        ("1 20270301T170000Z", "03-01 18:00", "03-01 20:00"),
        ("1 20270308T170000Z", "03-08 18:00", "03-08 20:00"),
        ("1 20270315T170000Z", "03-16 19:00", "03-16 19:30"),
        ("1 20270322T170000Z", "03-23 19:00", "03-23 19:30"),
        ("1 20270329T160000Z", "03-30 19:00", "03-30 19:30"),
    ]
    assert [each.summary for each in found.occurrences] == ["", "", "Later", "Later", "Later"]


def test_days_that_recur() -> None:
    days = "DTSTART;VALUE=DATE:20270326\nRRULE:FREQ=DAILY;UNTIL=20270329T220000Z\nEXDATE:20270327T000000"
    moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20270328\nDTSTART;VALUE=DATE:20270401"
    assert rows(in_year(framed(days, moved))) == [
        ("1 20270326", "03-26 00:00", "03-27 00:00"),
        ("1 20270329", "03-29 00:00", "03-30 00:00"),
        ("1 20270330", "03-30 00:00", "03-31 00:00"),
        ("1 20270328", "04-01 00:00", "04-02 00:00"),
    ]


def test_a_time_without_its_series_is_read_by_itself() -> None:
    alone = "RECURRENCE-ID:20270308T170000Z\nDTSTART:20270309T170000Z\nDTEND:20270309T180000Z"
    assert rows(in_year(framed(alone))) == [("1 20270308T170000Z", "03-09 18:00", "03-09 19:00")]


def test_a_cancelled_series_is_gone_with_what_was_changed_in_it() -> None:
    moved = "UID:1\nRECURRENCE-ID:20270308T170000Z\nDTSTART:20270309T170000Z\nDTEND:20270309T180000Z"
    assert not in_year(framed(WEEKLY + "STATUS:CANCELLED", moved)).occurrences


def test_events_that_share_a_uid_by_mistake_are_all_read() -> None:
    one, other = (
        "UID:x\nDTSTART:20270105T120000Z\nDURATION:PT1H",
        "UID:x\nDTSTART:20270106T120000Z\nDURATION:PT1H",
    )
    found = in_year(framed(one, other, one))
    assert [key for key, *_ in rows(found)] == ["x 20270105T120000Z", "x 20270106T120000Z"]
    assert [problem.kind for problem in found.problems] == ["duplicate"]


def test_floating_times_are_of_the_zone_that_the_calendar_names() -> None:
    event = "DTSTART:20270105T120000\nDURATION:PT1H"
    assert times(in_year(framed(event, head="X-WR-TIMEZONE:America/New_York"))) == ["01-05 18:00"]
    unknown = in_year(framed(event, head="X-WR-TIMEZONE:Middle-earth"))
    assert times(unknown) == ["01-05 12:00"]
    assert [(each.kind, each.what) for each in unknown.problems] == [("unknown_zone", "Middle-earth")]
    assert rows(in_year(framed("DTSTART;VALUE=DATE:20270105", head="X-WR-TIMEZONE:UTC"))) == [
        ("1", "01-05 00:00", "01-06 00:00")
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\0", b"<html><body>Sign in</body></html>", b"BEGIN:VCARD\r\nEND:VCARD\r\n", b"PK\x03\x04" + bytes(100),
        b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270105T120000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n",
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_no_calendar_is_not_taken_for_an_empty_one(text: bytes) -> None:
    found = in_year(text)
    assert ([problem.kind for problem in found.problems], found.is_whole) == (["not_a_calendar"], False)


def test_an_empty_calendar_is_whole() -> None:
    found = in_year(framed(head="X-WR-CALNAME:Tom"))
    assert (found.name, found.occurrences, found.problems, found.is_whole) == ("Tom", (), (), True)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.97])
def test_a_calendar_that_breaks_off_is_not_taken_for_whole(share: float) -> None:
    text = sample("google")
    found = in_year(text[: round(len(text) * share)])
    assert not found.is_whole
    assert "cut_off" in {problem.kind for problem in found.problems}


def test_other_ways_to_end_lines_and_to_write_letters() -> None:
    text = sample("outlook_published")
    plain = in_year(text)
    for other in (
        text.replace(b"\r\n", b"\n"),
        text.replace(b"\r\n", b"\r"),
        text.replace(b"\r\n", b"\r\n\r\n"),
        b"\xef\xbb\xbf" + text,
        text.decode().encode("cp1252"),
        text.decode().encode("utf-16"),
        text.replace(b"SUMMARY:", b"SUMMARY:\0"),
        text.replace(b"END:VCALENDAR", b"END:VCALENDAR\r\n\x1a"),
        text.replace(b"Kor\xc3\xb8velse", b"Kor\xc3\r\n \xb8velse"),
    ):
        assert in_year(other) == plain


def test_what_people_write_becomes_one_line_of_letters() -> None:
    hostile = "SUMMARY:a\\nb\\,c\\;d\\\\e\x07\u202e\u2028 \U0001f3c0" + "x" * 1000
    found = in_year(framed(f"DTSTART:20270105T120000Z\nDURATION:PT1H\n{hostile.encode().decode()}"))
    assert found.occurrences[0].summary.startswith("a b,c;d\\e \U0001f3c0xxx")
    assert len(found.occurrences[0].summary) == 200


def test_a_change_of_anything_is_another_digest() -> None:
    base = {"DTSTART": "20270105T120000Z", "DTEND": "20270105T130000Z", "SUMMARY": "a", "LOCATION": "b"}
    changes = [
        {}, {"DTSTART": "20270105T110000Z"}, {"DTEND": "20270105T140000Z"}, {"SUMMARY": "b"}, {"LOCATION": "c"},
        {"TRANSP": "TRANSPARENT"}, {"STATUS": "TENTATIVE"},
    ]  # fmt: skip
    digests = set[str]()
    for change in changes:
        lines = "\n".join(f"{name}:{value}" for name, value in {**base, **change}.items())
        digests.add(in_year(framed(lines)).occurrences[0].digest)
        again = in_year(framed(lines + "\nDTSTAMP:20261128T010000Z\nDESCRIPTION:x\nSEQUENCE:7"))
        assert again.occurrences[0].digest in digests
    assert len(digests) == len(changes)


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        (ReadLimits(text_bytes=100), "too_large"),
        (ReadLimits(events=9), "too_many_events"),
        (ReadLimits(occurrences=9), "too_many_occurrences"),
    ],
)
def test_limits_are_said_and_cut_short(limits: ReadLimits, kind: str) -> None:
    text = framed(*("DTSTART:20270105T120000Z\nDURATION:PT1H" for _ in range(10)))
    found = read(text, YEAR, OSLO, limits)
    assert ([problem.kind for problem in found.problems], found.is_whole) == ([kind], False)


@pytest.mark.parametrize("freq", ["SECONDLY", "MINUTELY"])
def test_an_event_that_recurs_all_the_time_loses_itself_alone(freq: str) -> None:
    mad = f"UID:mad\nDTSTART:19700101T120000Z\nDURATION:PT1S\nRRULE:FREQ={freq}"
    found = in_year(framed(mad, "UID:good\nDTSTART:20270105T120000Z\nDURATION:PT1H"))
    assert [each.key for each in found.occurrences] == ["good"]
    assert [(each.kind, each.uid) for each in found.problems] == [("too_many_occurrences", "mad")]


def test_a_uid_of_any_length_and_shape_is_a_key() -> None:
    long = "UID:" + "u" * 5000
    hour = "DTSTART:20270105T120000Z\nDURATION:PT1H"
    found = in_year(framed(f"{long}\n{hour}", f"UID: a  b \n{hour}"))
    assert [each.key[:7] for each in found.occurrences] == ["a b", "sha256:"]
