"""The engine says what the oracle says, in random small worlds."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.availability import all_blocked, clock_windows, first_free, free_spans, length_for, starts
from booking.rules import refusals
from core.spans import Span, merge
from resources.opening import open_spans
from tests.booking.oracle import Oracle
from tests.booking.worlds import GRAIN, World, minutes, spans_near, worlds

SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def oracle_of(world: World) -> Oracle:
    return Oracle(world.terms, world.hours, world.taken, now=world.now, quantity=world.quantity, grain=GRAIN)


@SLOW
@given(worlds())
def test_open_spans_are_the_minutes_in_which_it_is_open(world: World) -> None:
    oracle = oracle_of(world)
    minutes_open = [at for at in oracle.minutes(world.window) if oracle.is_open(at)]
    assert open_spans(world.hours, world.window) == oracle.spans(minutes_open)


@SLOW
@given(worlds())
def test_free_spans_are_the_minutes_that_are_open_bookable_and_kept_free(world: World) -> None:
    oracle = oracle_of(world)
    minutes_free = [at for at in oracle.minutes(world.window) if oracle.is_free(at)]
    found = free_spans(
        world.terms, world.hours, world.taken, window=world.window, now=world.now, quantity=world.quantity
    )
    assert found == oracle.spans(minutes_free)


@SLOW
@given(worlds())
def test_blocked_time_is_where_a_minute_of_ours_would_meet_others(world: World) -> None:
    oracle = oracle_of(world)
    found = all_blocked(world.taken, world.terms, world.quantity)
    minutes_blocked = [at for at in oracle.minutes(world.window) if not oracle.is_kept_free_by_others(at)]
    assert [
        at for at in oracle.minutes(world.window) if any(s.start <= at < s.end for s in found)
    ] == minutes_blocked
    assert merge(found) == found


@SLOW
@given(worlds(), st.data())
def test_starts_are_all_that_the_rules_allow_and_no_others(world: World, data: st.DataObject) -> None:
    oracle = oracle_of(world)
    asked = data.draw(minutes(GRAIN, 500))
    minutes_long = oracle.length_for(asked)
    length = length_for(world.terms, asked)
    assert length == (None if minutes_long is None else timedelta(minutes=minutes_long))
    if length is None:
        return
    found = list(
        starts(
            world.terms,
            world.hours,
            world.taken,
            windows=[world.window],
            length=length,
            now=world.now,
            quantity=world.quantity,
        )
    )
    assert found == list(oracle.starts([world.window], length))


@SLOW
@given(worlds(), st.data())
def test_rules_refuse_what_the_oracle_refuses(world: World, data: st.DataObject) -> None:
    oracle = oracle_of(world)
    interval = world.terms.interval_minutes
    wish = data.draw(spans_near(world.day, longest=600))
    length = data.draw(
        st.sampled_from([wish.length, timedelta(minutes=interval), timedelta(minutes=4 * interval)])
    )
    free = [at for at in oracle.minutes(world.window) if oracle.is_free(at)]
    start = data.draw(st.sampled_from([wish.start, *free[:50:3]]))
    wish = Span(start, start + length)
    found = refusals(world.terms, world.hours, world.taken, wish=wish, now=world.now, quantity=world.quantity)
    assert (found == []) == oracle.may_have(wish)


@SLOW
@given(worlds(), st.data())
def test_first_free_is_the_earliest_start_that_the_oracle_allows(world: World, data: st.DataObject) -> None:
    oracle = oracle_of(world)
    from_minute, to_minute = data.draw(minutes(0, 1435)), data.draw(minutes(GRAIN, 1440))
    windows = clock_windows(
        world.hours.zone,
        world.day,
        world.day + timedelta(days=1),
        from_minute=from_minute,
        to_minute=to_minute,
    )
    asked = data.draw(minutes(GRAIN, 200))
    found = first_free(
        world.terms,
        world.hours,
        world.taken,
        windows=windows,
        minutes=asked,
        now=world.now,
        quantity=world.quantity,
    )
    length = oracle.length_for(asked)
    expected = None if length is None else next(oracle.starts(windows, timedelta(minutes=length)), None)
    assert (found.span and found.span.start) == expected
    assert found.closed == (
        not any(oracle.is_open(at) for window in windows for at in oracle.minutes(window))
    )
    if found.span is not None:
        assert found.span.length == timedelta(minutes=length or 0)
        assert not refusals(
            world.terms, world.hours, world.taken, wish=found.span, now=world.now, quantity=world.quantity
        )
