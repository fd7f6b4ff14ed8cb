"""JSON route of the audit trail."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter

from core.paging import CURSOR, MOST, Page
from core.wire import CODE, WHEN, when
from people.answers import READ
from people.audit_schemas import AuditOut, AuditWish
from people.audit_trail import entries
from people.desk import AtDesk

ACTION = r"^[a-z][a-z0-9_. ]{0,99}(?!\n)$"
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]


@get("/audit", summary="The audit trail", responses=READ)
async def audit(
    desk: AtDesk,
    person_id: FromQuery[UUID | None] = None,
    table: Annotated[str | None, QueryParameter(pattern=CODE)] = None,
    row_id: FromQuery[UUID | None] = None,
    action: Annotated[str | None, QueryParameter(pattern=ACTION)] = None,
    from_: Annotated[str | None, QueryParameter(name="from", pattern=WHEN)] = None,
    to: Annotated[str | None, QueryParameter(name="to", pattern=WHEN)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AuditOut]:
    """For administrators, newest first: by whom, on which table or row, what, and when."""
    zone = desk.tenant.zone
    wish = AuditWish(
        person_id=person_id,
        table=table,
        row_id=row_id,
        action=action,
        since=when(from_, zone, "from") if from_ else None,
        until=when(to, zone, "to") if to else None,
    )
    return await desk.read(
        lambda db, actor: entries(db, actor, wish, now=desk.now, cursor=cursor, limit=limit)
    )


router = Router(path="/api/{m:str}", tags=["audit"], route_handlers=[audit])
