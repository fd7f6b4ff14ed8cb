"""Filters of calendar-query, each against the lines of an event."""

from datetime import UTC, datetime

import pytest

from calendar_feeds.caldav.dav import Refused, read
from calendar_feeds.caldav.filtering import Filter, filter_in, values_of

LINES = (
    "BEGIN:VEVENT\r\nUID:booking-1@ledig\r\nSUMMARY:Åpen hall\\, for alle\\; og ennå lengre enn en lin\r\n je"
    '\r\nDTSTART;TZID=Europe/Oslo:20261201T180000\r\nLOCATION;ALTREP="http://x:1":Hall\r\nSTATUS:CONFIRMED\r\n'
    "END:VEVENT\r\n"
)


def wanted(inside: str, around: str = '<c:comp-filter name="VEVENT">{}</c:comp-filter>') -> Filter:
    component = around.format(inside)
    return filter_in(
        read(
            '<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav"><c:filter><c:comp-filter name="VCALENDAR">'
            f"{component}</c:comp-filter></c:filter></c:calendar-query>".encode()
        )
    )


def prop(name: str, inside: str) -> str:
    return f'<c:prop-filter name="{name}">{inside}</c:prop-filter>'


@pytest.mark.parametrize(
    ("inside", "holds"),
    [
        ("", True),
        (prop("SUMMARY", ""), True),
        (prop("DESCRIPTION", ""), False),
        (prop("DESCRIPTION", "<c:is-not-defined/>"), True),
        (prop("SUMMARY", "<c:is-not-defined/>"), False),
        (prop("uid", "<c:text-match>booking-1@ledig</c:text-match>"), True),
        (prop("SUMMARY", "<c:text-match>hall, FOR</c:text-match>"), True),
        (prop("SUMMARY", '<c:text-match collation="i;octet">hall, FOR</c:text-match>'), False),
        (prop("SUMMARY", "<c:text-match>ALLE; og</c:text-match>"), True),
        (prop("SUMMARY", "<c:text-match>linje</c:text-match>"), True),
        (prop("SUMMARY", "<c:text-match>åpen</c:text-match>"), False),  # ASCII alone has no case
        (prop("SUMMARY", '<c:text-match negate-condition="yes">hall</c:text-match>'), False),
        (prop("SUMMARY", '<c:text-match negate-condition="yes">pool</c:text-match>'), True),
        (prop("LOCATION", "<c:text-match>hall</c:text-match>"), True),
        (prop("DTSTART", "<c:text-match>20261201</c:text-match>"), True),
        (prop("SUMMARY", "") + prop("DESCRIPTION", ""), False),
        ('<c:comp-filter name="VALARM"><c:is-not-defined/></c:comp-filter>', True),
    ],
)
def test_a_filter_lets_through(inside: str, *, holds: bool) -> None:
    found = wanted(inside)

    assert not found.is_empty
    assert found.holds(LINES) is holds


@pytest.mark.parametrize(
    "around",
    [
        '<c:comp-filter name="VTODO">{}</c:comp-filter>',
        '<c:comp-filter name="VJOURNAL">{}</c:comp-filter>',
        '<c:comp-filter name="VEVENT"><c:is-not-defined/>{}</c:comp-filter>',
        '<c:comp-filter name="VEVENT"><c:comp-filter name="VALARM"/>{}</c:comp-filter>',
        "<c:is-not-defined/>{}",
    ],
)
def test_what_no_feed_has_is_not_looked_for(around: str) -> None:
    assert wanted("", around).is_empty


def test_without_tasks_everything_is_found() -> None:
    assert not wanted("", '<c:comp-filter name="VTODO"><c:is-not-defined/></c:comp-filter>{}').is_empty


def test_the_time_is_read() -> None:
    found = wanted('<c:time-range start="20261201T100000Z"/>')
    both = wanted('<c:time-range start="20261201T100000Z" end="20261202T000000Z"/>')

    assert (found.since, found.until) == (datetime(2026, 12, 1, 10, tzinfo=UTC), None)
    assert (both.since, both.until) == (found.since, datetime(2026, 12, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("inside", "condition"),
    [
        ("<c:time-range/>", "valid-filter"),
        ('<c:time-range start="20261201"/>', "valid-filter"),
        ('<c:time-range start="20261301T000000Z"/>', "valid-filter"),
        ('<c:time-range start="20261202T000000Z" end="20261201T000000Z"/>', "valid-filter"),
        ("<c:prop-filter/>", "valid-filter"),
        (prop("DTSTART", '<c:time-range start="20261201T000000Z"/>'), "supported-filter"),
        (prop("LOCATION", '<c:param-filter name="ALTREP"/>'), "supported-filter"),
        (prop("SUMMARY", '<c:text-match collation="i;unknown">x</c:text-match>'), "supported-collation"),
        ("<c:nonsense/>", "supported-filter"),
    ],
)
def test_a_filter_that_is_none_or_not_understood_is_refused_by_name(inside: str, condition: str) -> None:
    with pytest.raises(Refused) as refused:
        wanted(inside)

    assert refused.value.status == 403
    assert f"<c:{condition}" in refused.value.condition


def test_values_are_read_as_people_read_them() -> None:
    found = values_of(LINES)

    assert found["SUMMARY"] == ["Åpen hall, for alle; og ennå lengre enn en linje"]
    assert found["LOCATION"] == ["Hall"]
