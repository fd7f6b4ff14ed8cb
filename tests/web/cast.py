"""One person for every role there is, in a town, with the secrets she comes with; and a door that keeps nothing."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.ids import new_id
from core.spans import utc_now
from people.actors import DelegateRole, Role
from people.models import Delegate, Login, Person, RoleGrant, Token
from people.service import hash_of
from tests import make
from tests.web.towns import Town

FOR_EVER = datetime(2090, 1, 1, tzinfo=UTC)
SCOPES = ("municipality", "facility", "resource", "elsewhere")
"""Where a staff role is held: everywhere, at the right facility, at the right resource, at another facility."""
STAFF_ROLES: tuple[Role, ...] = get_args(Role)
DELEGATE_ROLES: tuple[DelegateRole, ...] = get_args(DelegateRole)


@dataclass(frozen=True)
class Part:
    """A role to be played. `staff`: which role, and where."""

    name: str
    staff: tuple[Role, str] | None = None
    delegate: DelegateRole | None = None
    scopes: tuple[str, ...] = ("read", "write", "staff")
    is_strong: bool = True
    by: str = "both"
    """What she comes with: `token`, `login`, or `both`: a token to the API and a login to pages."""

    def __str__(self) -> str:
        return self.name


NOBODY = Part("nobody")
HERSELF = Part("herself", staff=("administrator", "municipality"), by="login")
"""The one person the town's rows are about, who is its administrator too."""
READING = Part("reading", staff=("administrator", "municipality"), scopes=("read", "staff"), by="token")
PERSONAL = Part("personal", staff=("administrator", "municipality"), scopes=("read", "write"), by="token")
WEAK = Part("weak", staff=("administrator", "municipality"), is_strong=False, by="login")
PARTS = (
    NOBODY,
    Part("citizen"),
    *(Part(role, delegate=role) for role in DELEGATE_ROLES),
    *(
        Part(role if scope == "municipality" else f"{role}@{scope}", staff=(role, scope))
        for role in STAFF_ROLES
        for scope in SCOPES
    ),
    READING,
    PERSONAL,
    WEAK,
    HERSELF,
)
"""`reading`, `personal` and `weak` are an administrator whose token only reads, whose token leaves her roles out, and
who has not signed in surely enough."""


@dataclass
class Player:
    """Somebody who plays a part in a town."""

    part: Part
    person_id: UUID | None
    token: str | None
    login: str | None

    def headers(self, town: Town, *, to_page: bool) -> dict[str, str]:
        """What she sends, to a page or to the API."""
        if self.login is not None and (to_page or self.token is None):
            return {"Cookie": f"ledig_{town.tenant.slug}={self.login}"}
        return make.bearer(self.token) if self.token is not None else {}


async def players_in(database: Database, town: Town) -> dict[str, Player]:
    """A player of every part, in the town."""
    async with database.transaction(town.tenant.id) as db:
        elsewhere = await make.facility(db, name="Et annet sted")
        return {part.name: await _player(db, town, part, elsewhere) for part in PARTS}


async def _player(db: AsyncSession, town: Town, part: Part, elsewhere: UUID) -> Player:
    if part is NOBODY:
        return Player(part, None, None, None)
    if part is HERSELF:
        return Player(part, town.ids["person"], None, town.login)
    player = Player(
        part,
        new_id(),
        f"ledig_{secrets.token_urlsafe(32)}" if part.by != "login" else None,
        secrets.token_urlsafe(32) if part.by != "token" else None,
    )
    db.add(Person(id=player.person_id, name=part.name))
    await db.flush()
    if part.staff is not None:
        role, scope = part.staff
        facility = {"facility": town.ids["facility"], "elsewhere": elsewhere}.get(scope)
        resource = town.ids["resource"] if scope == "resource" else None
        db.add(RoleGrant(person_id=player.person_id, role=role, facility_id=facility, resource_id=resource))
    if part.delegate is not None:
        association = town.ids["association"]
        db.add(Delegate(person_id=player.person_id, association_id=association, role=part.delegate))
    if player.token is not None:
        db.add(
            Token(
                person_id=player.person_id,
                hash=hash_of(player.token),
                label=part.name,
                scopes=[*part.scopes],
                used_at=FOR_EVER,
            )
        )
    if player.login is not None:
        db.add(
            Login(
                person_id=player.person_id,
                hash=hash_of(player.login),
                is_strong=part.is_strong,
                created_at=utc_now(),
                used_at=FOR_EVER,
                expires_at=FOR_EVER,
            )
        )
    await db.flush()
    return player


class Undone(Exception):
    """Ends a transaction in nothing."""


class Forgetful(Database):
    """Does everything that is asked, checks included, and keeps nothing of it: a town is as it was afterwards."""

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncGenerator[AsyncSession, None]:
        """As the program opens it, but rolled back where it would be committed."""
        with suppress(Undone):
            async with super().transaction(tenant_id) as db:
                yield db
                await db.flush()
                await db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                db.expunge_all()  # what was read is still read after a commit
                raise Undone
