"""Boards as the pages show them: short texts and addresses, made once for each kind of thing that says the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from markupsafe import Markup, escape

from booking.boards.board import Cell, Row, Slot, Thing, day_table
from booking.boards.day_lists import DayList
from booking.boards.schemas import VisitOut
from booking.boards.screens import Screen
from booking.boards.service import FacilityBoard
from core.spans import DAY, DAY_MINUTES, MINUTE, Span, local_date
from core.texts import N_, Texts
from resources.views import in_language

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
        self._clocks = clocks_of(texts)

    def times(self, span: Span, day: Span) -> str:
        """`17–18.30`, of a span within the day."""
        start, end = day
        if end - start != DAY:  # the clock is set: some of its times come twice or not at all
            return escape(self.texts.times(span).removeprefix("kl. "))
        return f"{self._clocks[(span.start - start) // MINUTE]}–{self._clocks[(span.end - start) // MINUTE]}"

    def lines(self, slots: Sequence[Slot], resource_id: UUID, day: Span) -> Markup:
        """The list of a cell; nothing where there is nothing."""
        if not slots:
            return Markup()
        items = [
            self._free_line(self.times(slot.span, day), slot.link, resource_id)
            if slot.link is not None
            else self._line(self.times(slot.span, day), slot.thing, resource_id)
            for slot in slots
        ]
        return Markup(f"<ul>{''.join(items)}</ul>")  # noqa: S704  # see above

    def _free_line(self, times: str, link: Span, resource_id: UUID) -> str:
        href = f"{self.base}/resources/{resource_id}/book?start={written(link.start)}&amp;end={written(link.end)}"
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


def written(instant: datetime) -> str:
    """In an address, where a plus sign would be a space."""
    return f"{instant.isoformat()[:19]}Z"


def board_view(board: FacilityBoard, texts: Texts, base: str, now: datetime) -> dict[str, Any]:
    """For booking/_board.html: one day as a table of hours, more as a table of days."""
    writer = Writer(board, texts, base)
    dates = [local_date(texts.zone, day.start) for day in board.days]
    if len(board.days) > 1:
        labels = [(texts.short_day(on), day) for on, day in zip(dates, board.days, strict=True)]
        rows = [_week_row(row, writer, labels) for row in board.rows]
        return {"hours": [], "dates": dates, "rows": rows}
    table = day_table([row.days[0] for row in board.rows], board.days[0], now)
    return {
        "hours": [(_hour(hour.start, texts), hour.columns) for hour in table.hours],
        "dates": dates,
        "rows": [
            _row(row, writer, cells=[_cell(cell, writer, row.resource_id, board.days[0]) for cell in cells])
            for row, cells in zip(board.rows, table.rows, strict=True)
        ]
        if table.hours
        else [_row(row, writer) for row in board.rows],
    }


def screen_view(found: Screen, texts: Texts, now: datetime) -> dict[str, Any]:
    """For booking/_screen.html: every time of the days that are known, by resource."""
    names = {row.resource_id: row.name for row in found.rows}
    return {"places": [_place(row, names, texts, now) for row in found.rows]}


def _place(row: Row, names: Mapping[UUID, str], texts: Texts, now: datetime) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    seen: set[UUID] = set()
    for number, day in enumerate(row.days):
        for slot in day.slots:
            if slot.thing is not None and slot.thing.id not in seen:
                seen.add(slot.thing.id)
                entries.append(_entry(slot.thing, row.resource_id, names, texts) | {"day": number})
    has_next = False
    for entry in entries:
        span: Span = entry["span"]
        if span.end <= now:
            entry["when"] = "past"
        elif span.start <= now:
            entry["when"] = "now"
        elif entry["day"]:
            entry["when"] = "tomorrow"
        else:
            entry["when"] = "later" if has_next else "next"
            has_next = True
    return {"name": row.name, "entries": entries, "is_on": any(entry["when"] == "now" for entry in entries)}


def _entry(thing: Thing, resource_id: UUID, names: Mapping[UUID, str], texts: Texts) -> dict[str, Any]:
    elsewhere = thing.resource_id is not None and thing.resource_id != resource_id
    who = thing.who if thing.title and thing.who != thing.title else ""
    part = names.get(thing.resource_id, "") if elsewhere and thing.resource_id else ""
    return {
        "span": thing.span,
        "start": thing.span.start.isoformat(),
        "end": thing.span.end.isoformat(),
        "kind": thing.kind,
        "times": texts.times(thing.span).removeprefix("kl. "),
        "text": thing.title or thing.who or texts.gettext("Taken"),
        "where": " · ".join(filter(None, (who, part))),
    }


def day_list_view(found: DayList, texts: Texts, base: str) -> dict[str, Any]:
    """For booking/day.html."""
    day = found.day
    return {
        "facility": day.facility,
        "on": day.on,
        "whole": None if day.unlock_at is None or day.lock_at is None else Span(day.unlock_at, day.lock_at),
        "gaps": [Span(gap.start, gap.end) for gap in day.gaps],
        "visits": [
            _visit(each, found.questions.get(each.resource_id, ()), texts, base) for each in day.visits
        ],
    }


def _visit(
    visit: VisitOut, questions: Sequence[Mapping[str, Any]], texts: Texts, base: str
) -> dict[str, Any]:
    names = [visit.association, visit.team, visit.title]
    return {
        "times": texts.times(Span(visit.start, visit.end)).removeprefix("kl. "),
        "url": f"{base}/applications/{visit.application_id}",
        "resource": visit.resource,
        "quantity": visit.quantity,
        "who": list(dict.fromkeys(name for name in names if name)),
        "contact": visit.contact,
        "phone": visit.phone,
        "people": visit.people,
        "setup_minutes": visit.setup_minutes,
        "cleanup_minutes": visit.cleanup_minutes,
        "state": visit.state,
        "articles": [f"{each['quantity']} × {each['article']}" for each in visit.articles],
        "answers": [answer_told(key, given, questions, texts) for key, given in visit.answers.items()],
        "notes": visit.notes,
    }


def answer_told(
    key: str, given: object, questions: Sequence[Mapping[str, Any]], texts: Texts
) -> tuple[str, str]:
    """Question and answer as people read them; what is no longer asked is told by its key."""
    nothing: Mapping[str, Any] = {}
    asked = next((each for each in questions if each.get("key") == key), nothing)
    if isinstance(given, bool):
        shown = texts.gettext("Yes") if given else texts.gettext("No")
    else:
        labels = {
            each["key"]: in_language(each["label"], texts.language) for each in asked.get("options", ())
        }
        shown = labels.get(str(given)) or str(given)
    return in_language(asked.get("label"), texts.language) or key, shown


def _hour(start: datetime, texts: Texts) -> str:
    """`17`; of the hour that comes twice, which of the two it is."""
    return texts.times(Span(start, start)).removeprefix("kl. ").partition("–")[0]


def _row(
    row: Row, writer: Writer, *, cells: Sequence[CellView] = (), days: Sequence[DayView] = ()
) -> RowView:
    return RowView(row.name, f"{writer.base}/resources/{row.resource_id}", cells, days)


def _cell(cell: Cell, writer: Writer, resource_id: UUID, day: Span) -> CellView:
    state = cell.slots[0].kind if len(cell.slots) == 1 else cell.state
    return CellView(cell.columns, state, writer.lines(cell.slots, resource_id, day))


def _week_row(row: Row, writer: Writer, labels: Sequence[tuple[str, Span]]) -> RowView:
    return _row(
        row,
        writer,
        days=[
            DayView(
                label,
                ", ".join([writer.times(span, whole) for span in day.opened]),
                writer.lines(day.slots, row.resource_id, whole),
            )
            for (label, whole), day in zip(labels, row.days, strict=True)
        ],
    )
