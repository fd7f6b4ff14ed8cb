"""What the rooms hold about persons: shown to them, erased when they ask, forgotten in time.

Each room says so of its own tables, so that those below need not know of those above: a collector for what a person
has a copy of, an eraser for what goes when she asks, a retention for what goes by itself, and what must be put in
order before she can be forgotten. GDPR articles 15, 17 and 5(1)(e).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.texts import N_

KEPT_AS_CASE = N_(
    "The archives act (arkivlova) keeps cases that have been decided. Your name is gone from them."
)

Row = dict[str, Any]
"""Column → value, JSON-able once encoded by msgspec."""
Collect = Callable[[AsyncSession, UUID], Awaitable[list[Row]]]
Forget = Callable[[AsyncSession, datetime, datetime, int], Awaitable[int]]
"""(db, before, now, limit) → how many of those older than `before` were forgotten, at most `limit`; fewer: all are."""
Occupied = Callable[[AsyncSession, Sequence[UUID], datetime], Awaitable[set[UUID]]]
"""(db, person ids, now) → those of them who still have something in hand."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what erasing a person comes to. Its texts are translated where they are shown."""

    what: str
    count: int
    fate: Literal["erased", "kept", "in_the_way"]
    why: str | None = None
    """The law that keeps it, or what must be done first."""


class Erase(Protocol):
    """Erases what a room holds about a person, or only tells what that would come to; both tell the same."""

    async def __call__(
        self, db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool
    ) -> list[Effect]: ...


class Holding(NamedTuple):
    """A kind of rows about a person, as she is shown them."""

    title: str
    collect: Collect


class Retention(NamedTuple):
    """How long a kind of data is kept, from when it has served its purpose."""

    title: str
    days: int
    """What the program proposes."""
    least: int
    """What the law asks for at least."""
    reason: str
    batch: int
    """How many are forgotten in one transaction."""
    forget: Forget


_holdings: dict[str, Holding] = {}
_erasers: dict[str, Erase] = {}
_retentions: dict[str, Retention] = {}
_occupations: dict[str, Occupied] = {}


def holds(kind: str, title: str) -> Callable[[Collect], Collect]:
    """Register a collector: what a person gets a copy of."""

    def register(collect: Collect) -> Collect:
        _add(_holdings, kind, Holding(title, collect))
        return collect

    return register


def erases(kind: str) -> Callable[[Erase], Erase]:
    """Register an eraser. Those of a room are called in the order in which they were registered."""

    def register(erase: Erase) -> Erase:
        _add(_erasers, kind, erase)
        return erase

    return register


def retains(
    kind: str, title: str, days: int, *, reason: str, least: int = 1, batch: int = 500
) -> Callable[[Forget], Forget]:
    """Register how long a kind is kept, and what forgets it."""
    assert 1 <= least <= days, f"{kind}: what is proposed is lawful"

    def register(forget: Forget) -> Forget:
        _add(_retentions, kind, Retention(title, days, least, reason, batch, forget))
        return forget

    return register


def occupies(kind: str) -> Callable[[Occupied], Occupied]:
    """Register what keeps a person from being forgotten by time alone."""

    def register(occupied: Occupied) -> Occupied:
        _add(_occupations, kind, occupied)
        return occupied

    return register


def holdings() -> Mapping[str, Holding]:
    return _holdings


def erasers() -> Mapping[str, Erase]:
    return _erasers


def retentions() -> Mapping[str, Retention]:
    return _retentions


def occupations() -> Mapping[str, Occupied]:
    return _occupations


def _add(known: dict[str, Any], kind: str, what: Any) -> None:
    assert kind not in known, f"two rooms speak of {kind}"
    known[kind] = what
