"""Tokens by which programs act for a person: listed, made, revoked. Only their hashes are kept."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import AnyRow
from core.errors import Invalid, LimitReached, NotFound, StepUpNeeded
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_
from people import person_queries, token_queries
from people.actors import Actor
from people.models import Token
from people.reads import note_reads
from people.rules import demand, demand_at_browser, demand_person
from people.service import hash_of, new_token_secret
from people.token_schemas import StaffTokenOut, TokenIn, TokenMade, TokenOut

MOST_TOKENS = 50
"""Live ones of one person."""


async def own_tokens(
    db: AsyncSession, actor: Actor, now: datetime, *, cursor: str | None, limit: int
) -> Page[TokenOut]:
    """Her own, newest first. Raises SignInNeeded, Invalid."""
    person_id = demand_person(actor, writes=False)
    rows, more = await _page(db, person_id, cursor, limit)
    return Page([TokenOut(**_told(row, now)) for row in rows], more)


async def all_tokens(
    db: AsyncSession, actor: Actor, now: datetime, *, cursor: str | None, limit: int
) -> Page[StaffTokenOut]:
    """The whole municipality's, newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand(actor, "people.manage")
    rows, more = await _page(db, None, cursor, limit)
    await note_reads(db, actor, [row.person_id for row in rows], "tokens", now)
    told = [StaffTokenOut(person_id=row.person_id, person=row.person, **_told(row, now)) for row in rows]
    return Page(told, more)


async def make_token(db: AsyncSession, actor: Actor, form: TokenIn, now: datetime) -> TokenMade:
    """A new one; its secret stands in the answer and nowhere else.

    Raises SignInNeeded and Forbidden but for the person at a browser, Invalid, LimitReached, and StepUpNeeded for a
    token that could more than her login.
    """
    person_id = demand_at_browser(actor)
    if "staff" in form.scopes and not actor.grants:
        if actor.withheld:
            raise StepUpNeeded(action="token.staff")
        raise Invalid(field="scopes", expected=N_("read and write: you have no staff role to be used"))
    label = " ".join(form.label.split())
    if not label:
        raise Invalid(field="label", expected=N_("which program the token is for"))
    await person_queries.locked(db, person_id)
    used = await token_queries.count_live(db, person_id, now)
    if used >= MOST_TOKENS:
        raise LimitReached(kind="tokens", limit=MOST_TOKENS, used=used)
    secret = new_token_secret()
    row = Token(
        id=new_id(),
        person_id=person_id,
        hash=hash_of(secret),
        label=label,
        scopes=sorted({"read", *form.scopes}),
        created_at=now,
        expires_at=now + timedelta(days=form.days),
        used_at=None,
        revoked_at=None,
    )
    db.add(row)
    change: dict[str, Any] = {"scopes": (None, row.scopes), "expires_at": (None, row.expires_at)}
    note(db, person_id, "token.made", table="token", row_id=row.id, now=now, change=change)
    await db.flush()
    return TokenMade(secret=secret, **_told(row, now))


async def revoke_own(db: AsyncSession, actor: Actor, token_id: UUID, now: datetime) -> None:
    """It opens nothing from now on. Raises SignInNeeded, Forbidden, and NotFound for what is not hers."""
    person_id = demand_person(actor)
    row = await token_queries.locked_token(db, token_id)
    if row is None or row.person_id != person_id:
        raise NotFound(what="token")
    _revoke(db, row, person_id, now)


async def revoke_any(db: AsyncSession, actor: Actor, token_id: UUID, now: datetime) -> None:
    """The same, of anybody here. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, "people.manage")
    row = await token_queries.locked_token(db, token_id)
    if row is None:
        raise NotFound(what="token")
    await note_reads(db, actor, [row.person_id], "tokens", now)
    _revoke(db, row, actor.person_id, now)


def _revoke(db: AsyncSession, row: Token, actor_id: UUID | None, now: datetime) -> None:
    """Twice is as good as once."""
    if row.revoked_at is None:
        row.revoked_at = now
        note(db, actor_id, "token.revoked", table="token", row_id=row.id, now=now)


async def _page(
    db: AsyncSession, person_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[AnyRow], str | None]:
    after = read_cursor(cursor, datetime, UUID)
    rows = await token_queries.tokens_page(
        db, person_id=person_id, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return list(rows[:limit]), write_cursor(last.created_at, last.id) if last else None


def _told(row: Any, now: datetime) -> dict[str, Any]:
    """Of a row that was read, or of a token just made: their columns bear the same names."""
    return {
        "id": row.id,
        "label": row.label,
        "scopes": row.scopes,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "revoked_at": row.revoked_at,
        "is_live": row.revoked_at is None and (row.expires_at is None or row.expires_at > now),
    }
