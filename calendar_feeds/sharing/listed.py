"""A week, or what is coming, as a list of days: what stands in the page of another site."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking.views import book_url
from booking.week import Cell, Week
from calendar_feeds.sharing.coming import Entry
from core.spans import DAY, Span, local_day
from core.texts import Texts

View = dict[str, Any]
SHOWN = ("free", "taken")


def days_of_week(week: Week, resource_id: UUID, base: str, texts: Texts) -> list[View]:
    """Free and taken times of each day, as the resource's page has them."""
    return [
        {
            "day": day,
            "times": [
                _cell(cell, resource_id, base, texts) for cell in week.columns[number] if cell.state in SHOWN
            ],
        }
        for number, day in enumerate(week.days)
    ]


def _cell(cell: Cell, resource_id: UUID, base: str, texts: Texts) -> View:
    if cell.link is not None:
        url = book_url(base, resource_id, cell.link)
        return _time(cell.link, "free", texts.gettext("Free"), url=url)
    return _time(cell.span, "taken", ", ".join(cell.titles) or texts.gettext("Taken"))


def days_of_coming(
    entries: Sequence[Entry], first: date, count: int, texts: Texts, *, with_empty: bool
) -> list[View]:
    """Each entry on every local day that it touches, cut at midnight."""
    days = [first + n * DAY for n in range(count)]
    found: list[View] = []
    for day in days:
        whole = local_day(texts.zone, day)
        times = [_entry(each, whole, texts) for each in entries if each.span.meets(whole)]
        if times or with_empty:
            found.append({"day": day, "times": times})
    return found


def _entry(each: Entry, day: Span, texts: Texts) -> View:
    span = Span(max(each.span.start, day.start), min(each.span.end, day.end))
    if each.is_closed:
        closed = texts.gettext("Closed")
        return _time(span, "closed", f"{closed}: {each.title}" if each.title else closed, place=each.place)
    return _time(span, "taken", each.title or texts.gettext("Taken"), place=each.place)


def _time(span: Span, state: str, said: str, *, url: str | None = None, place: str | None = None) -> View:
    return {"span": span, "state": state, "said": said, "url": url, "place": place}


def window_of(first: date, count: int, texts: Texts) -> Span:
    """So many local days from the first on."""
    last = first + timedelta(days=count - 1)
    return Span(local_day(texts.zone, first).start, local_day(texts.zone, last).end)
