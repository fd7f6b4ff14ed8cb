"""Tokens of CalDAV: each is read as it was written, and refused where it can say nothing."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec import structs

from calendar_feeds.caldav.marks import OLDEST, START, Mark, Token, mark, token_in, token_text

MONDAY = date(2026, 11, 23)
HALL, OTHER = UUID(int=1), UUID(int=2)
NOW = mark(("resource", "public"), [HALL], MONDAY, 500, [])
WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    "token",
    [
        Token(NOW),
        Token(structs.replace(NOW, monday=MONDAY - OLDEST, settled=0)),
        Token(mark(("resource", "public"), [HALL], MONDAY - WEEK, 499, [501, 502])),
        Token(NOW, HALL),
        Token(NOW, OTHER, structs.replace(NOW, monday=MONDAY - WEEK, settled=3, state="")),
    ],
)
def test_a_token_is_read_as_it_was_written(token: Token) -> None:
    assert token_in(token_text(token), NOW) == token


@pytest.mark.parametrize(
    "other",
    [
        mark(("resource", "full"), [HALL], MONDAY, 500, []),
        mark(("resource", "public"), [HALL, OTHER], MONDAY, 500, []),
        structs.replace(NOW, settled=501),
        structs.replace(NOW, monday=MONDAY + WEEK),
        structs.replace(NOW, monday=MONDAY - OLDEST - WEEK),
        structs.replace(NOW, monday=MONDAY - timedelta(days=1)),
    ],
)
def test_a_token_of_another_calendar_or_time_is_refused(other: Mark) -> None:
    assert token_in(token_text(Token(other)), NOW) is None


@pytest.mark.parametrize(
    "told", ["", START, "1", token_text(Token(NOW)) + " ", token_text(Token(NOW)) + ":after:x"]
)
def test_what_is_no_token_is_refused(told: str) -> None:
    assert token_in(told, NOW) is None


def test_a_day_that_is_none_is_refused() -> None:
    assert token_in(token_text(Token(NOW)).replace("20261123", "20261399"), NOW) is None


def test_marks_are_of_the_same_when_the_same_changes_are_seen_however_much_is_settled() -> None:
    first = mark((), [], MONDAY, 5, [8, 7])
    assert first.is_as(mark((), [], MONDAY, 8, [8, 7]))
    for other in (
        mark((), [], MONDAY, 5, [8]),
        mark((), [], MONDAY, 5, [87]),
        mark((), [HALL], MONDAY, 5, [8, 7]),
    ):
        assert not first.is_as(other)
    assert not first.is_as(mark((), [], MONDAY + WEEK, 5, [8, 7]))
