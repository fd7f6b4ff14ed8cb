"""Whether what a client has is still what it would be sent (RFC 9110 §8.8 and §13). Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Final, NamedTuple

TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
ZIPPED: Final = '-gzip"'
"""How the tag of the same text ends when it is compressed: other bytes, so another tag."""
UNCERTAIN: Final = timedelta(minutes=10)
"""What bears an instant may become visible so much later: no transaction lasts as long."""


def is_known(asked: str | None, etag: str) -> bool:
    """Whether an If-None-Match names the text by its tag, compressed or not: a list of tags, weak ones too, or `*`."""
    if asked is None:
        return False
    if asked.strip() == "*":
        return True
    return any(_plain(tag) == etag for tag in TAG.findall(asked))


def zipped_tag(etag: str) -> str:
    """The tag of the compressed text."""
    return etag.removesuffix('"') + ZIPPED


def _plain(etag: str) -> str:
    return etag.removesuffix(ZIPPED) + '"' if etag.endswith(ZIPPED) else etag


class Modified(NamedTuple):
    """When a feed last changed, for Last-Modified."""

    at: datetime
    """To the second. While more that bears as young an instant may yet become visible, ten minutes before: whoever has
    heard that, hears another once all has settled.
    """
    is_settled: bool


def modified(changed_at: datetime | None, period_began_at: datetime, now: datetime) -> Modified:
    """Not before the feed's period began, when its text changed though no booking did."""
    at = max(changed_at or period_began_at, period_began_at).replace(microsecond=0)
    is_settled = at < now - UNCERTAIN - timedelta(seconds=1)
    return Modified(at if is_settled else at - UNCERTAIN, is_settled)


def is_unmodified(asked: str | None, found: Modified) -> bool:
    """Whether an If-Modified-Since is the very instant that we gave (as RFC 9110 §13.1.3 advises clients to send), and
    nothing of it can still be under way.
    """
    return found.is_settled and asked is not None and asked == http_date(found.at)


@lru_cache(maxsize=4096)
def http_date(at: datetime) -> str:
    """As headers have it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


@lru_cache(maxsize=1024)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding has it, and not with weight 0."""
    for word in accepted.lower().split(","):
        name, _, weight = word.partition(";")
        if name.strip() in {"gzip", "*"}:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False
