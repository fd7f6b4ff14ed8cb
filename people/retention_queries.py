"""SQL of forgetting by time: what has been kept long enough, a batch at a time, and this municipality's own rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.files import is_kept
from core.files_models import StoredFile
from core.mail_models import Letter
from core.sms_models import TextMessage
from people.association_models import Invitation, LeaderClaim
from people.models import Login, Person, Token
from people.privacy_models import PersonalRead, RetentionRule


async def remove_some(db: AsyncSession, model: Any, *conditions: ColumnElement[bool], limit: int) -> int:
    """How many went. Rows in other hands are left for another night."""
    chosen = select(model.id).where(*conditions).order_by(model.id).limit(limit)
    return await _remove(db, model, (await db.scalars(chosen.with_for_update(skip_locked=True))).all())


async def _remove(db: AsyncSession, model: Any, ids: Sequence[UUID]) -> int:
    statement = delete(model).where(model.id.in_(ids))
    await db.execute(statement, execution_options={"synchronize_session": False})
    return len(ids)


async def logins(db: AsyncSession, before: datetime, limit: int) -> int:
    ended = func.least(func.coalesce(Login.ended_at, Login.expires_at), Login.expires_at)
    return await remove_some(db, Login, ended < before, limit=limit)


async def tokens(db: AsyncSession, before: datetime, limit: int) -> int:
    """A token without an end that is not revoked is kept."""
    ended = func.least(Token.revoked_at, Token.expires_at)
    return await remove_some(db, Token, ended < before, limit=limit)


async def invitations(db: AsyncSession, before: datetime, limit: int) -> int:
    ended = func.least(Invitation.accepted_at, Invitation.revoked_at, Invitation.expires_at)
    return await remove_some(db, Invitation, ended < before, limit=limit)


async def claims(db: AsyncSession, before: datetime, limit: int) -> int:
    """What was decided so long ago, with its file."""
    return await remove_some(db, LeaderClaim, LeaderClaim.decided_at < before, limit=limit)


async def files(db: AsyncSession, before: datetime, limit: int) -> int:
    """Those that people sent and nothing rests on. Pictures of arrangements are nobody's, and go with those."""
    is_used = exists().where(
        LeaderClaim.tenant_id == StoredFile.tenant_id, LeaderClaim.file_id == StoredFile.id
    )
    return await remove_some(
        db,
        StoredFile,
        StoredFile.created_at < before,
        StoredFile.person_id.is_not(None),
        ~is_used,
        ~is_kept(),
        limit=limit,
    )


async def letters(db: AsyncSession, before: datetime, limit: int) -> int:
    return await remove_some(db, Letter, Letter.created_at < before, limit=limit)


async def text_messages(db: AsyncSession, before: datetime, limit: int) -> int:
    return await remove_some(db, TextMessage, TextMessage.created_at < before, limit=limit)


async def reads(db: AsyncSession, before: datetime, limit: int) -> int:
    """Nobody changes them, and so nobody may lock them."""
    chosen = select(PersonalRead.id).where(PersonalRead.at < before).order_by(PersonalRead.id).limit(limit)
    return await _remove(db, PersonalRead, (await db.scalars(chosen)).all())


async def unseen(db: AsyncSession, before: datetime, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Persons who have not been here since, neither at a browser nor by a program, by id."""
    used = [
        exists().where(
            model.tenant_id == Person.tenant_id, model.person_id == Person.id, model.used_at >= before
        )
        for model in (Login, Token)
    ]
    statement = select(Person.id).where(
        Person.erased_at.is_(None),
        func.coalesce(Person.seen_at, Person.created_at) < before,
        Person.created_at < before,
        ~or_(*used),
    )
    if after is not None:
        statement = statement.where(Person.id > after)
    return (await db.scalars(statement.order_by(Person.id).limit(limit))).all()


async def rules(db: AsyncSession) -> dict[str, int]:
    """Kind → days, where this municipality keeps it otherwise than proposed."""
    rows = await db.execute(select(RetentionRule.kind, RetentionRule.days))
    return dict(rows.all())


async def locked_rules(db: AsyncSession) -> dict[str, RetentionRule]:
    """The same as rows, to be changed."""
    statement = select(RetentionRule).order_by(RetentionRule.id).with_for_update()
    return {row.kind: row for row in await db.scalars(statement)}
