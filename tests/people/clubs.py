"""Associations with the people around them, for the tests of this directory."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.mail_models import Letter
from core.spans import utc_now
from core.texts import texts
from people import invitations
from people.actors import EVERYWHERE, Actor, Grant, Place
from people.models import Delegate
from people.service import actor_of_login, sign_in
from tests import make

NOW = utc_now()
ENGLISH = texts("en")


def link(secret: str) -> str:
    return f"https://ledig.example/kommune/invitations/{secret}"


async def invite(
    db: AsyncSession,
    actor: Actor,
    *,
    email: str = "ola@example.no",
    role: str = "booker",
    association_id: UUID | None = None,
    place: Place = EVERYWHERE,
) -> str:
    """The secret that stands in the letter."""
    row = await invitations.invite(
        db,
        actor,
        email=email,
        role=role,
        now=NOW,
        link=link,
        texts=ENGLISH,
        association_id=association_id,
        place=place,
    )
    letters = await db.scalars(select(Letter).where(Letter.address == row.email).order_by(Letter.id.desc()))
    found = re.search(r"/invitations/([\w-]{43})\n", letters.first().text)  # type: ignore[union-attr]  # it was just written
    assert found
    return found[1]


async def club(db: AsyncSession) -> tuple[UUID, Actor]:
    """An association, and its leader."""
    leader, _ = await make.person(db, name="Anne Lagleder")
    association_id, _ = await make.association(db)
    db.add(Delegate(person_id=leader, association_id=association_id, role="leader"))
    await db.flush()
    actor = Actor(
        person_id=leader,
        name="Anne Lagleder",
        associations=(association_id,),
        leads=(association_id,),
    )
    return association_id, actor


async def at_browser(db: AsyncSession) -> Actor:
    person_id, _ = await make.person(db)
    return await actor_of_login(db, await sign_in(db, person_id, NOW), NOW)


async def delegate(db: AsyncSession, actor: Actor, association_id: UUID) -> Delegate | None:
    return await db.scalar(
        select(Delegate).where(
            Delegate.person_id == actor.person_id, Delegate.association_id == association_id
        )
    )


async def administrator(db: AsyncSession, facility_id: UUID | None = None) -> Actor:
    person_id, _ = await make.person(db, role="administrator", facility_id=facility_id)
    return Actor(person_id=person_id, grants=(Grant("administrator", facility_id),))


async def officer(db: AsyncSession) -> Actor:
    person_id, _ = await make.person(db, role="case_officer")
    return Actor(person_id=person_id, grants=(Grant("case_officer"),))
