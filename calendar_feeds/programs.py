"""Calendar programs: which one asks, and how often each looks. Pure."""

import re
from collections.abc import Sequence
from typing import Final

KNOWN: Final[Sequence[tuple[str, str]]] = (
    (r"Google-Calendar|GoogleCalendar", "Google Calendar"),
    (r"OutlookService|Exchange/|Office365|Microsoft\.Exchange|OwaCalendar", "Outlook.com"),
    (r"Microsoft Outlook|Outlook/|Microsoft Office|MSOffice", "Outlook"),
    (r"dataaccessd|^iOS/|iPhone|iPad", "Apple Calendar (iPhone, iPad)"),
    (r"CalendarAgent|remindd|^macOS/|Mac OS X.*Calendar|iCal/", "Apple Calendar (Mac)"),
    (r"Thunderbird|Lightning/", "Thunderbird"),
    (r"ICSx5|ICSdroid", "ICSx⁵"),
    (r"DAVx5|DAVdroid", "DAVx⁵"),
    (r"vdirsyncer", "vdirsyncer"),
    (r"Nextcloud", "Nextcloud"),
    (r"Home ?Assistant", "Home Assistant"),
    (r"Mozilla/", "Web browser"),
)
"""What a program writes in User-Agent → what people call it. The first that fits counts: most write others' names too.
"""
PRODUCT = re.compile(r"[A-Za-z][A-Za-z .-]{1,39}(?=/|$)", re.ASCII)


def program_of(header: str | None) -> str | None:
    """The program's name, and nothing else of what it says of itself; None when it says nothing one could read."""
    told = (header or "")[:500]
    for pattern, name in KNOWN:
        if re.search(pattern, told):
            return name
    found = PRODUCT.match(told)
    return found[0].strip() if found else None
