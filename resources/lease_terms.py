"""Terms with versions: what somebody accepted can always be shown again as it read."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid, NotFound
from core.ids import new_id
from core.texts import N_
from people.actors import Actor
from resources import place_queries, policy_queries
from resources.decision_schemas import TermsOut, TermsVersionsOut
from resources.models import Resource, TermsVersion
from resources.place_queries import Kept


async def keep_terms(db: AsyncSession, row: Resource, now: datetime) -> None:
    """Write down the terms in force of a resource. Raises Invalid when the version was given out with another text."""
    await keep_all_terms(db, [row], now)


async def keep_all_terms(db: AsyncSession, rows: Iterable[Resource], now: datetime) -> None:
    """The same of many, in one statement."""
    having = [row for row in rows if row.terms]
    if not having:
        return
    known = await policy_queries.terms_known(db, [row.id for row in having])
    for row in having:
        assert row.terms is not None, "chosen for having terms"
        version = str(row.terms["version"])
        texts = {code: text for code, text in row.terms.items() if code != "version"}
        earlier = known.get((row.id, version))
        if earlier is None:
            db.add(
                TermsVersion(id=new_id(), resource_id=row.id, version=version, texts=texts, created_at=now)
            )
        elif earlier.texts != texts:
            raise Invalid(
                field="terms.version",
                expected=N_("a new version, since the text is a new one"),
                given=version,
            )


async def versions(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, zone: ZoneInfo, now: datetime
) -> tuple[Kept, TermsVersionsOut]:
    """All versions, the newest first. Raises NotFound, also for what the reader may not see."""
    found = await place_queries.resources(db, place_queries.sight_of(actor, now), ids=[resource_id])
    if not found:
        raise NotFound(what="resource")
    in_force = (found[0].resource.terms or {}).get("version")
    rows = await policy_queries.terms_of(db, resource_id)
    return found[0], TermsVersionsOut(
        resource_id=resource_id, items=[_out(row, in_force, zone) for row in rows]
    )


async def version(
    db: AsyncSession, actor: Actor, resource_id: UUID, version_: str, *, zone: ZoneInfo, now: datetime
) -> tuple[Kept, TermsOut]:
    """One version. Raises NotFound."""
    kept, found = await versions(db, actor, resource_id, zone=zone, now=now)
    chosen = next((each for each in found.items if each.version == version_), None)
    if chosen is None:
        raise NotFound(what="terms")
    return kept, chosen


def _out(row: TermsVersion, in_force: str | None, zone: ZoneInfo) -> TermsOut:
    return TermsOut(
        version=row.version,
        nb=row.texts.get("nb"),
        nn=row.texts.get("nn"),
        en=row.texts.get("en"),
        since=row.created_at.astimezone(zone),
        is_in_force=row.version == in_force,
    )
