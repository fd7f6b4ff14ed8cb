"""What a screen in the hall shows: today's and tomorrow's times of its resources, as everybody may know them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.board import Row
from booking.boards.service import days_from, places, rows_of
from core.errors import NotFound
from core.spans import Span, local_date
from core.tenants import Tenant
from people.actors import NOBODY
from resources.facts import Wanted

DAYS = 2
MOST = 24
"""Resources that can be read on one screen."""


class Screen(msgspec.Struct, frozen=True):
    """`rows` have two days each."""

    name: str
    """Of the facility."""
    facility_id: UUID
    rows: Sequence[Row]


async def screen(db: AsyncSession, tenant: Tenant, wanted: Wanted, now: datetime) -> Screen:
    """Who asks does not matter: the screen hangs where everybody sees it. Raises NotFound for what is not published."""
    days = days_from(tenant, local_date(tenant.zone, now), DAYS)
    found, name = await places(db, NOBODY, wanted, Span(days[0].start, days[-1].end), now)
    if name is None:
        raise NotFound(what="resource" if wanted.resource_ids else "facility")
    rows = await rows_of(db, NOBODY, found[:MOST], days, now)
    return Screen(name, found[0].facts.facility_id, rows)
