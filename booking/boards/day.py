"""When to unlock and to lock, and when nobody is there. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Final

from core.spans import Span, merge

SHORTEST_GAP: Final = timedelta(minutes=30)
"""A shorter one is no time to go for."""


def there(spans: Iterable[Span]) -> Span | None:
    """From the first set-up to the last clean-up; None when nobody comes. `spans` are padded, in any order."""
    merged = merge(spans)
    return Span(merged[0].start, merged[-1].end) if merged else None


def gaps(spans: Iterable[Span]) -> list[Span]:
    """When nobody is there in between, sorted."""
    between = (Span(before.end, after.start) for before, after in pairwise(merge(spans)))
    return [gap for gap in between if gap.length >= SHORTEST_GAP]
