"""JSON routes of partners: the change log and webhooks."""

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter

from calendar_feeds.partners import changes as reading
from calendar_feeds.partners import door_api, webhook_api
from calendar_feeds.partners.schemas import Changes
from core.paging import CURSOR, MOST
from people.answers import READ, TOO_OLD
from people.desk import AtDesk

Since = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


@get("/changes", summary="What has changed since", responses={**READ, **TOO_OLD})
async def changes(desk: AtDesk, since: Since = None, limit: Limit = 50) -> Changes:
    """Every change of a booking or closure since an earlier answer's `next`, each once, none missed, whoever writes at
    the same time. Ask without `since` first, then read what there is, then ask on. Ids and states alone: read what
    they stand for where you may. For staff who may read all bookings; a token needs read and staff.
    """
    return await desk.read(
        lambda db, actor: reading.changes(db, actor, desk.tenant, since=since, limit=limit, now=desk.now)
    )


router = Router(
    path="/api/{m:str}",
    tags=["partners"],
    route_handlers=[changes, *webhook_api.handlers, *door_api.handlers],
)
