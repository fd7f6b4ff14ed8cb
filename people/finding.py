"""Persons as staff find and see them. Each who was read about can see that she was, and by whom (people/reads.py)."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import AnyRow
from core.errors import ChangedMeanwhile, Invalid, NotFound
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_
from people import role_queries
from people.actors import Actor
from people.reads import note_reads
from people.role_schemas import DelegationOut, PersonDetail, PersonOut, PersonPatch
from people.roles import role_out
from people.rules import demand

LEAST, MOST_LETTERS, MOST_WORDS = 2, 100, 6
TELEPHONE = re.compile(r"[0-9+ ().-]+")
"""Its figures are looked for together, however they are set apart."""
TOO_LITTLE = N_("at least two letters of a name, an e-mail address, a telephone number or an association")


async def people(
    db: AsyncSession, actor: Actor, text: str, *, cursor: str | None, limit: int, now: datetime
) -> Page[PersonOut]:
    """Those whom every word of the text is found in, by name. Raises SignInNeeded, Forbidden, Invalid."""
    demand(actor, "person.read")
    words = [text.strip()] if TELEPHONE.fullmatch(text) else text.split()[:MOST_WORDS]
    if len("".join(words)) < LEAST:
        raise Invalid(field="text", expected=TOO_LITTLE)
    after = read_cursor(cursor, str, UUID)
    found = await role_queries.found_people(db, words, after=after, limit=limit + 1)
    page = found[:limit]
    await note_reads(db, actor, [row.id for row in page], "people", now)
    return Page(
        [PersonOut(**_shared(row)) for row in page],
        write_cursor(page[-1].name, page[-1].id) if len(found) > limit else None,
    )


def _shared(row: AnyRow) -> dict[str, Any]:
    names = ("id", "name", "email", "phone", "customer_group", "seen_at", "associations")
    return {name: getattr(row, name) for name in names}


async def person(db: AsyncSession, actor: Actor, person_id: UUID, *, now: datetime) -> PersonDetail:
    """What staff may see of her; never a national number. Raises SignInNeeded, Forbidden, NotFound."""
    demand(actor, "person.read")
    row = await role_queries.person_shown(db, person_id, now)
    if row is None:
        raise NotFound(what="person")
    await note_reads(db, actor, [person_id], "person", now)
    return PersonDetail(
        **_shared(row),
        postcode=row.postcode,
        language=row.language,
        notices=row.notices,
        created_at=row.created_at,
        tokens=row.tokens,
        roles=[role_out(each) for each in await role_queries.grants_of(db, person_id)],
        delegations=[
            DelegationOut(each.association_id, each.association, each.role)
            for each in await role_queries.delegations_of(db, person_id)
        ],
        version=row.version,
    )


async def change_person(
    db: AsyncSession, actor: Actor, person_id: UUID, *, body: PersonPatch, version: int | None, now: datetime
) -> PersonDetail:
    """Another customer group, for her and for what she books from now on.

    Who judges the groups of associations judges hers too (`association.manage`): it says what one pays, gives no
    right, and is the case officer's daily work. Raises SignInNeeded, Forbidden, NotFound, ChangedMeanwhile.
    """
    demand(actor, "association.manage")
    found = await role_queries.lock_person(db, person_id)
    if found is None:
        raise NotFound(what="person")
    if version is not None and version != found.version:
        raise ChangedMeanwhile(version=found.version)
    if body.customer_group != found.customer_group:
        change = {"customer_group": (found.customer_group, body.customer_group)}
        found.customer_group = body.customer_group
        found.version += 1
        note(db, actor.person_id, "person.changed", table="person", row_id=person_id, now=now, change=change)
        await db.flush()
    return await person(db, actor, person_id, now=now)
