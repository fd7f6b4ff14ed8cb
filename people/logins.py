"""Where one is signed in, and leaving: here, at the provider, everywhere, or because the provider says so."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.vault import Unopenable, Vault
from people import identity_queries as queries
from people.actors import Actor
from people.oidc import OLDEST_TOKEN, Ended
from people.providers import Provider
from people.rules import LOGIN_IDLE, demand_at_browser, demand_person
from people.service import hash_of

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|Chromium|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X|Macintosh", "macOS"),
    ("Linux|X11", "Linux"),
)
"""What tells it → what people call it; the first that is found."""


class LoginOut(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in."""

    id: UUID
    agent: str | None
    provider: str | None
    """Key; None: chosen in the demo."""
    created_at: datetime
    used_at: datetime
    """Give or take people.rules.USE_NOTED_EVERY."""
    is_strong: bool
    is_this: bool


class Left(msgspec.Struct, frozen=True):
    """A login that has ended: where she signed in, and the token to hand back there, if it is kept."""

    provider: str
    id_token: str | None


def agent_of(header: str | None) -> str | None:
    """Browser and system, "Firefox, Linux"; None when neither is known. Nothing else of the header is kept."""
    known = [
        next((name for pattern, name in names if re.search(pattern, (header or "")[:1000])), None)
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in known if name) or None


async def leave(db: AsyncSession, vault: Vault, secret: str, now: datetime) -> Left | None:
    """Ends the login of the cookie. The answer is for leaving at the provider too, if she came by one."""
    row = await queries.login_by_hash(db, hash_of(secret))
    if row is None or row.ended_at is not None:
        return None
    row.ended_at = now
    sealed, row.id_token = row.id_token, None
    await db.flush()
    if row.provider is None:
        return None
    try:
        return Left(row.provider, None if sealed is None else vault.opened(sealed))
    except Unopenable:
        return Left(row.provider, None)  # its key is gone


async def own_logins(db: AsyncSession, actor: Actor, now: datetime) -> Sequence[LoginOut]:
    """Where she is signed in here, the one used last first. Raises SignInNeeded, Forbidden for programs."""
    person_id = demand_at_browser(actor)
    return [
        LoginOut(
            id=row.id,
            agent=row.agent,
            provider=row.provider,
            created_at=row.created_at,
            used_at=row.used_at,
            is_strong=row.is_strong,
            is_this=row.id == actor.login_id,
        )
        for row in await queries.live_logins(db, person_id, now, now - LOGIN_IDLE)
    ]


async def end_one(db: AsyncSession, actor: Actor, login_id: UUID, now: datetime) -> bool:
    """Whether it was the one she came with. Raises NotFound for what is not hers."""
    if not await queries.has_login(db, demand_person(actor), login_id):
        raise NotFound(what="login")
    demand_at_browser(actor)
    await queries.end_login(db, login_id, now)
    return login_id == actor.login_id


async def end_all_here(db: AsyncSession, actor: Actor, now: datetime) -> UUID | None:
    """Ends all of hers in this municipality. The answer is who she is, for `end_all` in the others."""
    person_id = demand_at_browser(actor)
    await queries.end_logins_of_person(db, person_id, now)
    return await queries.identity_of(db, person_id)


async def end_all(db: AsyncSession, identity_id: UUID, now: datetime) -> int:
    """Ends all of hers, in all municipalities. As herself; how many there were."""
    return await queries.end_logins_of(db, identity_id, now)


async def end_at_provider(
    db: AsyncSession, vault: Vault, provider: Provider, ended: Ended, now: datetime
) -> bool:
    """What the provider's logout token says, in this municipality. False when it has been told before."""
    lasts = now + timedelta(seconds=2 * OLDEST_TOKEN)
    if not await queries.spend(db, vault.hash("jti", f"{provider.issuer} {ended.jti}"), lasts):
        return False
    await end_session(db, vault, provider, sid=ended.sid, subject=ended.subject, now=now)
    return True


async def end_session(
    db: AsyncSession,
    vault: Vault,
    provider: Provider,
    *,
    sid: str | None,
    subject: str | None = None,
    now: datetime,
) -> int:
    """Ends logins of that session at the provider; without one, all of that subject. How many there were."""
    sids = vault.hashes("sid", f"{provider.issuer} {sid}") if sid else []
    subjects = vault.hashes("provider_subject", f"{provider.issuer} {subject}") if subject else []
    return await queries.end_logins_at_provider(
        db, provider.key, now, sid_hashes=sids, subject_hashes=subjects
    )
