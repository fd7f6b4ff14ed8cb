"""Where a reader of the change log has come to, and how long the log goes back. Pure."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from core.errors import CursorTooOld, Invalid
from core.paging import read_cursor, write_cursor
from core.texts import N_

LOG_KEPT: Final = timedelta(days=400)
"""At least so long. Feeds show what has ended for 90 days; who reads forward may have been away for longer."""
MARGIN: Final = timedelta(days=1)
"""Rows of one transaction bear the time it began, and a night's work deletes by that."""
FIRST: Final = UUID(int=0)
"""Before every row of a transaction."""


class Position(Struct, frozen=True):
    """All of the log is known up to this row of this transaction, as it stood at that time."""

    xid: int
    id: UUID
    at: datetime


def write_position(position: Position) -> str:
    """As partners send it back."""
    return write_cursor(str(position.xid), position.id, position.at)


def read_position(since: str, edge: int, now: datetime) -> Position:
    """What `write_position` wrote. `edge`: the oldest transaction still under way.

    Raises Invalid for anything else, CursorTooOld when rows after it may be gone, or when it is of transactions that
    are yet to come: the database was restored from a copy, and counts anew.
    """
    try:
        found = read_cursor(since, str, UUID, datetime)
    except Invalid as error:
        raise _no_cursor() from error
    if found is None:
        raise _no_cursor()
    number, row_id, at = found
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise _no_cursor()
    position = Position(int(number), row_id, at)
    if position.xid > edge or position.at < now - LOG_KEPT + MARGIN:
        raise CursorTooOld(kept_days=LOG_KEPT.days)
    return position


def _no_cursor() -> Invalid:
    return Invalid(field="since", expected=N_("the `next` of an earlier answer, or nothing: from now on"))
