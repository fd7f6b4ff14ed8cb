"""A resource's week as a table: rows of clock times, a column a day, and in each cell what may be booked.

Pure: it draws what the engine has found and decides nothing itself. Columns are local days. Rows are cut where
any day's cell begins or ends, so that days with different grids stand side by side; what is closed all week before
the first opening and after the last is left out, and between openings it is one row.

Daylight saving: the 25-hour day shows 02:00–03:00 twice; other days have nothing in that second hour, and the
23-hour day nothing in the hour it skips (`absent`). Where it is closed around such an hour nothing shows at all.
"""

import itertools
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from core.spans import Span

State = Literal["free", "taken", "closed", "past", "unbookable", "absent"]
"""`unbookable`: open and untaken, but the rules say no: notice, horizon, too short before the next booking."""

DAYS: Final = 7
MINUTE: Final = timedelta(minutes=1)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one day in one state."""

    state: State
    span: Span
    """The time it stands for; `absent` stands for none, and its span is empty."""
    rowspan: int
    link: Span | None = None
    """What a click on a free cell asks for."""
    titles: tuple[str, ...] = ()
    """What the reader may know about who has it."""
    is_wanted: bool = False
    """It is, or is part of, a time that the page is about."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """From one clock time to the next."""

    start: time
    end: time
    """Midnight at the end of the day is 00:00."""
    is_second: bool
    """The hour that comes twice in autumn, the second time."""
    cells: tuple[tuple[int, Cell], ...]
    """The cells that begin in this row, each with its column; sorted by column."""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Seven days, as rows for the table and as days for the list."""

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    columns: tuple[tuple[Cell, ...], ...]
    """Each day's cells from morning to night."""
    is_open: bool
    """Something is open in the week, be it taken or not."""


class Piece(NamedTuple):
    """A cell before it has found its place among the rows; minutes are counted on the axis."""

    first: int
    last: int
    state: State
    span: Span
    link: Span | None = None
    titles: tuple[str, ...] = ()
    is_wanted: bool = False


def row_step(interval: timedelta, shortest: timedelta = timedelta(minutes=30)) -> timedelta:
    """How far apart the rows stand: the interval, or its first multiple that is not too fine to read."""
    step = interval
    while step < shortest:
        step += interval
    return step


def week_table(
    open_spans: Sequence[Span],
    taken_spans: Sequence[Span],
    starts: Collection[datetime],
    *,
    zone: ZoneInfo,
    monday: date,
    interval: timedelta,
    length: timedelta,
    now: datetime,
    titles: Mapping[Span, str] | None = None,
    wanted: Sequence[Span] = (),
) -> Week:
    """The week from `monday`.

    `open_spans`: sorted, no overlaps, not cut at the week's ends, for the grid counts from their start.
    `starts`: where a booking of `length` may begin; a cell is free when its start is among them, and nothing
    else makes it free. `interval`: how far apart cells begin. `titles`: the public title of a taken span.
    `wanted`: times to mark.
    """
    days = tuple(monday + timedelta(days=n) for n in range(DAYS))
    axis = Axis(days, zone)
    cells = [
        piece
        for opening in open_spans
        for span in steps(opening, interval)
        for piece in placed(_marked(look(span, taken_spans, starts, length, now, titles or {}), wanted), axis)
    ]
    shown = (
        min((piece.first for _, piece in cells), default=0),
        max((piece.last for _, piece in cells), default=axis.length),
    )
    columns = [column([piece for day, piece in cells if day == n], axis, n, shown) for n in range(DAYS)]
    cuts = sorted({edge for pieces in columns for piece in pieces for edge in (piece.first, piece.last)})
    place = {cut: row for row, cut in enumerate(cuts)}
    finished = [
        [(place[p.first], cell_of(p, place[p.last] - place[p.first])) for p in pieces] for pieces in columns
    ]
    rows = tuple(
        Row(
            start=axis.clock(first)[0],
            end=axis.clock(last)[0],
            is_second=axis.clock(first)[1],
            cells=tuple((n, cell) for n, day in enumerate(finished) for at, cell in day if at == row),
        )
        for row, (first, last) in enumerate(itertools.pairwise(cuts))
    )
    return Week(
        days=days,
        rows=rows,
        columns=tuple(tuple(cell for _, cell in day) for day in finished),
        is_open=bool(cells),
    )


def steps(opening: Span, interval: timedelta) -> list[Span]:
    """The opening cut in steps from its start; the last may be shorter."""
    cut: list[Span] = []
    start = opening.start
    while start < opening.end:
        end = min(start + interval, opening.end)
        cut.append(Span(start, end))
        start = end
    return cut


def look(
    span: Span,
    taken_spans: Sequence[Span],
    starts: Collection[datetime],
    length: timedelta,
    now: datetime,
    titles: Mapping[Span, str],
) -> Piece:
    """The state of one step, not placed yet."""
    taken = [other for other in taken_spans if other.start < span.end and span.start < other.end]
    if span.start in starts:
        return Piece(0, 0, "free", span, link=Span(span.start, span.start + length))
    if taken:
        known = tuple(dict.fromkeys(titles[other] for other in taken if other in titles))
        return Piece(0, 0, "taken", span, titles=known)
    return Piece(0, 0, "past" if span.start < now else "unbookable", span)


def _marked(piece: Piece, wanted: Sequence[Span]) -> Piece:
    is_wanted = any(span.start < piece.span.end and piece.span.start < span.end for span in wanted)
    return piece._replace(is_wanted=True) if is_wanted else piece


class Axis:
    """Minutes from midnight, the same for all seven days, with the hour that comes twice counted twice."""

    def __init__(self, days: Sequence[date], zone: ZoneInfo) -> None:
        self.zone = zone
        self.midnights = [datetime.combine(day, time(0), zone).astimezone(UTC) for day in days]
        self.midnights.append(datetime.combine(days[-1] + timedelta(days=1), time(0), zone).astimezone(UTC))
        self.again_from = self.again_until = 0
        """The minutes of the clock that some day of the week has twice."""
        for start, end in zip(self.midnights, self.midnights[1:], strict=False):
            if end - start > timedelta(days=1):
                before, after = self.change(start, end)
                self.again_from, self.again_until = after, before
        self.length = 24 * 60 + self.again_until - self.again_from

    def change(self, start: datetime, end: datetime) -> tuple[int, int]:
        """What the clock says just before and just after it is set, in minutes; searched minute by minute."""
        at = start
        offset = start.astimezone(self.zone).utcoffset()
        while at < end and at.astimezone(self.zone).utcoffset() == offset:
            at += MINUTE
        last = (at - MINUTE).astimezone(self.zone)
        after = at.astimezone(self.zone)
        return last.hour * 60 + last.minute + 1, after.hour * 60 + after.minute

    def place(self, instant: datetime, day: int, *, is_end: bool = False) -> int:
        """The minute of the axis where the instant stands in that day's column."""
        if instant >= self.midnights[day + 1]:
            return self.length
        if is_end:
            return self.place(instant - MINUTE, day) + 1
        local = instant.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        again = self.again_until - self.again_from
        return minute + again if local.fold or minute >= self.again_until else minute

    def clock(self, minute: int) -> tuple[time, bool]:
        """What the clock says there, and whether it says it the second time."""
        again = self.again_until - self.again_from
        is_second = again > 0 and self.again_until <= minute < self.again_until + again
        shown = minute - again if again and minute >= self.again_until else minute
        return time(shown // 60 % 24, shown % 60), is_second


def placed(piece: Piece, axis: Axis) -> list[tuple[int, Piece]]:
    """The piece in each day's column that it touches, cut at midnight; none outside the week."""
    found: list[tuple[int, Piece]] = []
    for day in range(DAYS):
        start = max(piece.span.start, axis.midnights[day])
        end = min(piece.span.end, axis.midnights[day + 1])
        if start < end:
            first, last = axis.place(start, day), axis.place(end, day, is_end=True)
            found.append((day, piece._replace(first=first, last=last)))
    return found


def column(pieces: Sequence[Piece], axis: Axis, day: int, shown: tuple[int, int]) -> list[Piece]:
    """A day of the minutes shown: the pieces, what is closed between them, and neighbours of a kind made one."""
    whole: list[Piece] = []
    at, since = shown[0], axis.midnights[day]
    for piece in [*pieces, None]:
        minute, until = (
            (piece.first, max(piece.span.start, since)) if piece else (shown[1], axis.midnights[day + 1])
        )
        if at < minute:
            # No time between two cells that stand apart: this day has not got the hour between them.
            whole.append(Piece(at, minute, "closed" if since < until else "absent", Span(since, until)))
        if piece:
            whole.append(piece)
            at, since = piece.last, piece.span.end
    return merged(whole)


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours made one when they say the same and neither can be clicked."""
    done: list[Piece] = []
    for piece in pieces:
        last = done[-1] if done else None
        alike = last and last.titles == piece.titles and last.is_wanted == piece.is_wanted
        if last and alike and last.state == piece.state != "free":
            done[-1] = last._replace(last=piece.last, span=Span(last.span.start, piece.span.end))
        else:
            done.append(piece)
    return done


def cell_of(piece: Piece, rowspan: int) -> Cell:
    return Cell(
        state=piece.state,
        span=piece.span,
        rowspan=rowspan,
        link=piece.link,
        titles=piece.titles,
        is_wanted=piece.is_wanted,
    )
