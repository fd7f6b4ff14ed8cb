"""Boards, screens and lists of the day as the pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple
from uuid import UUID

from markupsafe import Markup

from booking.boards.board import Row, Thing, day_table
from booking.boards.day_lists import DayList
from booking.boards.drawing import Writer
from booking.boards.schemas import VisitOut
from booking.boards.screens import Screen
from booking.boards.service import FacilityBoard
from core.spans import Span, local_date
from core.texts import Texts
from resources.views import in_language


class RowView(NamedTuple):
    """A resource, with its cells as HTML."""

    name: str
    url: str
    cells: Markup


def board_view(board: FacilityBoard, texts: Texts, base: str, now: datetime) -> dict[str, Any]:
    """For booking/_board.html: one day as a table of hours, more as a table of days."""
    writer = Writer(board, texts, base)
    dates = [local_date(texts.zone, day.start) for day in board.days]
    if len(board.days) > 1:
        labels = [(escape(texts.short_day(on)), day) for on, day in zip(dates, board.days, strict=True)]
        cells = [writer.days(row.days, row.resource_id, labels) for row in board.rows]
        hours: list[tuple[str, int]] = []
    else:
        table = day_table([row.days[0] for row in board.rows], board.days[0], now)
        cells = [
            writer.hours(cells, row.resource_id, board.days[0])
            for row, cells in zip(board.rows, table.rows, strict=True)
        ]
        hours = [(_hour(hour.start, texts), hour.columns) for hour in table.hours]
    return {
        "hours": hours,
        "dates": dates,
        "rows": [
            RowView(row.name, f"{base}/resources/{row.resource_id}", each)
            for row, each in zip(board.rows, cells, strict=True)
        ],
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
