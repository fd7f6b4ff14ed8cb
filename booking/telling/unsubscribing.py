"""One click ends letters of a kind: a link that needs no signing in, and that nobody can make who lacks our key.

It holds the municipality's seal (an HMAC) over who and what, not a secret of hers: it can end letters, and nothing
else. RFC 8058.
"""

import base64
import binascii
import hmac
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.errors import NotFound
from core.vault import Vault
from people import person_queries
from people import queries as people
from people.contact import Notice

ENDABLE: Final[tuple[Notice, ...]] = ("reminder", "waiting", "digest")
"""By number, which stands in links that are out there: add at the end alone."""
SEAL_BYTES: Final = 20


class Ending(NamedTuple):
    """What a link ends, for whom."""

    person_id: UUID
    wish: Notice


def token_of(vault: Vault, tenant_id: UUID, person_id: UUID, wish: Notice) -> str:
    """What stands in the link; the same each time."""
    number = ENDABLE.index(wish)
    seal = vault.hash("unsubscribe", f"{tenant_id} {person_id} {number}")[:SEAL_BYTES]
    return _written(person_id.bytes + bytes([number]) + seal)


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_token(vault: Vault, tenant_id: UUID, token: str) -> Ending:
    """Raises NotFound for what we have not sealed for this municipality."""
    try:
        raw = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
    except (ValueError, binascii.Error) as error:
        raise NotFound(what="link") from error
    if len(raw) != 17 + SEAL_BYTES or raw[16] >= len(ENDABLE) or _written(raw) != token:
        raise NotFound(what="link")
    person_id, number = UUID(bytes=raw[:16]), raw[16]
    seals = vault.hashes("unsubscribe", f"{tenant_id} {person_id} {number}")
    if not any(hmac.compare_digest(raw[17:], seal[:SEAL_BYTES]) for seal in seals):
        raise NotFound(what="link")
    return Ending(person_id, ENDABLE[number])


async def is_on(db: AsyncSession, ending: Ending) -> bool:
    """Whether she still gets them. Raises NotFound when she has been forgotten."""
    person = await people.person(db, ending.person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(what="link")
    return ending.wish in person.notices


async def end(db: AsyncSession, ending: Ending, now: datetime) -> None:
    """From now on, no more. Twice is once. Raises NotFound when she has been forgotten."""
    person = await person_queries.locked(db, ending.person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(what="link")
    if ending.wish not in person.notices:
        return
    person.notices = [name for name in person.notices if name != ending.wish]
    person.version += 1
    told = {"members": (None, ["notices"])}
    note(db, person.id, "person.changed", table="person", row_id=person.id, now=now, change=told)
    await db.flush()
