"""Who is this, and may she in? Tokens, logins, and the person behind them."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.errors import Forbidden, Invalid, NotFound, ProfileIncomplete, SignInNeeded
from core.texts import N_
from people import queries
from people.actors import NOBODY, Actor, Club, DelegateRole, Grant
from people.models import Login, Token
from people.rules import DELEGATES, LOGIN_LASTS, USE_NOTED_EVERY, is_idle, may


def hash_of(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits. It needs no salt: nobody can list the candidates."""
    return hashlib.sha256(secret.encode()).digest()


async def actor_of_token(db: AsyncSession, secret: str, now: datetime) -> Actor:
    """Who a program acts for. Raises SignInNeeded for an unknown, foreign, expired or revoked token."""
    row = await queries.holder_of_token(db, hash_of(secret), now)
    if row is None:
        raise SignInNeeded
    if row.used_at is None or now - row.used_at >= USE_NOTED_EVERY:
        await queries.note_token_use(db, row.token_id, now)
    grants = _grants(row) if "staff" in row.scopes else ()
    return _actor(row, may_write="write" in row.scopes, grants=grants)


async def actor_of_login(db: AsyncSession, secret: str, now: datetime) -> Actor:
    """Who sits at the browser; nobody when the login has ended."""
    row = await queries.holder_of_login(db, hash_of(secret), now)
    if row is None or is_idle(row.used_at, now):
        return NOBODY
    if now - row.used_at >= USE_NOTED_EVERY:
        await queries.note_login_use(db, row.login_id, now)
    held = _grants(row)
    return _actor(
        row,
        login_id=row.login_id,
        unread=row.unread,
        grants=held if row.is_strong else (),
        withheld=() if row.is_strong else held,
    )


def _grants(row: AnyRow) -> tuple[Grant, ...]:
    return tuple(msgspec.convert(row.grants or [], list[Grant]))


def _actor(row: AnyRow, **rights: Any) -> Actor:
    roles = msgspec.convert(row.delegations or [], list[tuple[UUID, DelegateRole]])
    return Actor(
        person_id=row.id,
        name=row.name,
        language=row.language,
        customer_group=row.customer_group,
        associations=tuple(id_ for id_, role in roles if role in DELEGATES["association.book"]),
        leads=tuple(id_ for id_, role in roles if role == "leader"),
        treasures=tuple(id_ for id_, role in roles if role == "treasurer"),
        **rights,
    )


def new_token_secret() -> str:
    """256 random bits, behind a word by which those who look for leaked secrets know ours."""
    return f"ledig_{secrets.token_urlsafe(32)}"


def issue_token(
    db: AsyncSession, person_id: UUID, label: str, scopes: list[str], *, expires_at: datetime | None = None
) -> str:
    """A new secret, shown this once."""
    secret = new_token_secret()
    db.add(
        Token(person_id=person_id, hash=hash_of(secret), label=label, scopes=scopes, expires_at=expires_at)
    )
    return secret


async def sign_in(db: AsyncSession, person_id: UUID, now: datetime) -> str:
    """A login for the person; the answer is the cookie's secret. Raises NotFound."""
    if await queries.person(db, person_id) is None:
        raise NotFound(what="person")
    secret = secrets.token_urlsafe(32)
    db.add(
        Login(
            person_id=person_id,
            hash=hash_of(secret),
            created_at=now,
            used_at=now,
            expires_at=now + LOGIN_LASTS,
        )
    )
    await db.flush()
    return secret


async def sign_out(db: AsyncSession, secret: str, now: datetime) -> None:
    await queries.end_login(db, hash_of(secret), now)


async def check_applicant(
    db: AsyncSession, actor: Actor, association_id: UUID | None, team_id: UUID | None
) -> None:
    """Raises Forbidden when the actor may not act for the association, Invalid when the team is not its own, and
    ProfileIncomplete when nobody knows yet what she is called.
    """
    if team_id is not None:
        team = await queries.team(db, team_id)
        if association_id is None or team is None or team.association_id != association_id or team.ended_at:
            raise Invalid(field="team_id", expected=N_("a team of the association in association_id"))
    if association_id is not None and not may(actor, "association.book", Club(association_id)):
        raise Forbidden(action="association.book")
    if not actor.name:
        raise ProfileIncomplete(missing=["name"])
