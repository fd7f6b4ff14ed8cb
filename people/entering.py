"""Through the door: a sign-in that has begun, and the login it becomes when the provider has answered."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import SignInFailed
from core.vault import Unopenable, Vault
from people import identity_queries as queries
from people.identities import Profile
from people.identity_models import SignInAttempt
from people.models import Login
from people.oidc import Begun, Secrets
from people.proof import Proof
from people.providers import Provider
from people.queries import end_login
from people.rules import LOGIN_LASTS

ATTEMPT_LASTS = timedelta(minutes=10)


class Attempt(msgspec.Struct, frozen=True):
    """A sign-in taken up again: what was kept for it."""

    secrets: Secrets
    wants_strong: bool
    next_path: str


class Entered(msgspec.Struct, frozen=True):
    """The cookie's secret, told this once, and whether she must still say what she is called."""

    secret: str
    needs_name: bool


def begin_attempt(
    db: AsyncSession,
    vault: Vault,
    begun: Begun,
    *,
    provider: Provider,
    browser: str,
    next_path: str,
    wants_strong: bool,
    now: datetime,
) -> None:
    """Keeps what this browser needs when it comes back."""
    db.add(
        SignInAttempt(
            hash=_hash(begun.state),
            browser_hash=_hash(browser),
            provider=provider.key,
            sealed=vault.seal(msgspec.json.encode(begun.secrets).decode()),
            wants_strong=wants_strong,
            next_path=next_path,
            created_at=now,
            expires_at=now + ATTEMPT_LASTS,
        )
    )


async def take_up(
    db: AsyncSession, vault: Vault, provider: Provider, *, state: str, browser: str, now: datetime
) -> Attempt:
    """The attempt that this browser began, once. Raises SignInFailed for any other, and tells no difference."""
    row = await queries.take_up(db, _hash(state), _hash(browser), provider.key, now)
    if row is None:
        raise SignInFailed(reason="state")
    try:
        kept = msgspec.json.decode(vault.opened(row.sealed), type=Secrets)
    except Unopenable as error:
        raise SignInFailed(reason="key of the attempt is gone") from error
    return Attempt(kept, row.wants_strong, row.next_path)


async def enter(
    db: AsyncSession,
    vault: Vault,
    identity_id: UUID,
    *,
    proof: Proof,
    provider: Provider,
    elsewhere: Profile,
    earlier: str | None,
    agent: str | None,
    language: str,
    now: datetime,
) -> Entered:
    """A new login, whatever was there before: the `earlier` one of this browser ends, so that no cookie planted in it
    is ever taken up. Who comes for the first time gets a profile, with what her provider says and what she has told
    another municipality.
    """
    if earlier is not None:
        await end_login(db, _hash(earlier), now)
    person_id, name = await _profile(db, identity_id, proof, elsewhere, language, now)
    secret = secrets.token_urlsafe(32)
    db.add(
        Login(
            person_id=person_id,
            identity_id=identity_id,
            hash=_hash(secret),
            provider=provider.key,
            acr=proof.acr,
            is_strong=provider.is_strong(proof.acr),
            subject_hash=vault.hash("provider_subject", f"{proof.issuer} {proof.subject}"),
            sid_hash=None if proof.sid is None else vault.hash("sid", f"{proof.issuer} {proof.sid}"),
            id_token=vault.seal(proof.id_token) if provider.takes_back_token else None,
            represents=list(proof.represents),
            agent=agent,
            created_at=now,
            used_at=now,
            expires_at=now + LOGIN_LASTS,
        )
    )
    await db.flush()
    return Entered(secret, needs_name=not name)


async def _profile(
    db: AsyncSession, identity_id: UUID, proof: Proof, elsewhere: Profile, language: str, now: datetime
) -> tuple[UUID, str]:
    """Her id here and her name; a name that she has not told yet is the provider's, if it has one."""
    person = await queries.profile(db, identity_id)
    if person is not None:
        person.seen_at = now
        person.name = person.name or proof.name or ""
        return person.id, person.name
    name = proof.name or elsewhere.name
    person_id = await queries.make_profile(
        db,
        identity_id,
        name=name,
        email=elsewhere.email or proof.email,
        phone=elsewhere.phone,
        postcode=elsewhere.postcode,
        language=elsewhere.language or language,
        created_at=now,
        seen_at=now,
    )
    return person_id, name


def _hash(secret: str) -> bytes:
    """As in people/service.py: of 256 random bits, or of what somebody made up."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
