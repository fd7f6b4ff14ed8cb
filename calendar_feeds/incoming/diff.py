"""What must change so that what is attached is what a calendar says? Pure."""

from collections.abc import Collection, Iterable
from typing import Final, Literal, NamedTuple

import msgspec

from calendar_feeds.incoming.occurrence import Occurrence
from core.spans import Span

EventState = Literal["applied", "collides", "ignored", "withdrawn"]
"""Of what an import has brought: laid; waits for an officer because something is in the way; left alone, because an
officer said so or somebody has changed what was laid; no longer in the calendar.
"""
MAY_VANISH: Final = 5
"""So few may leave a calendar at once, though they be more than half of it."""


class Attached(msgspec.Struct, frozen=True):
    """What an import brought, as it stands."""

    key: str
    """Of the occurrence."""
    digest: str
    span: Span
    state: EventState


class Moved(NamedTuple):
    """An occurrence that is not as it was."""

    was: Attached
    now: Occurrence


class Changes(msgspec.Struct, frozen=True):
    """Each attached thing and each occurrence stands in at most one of them, by start, then key."""

    add: tuple[Occurrence, ...] = ()
    move: tuple[Moved, ...] = ()
    """Another time under the same key."""
    change_text: tuple[Moved, ...] = ()
    """The same time, other words."""
    remove: tuple[Attached, ...] = ()
    same: tuple[Attached, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.add or self.move or self.change_text or self.remove)


def changes(
    attached: Iterable[Attached],
    said: Iterable[Occurrence],
    window: Span,
    *,
    is_whole: bool = True,
    unclear: Collection[str] = (),
) -> Changes:
    """What leads from the attached to what the calendar says of the window, which begins now.

    What is over is left as it is, and so is what lies beyond the window: the calendar was not asked about it. Unless
    the reading `is_whole`, what it does not say is not taken for gone; nor is, ever, what is of an event (by its UID)
    that was `unclear`.
    """
    wanted = {each.key: each for each in said if span_of(each).meets(window)}
    move: list[Moved] = []
    change_text: list[Moved] = []
    add: list[Occurrence] = []
    remove: list[Attached] = []
    same: list[Attached] = []
    for mine in sorted(attached, key=lambda each: (each.span, each.key)):
        if mine.span.end <= window.start:
            continue  # should the calendar now say the same of a time to come, that is added
        found = wanted.pop(mine.key, None)
        if found is None:
            is_certain = is_whole and mine.key.partition(" ")[0] not in unclear
            if is_certain and mine.state != "withdrawn" and mine.span.start < window.end:
                remove.append(mine)
        elif mine.state == "withdrawn":
            add.append(found)
        elif span_of(found) != mine.span:
            move.append(Moved(mine, found))
        elif found.digest != mine.digest:
            change_text.append(Moved(mine, found))
        else:
            same.append(mine)
    add += wanted.values()
    return Changes(
        add=tuple(sorted(add, key=_place)),
        move=tuple(sorted(move, key=lambda each: _place(each.now))),
        change_text=tuple(change_text),
        remove=tuple(remove),
        same=tuple(same),
    )


def looks_wrong(attached: Iterable[Attached], found: Changes, window: Span) -> bool:
    """Whether so much would vanish that somebody should look first: more than half of what is to come and more than
    MAY_VANISH, or all of it.
    """
    coming = [each for each in attached if each.state != "withdrawn" and each.span.meets(window)]
    gone = len(found.remove)
    is_empty = gone > 0 and not (found.add or found.move or found.change_text or found.same)
    return is_empty or (gone > MAY_VANISH and 2 * gone > len(coming))


def span_of(occurrence: Occurrence) -> Span:
    return Span(occurrence.starts_at, occurrence.ends_at)


def _place(occurrence: Occurrence) -> tuple[Span, str]:
    return span_of(occurrence), occurrence.key
