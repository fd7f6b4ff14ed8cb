"""Erasing a person: what goes, what the law keeps, and what she must put in order first. GDPR article 17.

Nothing is done while something is in the way; else all of it, in the caller's one transaction. Ids stay, as those of
somebody nobody knows, so that bookings, statistics and the audit trail stand.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry, note
from core.errors import NotErasable, NotFound
from core.files_models import StoredFile
from core.idempotency import IdempotencyKey
from core.mail_models import Letter
from core.outbox import publish
from core.privacy import KEPT_AS_CASE, Effect, erasers, erases, occupies
from core.sms_models import TextMessage
from core.texts import N_
from people import erasure_queries as queries
from people import person_queries
from people.actors import Actor
from people.association_models import Invitation, LeaderClaim
from people.messages import IdentityLeft
from people.models import Delegate, Login, RoleGrant, Token
from people.privacy_models import PersonalRead
from people.privacy_schemas import EffectOut, ErasureOut
from people.roles import end_all_of
from people.rules import demand_at_browser, demand_person

Condition = Callable[[UUID], ColumnElement[bool]]
KEPT_FOR_OTHERS = N_(
    "Those you have read about have a right to know that somebody did. Your name is gone from it."
)
KEPT_AS_TRAIL = N_(
    "The archives act (arkivlova) asks for a trail of changes. It holds numbers of rows, no names."
)


async def planned(db: AsyncSession, person_id: UUID, now: datetime) -> list[tuple[str, Effect]]:
    """What erasing her would come to: kind and effect, without what there is nothing of."""
    return [
        (kind, effect)
        for kind, eraser in erasers().items()
        for effect in await eraser(db, person_id, now, dry_run=True)
        if effect.count
    ]


async def erasure(db: AsyncSession, actor: Actor, now: datetime) -> ErasureOut:
    """What erasing herself would come to. Raises SignInNeeded."""
    return _out(await planned(db, demand_person(actor, writes=False), now))


async def erase_me(db: AsyncSession, actor: Actor, now: datetime) -> ErasureOut:
    """Carried out. Raises SignInNeeded and Forbidden but for the person at a browser, NotErasable."""
    person_id = demand_at_browser(actor)
    return _out(await erase(db, person_id, now, actor_id=person_id))


async def erase(
    db: AsyncSession, person_id: UUID, now: datetime, *, actor_id: UUID | None
) -> list[tuple[str, Effect]]:
    """Erase a person; what it came to. `actor_id` None: by time. Raises NotFound, NotErasable."""
    if await person_queries.locked_whole(db, person_id) is None:
        raise NotFound(what="person")
    plan = await planned(db, person_id, now)
    in_the_way = [
        {"kind": kind, "count": effect.count, "what": effect.what, "why": effect.why}
        for kind, effect in plan
        if effect.fate == "in_the_way"
    ]
    if in_the_way:
        raise NotErasable(in_the_way=in_the_way)
    done = [
        (kind, effect)
        for kind, eraser in erasers().items()
        for effect in await eraser(db, person_id, now, dry_run=False)
        if effect.count
    ]
    note(db, actor_id, "person.erased", table="person", row_id=person_id, now=now)
    await db.flush()
    return done


def _out(effects: list[tuple[str, Effect]]) -> ErasureOut:
    told = [
        EffectOut(kind=kind, what=each.what, count=each.count, fate=each.fate, why=each.why)
        for kind, each in effects
    ]
    return ErasureOut(is_possible=all(each.fate != "in_the_way" for each in told), effects=told)


def _removed(kind: str, what: str, model: Any, condition: Condition) -> None:
    """Register an eraser of rows that are about her alone."""

    @erases(kind)
    async def remove(  # pyright: ignore[reportUnusedFunction]  # registered
        db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool
    ) -> list[Effect]:
        del now
        found = await queries.count(db, model, condition(person_id))
        if found and not dry_run:
            await queries.remove(db, model, condition(person_id))
        return [Effect(what=what, count=found, fate="erased")]


def _kept(kind: str, what: str, model: Any, condition: Condition, why: str) -> None:
    """Register what stays, and say why."""

    @erases(kind)
    async def keep(  # pyright: ignore[reportUnusedFunction]  # registered
        db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool
    ) -> list[Effect]:
        del now, dry_run
        found = await queries.count(db, model, condition(person_id))
        return [Effect(what=what, count=found, fate="kept", why=why)]


_removed("login", N_("Your logins, also this one"), Login, queries.of_logins)
_removed("token", N_("Your tokens"), Token, queries.of_tokens)


@erases("delegate")
async def leave_associations(
    db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool
) -> list[Effect]:
    """An association keeps a leader as long as it has delegates."""
    alone = await queries.led_alone(db, [person_id])
    found = await queries.count(db, Delegate, queries.of_delegations(person_id))
    if found and not dry_run:
        await queries.end(db, Delegate, queries.of_delegations(person_id), now)
    return [
        Effect(
            what=N_("Associations with others in them, which only you lead"),
            count=len(alone),
            fate="in_the_way",
            why=N_("Let somebody else become leader first."),
        ),
        Effect(what=N_("What you are in associations"), count=found, fate="erased"),
    ]


@erases("role_grant")
async def lay_down_roles(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """A municipality keeps an administrator."""
    is_last = await queries.is_last_administrator(db, person_id)
    found = await queries.count(db, RoleGrant, queries.of_roles(person_id))
    if found and not dry_run:
        await end_all_of(db, person_id, by=person_id, now=now)  # locks: two who go at once leave one
    return [
        Effect(
            what=N_("The municipality has no other administrator"),
            count=int(is_last),
            fate="in_the_way",
            why=N_("Make somebody else administrator first."),
        ),
        Effect(what=N_("Your roles in the municipality"), count=found, fate="erased"),
    ]


_removed("invitation", N_("Invitations that you have accepted"), Invitation, queries.of_invitations)
_removed(
    "leader_claim",
    N_("Claims to lead an association that are not decided"),
    LeaderClaim,
    queries.of_open_claims,
)
_kept(
    "leader_claim.decided",
    N_("Claims to lead an association that are decided"),
    LeaderClaim,
    queries.of_decided_claims,
    KEPT_AS_CASE,
)
_removed("stored_file", N_("Files you have sent us"), StoredFile, queries.of_free_files)
_kept(
    "stored_file.decided",
    N_("Files that a decision rests on"),
    StoredFile,
    queries.of_bound_files,
    KEPT_AS_CASE,
)
_removed("letter", N_("Letters to you"), Letter, queries.of_letters)
_removed("text_message", N_("Text messages (SMS) to you"), TextMessage, queries.of_text_messages)
_removed("personal_read", N_("Notes of who has read about you"), PersonalRead, queries.of_reads_about)
_kept(
    "personal_read.by",
    N_("Notes of whom you have read about as staff"),
    PersonalRead,
    queries.of_reads_by,
    KEPT_FOR_OTHERS,
)
_removed("idempotency_key", N_("Answers to programs of yours"), IdempotencyKey, queries.of_keys)
_kept("audit_entry", N_("The trail of what you have changed"), AuditEntry, queries.of_trail, KEPT_AS_TRAIL)


@erases("person")
async def forget_her(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """Last of the room: what others find her rows by is gone with it. Her row stays, without her in it."""
    person = await person_queries.locked(db, person_id) if not dry_run else None
    if person is not None:
        if person.identity_id is not None:
            publish(db, IdentityLeft(person.identity_id))
        person.name, person.email, person.phone, person.postcode = "", None, None, None
        person.language, person.notices, person.identity_id = None, [], None
        person.erased_at, person.version = now, person.version + 1
        await db.flush()
    return [
        Effect(
            what=N_(
                "Your name and how to reach you; and your national number, if no other municipality knows you"
            ),
            count=1,
            fate="erased",
        )
    ]


@occupies("person")
async def needed_here(db: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Staff, and those who alone lead others."""
    del now
    alone = {person_id for person_id, _ in await queries.led_alone(db, person_ids)}
    return alone | await queries.staff_among(db, person_ids)
