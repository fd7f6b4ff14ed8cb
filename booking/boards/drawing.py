"""The cells of a board, written as HTML.

A week of 20 resources has a hundred and forty cells with a thousand texts; as a template they took most of the page's
time. Every text that people write goes through `html.escape`; the rest are our own and hold nothing to escape, or have
been through it once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import lru_cache
from html import escape
from uuid import UUID

from markupsafe import Markup

from booking.boards.board import Cell, Day, Slot, Thing
from booking.boards.service import FacilityBoard
from core.spans import DAY, DAY_MINUTES, MINUTE, Span
from core.texts import N_, Texts

STATES: Mapping[str, str] = {
    "held": N_("Held"),
    "requested": N_("Requested"),
    "awaiting_payment": N_("Waiting for payment"),
}
"""What is said of a booking that is not confirmed."""


class Writer:
    """Writes what stands in the cells of one board; `base` is what the municipality's links begin with."""

    def __init__(self, board: FacilityBoard, texts: Texts, base: str) -> None:
        self.texts = texts
        self.base = base
        self.names = board.resource_names
        self.case = "requests" if board.may_decide else "applications"
        self._taken, self._free = escape(texts.gettext("Taken")), escape(texts.gettext("Free"))
        self._said = {
            "closed": escape(texts.gettext("Closed")),
            "past": escape(texts.gettext("Past")),
            "open": escape(texts.gettext("Cannot be booked")),
        }
        self._notes: dict[tuple[str, int, int], str] = {}
        self._clocks = clocks_of(texts)

    def times(self, span: Span, day: Span) -> str:
        """`17–18.30`, of a span within the day."""
        start, end = day
        if end - start != DAY:  # the clock is set: some of its times come twice or not at all
            return escape(self.texts.times(span).removeprefix("kl. "))
        return f"{self._clocks[(span.start - start) // MINUTE]}–{self._clocks[(span.end - start) // MINUTE]}"

    def hours(self, cells: Sequence[Cell], resource_id: UUID, day: Span) -> Markup:
        """A day of a resource, in columns of time."""
        book = self._book(resource_id)
        return Markup("".join([self._cell(cell, resource_id, book, day) for cell in cells]))  # noqa: S704  # see above

    def _cell(self, cell: Cell, resource_id: UUID, book: str, day: Span) -> str:
        columns, state, slots = cell
        kind = slots[0].kind if len(slots) == 1 else state
        inside = (
            self._lines(slots, resource_id, book, day)
            if slots
            else f'<span class="board-said">{self._said[state]}</span>'
        )
        return f'<td role="cell" class="board-{kind}" colspan="{columns}">{inside}</td>'

    def days(self, days: Sequence[Day], resource_id: UUID, labels: Sequence[tuple[str, Span]]) -> Markup:
        """A week of a resource, in columns of days. `labels`: of each day, what it is called, and the whole of it."""
        book = self._book(resource_id)
        cells = [
            f'<td role="cell" data-label="{label}">{self._day(day, resource_id, book, whole)}</td>'
            for (label, whole), day in zip(labels, days, strict=True)
        ]
        return Markup("".join(cells))  # noqa: S704  # see above

    def _day(self, day: Day, resource_id: UUID, book: str, whole: Span) -> str:
        if day.opened:
            opened = ", ".join([self.times(span, whole) for span in day.opened])
            return f'<p class="board-opened">{opened}</p>{self._lines(day.slots, resource_id, book, whole)}'
        if not day.slots:
            return f'<p class="board-closed">{self._said["closed"]}</p>'
        return self._lines(day.slots, resource_id, book, whole)

    def _lines(self, slots: Sequence[Slot], resource_id: UUID, book: str, day: Span) -> str:
        if not slots:
            return ""
        items = [
            self._free_line(self.times(slot.span, day), slot.link, book)
            if slot.link is not None
            else self._line(self.times(slot.span, day), slot.thing, resource_id)
            for slot in slots
        ]
        return f"<ul>{''.join(items)}</ul>"

    def _book(self, resource_id: UUID) -> str:
        """How the way to the form begins."""
        return f"{self.base}/resources/{resource_id}/book?start="

    def _free_line(self, times: str, link: Span, book: str) -> str:
        href = f"{book}{written(link.start)}&amp;end={written(link.end)}"
        return (
            f'<li class="slot slot-free"><a href="{href}"><span class="slot-times">{times}</span>'
            f" {self._free}</a></li>"
        )

    def _line(self, times: str, thing: Thing | None, resource_id: UUID) -> str:
        assert thing is not None, "what is not free is something"
        told = escape(thing.title or thing.who) or self._taken
        line = f'<span class="slot-times">{times}</span> {told}'
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


@lru_cache(maxsize=64)
def clocks_of(texts: Texts) -> Sequence[str]:
    """What the clock says at each minute of an even day; the last is 24."""
    midnight = datetime(2026, 1, 15, tzinfo=texts.zone)
    spans = [Span(midnight, midnight + n * MINUTE) for n in range(1, DAY_MINUTES + 1)]
    ends = [escape(texts.times(span).partition("–")[2]) for span in spans]
    return [escape(texts.clock(time(0))), *ends]


@lru_cache(maxsize=4096)
def written(instant: datetime) -> str:
    """In an address, where a plus sign would be a space."""
    return f"{instant.isoformat()[:19]}Z"
