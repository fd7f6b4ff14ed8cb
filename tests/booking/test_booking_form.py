"""What people write in the booking form, and the time they mean by it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from booking.booking_form import application_of, demand_all, empty_form, read_booking_form, times_of
from booking.told import explanation, refusal_view, title_of
from core.errors import (
    Closed,
    LimitReached,
    OffGrid,
    OutsideOpeningHours,
    Refusal,
    TimeTaken,
    TooFarAhead,
    TooLong,
    TooShort,
    TooSoon,
)
from core.spans import Span
from core.texts import LANGUAGES, texts

OSLO = ZoneInfo("Europe/Oslo")
WORDS = texts("en")


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=OSLO, fold=fold).astimezone(UTC)


MEANT: list[tuple[dict[str, str], Span]] = [
    ({"from_time": "18:00", "to_time": "19:30"}, Span(at(24, 18), at(24, 19, 30))),
    ({"from_time": "22:00", "to_time": "00:00"}, Span(at(24, 22), at(25, 0))),
    ({"from_time": "00:00", "to_time": "00:00"}, Span(at(24, 0), at(25, 0))),
    ({"from_time": "18:00:00", "to_time": "19:00:00"}, Span(at(24, 18), at(24, 19))),
    ({"from_time": "17:00", "to_time": "15:00", "to_on": "2026-11-26"}, Span(at(24, 17), at(26, 15))),
    ({"from_time": "22:00", "to_time": "02:00", "to_on": "2026-11-25"}, Span(at(24, 22), at(25, 2))),
]


@pytest.mark.parametrize(("fields", "span"), MEANT)
def test_days_and_clock_times_become_a_time(fields: dict[str, str], span: Span) -> None:
    read = read_booking_form({"on": "2026-11-24", **fields}, WORDS)
    assert read.errors == {}
    assert read.span == span
    assert not read.is_ambiguous


TWICE = [
    Span(at(25, 1, month=10), at(25, 2, month=10)),
    Span(at(25, 2, month=10), at(25, 2, month=10, fold=1)),
    Span(at(25, 2, month=10, fold=1), at(25, 3, month=10)),
    Span(at(25, 2, 30, month=10), at(25, 2, 30, month=10, fold=1)),
    Span(at(25, 1, month=10), at(25, 2, 30, month=10, fold=1)),
    Span(at(25, 2, month=10), at(25, 4, month=10)),
    Span(at(25, 2, month=10, fold=1), at(25, 2, 30, month=10, fold=1)),
    Span(at(24, 20, month=10), at(25, 0, month=10)),
    Span(at(24, 20, month=10), at(26, 0, month=10)),
    Span(at(24, 20, month=10), at(26, 8, month=10)),
]


@pytest.mark.parametrize("span", TWICE)
def test_a_time_written_into_the_form_is_read_back_as_itself(span: Span) -> None:
    read = read_booking_form(empty_form(span, OSLO), WORDS)
    assert read.span == span
    assert times_of(span, OSLO) == {name: read.form[name] for name in times_of(span, OSLO)}


def test_the_hour_that_comes_twice_is_asked_about() -> None:
    wish = {"on": "2026-10-25", "from_time": "02:00", "to_time": "03:00"}
    first, second = (read_booking_form({**wish, "second_time": mark}, WORDS) for mark in ("", "yes"))
    assert first.is_ambiguous
    assert first.span is not None
    assert second.span is not None
    assert first.span.length == timedelta(hours=2)
    assert second.span.length == timedelta(hours=1)


@pytest.mark.parametrize(
    ("field", "wish"), [("from_time", ("02:30", "04:00")), ("to_time", ("01:00", "02:30"))]
)
def test_the_hour_that_the_clock_skips_is_refused(field: str, wish: tuple[str, str]) -> None:
    read = read_booking_form({"on": "2026-03-29", "from_time": wish[0], "to_time": wish[1]}, WORDS)
    assert read.span is None
    assert list(read.errors) == [field]
    assert "does not exist" in read.errors[field]


WRONG: list[tuple[dict[str, str], str]] = [
    ({"on": "2026-02-30"}, "on"),
    ({"on": "1999-12-31"}, "on"),
    ({"on": "2101-01-01"}, "on"),
    ({"on": "24.11.2026"}, "on"),
    ({"from_time": "24:00"}, "from_time"),
    ({"to_time": "18.00"}, "to_time"),
    ({"to_time": "18:00"}, "to_time"),
    ({"to_on": "2026-11-23"}, "to_on"),
    ({"quantity": "0"}, "quantity"),
    ({"quantity": "1.5"}, "quantity"),
    ({"people": "-1"}, "people"),
    ({"title": "\0"}, "title"),
    ({"purpose": "x" * 5001}, "purpose"),
    ({"activity": "Håndball"}, "activity"),
    ({"every_weeks": "53", "until": "2026-12-24"}, "every_weeks"),
    ({"every_weeks": "1"}, "until"),
    ({"association_id": "1"}, "association_id"),
    ({"team": "x"}, "team"),
]


@pytest.mark.parametrize(("fields", "wrong"), WRONG)
def test_what_cannot_be_meant_is_named(fields: dict[str, str], wrong: str) -> None:
    wish = {"on": "2026-11-24", "from_time": "18:00", "to_time": "19:00", "title": "Trening"}
    read = read_booking_form({**wish, **fields}, WORDS)
    demand_all(read, WORDS)
    assert list(read.errors) == [wrong]


def test_what_is_missing_is_asked_for_in_the_order_of_the_page() -> None:
    read = read_booking_form({}, WORDS)
    demand_all(read, WORDS, has_terms=True)
    assert list(read.errors) == ["on", "from_time", "to_time", "title", "accepted_terms"]


def test_the_application_is_what_the_form_says() -> None:
    resource_id = uuid4()
    fields = {
        "on": "2026-11-24", "from_time": "18:00", "to_time": "19:00", "title": " Trening ", "public": "yes",
        "every_weeks": "2", "until": "2026-12-24", "if_refused": "skip", "people": "14", "accepted_terms": "3",
    }  # fmt: skip
    form = application_of(read_booking_form(fields, WORDS, except_on=["2026-12-08", "nonsense"]), resource_id)
    assert form.title == "Trening"
    assert form.public
    assert form.repeat is not None
    assert (form.repeat.every_weeks, form.repeat.until) == (2, date(2026, 12, 24))
    assert form.repeat.except_on == [date(2026, 12, 8)]
    assert (form.if_refused, form.people, form.accepted_terms) == ("skip", 14, "3")
    assert form.times[0].resource_id == resource_id


SPAN = Span(at(24, 18), at(24, 19))
TOLD: list[tuple[Refusal, str]] = [
    (TimeTaken(conflicts=[SPAN]), ""),
    (Closed(closures=[SPAN]), ""),
    (TooShort(min_minutes=60), "1 hour"),
    (TooLong(max_minutes=90), "1 hour 30 minutes"),
    (TooSoon(earliest_at=SPAN.start), "18:00"),
    (TooSoon(deadline_at=SPAN.start), "18:00"),
    (TooFarAhead(latest_at=SPAN.end, opens_at=SPAN.start), "18:00"),
    (OffGrid(interval_minutes=30), "30 minutes"),
    (OffGrid(interval_minutes=30, nearest=[SPAN.start, SPAN.end]), "19:00"),
    (OutsideOpeningHours(open=[SPAN]), "18:00–19:00"),
    (OutsideOpeningHours(open=[]), "closed"),
    (LimitReached(kind="active_bookings", limit=3, used=3, place_id=None), "3"),
    (LimitReached(kind="minutes_per_week", limit=120, used=60, place_id=None), "2 hours"),
]


@pytest.mark.parametrize(("refusal", "told"), TOLD)
def test_every_refusal_says_why(refusal: Refusal, told: str) -> None:
    assert told in (explanation(refusal, WORDS) or "")
    for language in LANGUAGES:
        view: dict[str, Any] = refusal_view(refusal, texts(language))
        assert view["title"]
        assert "%(" not in f"{view['title']}{view['explanation']}"
        assert all(span == SPAN for span in view["conflicts"])
    assert title_of(refusal.type) == refusal.title


def test_a_word_that_is_no_refusal_has_no_title() -> None:
    assert title_of("<script>") is None
