"""Which times of a resource are taken, perhaps taken, and not to be had by anybody? Pure; the engine's own sums."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from booking.availability import PoolTaken, Taken, Terms, UnitTaken, all_blocked
from core.spans import Span, intersect, merge, subtract
from resources.opening import OpeningHours, open_spans

ANY_TIME = Terms(interval_minutes=1)
"""Of nobody's padding: the times themselves."""


class Busy(Struct, frozen=True, kw_only=True):
    """Three sets of time, each sorted and without overlaps; none has time in common with another."""

    taken: list[Span]
    """By what is confirmed; of a pool, when that fills it."""
    tentative: list[Span]
    """Also by what is asked for or held, and takes the time from others until it is answered."""
    unavailable: list[Span]
    """Closed, outside the opening hours, or needed for set-up and clean-up of what is there."""


def busy_in(terms: Terms, hours: OpeningHours, *, everything: Taken, sure: Taken, window: Span) -> Busy:
    """`everything`: what anybody has; `sure`: what of it is confirmed.

    What is left of the window is what `free_spans` finds there, but for what is over, too soon or too far ahead.
    """
    if not everything:
        return Busy(taken=[], tentative=[], unavailable=[window])
    taken = _times(sure)
    tentative = list(subtract(_times(everything), taken))
    closed = subtract([window], open_spans(hours, window))
    blocked = merge([*closed, *all_blocked(everything, terms)])
    unavailable = subtract(blocked, merge([*taken, *tentative]))
    return Busy(
        taken=_within(taken, window),
        tentative=_within(tentative, window),
        unavailable=_within(unavailable, window),
    )


def _times(taken: Taken) -> list[Span]:
    return all_blocked([_without_pads(unit) for unit in taken], ANY_TIME)


def _without_pads(unit: UnitTaken | PoolTaken) -> UnitTaken | PoolTaken:
    return replace(unit, pads=())


def _within(spans: Iterable[Span], window: Span) -> list[Span]:
    return list(intersect(spans, [window]))
