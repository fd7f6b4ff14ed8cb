"""A worker for partners that dies at its n-th step in the database: started by test_killed.py.

`doomed.py DATABASE_URL TENANT_ID WEBHOOK_ID KEY`: for n = 1, 2, … a child of this process reads the change log, sends
what is due, and kills itself just before the n-th step (a statement, a commit, or giving the connection back after it),
until one child lives to the end. Each comes when the lease of the one before has run out. Prints how many died.
"""

import sys
from functools import partial
from uuid import UUID

from calendar_feeds.partners import sending, tasks
from calendar_feeds.partners.messages import DeliveriesDue, LogGrew
from core.db import Database
from core.delivery import Door
from core.settings import Settings
from core.spans import utc_now
from tests.booking.doomed import MOST_STEPS, die_at, in_a_child, tell


async def work(url: str, tenant_id: UUID, webhook_id: UUID, key: str, step: int) -> None:
    """What a worker does with the two messages, once."""
    settings = Settings(keys=(key,), call_networks=("127.0.0.0/8",))
    database, now = Database(url, pool_size=1), utc_now() + step * sending.LEASE
    die_at(database, step)
    door = Door(database, tenant_id, settings)
    async with door() as db:
        await tasks.look_again(db, LogGrew(), now)
    await tasks.send_due(door, DeliveriesDue(webhook_id), now)
    await database.close()


def main() -> None:
    url, tenant_id, webhook_id, key = sys.argv[1:]
    for step in range(1, MOST_STEPS):
        if in_a_child(partial(work, url, UUID(tenant_id), UUID(webhook_id), key), step) == 0:
            tell(died=step - 1)
            return


if __name__ == "__main__":
    main()
