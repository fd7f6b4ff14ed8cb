"""The board's table: what stands where, for random facilities, also on the days when the clock is set."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from booking.availability import Part, starts
from booking.boards.board import (
    Day,
    Free,
    Shown,
    Slot,
    Table,
    Thing,
    board_rows,
    day_table,
    split_days,
)
from booking.boards.service import free_times
from booking.claims import Board, terms_for
from booking.models import CORE, PAD
from core.ids import new_id
from core.spans import Span, local_day, merge
from resources.facts import Bookable, ResourceFacts, UnitFacts
from tests.booking.worlds import OSLO, PLACES, World, spans_near, worlds

MONDAY = date(2026, 11, 23)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNITS = [UUID(int=n) for n in range(1, 5)]
SUMMER_ENDS, SUMMER_BEGINS = date(2026, 10, 25), date(2026, 3, 29)


def thing(span: Span, *units: int, number: int = 1) -> Thing:
    return Thing(id=UUID(int=number), kind="booking", span=span, unit_ids=frozenset(UNITS[n] for n in units))


def on(day: date, hour: float, hours: float = 1) -> Span:
    start = local_day(OSLO, day).start + timedelta(hours=hour)
    return Span(start, start + timedelta(hours=hours))


def shown(
    *units: int, days: list[Span], opened: list[Span] | None = None, free: list[list[Free]] | None = None
) -> Shown:
    number = UUID(int=100 + sum(1 << n for n in units))
    return Shown(
        number,
        "Sal",
        frozenset(UNITS[n] for n in units),
        split_days(opened or [], days),
        free or [[] for _ in days],
    )


@given(st.data())
def test_every_booking_stands_on_just_the_resources_whose_units_it_blocks(data: st.DataObject) -> None:
    zone, first = data.draw(st.sampled_from(PLACES))
    days = [local_day(zone, first + timedelta(days=n)) for n in range(3)]
    subsets = st.sets(st.sampled_from(range(4)), min_size=1).map(sorted)
    resources = [shown(*units, days=days) for units in data.draw(st.lists(subsets, min_size=1, max_size=6))]
    things = [
        thing(span, *data.draw(subsets), number=number)
        for number, span in enumerate(sorted(data.draw(st.lists(spans_near(first), max_size=8))))
    ]
    for resource, row in zip(resources, board_rows(resources, things, days), strict=True):
        for day, drawn in zip(days, row.days, strict=True):
            blocking = [each for each in things if each.unit_ids & resource.unit_ids and each.span.meets(day)]
            assert [slot.thing for slot in drawn.slots] == blocking
            for slot in drawn.slots:
                assert slot.thing is not None
                assert day.holds(slot.span)
                assert slot.thing.span.holds(slot.span)


class Placed(NamedTuple):
    """A world's resource and who has its units, as the service reads them."""

    bookable: Bookable
    board: Board


class Row(NamedTuple):
    """Of claims."""

    unit_id: UUID
    kind: int
    closing: bool
    quantity: int
    starts: list[datetime]
    ends: list[datetime]


def placed(world: World) -> Placed:
    terms = world.terms
    facts = ResourceFacts(
        tenant_id=new_id(),
        id=new_id(),
        facility_id=new_id(),
        facility_name="Hallen",
        key="r",
        name="Sal",
        kind="hall",
        activities=(),
        equipment=(),
        accessibility=(),
        people=None,
        latitude=None,
        longitude=None,
        decision="automatic",
        request_holds=True,
        hold_minutes=20,
        change_deadline_minutes=0,
        association_only=False,
        terms_version=None,
        version=1,
        interval_minutes=terms.interval_minutes,
        min_minutes=terms.min_minutes,
        max_minutes=terms.max_minutes,
        setup_minutes=terms.setup_minutes,
        cleanup_minutes=terms.cleanup_minutes,
        notice_minutes=terms.notice_minutes,
        notice_days=terms.notice_days,
        horizon_days=terms.horizon_days,
        horizon_opens_minute=terms.horizon_opens_minute,
        published_from=terms.published_from,
        published_until=terms.published_until,
    )
    units = tuple(UnitFacts(unit.unit_id, getattr(unit, "capacity", None)) for unit in world.taken)
    rows: list[Row] = []
    for unit in world.taken:
        for kind, parts in ((CORE, unit.cores), (PAD, unit.pads)):
            for each in parts:
                span, quantity = (each.span, each.quantity) if isinstance(each, Part) else (each, 1)
                rows.append(Row(unit.unit_id, kind, False, quantity, [span.start], [span.end]))
    return Placed(Bookable(facts, units, world.hours), Board.grouped(rows))


@given(worlds())
def test_free_time_is_just_where_the_engine_lets_a_booking_begin(world: World) -> None:
    bookable, board = placed(world)
    terms, taken = terms_for(bookable), board.taken(bookable.units)
    days = [local_day(world.hours.zone, world.day + timedelta(days=n)) for n in range(3)]
    length = (-(-terms.min_minutes // terms.interval_minutes)) * terms.step
    reach = Span(days[0].start, days[-1].end + length)
    allowed = [
        start
        for start in starts(terms, world.hours, taken, windows=[reach], length=length, now=world.now)
        if start < days[-1].end
    ]
    found = free_times(bookable, board, days, world.now)
    for day, free in zip(days, found, strict=True):
        here = [start for start in allowed if day.start <= start < day.end]
        assert all(any(each.span.start <= start < each.span.end for each in free) for start in here)
        for each in free:
            assert each.link == Span(each.span.start, each.span.start + length)
            assert each.span.start in here, "it begins where a booking may begin"
            assert day.holds(each.span)


def drawn(days: list[Day], whole: Span, now: datetime = LONG_AGO) -> Table:
    table = day_table(days, whole, now)
    width = sum(hour.columns for hour in table.hours)
    assert all(sum(cell.columns for cell in row) == width for row in table.rows), "every row is full"
    return table


@given(st.data())
def test_a_day_is_a_full_table_in_which_nothing_is_cut(data: st.DataObject) -> None:
    zone, first = data.draw(st.sampled_from(PLACES))
    day = local_day(zone, first)
    opened = merge(data.draw(st.lists(spans_near(first), max_size=3)))
    resources = [shown(0, days=[day], opened=opened), shown(0, 1, days=[day]), shown(2, days=[day])]
    things = [
        thing(span, data.draw(st.integers(0, 2)), number=number)
        for number, span in enumerate(sorted(data.draw(st.lists(spans_near(first), max_size=6))))
    ]
    rows = board_rows(resources, things, [day])
    table = drawn([row.days[0] for row in rows], day)
    for row, cells in zip(rows, table.rows, strict=False):
        assert [slot for cell in cells for slot in cell.slots] == list(row.days[0].slots)


def test_an_evening_in_columns_of_a_quarter() -> None:
    day = local_day(OSLO, MONDAY)
    taken = thing(on(MONDAY, 17.25, 1.5), 0)
    rows = board_rows([shown(0, days=[day], opened=[on(MONDAY, 16, 4)])], [taken], [day])
    table = drawn([rows[0].days[0]], day)
    assert [hour.columns for hour in table.hours] == [4, 4, 4, 4]
    assert [(cell.state, cell.columns) for cell in table.rows[0]] == [("open", 5), ("things", 6), ("open", 5)]


def test_what_begins_between_quarters_is_shown_at_its_time() -> None:
    day = local_day(OSLO, MONDAY)
    rows = board_rows([shown(0, days=[day])], [thing(on(MONDAY, 17, 1 / 3), 0)], [day])
    table = drawn([rows[0].days[0]], day)
    assert [(cell.state, cell.columns) for cell in table.rows[0]] == [("things", 2), ("closed", 3)]
    assert [hour.columns for hour in table.hours] == [5]


def test_what_overlaps_is_in_one_cell() -> None:
    day = local_day(OSLO, MONDAY)
    things = [thing(on(MONDAY, 17, 2), 0, number=1), thing(on(MONDAY, 18, 2), 1, number=2)]
    rows = board_rows([shown(0, 1, days=[day]), shown(0, days=[day])], things, [day])
    whole, half = drawn([row.days[0] for row in rows], day).rows
    assert [[slot.thing for slot in cell.slots] for cell in whole] == [things]
    assert [[slot.thing for slot in cell.slots] for cell in half] == [things[:1], []]


def test_what_is_over_is_past_and_a_closed_facility_has_no_hours() -> None:
    day = local_day(OSLO, MONDAY)
    opened = board_rows([shown(0, days=[day], opened=[on(MONDAY, 8, 2)])], [], [day])[0].days
    assert [cell.state for cell in drawn(list(opened), day, now=on(MONDAY, 12).start).rows[0]] == ["past"]
    assert drawn([Day((), ())], day) == Table((), ((),))


def test_the_long_day_has_twenty_five_hours_and_the_short_one_twenty_three() -> None:
    for date_, hours in ((SUMMER_ENDS, 25), (SUMMER_BEGINS, 23)):
        day = local_day(OSLO, date_)
        rows = board_rows([shown(0, days=[day], opened=[day])], [], [day])
        assert len(drawn([rows[0].days[0]], day).hours) == hours


def test_free_time_stands_among_the_bookings_by_its_start() -> None:
    day = local_day(OSLO, MONDAY)
    free = Free(on(MONDAY, 19, 2), on(MONDAY, 19, 1))
    taken = thing(on(MONDAY, 20, 2), 0)
    (row,) = board_rows([shown(0, days=[day], free=[[free]])], [taken], [day])
    assert row.days[0].slots == (
        Slot(free.span, "free", None, free.link),
        Slot(taken.span, "booking", taken, None),
    )
