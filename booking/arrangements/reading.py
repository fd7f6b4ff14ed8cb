"""Which arrangements are there? Everybody may know, wherever the public may book."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.arrangement_models import Arrangement
from booking.arrangements import queries
from booking.arrangements.schemas import ArrangementOut, ArrangementTime
from core import files
from core.db import AnyRow
from core.errors import NotFound
from core.paging import Page, read_cursor, write_cursor
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import may


async def arrangements(
    db: AsyncSession,
    tenant: Tenant,
    *,
    facility_id: UUID | None,
    published: bool = True,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[ArrangementOut]:
    """What is to come, by its next time; not `published`: also at places that the public does not see."""
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.coming(
        db,
        now,
        published=published,
        facility_id=facility_id,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown = rows[:limit]
    times: dict[UUID, list[AnyRow]] = {}
    for each in await queries.times_of(
        db, [row.Arrangement.application_id for row in shown], published_at=now if published else None
    ):
        times.setdefault(each.application_id, []).append(each)
    more = write_cursor(shown[-1].first, shown[-1].Arrangement.id) if len(rows) > limit else None
    return Page(
        [
            arrangement_out(row.Arrangement, row.title, times.get(row.Arrangement.application_id, []), tenant)
            for row in shown
        ],
        more,
    )


async def arrangement(
    db: AsyncSession, actor: Actor, tenant: Tenant, arrangement_id: UUID, now: datetime
) -> ArrangementOut:
    """One, for everybody; also when it is over or cancelled. Raises NotFound for what only staff see."""
    known = await queries.arrangement(db, arrangement_id)
    if known is None:
        raise NotFound(what="arrangement")
    row = known.Arrangement
    times = await queries.times_of(db, [row.application_id], published_at=now)
    if not times and row.cancelled_at is None:
        times = await queries.times_of(db, [row.application_id], published_at=None)
        if not any(
            may(actor, "arrangement.manage", Place(each.facility_id, each.resource_id)) for each in times
        ):
            raise NotFound(what="arrangement")
    return arrangement_out(row, known.title, times, tenant)


async def picture(
    db: AsyncSession, actor: Actor, tenant: Tenant, arrangement_id: UUID, now: datetime
) -> tuple[str, bytes, int]:
    """Media type, content and version of its picture. Raises NotFound."""
    told = await arrangement(db, actor, tenant, arrangement_id, now)
    known = await queries.arrangement(db, arrangement_id)
    assert known is not None, "just read"
    file = (
        None if known.Arrangement.picture_id is None else await files.stored(db, known.Arrangement.picture_id)
    )
    if file is None or file.media_type not in files.PICTURES:
        raise NotFound(what="picture")
    return file.media_type, file.content, told.version


def may_manage(actor: Actor, out: ArrangementOut) -> bool:
    """At all the places of its times."""
    return all(
        may(actor, "arrangement.manage", Place(each.facility_id, each.resource_id)) for each in out.times
    )


def arrangement_out(row: Arrangement, title: str, times: Sequence[AnyRow], tenant: Tenant) -> ArrangementOut:
    return ArrangementOut(
        id=row.id,
        application_id=row.application_id,
        title=title,
        description=row.description,
        organiser=row.organiser,
        website=row.website,
        has_picture=row.picture_id is not None,
        picture_alt=row.picture_alt,
        times=[
            ArrangementTime(
                booking_id=each.id,
                resource_id=each.resource_id,
                resource_name=each.resource,
                facility_id=each.facility_id,
                facility_name=each.facility,
                start=each.starts_at.astimezone(tenant.zone),
                end=each.ends_at.astimezone(tenant.zone),
            )
            for each in times
        ],
        cancelled=row.cancelled_at is not None,
        version=row.version,
    )
