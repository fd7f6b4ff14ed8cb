"""Teams of an association, and whom to reach in it for what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import AlreadyExists, NotFound
from core.ids import new_id
from people import association_queries as queries
from people.activities import ACTIVITIES, check_codes
from people.actors import Actor, Club
from people.addresses import check_email, check_phone
from people.association_models import AssociationContact
from people.association_schemas import (
    ContactIn,
    ContactOut,
    ContactPatch,
    TeamIn,
    TeamOut,
    TeamPatch,
)
from people.associations import check_name, contact_out, team_out, to_change
from people.models import Team
from people.rules import demand_person, may


async def add_team(
    db: AsyncSession, actor: Actor, association_id: UUID, *, body: TeamIn, now: datetime
) -> TeamOut:
    """A new team, or one of that name that had ended. Raises NotFound, Forbidden, Invalid, AlreadyExists."""
    await to_change(db, actor, association_id)
    values = _team_values(body)
    row = await queries.team_named(db, association_id, values["name"])
    if row is not None and row.ended_at is None:
        raise AlreadyExists(field="name")
    if row is None:
        row = Team(id=new_id(), association_id=association_id, **values)
        db.add(row)
    else:
        row.ended_at, row.age_group, row.activity = None, values["age_group"], values["activity"]
    change = {name: (None, value) for name, value in values.items() if value}
    audit.note(db, actor.person_id, "team.added", table="team", row_id=row.id, now=now, change=change)
    await db.flush()
    return team_out(row)


async def change_team(
    db: AsyncSession, actor: Actor, team_id: UUID, *, body: TeamPatch, now: datetime
) -> TeamOut:
    """What is given changes. Raises NotFound, Forbidden, Invalid, AlreadyExists."""
    row = await _team(db, actor, team_id)
    values = _team_values(body)
    namesake = await queries.team_named(db, row.association_id, values.get("name", row.name))
    if namesake is not None and namesake.id != row.id:
        raise AlreadyExists(field="name")
    change = _set(row, values)
    if change:
        audit.note(db, actor.person_id, "team.changed", table="team", row_id=row.id, now=now, change=change)
    await db.flush()
    return team_out(row)


async def end_team(db: AsyncSession, actor: Actor, team_id: UUID, now: datetime) -> Team:
    """No more can be booked for it; what is booked stays. Raises NotFound, Forbidden."""
    row = await _team(db, actor, team_id)
    row.ended_at = now
    audit.note(db, actor.person_id, "team.ended", table="team", row_id=row.id, now=now)
    await db.flush()
    return row


async def team_to_change(db: AsyncSession, actor: Actor, team_id: UUID) -> Team:
    """To fill a form with. Raises NotFound, Forbidden."""
    return await _team(db, actor, team_id)


async def add_contact(
    db: AsyncSession, actor: Actor, association_id: UUID, *, body: ContactIn, now: datetime
) -> ContactOut:
    """Raises NotFound, Forbidden, Invalid."""
    await to_change(db, actor, association_id)
    row = AssociationContact(
        id=new_id(), association_id=association_id, is_public=body.is_public, **_contact_values(body)
    )
    db.add(row)
    audit.note(
        db,
        actor.person_id,
        "contact.added",
        table="association_contact",
        row_id=row.id,
        now=now,
        change={"title": (None, row.title), "is_public": (None, row.is_public)},
    )
    await db.flush()
    return contact_out(row)


async def change_contact(
    db: AsyncSession, actor: Actor, contact_id: UUID, *, body: ContactPatch, now: datetime
) -> ContactOut:
    """What is given changes. Raises NotFound, Forbidden, Invalid."""
    row = await contact_to_change(db, actor, contact_id)
    values = _contact_values(body)
    if body.is_public is not UNSET:
        values["is_public"] = body.is_public
    change = _set(row, values)
    if change:
        told = {name: pair for name, pair in change.items() if name in {"title", "is_public"}}
        audit.note(
            db,
            actor.person_id,
            "contact.changed",
            table="association_contact",
            row_id=row.id,
            now=now,
            change=told,
        )
    await db.flush()
    return contact_out(row)


async def remove_contact(db: AsyncSession, actor: Actor, contact_id: UUID, now: datetime) -> UUID:
    """Gone for good: it is about a person. The association's id. Raises NotFound, Forbidden."""
    row = await contact_to_change(db, actor, contact_id)
    audit.note(db, actor.person_id, "contact.removed", table="association_contact", row_id=row.id, now=now)
    await db.delete(row)
    await db.flush()
    return row.association_id


async def contact_to_change(db: AsyncSession, actor: Actor, contact_id: UUID) -> AssociationContact:
    """One that is not public is nothing that others know of. Raises NotFound, SignInNeeded, Forbidden."""
    demand_person(actor)
    row = await queries.contact(db, contact_id)
    if row is None or not (row.is_public or may(actor, "association.read", Club(row.association_id))):
        raise NotFound(what="contact")
    await to_change(db, actor, row.association_id)
    return row


async def _team(db: AsyncSession, actor: Actor, team_id: UUID) -> Team:
    demand_person(actor)
    row = await queries.team(db, team_id)
    if row is None:
        raise NotFound(what="team")
    await to_change(db, actor, row.association_id)
    return row


def _team_values(body: TeamIn | TeamPatch) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if body.name is not UNSET:
        values["name"] = check_name(body.name)
    if body.age_group is not UNSET:
        values["age_group"] = (body.age_group or "").strip() or None
    if body.activity is not UNSET:
        values["activity"] = body.activity
        if body.activity is not None:
            check_codes("activity", [body.activity], ACTIVITIES)
    return values


def _contact_values(body: ContactIn | ContactPatch) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if body.title is not UNSET:
        values["title"] = check_name(body.title, "title")
    if body.name is not UNSET:
        values["name"] = check_name(body.name)
    if body.email is not UNSET:
        values["email"] = check_email(body.email) if body.email else None
    if body.phone is not UNSET:
        values["phone"] = check_phone(body.phone) if body.phone else None
    return values


def _set(row: Any, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The values into the row; what that changed."""
    change = {
        name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value
    }
    for name, (_, value) in change.items():
        setattr(row, name, value)
    return change
