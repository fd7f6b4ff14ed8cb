"""How long each kind of data is kept here, and forgetting it in time, a batch at a time. GDPR article 5(1)(e)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.errors import Invalid
from core.ids import new_id
from core.outbox import publish
from core.privacy import Forget, occupations, retains, retentions
from core.texts import N_
from people import retention_queries as queries
from people.actors import Actor
from people.erasing import erase
from people.messages import ForgettingDue
from people.privacy_models import RetentionRule
from people.privacy_schemas import RetentionIn, RetentionOut
from people.rules import demand

A_PAGE = 500
"""Persons that are looked at together."""


async def rules(db: AsyncSession, actor: Actor) -> list[RetentionOut]:
    """Every kind, in the order in which the rooms lie. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, "tenant.manage")
    own = await queries.rules(db)
    return [
        RetentionOut(
            kind=kind,
            title=each.title,
            reason=each.reason,
            days=max(own.get(kind, each.days), each.least),
            proposed=each.days,
            least=each.least,
        )
        for kind, each in retentions().items()
    ]


async def set_rules(db: AsyncSession, actor: Actor, form: RetentionIn, now: datetime) -> list[RetentionOut]:
    """All that differs from the proposals. Raises what `rules` raises, and Invalid naming the rule."""
    demand(actor, "tenant.manage")
    wanted = _wanted(form)
    stand = await queries.locked_rules(db)
    for kind in sorted(stand.keys() | wanted.keys()):
        row, days = stand.get(kind), wanted.get(kind)
        before = row.days if row is not None else None
        if before == days:
            continue
        if days is None:
            assert row is not None, "it stood, or it is wanted"
            await db.delete(row)
        elif row is None:
            row = RetentionRule(id=new_id(), kind=kind, days=days)
            db.add(row)
        else:
            row.days = days
        change = {"days": (before, days), "kind": (kind, kind)}
        note(
            db,
            actor.person_id,
            "retention.set",
            table="retention_rule",
            row_id=row.id,
            now=now,
            change=change,
        )
    await db.flush()
    return await rules(db, actor)


def _wanted(form: RetentionIn) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for number, rule in enumerate(form.rules):
        known = retentions().get(rule.kind)
        if known is None or rule.kind in wanted:
            words = {"choices": ", ".join(retentions())}
            expected = N_("one of %(choices)s, each once")
            raise Invalid(field=f"rules.{number}.kind", expected=expected, words=words)
        if rule.days < known.least:
            words = {"least": str(known.least)}
            expected = N_("at least %(least)s days, as the law says")
            raise Invalid(field=f"rules.{number}.days", expected=expected, words=words)
        if rule.days != known.days:
            wanted[rule.kind] = rule.days
    return wanted


def begin(db: AsyncSession) -> None:
    """One message for each kind, so that the failure of one stops no other."""
    for kind in retentions():
        publish(db, ForgettingDue(kind))


async def forget_batch(db: AsyncSession, kind: str, now: datetime) -> None:
    """Some of the kind; while there may be more, the next batch is told of in the same transaction."""
    known = retentions().get(kind)
    if known is None:
        return  # of another version of the program
    own = await queries.rules(db)
    days = max(own.get(kind, known.days), known.least)
    if await known.forget(db, now - timedelta(days=days), now, known.batch) >= known.batch:
        publish(db, ForgettingDue(kind))


async def _forget_persons(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """Those who have not been here since, and have nothing in hand; erased as if they had asked."""
    forgotten, after = 0, None
    while forgotten < limit:
        page = await queries.unseen(db, before, after=after, limit=A_PAGE)
        if not page:
            break
        after = page[-1]
        for person_id in await _idle(db, page, now):
            if forgotten == limit:
                break
            await erase(db, person_id, now, actor_id=None)
            forgotten += 1
    return forgotten


async def _idle(db: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    busy: set[UUID] = set()
    for occupied in occupations().values():
        busy |= await occupied(db, person_ids, now)
    return [person_id for person_id in person_ids if person_id not in busy]


def _by_query(work: Callable[[AsyncSession, datetime, int], Awaitable[int]]) -> Forget:
    async def forget(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
        del now
        return await work(db, before, limit)

    return forget


retains(
    "login",
    N_("Logins that have ended"),
    90,
    reason=N_("So that a person can see where she was signed in, and misuse can be looked into."),
)(_by_query(queries.logins))
retains(
    "token",
    N_("Tokens that are revoked or too old"),
    365,
    reason=N_("So that misuse can be looked into."),
)(_by_query(queries.tokens))
retains(
    "invitation",
    N_("Invitations that are answered, withdrawn or too old"),
    180,
    reason=N_("So that questions about who was invited can be answered. They hold e-mail addresses."),
)(_by_query(queries.invitations))
retains(
    "leader_claim",
    N_("Claims to lead an association that are decided"),
    1095,
    least=365,
    reason=N_(
        "The archives act (arkivlova): hand them to the archive first, then decide how long they stay here."
    ),
)(_by_query(queries.claims))
retains(
    "stored_file",
    N_("Files that nothing rests on"),
    30,
    reason=N_("They were sent in, and what they were for is gone or was never sent."),
)(_by_query(queries.files))
retains(
    "letter",
    N_("Letters by e-mail"),
    180,
    reason=N_("So that it can be shown who was told what, while a complaint may come."),
)(_by_query(queries.letters))
retains(
    "text_message",
    N_("Text messages (SMS)"),
    180,
    reason=N_("So that it can be shown who was told what, while a complaint may come."),
)(_by_query(queries.text_messages))
retains(
    "personal_read",
    N_("Notes of which staff have read about whom"),
    1095,
    least=90,
    reason=N_("So that people can see it, and misuse can be looked into."),
)(_by_query(queries.reads))
retains(
    "person",
    N_("People who have not been here"),
    1095,
    reason=N_(
        "Three years without signing in and without a booking to come: they are erased as if they had asked."
    ),
    batch=50,
)(_forget_persons)
