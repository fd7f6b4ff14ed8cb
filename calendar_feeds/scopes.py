"""Whose calendar a feed is, how much of it the feed tells, and for which time. Pure."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from core.spans import DAY, Span, local_date, local_day, monday_of

Kind = Literal["resource", "facility", "association", "team", "person", "municipality"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Variant = Literal["public", "busy", "full", "staff"]
"""What everybody may know; only when; what its holders may know; that, and set-up and telephone."""
VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)

BACK: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)
CANCELLED_KEPT: Final = timedelta(days=90)
"""Calendar programs that were away for so long still hear of it."""


class Scope(Struct, frozen=True):
    """Whose calendar. A municipality has no id of its own here."""

    kind: Kind
    thing_id: UUID | None = None


class Reach(Struct, frozen=True):
    """What a scope comes to: a resource shares units with others, whose bookings take it too."""

    scope: Scope
    ids: tuple[UUID, ...] = ()
    """Resources of a place (for everybody those that are published), associations of a person; else empty. Sorted."""


class Period(Struct, frozen=True):
    """What a feed holds: bookings that touch the span, and of those that have ended only what ended since."""

    span: Span
    ended_since: datetime
    name: str = ""
    """Of the Monday that it goes by."""


def period_at(now: datetime, zone: ZoneInfo) -> Period:
    """90 days back and 400 ahead, from a Monday to a Monday: it moves once a week, so that a feed in which nothing
    happens is the same for as long.
    """
    return _period(monday_of(local_date(zone, now)), zone)


@lru_cache(maxsize=64)
def _period(monday: date, zone: ZoneInfo) -> Period:
    def at(length: timedelta) -> datetime:
        return local_day(zone, monday_of(monday + length.days * DAY)).start

    return Period(Span(at(-BACK), at(AHEAD + 7 * DAY)), at(-CANCELLED_KEPT), f"{monday} {zone.key}")


def week_began_at(now: datetime, zone: ZoneInfo) -> datetime:
    """When the period last moved."""
    return _week(monday_of(local_date(zone, now)), zone)


@lru_cache(maxsize=64)
def _week(monday: date, zone: ZoneInfo) -> datetime:
    return local_day(zone, monday).start
