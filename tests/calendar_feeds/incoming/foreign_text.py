"""Foreign calendars as text: whole ones written as programs write them, and events put into a frame."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from calendar_feeds.incoming.foreign import read
from calendar_feeds.incoming.occurrence import ForeignCalendar
from core.spans import Span

SAMPLES = Path(__file__).parent / "samples"
OSLO = ZoneInfo("Europe/Oslo")
YEAR = Span(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def sample(name: str) -> bytes:
    """With lines as they are sent."""
    return (SAMPLES / f"{name}.ics").read_bytes().replace(b"\n", b"\r\n")


def framed(*events: str, head: str = "") -> bytes:
    """A calendar of VEVENTs whose lines are given, with a UID of their own number unless they have one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.strip().splitlines()]
    for number, event in enumerate(events, 1):
        lines += ["BEGIN:VEVENT", *([] if "UID:" in event else [f"UID:{number}"])]
        lines += [*(line.strip() for line in event.strip().split("\n")), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def in_year(text: bytes) -> ForeignCalendar:
    """Read for 2027, in Oslo."""
    return read(text, YEAR, OSLO)


def rows(calendar: ForeignCalendar) -> list[tuple[str, str, str]]:
    """Key, start and end of each occurrence, on Oslo's clock."""
    return [
        (each.key, f"{each.starts_at.astimezone(OSLO):%m-%d %H:%M}", f"{each.ends_at.astimezone(OSLO):%m-%d %H:%M}")
        for each in calendar.occurrences
    ]  # fmt: skip


def times(calendar: ForeignCalendar) -> list[str]:
    """Starts alone, on Oslo's clock."""
    return [start for _, start, _ in rows(calendar)]
