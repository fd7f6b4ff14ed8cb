"""All SQL of making municipalities and the demo."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application
from core.tenants import TenantHost, TenantTable
from people.models import Person, Token
from people.role_queries import live_grant
from resources.models import Resource


async def tenant_like(
    db: AsyncSession, *, slug: str, number: str, organisation_number: str
) -> TenantTable | None:
    """A municipality that has one of these already."""
    return await db.scalar(
        select(TenantTable).where(
            or_(
                TenantTable.slug == slug,
                TenantTable.number == number,
                TenantTable.organisation_number == organisation_number,
            )
        )
    )


async def taken_host(db: AsyncSession, hosts: Iterable[str]) -> str | None:
    """One of the hosts that a municipality has already."""
    return await db.scalar(select(TenantHost.host).where(TenantHost.host.in_(list(hosts))))


async def is_known(db: AsyncSession, person_id: UUID) -> bool:
    return await db.scalar(select(Person.id).where(Person.id == person_id)) is not None


async def has_role(db: AsyncSession, person_id: UUID, role: str) -> bool:
    """Over the whole municipality, in force."""
    return await live_grant(db, person_id, role, facility_id=None, resource_id=None) is not None


async def live_hashes(db: AsyncSession, hashes: Iterable[bytes]) -> set[bytes]:
    """Those of the hashes whose tokens still open."""
    query = select(Token.hash).where(Token.hash.in_(list(hashes)), Token.revoked_at.is_(None))
    return set(await db.scalars(query))


async def decide_by_vedtak(db: AsyncSession, resource_id: UUID) -> None:
    """The resource's requests are decided as a public authority decides, with a right of appeal."""
    await db.execute(update(Resource).where(Resource.id == resource_id).values(decision_kind="vedtak"))


async def age_application(db: AsyncSession, application_id: UUID, **columns: Any) -> None:
    """As if it had been made, and perhaps taken, at another time."""
    await db.execute(update(Application).where(Application.id == application_id).values(**columns))
