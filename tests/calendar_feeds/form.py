"""What is true of every calendar of ours, to the byte, and its events as their lines say them."""

from collections import Counter
from typing import Any

import icalendar

KNOWN = {
    *("BEGIN", "END", "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "TRANSP"),
    *("CLASS", "LOCATION", "SUMMARY", "DESCRIPTION", "URL"),
}
"""Properties of our events."""


def read(content: bytes) -> dict[str, dict[str, str]]:
    """UID → property → value as it is written, unfolded. Fails unless the calendar is well formed."""
    assert content.startswith(b"BEGIN:VCALENDAR\r\n"), content[:40]
    assert content.endswith(b"END:VCALENDAR\r\n")
    rows = content.split(b"\r\n")
    assert b"\n" not in b"".join(rows), "a line ends without CR"
    assert b"\r" not in b"".join(rows), "a line ends without LF"
    for row in rows:
        assert len(row) <= 75, row
        row.decode()  # each for itself: none is broken within a sign
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert Counter(lines)["BEGIN:VCALENDAR"] == 1
    head = lines[: lines.index("BEGIN:VEVENT")] if "BEGIN:VEVENT" in lines else lines
    assert not [line for line in head if line.startswith(("METHOD", "UID"))]
    found: dict[str, dict[str, str]] = {}
    event: dict[str, str] | None = None
    for line in lines[len(head) :]:
        name, _, value = line.partition(":")
        name = name.partition(";")[0]
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            assert event is not None
            assert event["UID"] not in found, "a UID comes twice"
            found[event["UID"]] = event
            event = None
        elif event is not None:
            assert name in KNOWN, line
            assert name not in event, f"{name} comes twice"
            event[name] = value
        else:
            assert line in {"", "END:VCALENDAR"}, line
    calendar: Any = icalendar.Calendar.from_ical(content)
    assert len(calendar.walk("VEVENT")) == len(found)
    return found
