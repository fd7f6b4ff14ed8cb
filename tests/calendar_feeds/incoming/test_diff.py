"""What must change, by property: carried out it gives what the calendar says, and the past stays as it is."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_feeds.incoming.diff import (
    Attached,
    Changes,
    EventState,
    changes,
    looks_wrong,
    span_of,
)
from calendar_feeds.incoming.occurrence import Occurrence
from core.spans import Span

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WINDOW = Span(NOW, NOW + timedelta(days=30))
HOUR = timedelta(hours=1)


def occurrence(key: str, start: datetime, hours: int = 1, summary: str = "Trening") -> Occurrence:
    return Occurrence(
        key=key,
        starts_at=start,
        ends_at=start + hours * HOUR,
        summary=summary,
        location="",
        is_all_day=False,
        is_busy=True,
        is_tentative=False,
        digest=f"{start:%j%H}{hours}{summary}",
    )


def as_attached(said: Occurrence, state: EventState = "applied") -> Attached:
    return Attached(said.key, said.digest, span_of(said), state)


keys = st.sampled_from([f"a{n}" for n in range(12)])
starts = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + hours * HOUR)
occurrences = st.builds(occurrence, keys, starts, st.integers(1, 60), st.sampled_from(["Trening", "Kamp"]))
calendars = st.lists(occurrences, max_size=12, unique_by=lambda each: each.key)
states: st.SearchStrategy[EventState] = st.sampled_from(["applied", "collides", "ignored", "withdrawn"])
boards = st.lists(st.builds(as_attached, occurrences, states), max_size=12, unique_by=lambda each: each.key)


def carried_out(attached: list[Attached], found: Changes) -> dict[str, Attached]:
    """What is attached afterwards, of what is not withdrawn."""
    after = {each.key: each for each in attached}
    for each in found.remove:
        del after[each.key]
    for was, now in (*found.move, *found.change_text):
        assert after[was.key] == was
        after[was.key] = as_attached(now, was.state)
    for each in found.add:
        after[each.key] = as_attached(each)
    return {key: each for key, each in after.items() if each.state != "withdrawn"}


def is_asked_about(span: Span) -> bool:
    return span.meets(WINDOW)


@given(boards, calendars)
def test_carried_out_it_is_what_the_calendar_says(attached: list[Attached], said: list[Occurrence]) -> None:
    after = carried_out(attached, changes(attached, said, WINDOW))

    wanted = {each.key: (each.digest, span_of(each)) for each in said if is_asked_about(span_of(each))}
    assert {
        key: (each.digest, each.span) for key, each in after.items() if is_asked_about(each.span)
    } == wanted


@given(boards, calendars)
def test_carried_out_there_is_nothing_left_to_do(attached: list[Attached], said: list[Occurrence]) -> None:
    after = carried_out(attached, changes(attached, said, WINDOW))

    again = changes(after.values(), said, WINDOW)

    assert again.is_empty
    assert {each.key for each in again.same} == {each.key for each in said if is_asked_about(span_of(each))}


@given(boards, calendars)
def test_what_is_over_and_what_lies_beyond_is_never_touched(
    attached: list[Attached], said: list[Occurrence]
) -> None:
    found = changes(attached, said, WINDOW)

    touched = [*found.remove, *found.same, *(was for was, _ in (*found.move, *found.change_text))]
    assert all(each.span.end > WINDOW.start for each in touched)
    assert all(each.span.start < WINDOW.end for each in found.remove)
    assert all(each.ends_at > WINDOW.start for each in found.add)


@given(boards, calendars, st.integers(0, 90))
def test_time_that_goes_by_takes_nothing_away(
    attached: list[Attached], said: list[Occurrence], days: int
) -> None:
    """The window moves, and the calendar is as it was."""
    after = carried_out(attached, changes(attached, said, WINDOW)).values()
    later = Span(WINDOW.start + timedelta(days=days), WINDOW.end + timedelta(days=days))
    known = [each for each in after if each.span.meets(WINDOW)]

    found = changes(known, said, later)

    assert (found.remove, found.move, found.change_text) == ((), (), ())


@given(boards, calendars)
def test_a_reading_that_is_not_whole_takes_nothing_away(
    attached: list[Attached], said: list[Occurrence]
) -> None:
    whole, part = changes(attached, said, WINDOW), changes(attached, said, WINDOW, is_whole=False)

    assert not part.remove
    assert msgspec.structs.replace(whole, remove=()) == msgspec.structs.replace(part, remove=())


@given(boards, calendars, st.randoms())
def test_the_order_of_what_comes_is_of_no_matter(
    attached: list[Attached], said: list[Occurrence], chance: random.Random
) -> None:
    others, said_otherwise = list(attached), list(said)
    chance.shuffle(others)
    chance.shuffle(said_otherwise)

    found = changes(attached, said, WINDOW)

    assert changes(others, said_otherwise, WINDOW) == found
    assert [span_of(each) for each in found.add] == sorted(span_of(each) for each in found.add)


@given(boards, calendars, st.sets(keys))
def test_an_event_that_is_unclear_loses_nothing(
    attached: list[Attached], said: list[Occurrence], unclear: set[str]
) -> None:
    whole, part = changes(attached, said, WINDOW), changes(attached, said, WINDOW, unclear=unclear)

    assert part.remove == tuple(each for each in whole.remove if each.key not in unclear)
    assert msgspec.structs.replace(whole, remove=()) == msgspec.structs.replace(part, remove=())


def test_all_times_of_an_unclear_event_are_kept() -> None:
    series = [as_attached(occurrence(f"a {n}", NOW + n * HOUR)) for n in range(3)]

    assert changes(series, [], WINDOW, unclear={"a"}) == Changes()


def test_what_came_and_went_comes_again() -> None:
    said = occurrence("a", NOW + HOUR)

    found = changes([as_attached(said, "withdrawn")], [said], WINDOW)

    assert found == Changes(add=(said,))


def test_what_was_over_and_is_put_off_is_added_anew() -> None:
    was = as_attached(occurrence("a", NOW - 3 * HOUR))
    said = occurrence("a", NOW + 3 * HOUR)

    assert changes([was], [said], WINDOW) == Changes(add=(said,))


@pytest.mark.parametrize(
    ("coming", "left", "wrong"),
    [
        (1, 0, True),
        (4, 0, True),
        (4, 1, False),
        (5, 1, False),
        (10, 4, True),
        (10, 5, False),
        (12, 6, False),
        (12, 5, True),
        (100, 49, True),
        (100, 50, False),
        (0, 0, False),
    ],
)
def test_so_much_must_not_vanish_at_once(coming: int, left: int, wrong: bool) -> None:
    all_of_them = [occurrence(f"k{n:03}", NOW + n * HOUR) for n in range(coming)]
    attached = [as_attached(each) for each in all_of_them]
    past = as_attached(occurrence("past", NOW - 9 * HOUR))
    gone = as_attached(occurrence("gone", NOW + HOUR), "withdrawn")

    found = changes([*attached, past, gone], all_of_them[:left], WINDOW)

    assert len(found.remove) == coming - left
    assert looks_wrong([*attached, past, gone], found, WINDOW) is wrong
