"""Asking the host of a calendar for it, and reading what it answers: outside of any transaction, and never raising."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from calendar_feeds.incoming.apart import parse_apart
from calendar_feeds.incoming.applying import wanted_of, window_at
from calendar_feeds.incoming.health import Why
from calendar_feeds.incoming.occurrence import ForeignCalendar, Occurrence, ProblemKind
from core.calling import Answer, CallFailed, CallRefused, FailedWhy, Limits, Network, call

LIMITS: Final = Limits(patience_seconds=30.0, body_bytes=10_000_000)
REDIRECTS: Final = 3
ACCEPT: Final = "text/calendar, text/plain;q=0.5, */*;q=0.1"
LONGEST_TAG: Final = 500
FAILED: Final[Mapping[FailedWhy, Why]] = {
    "unresolved": "unresolved",
    "unreachable": "unreachable",
    "certificate": "certificate",
    "broken": "broken",
    "too_slow": "too_slow",
    "too_large": "too_large",
    "encoding": "broken",
    "redirect": "redirect",
}
CUT_SHORT: Final[Mapping[ProblemKind, Why]] = {
    "not_a_calendar": "not_a_calendar",
    "cut_off": "broken",
    "too_large": "too_large",
}
"""What is wrong with a calendar as a whole; all else is too much of it."""
HARMLESS: Final = frozenset[ProblemKind]({"unknown_zone", "no_uid", "duplicate", "no_length"})
"""Problems after which all that the event says is known."""
MOST_PROBLEMS: Final = 200
"""As many as a reading tells of: there may be more."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    address: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    """Of what was read before; None: whatever comes is read."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    why: Why | None = None
    """What is wrong; with a body too, when only a part of it was read."""
    is_for_good: bool = False
    is_unchanged: bool = False
    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None
    name: str = ""
    occurrences: tuple[Occurrence, ...] | None = None
    """None: there is no calendar to go by."""
    unclear: frozenset[str] = frozenset()
    """UIDs of events of which not all is known."""
    problems: Mapping[str, int] = {}
    """Kind → how often."""

    @property
    def is_whole(self) -> bool:
        return self.why is None


async def ask(order: Order, *, zone: ZoneInfo, allow: Collection[Network], now: datetime) -> Heard:
    """The calendar as it is from now on, or what is wrong. Nothing of the address is in what is answered."""
    headers = {"Accept": ACCEPT}
    if order.body_hash is not None and order.etag:
        headers["If-None-Match"] = order.etag
    if order.body_hash is not None and order.last_modified:
        headers["If-Modified-Since"] = order.last_modified
    try:
        answer = await call(
            "GET",
            https_of(order.address),
            headers=headers,
            limits=LIMITS,
            allow=allow,
            redirects=REDIRECTS,
        )
    except CallRefused:
        return Heard(why="refused")
    except CallFailed as failed:
        return Heard(why=FAILED[failed.why])
    if answer.status == 304 and order.body_hash is not None:
        return Heard(
            is_unchanged=True, etag=order.etag, last_modified=order.last_modified, body_hash=order.body_hash
        )
    if answer.status != 200:
        return _no(answer.status)
    return await _read(order, answer, zone, now)


def https_of(address: str) -> str:
    """`webcal:` is what calendar programs say for https."""
    scheme, colon, rest = address.strip().partition(":")
    return f"https:{rest}" if colon and scheme.lower() in {"webcal", "webcals"} else address.strip()


def _no(status: int) -> Heard:
    if status in {404, 410}:
        return Heard(why="gone", is_for_good=status == 410)
    return Heard(why="denied" if status in {401, 403, 407, 451} else "answered_badly")


async def _read(order: Order, answer: Answer, zone: ZoneInfo, now: datetime) -> Heard:
    body_hash = hashlib.sha256(answer.body).digest()
    etag, last_modified = _tag(answer.headers.get("etag")), _tag(answer.headers.get("last-modified"))
    if body_hash == order.body_hash:
        return Heard(is_unchanged=True, etag=etag, last_modified=last_modified, body_hash=body_hash)
    calendar = await parse_apart(answer.body, window_at(now), zone)
    why = _cut_short(calendar)
    if why == "not_a_calendar":
        return Heard(why=why)
    return Heard(
        why=why,
        etag=etag,
        last_modified=last_modified,
        body_hash=body_hash,
        name=calendar.name,
        occurrences=tuple(wanted_of(calendar.occurrences)),
        unclear=frozenset(each.uid for each in calendar.problems if each.uid and each.kind not in HARMLESS),
        problems=Counter(each.kind for each in calendar.problems),
    )


def _tag(value: str | None) -> str | None:
    """As it is sent back; nothing that cannot be."""
    if value is None or len(value) > LONGEST_TAG or not (value.isascii() and value.isprintable()):
        return None
    return value


def _cut_short(calendar: ForeignCalendar) -> Why | None:
    """Why not all of it was read."""
    if calendar.is_whole and len(calendar.problems) < MOST_PROBLEMS:
        return None
    for each in calendar.problems:
        if not each.uid and each.kind in CUT_SHORT:
            return CUT_SHORT[each.kind]
    return "too_much"
