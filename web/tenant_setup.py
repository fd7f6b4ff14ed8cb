"""What `ledig tenant create` and `ledig token create` do: a ready municipality, and secrets for programs."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.no import orgnr

from core import audit
from core.db import Database
from core.errors import AlreadyExists, Invalid, NotFound
from core.ids import new_id
from core.tenants import TenantHost, TenantTable
from core.texts import LANGUAGES
from people.association_models import Invitation
from people.invitations import LASTS
from people.models import Person, RoleGrant
from people.rules import SCOPES, STAFF
from people.service import hash_of, issue_token
from web import setup_queries

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
COLOUR = re.compile(r"#[0-9a-f]{6}")
RESERVED = frozenset(
    {
        "api",
        "static",
        "health",
        "metrics",
        "ical",
        "webhooks",
        "problems",
        "demo",
        "search",
        "sign-in",
        "accessibility",
    }
)
"""Words that already begin a path."""
ROLES = frozenset[str]().union(*STAFF.values())


class NewTenant(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality to be made."""

    slug: str
    number: str
    """Kommunenummer, four figures."""
    organisation_number: str
    name: str
    languages: tuple[str, ...] = ("nb", "nn", "en")
    """The first is what pages show when the reader says nothing."""
    zone: str = "Europe/Oslo"
    colour: str = "#0062ba"
    logo: str | None = None
    hosts: tuple[str, ...] = ()
    administrator: str = "Administrator"
    """Name of the first person, who may do everything."""


class CreatedTenant(msgspec.Struct, frozen=True):
    tenant_id: UUID
    administrator_id: UUID
    token: str
    """The administrator's, shown this once."""
    invitation: str
    """Secret of a link that makes whoever signs in with it an administrator, shown this once."""


async def create_tenant(
    owner: Database, new: NewTenant, now: datetime, *, tenant_id: UUID | None = None
) -> CreatedTenant:
    """A ready municipality in one go. `owner` connects as whoever may migrate. Raises Invalid, AlreadyExists."""
    check_tenant(new)
    tenant_id = tenant_id or new_id()
    async with owner.transaction(tenant_id) as db:
        await _refuse_existing(db, new)
        await add_tenant(db, tenant_id, new)
        administrator = Person(id=new_id(), name=new.administrator, customer_group="internal")
        db.add(administrator)
        await db.flush()
        db.add(RoleGrant(person_id=administrator.id, role="administrator"))
        token = issue_token(db, administrator.id, "made with the municipality", [*SCOPES])
        invitation = secrets.token_urlsafe(32)
        db.add(
            Invitation(
                email="",  # the operator hands the link on herself
                role="administrator",
                hash=hash_of(invitation),
                created_at=now,
                expires_at=now + LASTS,
            )
        )
        audit.note(db, None, "tenant.created", table="tenant", row_id=tenant_id, now=now)
        await db.flush()
    return CreatedTenant(tenant_id, administrator.id, token, invitation)


async def add_tenant(db: AsyncSession, tenant_id: UUID, new: NewTenant) -> None:
    """The municipality's own row and its hosts, as the owner."""
    db.add(
        TenantTable(
            id=tenant_id,
            slug=new.slug,
            number=new.number,
            organisation_number=orgnr.compact(new.organisation_number),
            name=new.name,
            languages=list(new.languages),
            zone=new.zone,
            colour=new.colour,
            logo=new.logo,
        )
    )
    await db.flush()
    db.add_all(TenantHost(host=host, tenant_id=tenant_id) for host in new.hosts)
    await db.flush()


def check_tenant(new: NewTenant) -> None:
    """Raises Invalid with the first field that is not right."""
    if not SLUG.fullmatch(new.slug) or new.slug in RESERVED:
        raise Invalid(
            field="slug",
            expected="2 to 40 of a-z, 0-9 and -, a letter first, no word that the program uses itself",
        )
    if not re.fullmatch(r"[0-9]{4}", new.number):
        raise Invalid(field="number", expected="the four figures of the municipality's number")
    if not orgnr.is_valid(new.organisation_number):
        raise Invalid(field="organisation_number", expected="nine figures with a right check digit (mod 11)")
    if not 1 <= len(new.name.strip()) <= 100:
        raise Invalid(field="name", expected="1 to 100 letters")
    if not new.languages or not set(new.languages) <= LANGUAGES.keys():
        raise Invalid(field="languages", expected=f"one or more of {', '.join(LANGUAGES)}")
    if not COLOUR.fullmatch(new.colour):
        raise Invalid(field="colour", expected="#rrggbb")
    for host in new.hosts:
        if not HOST.fullmatch(host):
            raise Invalid(field="hosts", expected=f"host names in lower case without port ({host!r} is none)")
    try:
        ZoneInfo(new.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(field="zone", expected="a name such as Europe/Oslo") from error


async def _refuse_existing(db: AsyncSession, new: NewTenant) -> None:
    row = await setup_queries.tenant_like(
        db,
        slug=new.slug,
        number=new.number,
        organisation_number=orgnr.compact(new.organisation_number),
    )
    if row is not None:
        field = next(name for name in ("slug", "number", "organisation_number") if _same(row, new, name))
        raise AlreadyExists(field=field, municipality=row.slug)
    taken = await setup_queries.taken_host(db, new.hosts)
    if taken is not None:
        raise AlreadyExists(field="hosts", host=taken)


def _same(row: TenantTable, new: NewTenant, name: str) -> bool:
    return getattr(row, name) == orgnr.compact(str(getattr(new, name)))


async def create_token(
    db: AsyncSession,
    now: datetime,
    *,
    label: str,
    person_id: UUID | None = None,
    name: str | None = None,
    role: str | None = None,
    scopes: Sequence[str] = SCOPES,
    expires_at: datetime | None = None,
) -> str:
    """A secret for a person of the municipality: the one of the id, or a new one with that name and role.

    Raises NotFound, Invalid.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Invalid(field="scopes", expected=f"one or more of {', '.join(SCOPES)}")
    if role is not None and role not in ROLES:
        raise Invalid(field="role", expected=f"one of {', '.join(sorted(ROLES))}")
    if (person_id is None) == (name is None):
        raise Invalid(field="person_id", expected="either person_id or name")
    if person_id is None:
        person_id = new_id()
        db.add(Person(id=person_id, name=name))
        await db.flush()
    elif not await setup_queries.is_known(db, person_id):
        raise NotFound(what="person")
    if role is not None and not await setup_queries.has_role(db, person_id, role):
        db.add(RoleGrant(person_id=person_id, role=role))
    secret = issue_token(db, person_id, label, list(scopes), expires_at=expires_at)
    audit.note(db, None, "token.created", table="person", row_id=person_id, now=now)
    await db.flush()
    return secret
