"""HTML routes of terms: those in force, and every earlier version."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import lease_terms
from resources.decision_schemas import TermsOut, TermsVersionsOut
from resources.place_queries import Kept
from resources.views import in_language, terms_url


@get("/resources/{resource_id:uuid}/terms")
async def terms(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """As they read now."""
    kept, found = await _versions(desk, resource_id)
    in_force = next((each for each in found.items if each.is_in_force), None)
    if in_force is None:
        raise NotFound(what="terms")
    return _terms_page(desk, kept, found, in_force)


@get("/resources/{resource_id:uuid}/terms/{version:str}")
async def terms_version(desk: AtDesk, resource_id: FromPath[UUID], version: FromPath[str]) -> Response[str]:
    """As they read then."""
    kept, found = await _versions(desk, resource_id)
    chosen = next((each for each in found.items if each.version == version), None)
    if chosen is None:
        raise NotFound(what="terms")
    return _terms_page(desk, kept, found, chosen)


async def _versions(desk: Desk, resource_id: UUID) -> tuple[Kept, TermsVersionsOut]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[Kept, TermsVersionsOut]:
        return await lease_terms.versions(db, actor, resource_id, zone=desk.tenant.zone, now=desk.now)

    return await desk.read(work)


def _terms_page(desk: Desk, kept: Kept, found: TermsVersionsOut, shown: TermsOut) -> Response[str]:
    path = desk.url(f"/resources/{kept.resource.id}")
    texts = {"nb": shown.nb, "nn": shown.nn, "en": shown.en}
    return desk.page(
        "resources/terms.html",
        resource={
            "name": kept.resource.name,
            "url": path,
            "facility": kept.facility.name,
            "facility_url": desk.url(f"/facilities/{kept.facility.id}"),
        },
        terms={
            "version": shown.version,
            "text": in_language(texts, desk.language) or "",
            "since": shown.since,
            "is_in_force": shown.is_in_force,
        },
        others=[
            {"version": each.version, "since": each.since, "url": terms_url(path, each.version)}
            for each in found.items
            if each.version != shown.version
        ],
        now_url=None if shown.is_in_force else f"{path}/terms",
    )


handlers = [terms, terms_version]
