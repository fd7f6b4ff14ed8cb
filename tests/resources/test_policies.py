"""Who decides: a table of lines and times, the nights when the clock is set, and bookings over midnight."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.spans import Span, local_instant
from core.texts import texts
from resources.policies import Policy, decided, line_text, why_text
from tests.make import OSLO

TUESDAY, SATURDAY, SUNDAY = date(2026, 12, 1), date(2026, 12, 5), date(2026, 12, 6)
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
"""Sundays on which the clock is set."""
WEEKDAY_EVENINGS = Policy("automatic", weekdays=(1, 2, 3, 4, 5), from_minute=16 * 60, until_minute=22 * 60)


def clock(day: date, since: float, until: float) -> Span:
    """Between clock times of the day; beyond 24 on the next."""
    return Span(
        local_instant(OSLO, day, round(since * 60)), local_instant(OSLO, day, round(until * 60), fold=1)
    )


def decision(line: Policy, span: Span, *, group: str = "resident", people: int | None = None) -> str:
    verdict = decided([line], "case_officer", span=span, zone=OSLO, customer_group=group, people=people)
    return verdict.decision


@pytest.mark.parametrize(
    ("line", "span", "asked", "fits"),
    [
        (WEEKDAY_EVENINGS, clock(TUESDAY, 18, 20), {}, True),
        (WEEKDAY_EVENINGS, clock(TUESDAY, 16, 22), {}, True),
        (WEEKDAY_EVENINGS, clock(TUESDAY, 15.5, 17), {}, False),
        (WEEKDAY_EVENINGS, clock(TUESDAY, 21, 22.5), {}, False),
        (WEEKDAY_EVENINGS, clock(SATURDAY, 18, 20), {}, False),
        (Policy("automatic"), clock(SATURDAY, 0, 24), {}, True),
        (Policy("automatic", max_minutes=120), clock(TUESDAY, 18, 20), {}, True),
        (Policy("automatic", max_minutes=120), clock(TUESDAY, 18, 20.5), {}, False),
        (Policy("automatic", min_minutes=120), clock(TUESDAY, 18, 19.5), {}, False),
        (Policy("automatic", customer_groups=("association",)), clock(TUESDAY, 18, 20), {}, False),
        (
            Policy("automatic", customer_groups=("association",)),
            clock(TUESDAY, 18, 20),
            {"group": "association"},
            True,
        ),
        (Policy("automatic", max_people=50), clock(TUESDAY, 18, 20), {"people": 50}, True),
        (Policy("automatic", max_people=50), clock(TUESDAY, 18, 20), {"people": 51}, False),
        (Policy("automatic", max_people=50), clock(TUESDAY, 18, 20), {}, False),
        # Over midnight: the weekday and the clock are those of the day on which it starts.
        (Policy("automatic", weekdays=(6,)), clock(SATURDAY, 22, 26), {}, True),
        (Policy("automatic", weekdays=(7,)), clock(SATURDAY, 22, 26), {}, False),
        (Policy("automatic", from_minute=1320, until_minute=1560), clock(SATURDAY, 22, 26), {}, True),
        (Policy("automatic", from_minute=1320, until_minute=1440), clock(SATURDAY, 22, 26), {}, False),
        (Policy("automatic", from_minute=1320, until_minute=1440), clock(SATURDAY, 22, 24), {}, True),
        (Policy("automatic", from_minute=1320, until_minute=1560), clock(SUNDAY, 1, 2), {}, False),
        # The nights when the clock is set: clock times are what it shows, lengths are real.
        (Policy("automatic", max_minutes=180), clock(SPRING - timedelta(1), 23, 27), {}, True),
        (Policy("automatic", max_minutes=240), clock(AUTUMN - timedelta(1), 23, 27), {}, False),
        (Policy("automatic", until_minute=180), clock(SPRING, 1, 3), {}, True),
        (Policy("automatic", until_minute=180), clock(SPRING, 1, 3.5), {}, False),
        (Policy("automatic", until_minute=180), clock(AUTUMN, 1, 3), {}, True),
        (Policy("automatic", weekdays=(6,)), clock(SPRING - timedelta(1), 23.5, 27), {}, True),
    ],
)
def test_a_line_fits_or_not(line: Policy, span: Span, asked: dict[str, Any], fits: bool) -> None:
    assert decision(line, span, **asked) == ("automatic" if fits else "case_officer")


def test_the_first_line_that_fits_decides_and_says_so() -> None:
    lines = [
        Policy("case_officer", weekdays=(2,), max_minutes=60),
        Policy("automatic", weekdays=(2,)),
        Policy("case_officer"),
    ]

    def ask(span: Span) -> Any:
        return decided(lines, "automatic", span=span, zone=OSLO, customer_group="resident", people=None)

    assert ask(clock(TUESDAY, 18, 19)).decision == "case_officer"
    assert ask(clock(TUESDAY, 18, 20)).decision == "automatic"
    assert ask(clock(TUESDAY, 18, 20)).why.line == 2
    assert ask(clock(SATURDAY, 18, 20)).why.line == 3


def test_where_no_line_fits_the_resource_has_its_say() -> None:
    verdict = decided(
        [WEEKDAY_EVENINGS],
        "case_officer",
        span=clock(SATURDAY, 18, 20),
        zone=OSLO,
        customer_group="resident",
        people=None,
    )
    assert (verdict.decision, verdict.why.line) == ("case_officer", None)
    assert why_text(verdict.why, texts("nb")) is None


def test_a_line_reads_in_words() -> None:
    line = Policy(
        "automatic",
        weekdays=(1, 2, 3, 4, 6),
        from_minute=960,
        until_minute=1320,
        max_minutes=120,
        max_people=40,
    )
    told = line_text(line, texts("en"))
    assert told == "Monday–Thursday and Saturday, 16:00–22:00, at most 2 hours, at most 40 people"
    assert line_text(Policy("automatic"), texts("en")) == "all bookings"
