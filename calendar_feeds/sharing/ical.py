"""From busy times to what calendar programs read of them (VFREEBUSY, RFC 5545 §3.6.4). Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from icalendar import Calendar, FreeBusy
from msgspec import Struct

from booking.telling.wording import one_line
from calendar_feeds.sharing.rules import Busy
from core.ical import PRODID, UID_DOMAIN, stamp
from core.spans import Span

KINDS: Final = (("taken", "BUSY"), ("tentative", "BUSY-TENTATIVE"), ("unavailable", "BUSY-UNAVAILABLE"))
"""Of Busy → FBTYPE (RFC 5545 §3.2.9)."""


class BusyResource(Struct, frozen=True, kw_only=True):
    """When a resource cannot be had in the window."""

    resource_id: UUID
    name: str
    """With its facility's."""
    url: str
    window: Span
    busy: Busy


def freebusy_calendar(resources: Iterable[BusyResource], now: datetime) -> str:
    """One component a resource. Only DTSTAMP tells of `now`: two that say the same differ in nothing else."""
    calendar: Any = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    for each in resources:
        calendar.add_component(_component(each, now))
    return calendar.to_ical(sorted=False).decode()


def _component(each: BusyResource, now: datetime) -> Any:
    component: Any = FreeBusy()
    component.add("uid", f"freebusy-{each.resource_id}@{UID_DOMAIN}")
    component.add("dtstamp", stamp(now))
    component.add("dtstart", each.window.start.astimezone(UTC))
    component.add("dtend", each.window.end.astimezone(UTC))
    component.add("url", each.url)
    component.add("comment", one_line(each.name))
    for field, kind in KINDS:
        spans: Sequence[Span] = getattr(each.busy, field)
        if spans:
            component.add("freebusy", [tuple(span) for span in spans], parameters={"FBTYPE": kind})
    return component
