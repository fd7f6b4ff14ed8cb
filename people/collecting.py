"""What we hold about a person: a copy for herself, and who of staff has read it. GDPR article 15 and 20."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import Page, read_cursor, write_cursor
from core.privacy import holdings, holds
from core.tenants import Tenant
from core.texts import N_
from people import holding_queries as queries
from people.actors import Actor
from people.privacy_schemas import DataOut, HoldingOut, ReadOut
from people.rules import demand_person

for kind, title, collect in (
    ("person", N_("Who you are, and how we reach you"), queries.person),
    ("login", N_("Where you have signed in"), queries.logins),
    ("token", N_("Your tokens"), queries.tokens),
    ("delegate", N_("What you are in associations"), queries.delegations),
    ("role_grant", N_("Your roles in the municipality, and those you have given"), queries.roles),
    ("invitation", N_("Invitations that you have accepted or sent"), queries.invitations),
    ("leader_claim", N_("Claims to lead an association, made or decided by you"), queries.claims),
    ("stored_file", N_("Files you have sent us"), queries.files),
    ("letter", N_("Letters to you"), queries.letters),
    ("text_message", N_("Text messages (SMS) to you"), queries.text_messages),
    ("personal_read", N_("Who has read about you, and whom you have read about as staff"), queries.reads),
    ("audit_entry", N_("What has been changed by you or about you"), queries.trail),
    ("idempotency_key", N_("Requests that programs of yours have marked"), queries.keys),
):
    holds(kind, title)(collect)

NOTES: Sequence[str] = (
    N_("This is what this municipality holds. Every municipality answers for itself."),
    N_(
        "Your national number, where we have it, is kept sealed and is not in this file. It is used to know you again."
    ),
    N_(
        "Contacts that associations have entered are theirs: ask the association what it has entered about you."
    ),
    N_("Secrets of logins and tokens are not in this file. We keep only what they can be checked by."),
)
"""What is said with the copy."""


async def collected(db: AsyncSession, actor: Actor, tenant: Tenant) -> DataOut:
    """Everything, by kind, in the order in which the rooms lie. Raises SignInNeeded."""
    person_id = demand_person(actor, writes=False)
    found = [
        HoldingOut(kind=kind, title=holding.title, rows=await holding.collect(db, person_id))
        for kind, holding in holdings().items()
    ]
    return DataOut(municipality=tenant.name, person_id=person_id, notes=list(NOTES), holdings=found)


async def reads_of_me(db: AsyncSession, actor: Actor, *, cursor: str | None, limit: int) -> Page[ReadOut]:
    """Who of staff read what about her, newest first. Raises SignInNeeded, Invalid."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.reads_page(
        db, person_id, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        [ReadOut(what=row.what, at=row.at, reader=row.reader, roles=row.roles) for row in rows[:limit]],
        write_cursor(last.at, last.id) if last else None,
    )
