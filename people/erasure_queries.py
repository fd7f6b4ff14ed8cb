"""SQL of erasing one person: what there is of her, and what takes it away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.audit import AuditEntry
from core.files_models import StoredFile
from core.idempotency import IdempotencyKey
from core.mail_models import Letter
from core.sms_models import TextMessage
from people.association_models import Invitation, LeaderClaim
from people.identity_models import Identity, IdentityKey
from people.models import Association, Delegate, Login, Person, RoleGrant, Token
from people.privacy_models import PersonalRead


def of_logins(person_id: UUID) -> ColumnElement[bool]:
    return Login.person_id == person_id


def of_tokens(person_id: UUID) -> ColumnElement[bool]:
    return Token.person_id == person_id


def of_letters(person_id: UUID) -> ColumnElement[bool]:
    return Letter.person_id == person_id


def of_text_messages(person_id: UUID) -> ColumnElement[bool]:
    return TextMessage.person_id == person_id


def of_keys(person_id: UUID) -> ColumnElement[bool]:
    return IdempotencyKey.person_id == person_id


def of_invitations(person_id: UUID) -> ColumnElement[bool]:
    return Invitation.accepted_by == person_id


def of_open_claims(person_id: UUID) -> ColumnElement[bool]:
    return and_(LeaderClaim.person_id == person_id, LeaderClaim.decided_at.is_(None))


def of_decided_claims(person_id: UUID) -> ColumnElement[bool]:
    return and_(LeaderClaim.person_id == person_id, LeaderClaim.decided_at.is_not(None))


def of_free_files(person_id: UUID) -> ColumnElement[bool]:
    """Files that no decided claim rests on. Claims that are not decided go before their files."""
    return and_(StoredFile.person_id == person_id, ~_rests_on_file())


def of_bound_files(person_id: UUID) -> ColumnElement[bool]:
    return and_(StoredFile.person_id == person_id, _rests_on_file())


def _rests_on_file() -> ColumnElement[bool]:
    return exists().where(
        LeaderClaim.tenant_id == StoredFile.tenant_id,
        LeaderClaim.file_id == StoredFile.id,
        LeaderClaim.decided_at.is_not(None),
    )


def of_reads_about(person_id: UUID) -> ColumnElement[bool]:
    return PersonalRead.person_id == person_id


def of_reads_by(person_id: UUID) -> ColumnElement[bool]:
    return and_(PersonalRead.reader_id == person_id, PersonalRead.person_id != person_id)


def of_trail(person_id: UUID) -> ColumnElement[bool]:
    on_her = and_(AuditEntry.table_name == "person", AuditEntry.row_id == person_id)
    return or_(AuditEntry.actor_id == person_id, on_her)


def of_delegations(person_id: UUID) -> ColumnElement[bool]:
    return and_(Delegate.person_id == person_id, Delegate.ended_at.is_(None))


def of_roles(person_id: UUID) -> ColumnElement[bool]:
    return and_(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))


async def count(db: AsyncSession, model: Any, condition: ColumnElement[bool]) -> int:
    return await db.scalar(select(func.count()).select_from(model).where(condition)) or 0


async def remove(db: AsyncSession, model: Any, condition: ColumnElement[bool]) -> None:
    await db.execute(delete(model).where(condition), execution_options={"synchronize_session": False})


async def end(db: AsyncSession, model: Any, condition: ColumnElement[bool], now: datetime) -> None:
    statement = update(model).where(condition).values(ended_at=now)
    await db.execute(statement, execution_options={"synchronize_session": False})


async def led_alone(db: AsyncSession, person_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """(leader, association's name) where she is its only leader and others are delegates too, by name."""
    other = aliased(Delegate)
    of_the_same = (
        other.tenant_id == Delegate.tenant_id,
        other.association_id == Delegate.association_id,
        other.person_id != Delegate.person_id,
        other.ended_at.is_(None),
    )
    statement = (
        select(Delegate.person_id, Association.name)
        .join(
            Association,
            and_(Association.tenant_id == Delegate.tenant_id, Association.id == Delegate.association_id),
        )
        .where(
            Delegate.person_id.in_(person_ids),
            Delegate.role == "leader",
            Delegate.ended_at.is_(None),
            exists().where(*of_the_same),
            ~exists().where(*of_the_same, other.role == "leader"),
        )
        .order_by(Association.name)
    )
    return [(person_id, name) for person_id, name in await db.execute(statement)]


async def is_last_administrator(db: AsyncSession, person_id: UUID) -> bool:
    """She alone administers the whole municipality."""
    whole = (
        RoleGrant.role == "administrator",
        RoleGrant.ended_at.is_(None),
        RoleGrant.facility_id.is_(None),
        RoleGrant.resource_id.is_(None),
    )
    holders = set(await db.scalars(select(RoleGrant.person_id).where(*whole)))
    return holders == {person_id}


async def staff_among(db: AsyncSession, person_ids: Sequence[UUID]) -> set[UUID]:
    """Those with a staff role in force."""
    statement = select(RoleGrant.person_id).where(
        RoleGrant.person_id.in_(person_ids), RoleGrant.ended_at.is_(None)
    )
    return set(await db.scalars(statement))


async def forget_identity(db: AsyncSession, identity_id: UUID) -> bool:
    """In a transaction of `Database.herself`: her identity and its keys go when no municipality has a profile of hers.

    Whether they went.
    """
    known_by = select(Person.tenant_id).where(Person.identity_id == identity_id).limit(1)
    if await db.scalar(known_by) is not None:
        return False
    await db.execute(delete(IdentityKey).where(IdentityKey.identity_id == identity_id))
    await db.execute(delete(Identity).where(Identity.id == identity_id))
    return True
