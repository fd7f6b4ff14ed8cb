"""Who somebody is, whatever municipalities know her: found by what she is known by, or made, once.

All but `rotate` run as herself (core.db.Database.herself), who sees nobody else. Why so: docs/decisions/0007.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.vault import Vault
from people import identity_queries as queries
from people.identity_models import IdentityKey


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What she has told a municipality of herself; empty where she has told none."""

    name: str = ""
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    language: str | None = None


async def find_or_make(db: AsyncSession, vault: Vault, known_as: tuple[str, str], new_identity: UUID) -> UUID:
    """The identity that is known as this (people.proof.Proof.known_as); `new_identity`, made with it, when none is.

    The door was opened with all hashes of it, and with `new_identity`. Two at once make one: the second waits. What
    is sealed under an older key is sealed anew.
    """
    kind, value = known_as
    hashes = vault.hashes(kind, value)
    found = await queries.key_known_by(db, hashes)
    if found is None:
        await queries.wait_for_others(db, hashes)
        found = await queries.key_known_by(db, hashes)
    if found is None:
        queries.add_identity(db, new_identity)
        await db.flush()
        db.add(
            IdentityKey(
                hash=hashes[0],
                identity_id=new_identity,
                kind=kind,
                sealed=vault.seal(value),
                under=vault.newest,
            )
        )
        await db.flush()
        return new_identity
    if found.hash != hashes[0]:
        sealed = vault.seal(value)
        await queries.rewrite_key(db, found.hash, hash=hashes[0], sealed=sealed, under=vault.newest)
    return found.identity_id


async def told_elsewhere(db: AsyncSession, identity_id: UUID) -> Profile:
    """What she told the municipality that she came to last and that knows her name."""
    for row in await queries.profiles_of(db, identity_id):
        if row.name:
            return Profile(
                name=row.name,
                email=row.email,
                phone=row.phone,
                postcode=row.postcode,
                language=row.language,
            )
    return Profile()


class Rotated(msgspec.Struct, frozen=True):
    """`last`: where the next batch begins; None when there is none. `kept`: left as they were."""

    done: int
    kept: int
    last: bytes | None


async def rotate(db: AsyncSession, vault: Vault, after: bytes, *, batch: int) -> Rotated:
    """Seals and hashes a batch of what people are known by under the newest key. As the owner of the tables.

    What stands there already under its new hash is kept: it would be another person's. Raises Unopenable for what
    was sealed under a key that is gone.
    """
    rows: Sequence[IdentityKey] = await queries.keys_not_under(db, vault.newest, after, batch)
    kept, last = 0, rows[-1].hash if rows else None
    for row in rows:
        value = vault.opened(row.sealed)
        hash_ = vault.hash(row.kind, value)
        if await queries.hash_is_taken(db, hash_):
            kept += 1
            continue
        await queries.rewrite_key(db, row.hash, hash=hash_, sealed=vault.seal(value), under=vault.newest)
    return Rotated(len(rows) - kept, kept, last)
