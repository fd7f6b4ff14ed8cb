"""The week as a table: which cells, where, over how many rows, on ordinary days and when the clock is set."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.week import Cell, Week, row_step, week_table
from core.spans import Span

OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
MONDAY = date(2026, 11, 23)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SUMMER_ENDS = date(2026, 10, 19)
"""The Monday of the week whose Sunday has 25 hours."""
SUMMER_BEGINS = date(2026, 3, 23)
"""The Monday of the week whose Sunday has 23 hours."""


def at(day: date, clock: str, *, fold: int = 0) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), OSLO).replace(fold=fold).astimezone(UTC)


def day_of(monday: date, n: int) -> date:
    return monday + timedelta(days=n)


def span(day: date, start: str, end: str) -> Span:
    last = day + timedelta(days=1) if end <= start else day
    return Span(at(day, start), at(last, end))


def drawn(
    opening: list[Span],
    taken: list[Span] | None = None,
    *,
    monday: date = MONDAY,
    interval: timedelta = HOUR,
    length: timedelta | None = None,
    now: datetime = LONG_AGO,
    starts: set[datetime] | None = None,
    titles: dict[Span, str] | None = None,
) -> Week:
    """A week in which every step that is open, untaken and to come may be booked."""
    if starts is None:
        starts = set()
        for opened in opening:
            start = opened.start
            while start < opened.end:
                step = Span(start, start + interval)
                if start >= now and not any(other.meets(step) for other in taken or []):
                    starts.add(start)
                start += interval
    return week_table(
        opening,
        taken or [],
        starts,
        zone=OSLO,
        monday=monday,
        interval=interval,
        length=length or interval,
        now=now,
        titles=titles,
    )


def said(cells: tuple[Cell, ...]) -> list[tuple[str, str, str, int]]:
    """State, clock times and rows of each cell of a day."""
    return [
        (
            cell.state,
            f"{cell.span.start.astimezone(OSLO):%H:%M}",
            f"{cell.span.end.astimezone(OSLO):%H:%M}",
            cell.rowspan,
        )
        for cell in cells
    ]


def clocks(week: Week) -> list[str]:
    return [f"{row.start:%H:%M}" + ("+" if row.is_second else "") for row in week.rows]


def assert_every_column_is_full(week: Week) -> None:
    for n, cells in enumerate(week.columns):
        assert sum(cell.rowspan for cell in cells) == len(week.rows)
        assert tuple(cell for row in week.rows for column, cell in row.cells if column == n) == cells


def test_a_day_is_cut_in_steps_and_what_is_taken_is_one_cell() -> None:
    monday = span(MONDAY, "16:00", "20:00")
    week = drawn([monday], [span(MONDAY, "17:00", "19:00")])
    assert clocks(week) == ["16:00", "17:00", "19:00"]
    assert said(week.columns[0]) == [
        ("free", "16:00", "17:00", 1),
        ("taken", "17:00", "19:00", 1),
        ("free", "19:00", "20:00", 1),
    ]
    assert [cell.state for cell in week.columns[1]] == ["closed"]
    assert_every_column_is_full(week)


def test_a_free_cell_links_to_a_booking_of_the_asked_length() -> None:
    week = drawn([span(MONDAY, "16:00", "20:00")], length=2 * HOUR, starts={at(MONDAY, "18:00")})
    links = [cell.link for cell in week.columns[0]]
    assert links == [None, span(MONDAY, "18:00", "20:00"), None]
    assert [cell.state for cell in week.columns[0]] == ["unbookable", "free", "unbookable"]


def test_what_is_over_is_past_and_what_the_rules_refuse_is_unbookable() -> None:
    week = drawn([span(MONDAY, "16:00", "19:00")], now=at(MONDAY, "17:30"), starts={at(MONDAY, "18:00")})
    assert [cell.state for cell in week.columns[0]] == ["past", "free"]
    week = drawn([span(MONDAY, "16:00", "19:00")], starts=set())
    assert [cell.state for cell in week.columns[0]] == ["unbookable"]


def test_neighbours_with_different_titles_are_two_cells() -> None:
    first, second = span(MONDAY, "16:00", "17:00"), span(MONDAY, "17:00", "18:00")
    week = drawn([span(MONDAY, "16:00", "18:00")], [first, second], titles={first: "Kor"})
    assert [cell.titles for cell in week.columns[0]] == [("Kor",), ()]


def test_days_with_different_grids_share_rows_cut_where_either_begins() -> None:
    tuesday = day_of(MONDAY, 1)
    week = drawn(
        [span(MONDAY, "08:00", "10:15"), span(tuesday, "08:30", "10:00")], interval=timedelta(minutes=45)
    )
    assert clocks(week) == ["08:00", "08:30", "08:45", "09:15", "09:30", "10:00"]
    assert said(week.columns[0]) == [
        ("free", "08:00", "08:45", 2),
        ("free", "08:45", "09:30", 2),
        ("free", "09:30", "10:15", 2),
    ]
    assert said(week.columns[1])[1:3] == [("free", "08:30", "09:15", 2), ("free", "09:15", "10:00", 2)]
    assert_every_column_is_full(week)


def test_the_last_step_may_be_short() -> None:
    week = drawn([span(MONDAY, "08:00", "09:30")], starts={at(MONDAY, "08:00")})
    assert said(week.columns[0]) == [("free", "08:00", "09:00", 1), ("unbookable", "09:00", "09:30", 1)]


def test_opening_over_midnight_goes_on_in_the_next_column() -> None:
    week = drawn([span(day_of(MONDAY, 4), "22:00", "02:00")])
    assert clocks(week) == ["00:00", "01:00", "02:00", "22:00", "23:00"]
    assert [cell.state for cell in week.columns[4]] == ["closed", "free", "free"]
    assert [cell.state for cell in week.columns[5]] == ["free", "free", "closed"]
    assert_every_column_is_full(week)


def test_a_step_over_midnight_is_a_link_in_both_columns() -> None:
    week = drawn([span(MONDAY, "22:30", "01:30")])
    step = Span(at(MONDAY, "23:30"), at(day_of(MONDAY, 1), "00:30"))
    assert week.columns[0][-1].link == step
    assert week.columns[1][0].link == step
    assert_every_column_is_full(week)


def test_the_night_before_the_week_shows_only_its_morning() -> None:
    week = drawn([span(day_of(MONDAY, -1), "20:00", "03:00")])
    assert said(week.columns[0]) == [
        ("free", "00:00", "01:00", 1),
        ("free", "01:00", "02:00", 1),
        ("free", "02:00", "03:00", 1),
    ]


def test_open_day_and_night_has_24_rows() -> None:
    week = drawn([Span(at(MONDAY, "00:00"), at(day_of(MONDAY, 7), "00:00"))])
    assert len(week.rows) == 24
    assert all(cell.state == "free" for cells in week.columns for cell in cells)
    assert week.rows[-1].end == time(0)
    assert_every_column_is_full(week)


def test_a_week_that_is_never_open_says_so() -> None:
    week = drawn([])
    assert not week.is_open
    assert [len(cells) for cells in week.columns] == [1] * 7


def test_ordinary_hours_look_ordinary_in_the_week_the_clock_is_set() -> None:
    for monday in (SUMMER_ENDS, SUMMER_BEGINS):
        week = drawn([span(day_of(monday, n), "08:00", "10:00") for n in range(7)], monday=monday)
        assert clocks(week) == ["08:00", "09:00"]
        assert all([cell.state for cell in cells] == ["free", "free"] for cells in week.columns)
        assert {row.is_second for row in week.rows} == {False}


def test_the_day_of_25_hours_shows_two_o_clock_twice() -> None:
    sunday = day_of(SUMMER_ENDS, 6)
    week = drawn([Span(at(SUMMER_ENDS, "00:00"), at(day_of(SUMMER_ENDS, 7), "00:00"))], monday=SUMMER_ENDS)
    assert clocks(week)[:5] == ["00:00", "01:00", "02:00", "02:00+", "03:00"]
    assert len(week.columns[6]) == 25
    assert week.columns[6][2].link == Span(at(sunday, "02:00"), at(sunday, "02:00", fold=1))
    assert week.columns[6][3].link == Span(at(sunday, "02:00", fold=1), at(sunday, "03:00"))
    assert [cell.state for cell in week.columns[0]].count("absent") == 1
    assert week.columns[0][3].state == "absent"
    assert_every_column_is_full(week)


def test_the_day_of_23_hours_has_nothing_at_two_o_clock() -> None:
    week = drawn(
        [Span(at(SUMMER_BEGINS, "00:00"), at(day_of(SUMMER_BEGINS, 7), "00:00"))], monday=SUMMER_BEGINS
    )
    assert len(week.rows) == 24
    assert [cell.state for cell in week.columns[6]] == ["free"] * 2 + ["absent"] + ["free"] * 21
    assert_every_column_is_full(week)


def test_a_night_that_closes_while_the_clock_is_set_back() -> None:
    sunday = day_of(SUMMER_ENDS, 6)
    week = drawn([Span(at(day_of(SUMMER_ENDS, 5), "23:00"), at(sunday, "02:00", fold=1))], monday=SUMMER_ENDS)
    assert [cell.state for cell in week.columns[6]] == ["free", "free", "free", "closed"]
    assert_every_column_is_full(week)


def test_rows_are_never_finer_than_half_an_hour() -> None:
    minutes = {15: 30, 20: 40, 30: 30, 45: 45, 60: 60}
    assert {n: row_step(timedelta(minutes=n)) // timedelta(minutes=1) for n in minutes} == minutes


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 95), st.integers(1, 120)), max_size=8),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 95), st.integers(1, 40)), max_size=8),
    st.sampled_from([15, 30, 45, 60, 90]),
    st.sampled_from([MONDAY, SUMMER_ENDS, SUMMER_BEGINS]),
)
def test_every_column_is_full_and_shows_the_time_that_is_open(
    openings: list[tuple[int, int, int]], bookings: list[tuple[int, int, int]], minutes: int, monday: date
) -> None:
    quarter = timedelta(minutes=15)
    midnight = at(monday, "00:00")
    opening: list[Span] = []
    for day, start, length in sorted(openings):
        begins = midnight + timedelta(days=day) + start * quarter
        if not opening or begins >= opening[-1].end:
            opening.append(Span(begins, begins + length * quarter))
    taken = [
        Span(
            midnight + timedelta(days=day) + start * quarter,
            midnight + timedelta(days=day) + (start + n) * quarter,
        )
        for day, start, n in bookings
    ]
    week = drawn(opening, taken, monday=monday, interval=timedelta(minutes=minutes))
    assert_every_column_is_full(week)
    ends = at(day_of(monday, 7), "00:00")
    shown = sum(
        (
            min(cell.span.end, at(day_of(monday, n + 1), "00:00"))
            - max(cell.span.start, at(day_of(monday, n), "00:00"))
        )
        / quarter
        for n, cells in enumerate(week.columns)
        for cell in cells
        if cell.state not in {"closed", "absent"}
    )
    assert shown == sum(max(min(one.end, ends) - one.start, timedelta(0)) / quarter for one in opening)
