"""What a calendar program keeps to hear only of changes (RFC 6578): how far its copy goes, told by itself. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from msgspec import Struct

OLDEST: Final = timedelta(weeks=26)
"""Who was away for longer reads all anew."""
START = "urn:x-ledig:sync:2:"
FORM = re.compile(
    re.escape(START)
    + r"(?P<of>[0-9a-f]{16}):(?P<monday>[0-9]{8}):(?P<settled>[0-9]{1,18}):(?P<state>[0-9a-f]{16})"
    r"(:after:(?P<after>[0-9a-f]{32}):(?P<from_monday>[0-9]{8}|-):(?P<from_settled>[0-9]{1,18}))?",
    re.ASCII,
)


class Mark(Struct, frozen=True):
    """A state of a calendar."""

    of: str
    """Which calendar, and what it reaches: with another, nothing can be said of what has changed."""
    monday: date
    """Of the week in which it was read: a calendar's window moves by the week."""
    settled: int
    """Every change that a later transaction made may be missing in it; none of an earlier."""
    state: str
    """What it is, as one name."""

    def is_as(self, other: "Mark") -> bool:
        """Whether both are of the same objects with the same texts, however much of them was settled when."""
        return (self.of, self.monday, self.state) == (other.of, other.monday, other.state)


class Token(Struct, frozen=True):
    """What the copy is worth: a state, or, in the middle of a long answer, the state that its end will come to."""

    until: Mark
    after: UUID | None = None
    """Of the objects, by id, those up to this one have been told."""
    since: Mark | None = None
    """What the long answer goes out from; None: from nothing."""


def mark(which: Sequence[str], ids: Sequence[UUID], monday: date, settled: int, state: Sequence[int]) -> Mark:
    """`which` names the calendar, `ids` what it reaches; the numbers are of docs/decisions/0010."""
    of = sha256("\0".join([*which, *map(str, ids)]).encode()).hexdigest()[:16]
    name = sha256(" ".join(map(str, state)).encode()).hexdigest()[:16]
    return Mark(of, monday, settled, name)


def token_text(token: Token) -> str:
    told = _mark_text(token.until)
    if token.after is None:
        return told
    since = token.since
    start = "-:0" if since is None else f"{since.monday:%Y%m%d}:{since.settled}"
    return f"{told}:after:{token.after.hex}:{start}"


def token_in(told: str, now: Mark) -> Token | None:
    """None: it is no token, is not of this calendar as it is now, is too old, or of a time to come.

    Transactions to come, too: a database that was restored from a copy counts anew.
    """
    read = FORM.fullmatch(told)
    if read is None or read["of"] != now.of or int(read["settled"]) > now.settled:
        return None
    monday = _day(read["monday"], now)
    if monday is None:
        return None
    until = Mark(read["of"], monday, int(read["settled"]), read["state"])
    if read["after"] is None:
        return Token(until)
    after = UUID(read["after"])
    if read["from_monday"] == "-":
        return Token(until, after)
    start = _day(read["from_monday"], now)
    return None if start is None else Token(until, after, Mark(now.of, start, int(read["from_settled"]), ""))


def _day(told: str, now: Mark) -> date | None:
    try:
        found = date(int(told[:4]), int(told[4:6]), int(told[6:]))
    except ValueError:
        return None
    return found if now.monday - OLDEST <= found <= now.monday and found.isoweekday() == 1 else None


def _mark_text(mark: Mark) -> str:
    return f"{START}{mark.of}:{mark.monday:%Y%m%d}:{mark.settled}:{mark.state}"
