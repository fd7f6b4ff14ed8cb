"""Calendars as a CalDAV client keeps them: fetched once, and from then on what has changed."""

import asyncio
from contextlib import ExitStack
from typing import Any, Final
from urllib.parse import urlsplit

from caldav.davclient import DAVClient
from icalendar import Calendar

from tests.calendar_feeds.clients.libraries import event_of
from tests.calendar_feeds.clients.shown import Shown
from tests.calendar_feeds.clients.story import Read

PAUSE, PAUSES = 0.25, 80
"""What is read forward waits for older transactions, of other tests too (docs/decisions/0010)."""


class PythonCaldav:
    """Somebody whose program is written with the library `caldav`. Close it."""

    def __init__(self) -> None:
        self.open: Final = ExitStack()
        self.kept: dict[str, Any] = {}

    async def read(self, feed: Read) -> list[Shown]:
        """The calendar at a feed's secret address, once it has come as far as the feed, or will not."""
        found: list[Shown] = []
        for _ in range(PAUSES):
            found = await asyncio.to_thread(self._sync, feed.wanted.name, feed.url)
            if not feed.unlike(found):
                return found
            await asyncio.sleep(PAUSE)
        return found

    def _sync(self, name: str, url: str) -> list[Shown]:
        if name not in self.kept:
            client: Any = DAVClient(url=dav_address(url))
            (calendar,) = self.open.enter_context(client).principal().calendars()
            self.kept[name] = calendar.objects_by_sync_token(load_objects=True)
            assert not str(self.kept[name].sync_token).startswith("fake-"), "it knows sync-collection"
        else:
            self.kept[name].sync()
        return sorted(_event(each.data) for each in self.kept[name])


def dav_address(url: str) -> str:
    """Of the same calendar as the feed's secret address."""
    parts = urlsplit(url)
    return (
        f"{parts.scheme}://{parts.netloc}{parts.path.replace('/ical/', '/caldav/', 1).removesuffix('.ics')}/"
    )


def _event(text: str) -> Shown:
    calendar: Any = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return event_of(event)
