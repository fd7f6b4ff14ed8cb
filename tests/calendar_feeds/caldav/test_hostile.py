"""Bodies that nobody means well by: refused, and never a fault of ours."""

import random

import pytest

from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import NAMESPACES, Program, program
from tests.calendar_feeds.caldav.test_dav import LAUGHS, OUTSIDE

SYNC = f"<d:sync-collection {NAMESPACES}><d:sync-token/><d:prop><d:getetag/></d:prop></d:sync-collection>"
QUERY = (
    f'<c:calendar-query {NAMESPACES}><d:prop><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR">'
    '<c:comp-filter name="VEVENT"><c:time-range start="20261201T000000Z" end="20271201T000000Z"/>'
    '<c:prop-filter name="SUMMARY"><c:text-match collation="i;octet" negate-condition="yes">x</c:text-match>'
    "</c:prop-filter></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
)
FIND = f"<d:propfind {NAMESPACES}><d:prop><d:getetag/><cs:getctag/><a:calendar-color/></d:prop></d:propfind>"
GET = (
    f"<c:calendar-multiget {NAMESPACES}><d:prop><d:getetag/></d:prop><d:href>/caldav/x</d:href>"
    "<d:href>https://[/</d:href><d:href/></c:calendar-multiget>"
)
PIECES = [
    *(
        "<",
        ">",
        "&",
        "\x00",
        "\r\n",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "<?xml?>",
        '"',
        "'",
        "\ud7ff",
        "\uffff",
    ),
    *(
        "&#0;",
        "&#x10FFFF;",
        "&amp;",
        "é",
        "🏐",
        "{DAV:}",
        "99999999999999999999",
        "-1",
        "NaN",
        "%00",
        "../",
        "urn:",
    ),
    *("<d:prop/>", "<d:limit><d:nresults>", "xmlns:d=''", "xmlns='urn:x'", "20269999T999999Z", "0" * 400),
]


async def reader_of(town: Town) -> Program:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    await town.booked(token, hall.parts[0], make.at(make.next_weekday(2), 18))
    return await program(town, kari)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        OUTSIDE,
        b"<a>" * 20_000,
        b"\x00" * 100,
        b"BEGIN:VCALENDAR",
        b"<d:propfind xmlns:d='DAV:'><d:prop>" + b"<d:abcdefghij/>" * 1 + b"</d:prop>",
        f"<d:propfind {NAMESPACES}><d:prop>{'<x' + 'y' * 5000 + '/>'}</d:prop></d:propfind>".encode(),
    ],
)
async def test_what_is_no_question_is_a_bad_request(town: Town, method: str, body: bytes) -> None:
    reader = await reader_of(town)

    answer = await reader.ask(method, body=body, depth="0")

    assert answer.status_code in {400, 403}
    assert b"root:" not in answer.content
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(("method", "length"), [("PROPFIND", 70_000), ("REPORT", 10_000_000)])
async def test_too_much_is_not_read(town: Town, method: str, length: int) -> None:
    reader = await reader_of(town)

    answer = await reader.ask(method, body=b" " * length, depth="0")

    assert answer.status_code == 413


@pytest.mark.parametrize("seed", range(4))
async def test_no_body_is_ever_a_fault_of_ours(town: Town, seed: int) -> None:
    reader = await reader_of(town)
    chance = random.Random(seed)

    for _ in range(60):
        method, body = chance.choice((("PROPFIND", FIND), *(("REPORT", each) for each in (SYNC, QUERY, GET))))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body))
            body = body[:at] + chance.choice(PIECES) + body[at + chance.choice((0, 0, 1, 5, 20)) :]
        answer = await reader.ask(method, body=body.encode("utf-8", "replace"), depth="1")
        assert answer.status_code in {207, 400, 403}, (body, answer.text)
