"""Boards as the pages show them: short texts and addresses, made once for each kind of thing that says the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from markupsafe import Markup, escape

from booking.boards.board import Cell, Day, Row, Slot, Thing, day_table
from booking.boards.service import FacilityBoard
from core.spans import Span, local_date
from core.texts import N_, Texts

STATES: Mapping[str, str] = {
    "held": N_("Held"),
    "requested": N_("Requested"),
    "awaiting_payment": N_("Waiting for payment"),
}
"""What is said of a booking that is not confirmed."""


class CellView(NamedTuple):
    """A cell of the day table."""

    columns: int
    state: str
    lines: Markup


class DayView(NamedTuple):
    """A cell of the week table."""

    label: str
    opened: str
    lines: Markup


class RowView(NamedTuple):
    """A resource."""

    name: str
    url: str
    cells: Sequence[CellView]
    """Of a day."""
    days: Sequence[DayView]
    """Of a week."""


class Writer:
    """Writes what stands in the cells of one board; `base` is what the municipality's links begin with.

    Their lines are HTML already: a week of 20 resources has a thousand, and as a template they took most of the
    page's time. Every text from outside goes through `escape`.
    """

    def __init__(self, board: FacilityBoard, texts: Texts, base: str) -> None:
        self.texts = texts
        self.base = base
        self.names = board.resource_names
        self.case = "requests" if board.may_decide else "applications"
        self._taken, self._free = escape(texts.gettext("Taken")), escape(texts.gettext("Free"))
        self._notes: dict[tuple[str, int, int], str] = {}

    def lines(self, slots: Sequence[Slot], resource_id: UUID) -> Markup:
        """The list of a cell; nothing where there is nothing."""
        if not slots:
            return Markup()
        items = [
            self._free_line(slot.span, slot.link, resource_id)
            if slot.link is not None
            else self._line(slot, slot.thing, resource_id)
            for slot in slots
        ]
        return Markup(f"<ul>{''.join(items)}</ul>")  # noqa: S704  # see above

    def _free_line(self, span: Span, link: Span, resource_id: UUID) -> str:
        href = f"{self.base}/resources/{resource_id}/book?start={written(link.start)}&amp;end={written(link.end)}"
        times = times_of(self.texts, span)
        return (
            f'<li class="slot slot-free"><a href="{href}"><span class="slot-times">{times}</span>'
            f" {self._free}</a></li>"
        )

    def _line(self, slot: Slot, thing: Thing | None, resource_id: UUID) -> str:
        assert thing is not None, "what is not free is something"
        told = escape(thing.title or thing.who) or self._taken
        line = f'<span class="slot-times">{times_of(self.texts, slot.span)}</span> {told}'
        if thing.case_id is not None:
            line = f'<a href="{self.base}/{self.case}/{thing.case_id}">{line}</a>'
        notes = " · ".join(filter(None, self._notes_of(thing, resource_id)))
        more = f' <span class="slot-notes">{notes}</span>' if notes else ""
        return f'<li class="slot slot-{thing.kind}">{line}{more}</li>'

    def _notes_of(self, thing: Thing, resource_id: UUID) -> Iterator[str]:
        """Who, which part of the hall, and what is the same for many."""
        if thing.title and thing.who != thing.title:
            yield escape(thing.who)
        if thing.resource_id is not None and thing.resource_id != resource_id:
            yield escape(self.names.get(thing.resource_id, ""))
        common = (thing.state, thing.setup_minutes, thing.cleanup_minutes)
        if common not in self._notes:
            self._notes[common] = escape(" · ".join(self._common(*common)))
        yield self._notes[common]

    def _common(self, state: str, setup_minutes: int, cleanup_minutes: int) -> Iterator[str]:
        if state in STATES:
            yield self.texts.gettext(STATES[state])
        if setup_minutes:
            yield self.texts.gettext("set-up %(n)d min", n=setup_minutes)
        if cleanup_minutes:
            yield self.texts.gettext("clean-up %(n)d min", n=cleanup_minutes)


@lru_cache(maxsize=8192)
def times_of(texts: Texts, span: Span) -> str:
    """`17–18.30`. Kept, for a hall has the same few times every week."""
    return escape(texts.times(span).removeprefix("kl. "))


@lru_cache(maxsize=8192)
def written(instant: datetime) -> str:
    """In an address, where a plus sign would be a space."""
    return instant.isoformat().replace("+00:00", "Z")


def board_view(board: FacilityBoard, texts: Texts, base: str, now: datetime) -> dict[str, Any]:
    """For booking/_board.html: one day as a table of hours, more as a table of days."""
    writer = Writer(board, texts, base)
    dates = [local_date(texts.zone, day.start) for day in board.days]
    if len(board.days) > 1:
        labels = [texts.short_day(on) for on in dates]
        rows = [_week_row(row, writer, labels) for row in board.rows]
        return {"hours": [], "dates": dates, "rows": rows}
    table = day_table([row.days[0] for row in board.rows], board.days[0], now)
    return {
        "hours": [(_hour(hour.start, texts), hour.columns) for hour in table.hours],
        "dates": dates,
        "rows": [
            _row(row, writer, cells=[_cell(cell, writer, row.resource_id) for cell in cells])
            for row, cells in zip(board.rows, table.rows, strict=True)
        ]
        if table.hours
        else [_row(row, writer) for row in board.rows],
    }


def _hour(start: datetime, texts: Texts) -> str:
    """`17`; of the hour that comes twice, which of the two it is."""
    return times_of(texts, Span(start, start)).partition("–")[0]


def _row(
    row: Row, writer: Writer, *, cells: Sequence[CellView] = (), days: Sequence[DayView] = ()
) -> RowView:
    return RowView(row.name, f"{writer.base}/resources/{row.resource_id}", cells, days)


def _cell(cell: Cell, writer: Writer, resource_id: UUID) -> CellView:
    state = cell.slots[0].kind if len(cell.slots) == 1 else cell.state
    return CellView(cell.columns, state, writer.lines(cell.slots, resource_id))


def _week_row(row: Row, writer: Writer, labels: Sequence[str]) -> RowView:
    return _row(
        row,
        writer,
        days=[
            DayView(label, _opened(day, writer), writer.lines(day.slots, row.resource_id))
            for label, day in zip(labels, row.days, strict=True)
        ],
    )


def _opened(day: Day, writer: Writer) -> str:
    return ", ".join([times_of(writer.texts, span) for span in day.opened])
