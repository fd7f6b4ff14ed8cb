"""All SQL of who somebody is over all municipalities, of signing in and of logins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.ids import new_id
from people.identity_models import Identity, IdentityKey, SignInAttempt, SpentToken
from people.models import Login, Person

# As herself (core.db.Database.herself): row security shows what she can name, and no more.


async def key_known_by(db: AsyncSession, hashes: Sequence[bytes]) -> IdentityKey | None:
    """What one of the hashes finds; with several, that of the newest key, whose hash is the first."""
    rows = {
        row.hash: row for row in await db.scalars(select(IdentityKey).where(IdentityKey.hash.in_(hashes)))
    }
    return next((rows[hash_] for hash_ in hashes if hash_ in rows), None)


async def wait_for_others(db: AsyncSession, hashes: Sequence[bytes]) -> None:
    """One at a time may make who these hashes stand for, whichever keys the others have."""
    for number in sorted(int.from_bytes(hash_[:8], signed=True) for hash_ in hashes):
        await db.execute(select(func.pg_advisory_xact_lock(number)))


async def rewrite_key(db: AsyncSession, old_hash: bytes, **values: Any) -> None:
    await db.execute(update(IdentityKey).where(IdentityKey.hash == old_hash).values(**values))


def add_identity(db: AsyncSession, identity_id: UUID) -> None:
    db.add(Identity(id=identity_id))


async def profiles_of(db: AsyncSession, identity_id: UUID) -> Sequence[AnyRow]:
    """What she has told each municipality, the one she came to last first."""
    statement = (
        select(
            Person.tenant_id,
            Person.id,
            Person.name,
            Person.email,
            Person.phone,
            Person.postcode,
            Person.language,
        )
        .where(Person.identity_id == identity_id, Person.erased_at.is_(None))
        .order_by(Person.id.desc())
    )
    return (await db.execute(statement)).all()


async def end_logins_of(db: AsyncSession, identity_id: UUID, now: datetime) -> int:
    """In all municipalities; how many there were."""
    ended = await db.execute(
        update(Login)
        .where(Login.identity_id == identity_id, Login.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Login.id)
    )
    return len(ended.all())


# As the owner, for `ledig keys rotate`.


async def keys_not_under(db: AsyncSession, newest: str, after: bytes, limit: int) -> Sequence[IdentityKey]:
    """Sorted by hash, from the one after that."""
    statement = (
        select(IdentityKey)
        .where(IdentityKey.under != newest, IdentityKey.hash > after)
        .order_by(IdentityKey.hash)
        .limit(limit)
        .with_for_update()
    )
    return (await db.scalars(statement)).all()


async def hash_is_taken(db: AsyncSession, hash_: bytes) -> bool:
    return await db.scalar(select(IdentityKey.hash).where(IdentityKey.hash == hash_)) is not None


# In a municipality.


async def take_up(
    db: AsyncSession, state_hash: bytes, browser_hash: bytes, provider: str, now: datetime
) -> AnyRow | None:
    """Of an attempt that this browser began there and nobody has taken up: sealed secrets, whether it wants strong,
    and where to go. It is used with that.
    """
    statement = (
        update(SignInAttempt)
        .where(
            SignInAttempt.tenant_id == db.info["tenant_id"],
            SignInAttempt.hash == state_hash,
            SignInAttempt.browser_hash == browser_hash,
            SignInAttempt.provider == provider,
            SignInAttempt.used_at.is_(None),
            SignInAttempt.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInAttempt.sealed, SignInAttempt.wants_strong, SignInAttempt.next_path)
    )
    return (await db.execute(statement)).first()


async def make_profile(db: AsyncSession, identity_id: UUID, **values: Any) -> UUID:
    """The person's id here: the new one's, or that of whom another sign-in of hers has made meanwhile."""
    statement = (
        insert(Person)
        .values(tenant_id=db.info["tenant_id"], id=new_id(), identity_id=identity_id, **values)
        .on_conflict_do_nothing(index_elements=[Person.tenant_id, Person.identity_id])
    )
    await db.execute(statement)
    found = await db.scalar(select(Person.id).where(Person.identity_id == identity_id))
    assert found is not None, "it was there, or is now"
    return found


async def identity_of(db: AsyncSession, person_id: UUID) -> UUID | None:
    return await db.scalar(select(Person.identity_id).where(Person.id == person_id))


async def profile(db: AsyncSession, identity_id: UUID) -> Person | None:
    return await db.scalar(select(Person).where(Person.identity_id == identity_id))


async def login_by_hash(db: AsyncSession, login_hash: bytes) -> Login | None:
    return await db.scalar(select(Login).where(Login.hash == login_hash))


async def live_logins(
    db: AsyncSession, person_id: UUID, now: datetime, idle_since: datetime
) -> Sequence[Login]:
    """Those that still let her in, the one used last first."""
    statement = (
        select(Login)
        .where(
            Login.person_id == person_id,
            Login.ended_at.is_(None),
            Login.expires_at > now,
            Login.used_at > idle_since,
        )
        .order_by(Login.used_at.desc(), Login.id.desc())
        .limit(200)
    )
    return (await db.scalars(statement)).all()


async def has_login(db: AsyncSession, person_id: UUID, login_id: UUID) -> bool:
    """Whether it is hers; one that has ended, too."""
    found = select(Login.id).where(Login.id == login_id, Login.person_id == person_id)
    return await db.scalar(found) is not None


async def end_login(db: AsyncSession, login_id: UUID, now: datetime) -> None:
    await db.execute(
        update(Login)
        .where(Login.id == login_id, Login.ended_at.is_(None))
        .values(ended_at=now, id_token=None)
    )


async def end_logins_of_person(db: AsyncSession, person_id: UUID, now: datetime) -> int:
    """How many there were."""
    ended = await db.execute(
        update(Login)
        .where(Login.person_id == person_id, Login.ended_at.is_(None))
        .values(ended_at=now, id_token=None)
        .returning(Login.id)
    )
    return len(ended.all())


async def end_logins_at_provider(
    db: AsyncSession,
    provider: str,
    now: datetime,
    *,
    sid_hashes: Sequence[bytes] = (),
    subject_hashes: Sequence[bytes] = (),
) -> int:
    """Of a session there; without a session, all of that subject. How many there were."""
    whose = Login.sid_hash.in_(sid_hashes) if sid_hashes else Login.subject_hash.in_(subject_hashes)
    ended = await db.execute(
        update(Login)
        .where(Login.provider == provider, whose, Login.ended_at.is_(None))
        .values(ended_at=now, id_token=None)
        .returning(Login.id)
    )
    return len(ended.all())


async def spend(db: AsyncSession, token_hash: bytes, expires_at: datetime) -> bool:
    """Whether nobody has handed that token in before."""
    statement = (
        insert(SpentToken)
        .values(tenant_id=db.info["tenant_id"], id=new_id(), hash=token_hash, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(SpentToken.id)
    )
    return await db.scalar(statement) is not None


async def forget_attempts(db: AsyncSession, now: datetime) -> None:
    """Attempts, spent tokens, and providers' tokens of logins, where they can be of no use any more."""
    for table in (SignInAttempt, SpentToken):
        await db.execute(delete(table).where(table.expires_at < now))
    over = or_(Login.ended_at.is_not(None), Login.expires_at < now)
    await db.execute(update(Login).where(Login.id_token.is_not(None), over).values(id_token=None))
