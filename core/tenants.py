"""The municipalities that share the installation: the one shared table, and how a path or host finds its tenant."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ARRAY, DateTime, ForeignKey, Text, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.ids import new_id


class TenantTable(Base):
    """Written by `ledig tenant` as the owner; the program may only read."""

    __tablename__ = "tenant"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    organisation_number: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    zone: Mapped[str] = mapped_column(Text, server_default="Europe/Oslo")
    colour: Mapped[str] = mapped_column(Text, server_default="#0062ba")
    logo: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class TenantHost(Base):
    """A host name of a municipality's own, where paths need no slug."""

    __tablename__ = "tenant_host"

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)


class Tenant(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A municipality as everything else sees it."""

    id: UUID
    slug: str
    number: str
    organisation_number: str
    name: str
    languages: tuple[str, ...]
    """The first is what pages show when the reader says nothing."""
    zone_name: str
    colour: str
    logo: str | None
    hosts: tuple[str, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)


async def all_tenants(db: AsyncSession) -> Sequence[Tenant]:
    """Every municipality, sorted by name."""
    hosts: dict[UUID, list[str]] = {}
    for host, tenant_id in await db.execute(
        select(TenantHost.host, TenantHost.tenant_id).order_by(TenantHost.host)
    ):
        hosts.setdefault(tenant_id, []).append(host)
    rows = await db.scalars(select(TenantTable).order_by(TenantTable.name))
    return [
        Tenant(
            id=row.id,
            slug=row.slug,
            number=row.number,
            organisation_number=row.organisation_number,
            name=row.name,
            languages=tuple(row.languages),
            zone_name=row.zone,
            colour=row.colour,
            logo=row.logo,
            hosts=tuple(hosts.get(row.id, ())),
        )
        for row in rows
    ]
