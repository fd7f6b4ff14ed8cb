"""After a dump was restored: transactions are counted on from where they were, so that calendars hear what is new.

The change log bears the numbers of the PostgreSQL that it was written in; another begins to count anew, and to whoever
has heard of transaction 900,000 its first changes would be old news (docs/decisions/0010).
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from calendar_feeds.queries import COUNT_ON, counted
from core.db import Database
from core.provision import connect

AT_ONCE: Final = 50_000


class Renewed(NamedTuple):
    """From which transaction to which was counted; the same twice when there was nothing to do."""

    began_at: int
    ended_at: int


async def renew(database: Database, *, beyond: int, tell: Callable[[int], None]) -> Renewed:
    """Counts until `beyond` transactions after the newest that the log knows: so many may have been told of elsewhere
    after the dump was made. `tell` hears how many are left. Safe to repeat, and while the program runs.
    """
    async with database.feeds() as db:
        found = await counted(db)
    began_at, wanted = int(found.now), int(found.logged) + beyond
    if found.logged <= began_at:
        return Renewed(began_at, began_at)
    connection = await connect(database.url)
    try:
        await connection.execute("SET synchronous_commit = off")
        left = wanted - began_at
        while left > 0:
            tell(left)
            await connection.execute(COUNT_ON.format(times=min(left, AT_ONCE)))
            left -= AT_ONCE
    finally:
        await connection.close()
    return Renewed(began_at, wanted)
