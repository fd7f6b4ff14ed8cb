"""The municipalities that share the installation: the one shared table, and how a path or host finds its tenant."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ARRAY, DateTime, ForeignKey, Text, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Database
from core.ids import new_id
from core.settings import Settings


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


def home_of(tenant: Tenant, settings: Settings) -> str:
    """What the addresses of its pages begin with, for whoever reads them elsewhere: its own host where the program is
    reached by https.
    """
    public = settings.public_url
    if public is not None and public.startswith("https:") and tenant.hosts:
        return f"https://{tenant.hosts[0]}"
    return f"{public or f'http://{settings.host}:{settings.port}'}/{tenant.slug}"


async def all_tenants(db: AsyncSession) -> Sequence[Tenant]:
    """Every municipality, sorted by name."""
    hosts: dict[UUID, list[str]] = {}
    for host, tenant_id in await db.execute(
        select(TenantHost.host, TenantHost.tenant_id).order_by(TenantHost.host)
    ):
        hosts.setdefault(tenant_id, []).append(host)
    rows = await db.scalars(select(TenantTable).order_by(TenantTable.name))
    return [_tenant(row, hosts.get(row.id, ())) for row in rows]


def _tenant(row: TenantTable, hosts: Sequence[str]) -> Tenant:
    return Tenant(
        id=row.id,
        slug=row.slug,
        number=row.number,
        organisation_number=row.organisation_number,
        name=row.name,
        languages=tuple(row.languages),
        zone_name=row.zone,
        colour=row.colour,
        logo=row.logo,
        hosts=tuple(hosts),
    )


async def tenant_here(db: AsyncSession) -> Tenant:
    """The municipality whose transaction it is."""
    row = await db.scalar(select(TenantTable).where(TenantTable.id == db.info["tenant_id"]))
    assert row is not None, "a transaction is of a municipality that is here"
    hosts = await db.scalars(
        select(TenantHost.host).where(TenantHost.tenant_id == row.id).order_by(TenantHost.host)
    )
    return _tenant(row, hosts.all())


class Directory:
    """Finds a municipality by path or host. Read anew every `fresh_for` seconds, and when a slug is unknown."""

    def __init__(self, database: Database, *, fresh_for: float = 10.0) -> None:
        self._database = database
        self._fresh_for = fresh_for
        self._read_at = -1e9
        self._by_slug: dict[str, Tenant] = {}
        self._by_host: dict[str, Tenant] = {}
        self._lock = asyncio.Lock()

    async def all(self) -> list[Tenant]:
        """Sorted by name."""
        await self._read(time.monotonic() - self._fresh_for)
        return list(self._by_slug.values())

    async def by_slug(self, slug: str) -> Tenant | None:
        """One that was made a moment ago too: who asks for an unknown one waits for a reading begun after asking."""
        await self._read(time.monotonic() - self._fresh_for)
        if slug not in self._by_slug:
            await self._read(time.monotonic())
        return self._by_slug.get(slug)

    async def by_host(self, host: str) -> Tenant | None:
        """The municipality whose own name this is (without port, lower case)."""
        await self._read(time.monotonic() - self._fresh_for)
        return self._by_host.get(host)

    async def _read(self, not_before: float) -> None:
        """Unless it was read since; one reading at a time, which all who wait for it share."""
        if self._read_at >= not_before:
            return
        async with self._lock:
            if self._read_at >= not_before:
                return
            began_at = time.monotonic()
            async with self._database.shared() as db:
                tenants = await all_tenants(db)
            self._by_slug = {tenant.slug: tenant for tenant in tenants}
            self._by_host = {host: tenant for tenant in tenants for host in tenant.hosts}
            self._read_at = began_at
