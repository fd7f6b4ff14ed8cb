"""SQL of what is held about a person, table by table; secrets, hashes and sealed values are left where they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import AnyRow, AnySelect
from core.files_models import StoredFile
from core.idempotency import IdempotencyKey
from core.mail_models import Letter
from core.sms_models import TextMessage
from people.association_models import Invitation, LeaderClaim
from people.models import Association, Delegate, Login, Person, RoleGrant, Token
from people.privacy_models import PersonalRead

Row = dict[str, Any]
NO_ROLES = literal_column("'{}'::text[]", ARRAY(Text))


async def _rows(db: AsyncSession, statement: Any) -> list[Row]:
    return [dict(row) for row in (await db.execute(statement)).mappings()]


async def person(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        Person.id,
        Person.name,
        Person.email,
        Person.phone,
        Person.postcode,
        Person.language,
        Person.notices,
        Person.customer_group,
        Person.identity_id.is_not(None).label("is_known_by_national_number"),
        Person.created_at,
        Person.seen_at,
    )
    return await _rows(db, statement.where(Person.id == person_id))


async def logins(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        Login.id,
        Login.provider,
        Login.acr,
        Login.is_strong,
        Login.represents,
        Login.agent,
        Login.created_at,
        Login.used_at,
        Login.expires_at,
        Login.ended_at,
    )
    return await _rows(db, statement.where(Login.person_id == person_id).order_by(Login.created_at))


async def tokens(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        Token.id,
        Token.label,
        Token.scopes,
        Token.created_at,
        Token.expires_at,
        Token.used_at,
        Token.revoked_at,
    )
    return await _rows(db, statement.where(Token.person_id == person_id).order_by(Token.created_at))


async def delegations(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        Delegate.association_id,
        Association.name.label("association"),
        Delegate.role,
        Delegate.created_at,
        Delegate.ended_at,
    ).join(
        Association,
        and_(Association.tenant_id == Delegate.tenant_id, Association.id == Delegate.association_id),
    )
    return await _rows(db, statement.where(Delegate.person_id == person_id).order_by(Delegate.created_at))


async def roles(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Her own; and, by id alone, those that she gave."""
    statement = select(
        RoleGrant.id,
        RoleGrant.person_id,
        RoleGrant.role,
        RoleGrant.facility_id,
        RoleGrant.resource_id,
        RoleGrant.granted_by,
        RoleGrant.created_at,
        RoleGrant.ended_at,
    ).where(or_(RoleGrant.person_id == person_id, RoleGrant.granted_by == person_id))
    return await _rows(db, statement.order_by(RoleGrant.created_at))


async def invitations(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Those she accepted: an address that she says is hers proves nothing. And those she sent, without the address."""
    statement = select(
        Invitation.id,
        Invitation.email,
        Invitation.role,
        Invitation.association_id,
        Invitation.facility_id,
        Invitation.resource_id,
        Invitation.created_at,
        Invitation.expires_at,
        Invitation.accepted_at,
        Invitation.revoked_at,
    )
    to_her = statement.where(Invitation.accepted_by == person_id)
    by_her = statement.where(
        Invitation.invited_by == person_id, Invitation.accepted_by.is_distinct_from(person_id)
    )
    return [
        *await _rows(db, to_her.order_by(Invitation.created_at)),
        *({**row, "email": None} for row in await _rows(db, by_her.order_by(Invitation.created_at))),
    ]


async def claims(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Her own; and, without what others wrote, those that she decided."""
    columns = (
        LeaderClaim.id,
        LeaderClaim.association_id,
        LeaderClaim.file_id,
        LeaderClaim.created_at,
        LeaderClaim.decided_at,
        LeaderClaim.is_approved,
        LeaderClaim.reason,
    )
    own = select(*columns, LeaderClaim.text).where(LeaderClaim.person_id == person_id)
    decided = select(*columns).where(LeaderClaim.decided_by == person_id, LeaderClaim.person_id != person_id)
    return [
        *await _rows(db, own.order_by(LeaderClaim.created_at)),
        *await _rows(db, decided.order_by(LeaderClaim.created_at)),
    ]


async def files(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        StoredFile.id,
        StoredFile.name,
        StoredFile.media_type,
        StoredFile.size,
        StoredFile.created_at,
        StoredFile.content,
    )
    return await _rows(db, statement.where(StoredFile.person_id == person_id).order_by(StoredFile.created_at))


async def letters(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        Letter.id,
        Letter.address,
        Letter.language,
        Letter.subject,
        Letter.text,
        Letter.html,
        Letter.calendar,
        Letter.created_at,
        Letter.sent_at,
    )
    return await _rows(db, statement.where(Letter.person_id == person_id).order_by(Letter.created_at))


async def text_messages(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(
        TextMessage.id, TextMessage.number, TextMessage.text, TextMessage.created_at, TextMessage.sent_at
    )
    return await _rows(
        db, statement.where(TextMessage.person_id == person_id).order_by(TextMessage.created_at)
    )


async def keys(db: AsyncSession, person_id: UUID) -> list[Row]:
    statement = select(IdempotencyKey.id, IdempotencyKey.key, IdempotencyKey.created_at)
    statement = statement.where(IdempotencyKey.person_id == person_id)
    return await _rows(db, statement.order_by(IdempotencyKey.created_at))


def _reads() -> AnySelect:
    """Readings with the reader's name and the roles she held then."""
    held = (
        select(func.array_agg(RoleGrant.role.distinct()))
        .where(
            RoleGrant.tenant_id == PersonalRead.tenant_id,
            RoleGrant.person_id == PersonalRead.reader_id,
            RoleGrant.created_at <= PersonalRead.at,
            or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > PersonalRead.at),
        )
        .scalar_subquery()
    )
    return select(
        PersonalRead.id,
        PersonalRead.what,
        PersonalRead.at,
        Person.name.label("reader"),
        func.coalesce(held, NO_ROLES).label("roles"),
    ).join(Person, and_(Person.tenant_id == PersonalRead.tenant_id, Person.id == PersonalRead.reader_id))


async def reads_page(
    db: AsyncSession, person_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """About her, newest first: id, what, at, reader (name), roles."""
    statement = _reads().where(PersonalRead.person_id == person_id)
    if after is not None:
        statement = statement.where(tuple_(PersonalRead.at, PersonalRead.id) < after)
    ordered = statement.order_by(PersonalRead.at.desc(), PersonalRead.id.desc())
    return (await db.execute(ordered.limit(limit))).all()


async def reads(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Who read about her; and, by id alone, about whom she read."""
    about = _reads().where(PersonalRead.person_id == person_id).order_by(PersonalRead.at)
    by_her = (
        select(PersonalRead.id, PersonalRead.what, PersonalRead.at, PersonalRead.person_id)
        .where(PersonalRead.reader_id == person_id, PersonalRead.person_id != person_id)
        .order_by(PersonalRead.at)
    )
    return [*await _rows(db, about), *await _rows(db, by_her)]


async def trail(db: AsyncSession, person_id: UUID) -> list[Row]:
    """What she did, and what was done to the rows that are she."""
    is_hers = [AuditEntry.actor_id == person_id]
    is_hers += [and_(AuditEntry.table_name == "person", AuditEntry.row_id == person_id)]
    for model in (Delegate, RoleGrant, Token, LeaderClaim):
        own = select(model.id).where(model.person_id == person_id)
        is_hers.append(and_(AuditEntry.table_name == model.__tablename__, AuditEntry.row_id.in_(own)))
    statement = select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.actor_id,
        AuditEntry.action,
        AuditEntry.table_name,
        AuditEntry.row_id,
        AuditEntry.change,
    )
    return await _rows(db, statement.where(or_(*is_hers)).order_by(AuditEntry.at))
