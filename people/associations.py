"""Associations: entered, changed, looked at and listed; and what the register says of them written down."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import AlreadyExists, ChangedMeanwhile, Invalid, NotFound
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_
from people import association_queries as queries
from people.activities import ACTIVITIES, check_codes
from people.actors import Actor, Club, DelegateRole
from people.addresses import check_email, check_number, check_phone, check_website, one_line
from people.association_models import AssociationContact
from people.association_schemas import (
    AssociationDetail,
    AssociationIn,
    AssociationOut,
    AssociationPatch,
    AssociationRow,
    ContactOut,
    DelegateOut,
    Inside,
    TeamOut,
)
from people.groups import Known, group_of
from people.messages import RegisterReadDue
from people.models import Association, Team
from people.reads import note_reads
from people.register import Entry
from people.rules import demand, demand_person, may

ANY = Club(UUID(int=0))
"""An association that nobody is in: only officers may read it, and so all of them."""


async def register(
    db: AsyncSession, actor: Actor, body: AssociationIn, *, now: datetime, entry: Entry | None = None
) -> AssociationDetail:
    """Enter an association that anybody may then ask to lead. Whoever enters it is nothing in it yet.

    `entry` is what the register said before, outside the transaction; without it the register is asked afterwards.
    Raises AlreadyExists for a number that is here, Invalid.
    """
    person_id = demand_person(actor)
    number = None if body.organisation_number is None else check_number(body.organisation_number)
    if number is not None and await queries.association_by_number(db, number) is not None:
        raise AlreadyExists(field="organisation_number")
    row = Association(
        id=new_id(),
        organisation_number=number,
        group_is_set=False,
        is_voluntary=False,
        created_at=now,
        version=1,
        **_checked(body),
    )
    if entry is not None and entry.number == number:
        _take_over(row, entry, now)
    row.customer_group = group_of(_known(row))
    db.add(row)
    await db.flush()
    change = {name: (None, value) for name, value in msgspec.to_builtins(body).items() if value}
    audit.note(db, person_id, "association.added", table="association", row_id=row.id, now=now, change=change)
    if number is not None and row.register_read_at is None:
        publish(db, RegisterReadDue((row.id,)))
    await db.flush()
    return await detail(db, actor, row.id, now)


async def change(
    db: AsyncSession,
    actor: Actor,
    association_id: UUID,
    *,
    body: AssociationPatch,
    version: int | None,
    now: datetime,
) -> AssociationDetail:
    """What is given changes. Number and group are for officers: tariffs go by them.

    Raises NotFound, SignInNeeded, Forbidden, ChangedMeanwhile, Invalid, AlreadyExists.
    """
    row = await to_change(db, actor, association_id)
    if body.organisation_number is not UNSET or body.customer_group is not UNSET:
        demand(actor, "association.manage")
    if version is not None and version != row.version:
        raise ChangedMeanwhile(version=row.version)
    before = _columns(row)
    for name, value in _checked(body).items():
        setattr(row, name, value)
    if body.organisation_number is not UNSET:
        await _set_number(db, row, body.organisation_number)
    if body.customer_group is not UNSET:
        row.group_is_set = body.customer_group is not None
        row.customer_group = body.customer_group or row.customer_group
    await _settle(db, row, before, by=actor.person_id, action="association.changed", now=now)
    return await detail(db, actor, association_id, now)


async def write_entry(db: AsyncSession, association_id: UUID, entry: Entry, now: datetime) -> None:
    """What the register has just said, unless the association has another number by now."""
    row = await queries.lock_association(db, association_id)
    if row is None or row.organisation_number != entry.number:
        return
    before = _columns(row)
    _take_over(row, entry, now)
    await _settle(db, row, before, by=None, action="association.read_in_register", now=now)


async def to_change(db: AsyncSession, actor: Actor, association_id: UUID) -> Association:
    """Locked, for its leader or an officer. Raises NotFound, SignInNeeded, StepUpNeeded, Forbidden."""
    demand_person(actor)
    row = await queries.lock_association(db, association_id)
    if row is None:
        raise NotFound(what="association")
    demand(actor, "association.lead", Club(association_id))
    return row


async def detail(db: AsyncSession, actor: Actor, association_id: UUID, now: datetime) -> AssociationDetail:
    """What this reader may see of it. That an officer saw its delegates is noted. Raises NotFound."""
    row = await queries.association(db, association_id)
    if row is None:
        raise NotFound(what="association")
    inside = may(actor, "association.read", Club(association_id))
    contacts = [each for each in await queries.contacts(db, association_id) if inside or each.is_public]
    return AssociationDetail(
        **msgspec.structs.asdict(_out(row)),
        teams=[team_out(each) for each in await queries.teams(db, association_id)],
        contacts=[contact_out(each) for each in contacts],
        inside=await _inside(db, actor, row, now) if inside else None,
    )


async def listed(
    db: AsyncSession,
    actor: Actor,
    *,
    mine: bool,
    text: str | None = None,
    group: str | None = None,
    state: str | None = None,
    cursor: str | None,
    limit: int,
) -> Page[AssociationRow]:
    """By name: the actor's own, or all, for officers. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    person_id = demand_person(actor, writes=False)
    if not mine:
        demand(actor, "association.read", ANY)
    found = await queries.associations_page(
        db,
        person_id=person_id if mine else None,
        text=text,
        group=group,
        state=state,
        after=read_cursor(cursor, str, UUID),  # type: ignore[arg-type]  # of these very types
        limit=limit + 1,
    )
    page = found[:limit]
    following = (
        write_cursor(page[-1].Association.name, page[-1].Association.id) if len(found) > limit else None
    )
    return Page([_row_out(actor, each) for each in page], following)


def team_out(row: Team) -> TeamOut:
    return TeamOut(id=row.id, name=row.name, age_group=row.age_group, activity=row.activity)


def contact_out(row: AssociationContact) -> ContactOut:
    return ContactOut(
        id=row.id, title=row.title, name=row.name, email=row.email, phone=row.phone, is_public=row.is_public
    )


def _out(row: Association) -> AssociationOut:
    return AssociationOut(
        id=row.id,
        name=row.name,
        organisation_number=row.organisation_number,
        activities=row.activities,
        website=row.website,
        organisation_form=row.organisation_form,
        is_voluntary=row.is_voluntary,
        register_state=cast("Any", row.register_state),
        register_read_at=row.register_read_at,
        version=row.version,
    )


def _row_out(actor: Actor, found: Any) -> AssociationRow:
    row: Association = found.Association
    return AssociationRow(
        id=row.id,
        name=row.name,
        organisation_number=row.organisation_number,
        activities=row.activities,
        customer_group=row.customer_group,
        group_is_set=row.group_is_set,
        youth_percent=row.youth_percent,
        is_voluntary=row.is_voluntary,
        register_state=cast("Any", row.register_state),
        leaders=found.leaders,
        delegates=found.delegates,
        teams=found.teams,
        my_role=actor.role_in(row.id),
        version=row.version,
    )


async def _inside(db: AsyncSession, actor: Actor, row: Association, now: datetime) -> Inside:
    found = await queries.delegates(db, row.id)
    role = actor.role_in(row.id)
    if role is None:
        await note_reads(db, actor, [each.Delegate.person_id for each in found], "association", now)
    leads = may(actor, "association.lead", Club(row.id))
    return Inside(
        my_role=role,
        customer_group=row.customer_group,
        group_is_set=row.group_is_set,
        youth_percent=row.youth_percent,
        email=row.email,
        phone=row.phone,
        address=row.address,
        postcode=row.postcode,
        town=row.town,
        delegates=[
            DelegateOut(
                id=each.Delegate.id,
                person_id=each.Delegate.person_id,
                name=each.name,
                email=each.email if leads or each.Delegate.person_id == actor.person_id else None,
                role=cast("DelegateRole", each.Delegate.role),
                since=each.Delegate.created_at,
                is_me=each.Delegate.person_id == actor.person_id,
            )
            for each in found
        ],
    )


def _checked(body: AssociationIn | AssociationPatch) -> dict[str, Any]:
    """Column → value of what is given and needs no more than a look. Raises Invalid."""
    return dict(_each_checked(body))


def _each_checked(body: AssociationIn | AssociationPatch) -> Iterator[tuple[str, Any]]:
    if body.name is not UNSET:
        yield "name", check_name(body.name)
    if body.activities is not UNSET:
        yield "activities", check_codes("activities", list(body.activities), ACTIVITIES)
    if body.youth_percent is not UNSET:
        yield "youth_percent", body.youth_percent
    for name, check in (("email", check_email), ("phone", check_phone), ("website", check_website)):
        value = getattr(body, name)
        if value is not UNSET:
            yield name, check(value) if value else None


def check_name(text: str, field: str = "name") -> str:
    """On one line. Raises Invalid when nothing can be seen of it."""
    name = one_line("".join(sign for sign in text if sign.isprintable() or sign.isspace()))
    if not name:
        raise Invalid(field=field, expected=N_("a name"))
    return name


def _known(row: Association) -> Known:
    return Known(
        organisation_form=row.organisation_form,
        is_voluntary=bool(row.is_voluntary),
        youth_percent=row.youth_percent,
    )


def _columns(row: Association) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in Association.__table__.columns}


def _take_over(row: Association, entry: Entry, now: datetime) -> None:
    """The name stays as people know it; the register writes it in capitals."""
    row.register_state, row.register_read_at = entry.state, now
    if entry.state == "unknown":
        return
    row.is_voluntary = entry.is_voluntary
    row.organisation_form = entry.form or row.organisation_form
    if entry.address or entry.postcode or entry.town:
        row.address, row.postcode, row.town = entry.address, entry.postcode, entry.town


async def _set_number(db: AsyncSession, row: Association, number: str | None) -> None:
    """Another number is another entry: what the old one said is forgotten."""
    checked = None if number is None else check_number(number)
    if checked == row.organisation_number:
        return
    if checked is not None and await queries.association_by_number(db, checked) is not None:
        raise AlreadyExists(field="organisation_number")
    row.organisation_number = checked
    row.register_state, row.register_read_at, row.organisation_form = None, None, None
    row.is_voluntary = False
    if checked is not None:
        publish(db, RegisterReadDue((row.id,)))


async def _settle(
    db: AsyncSession, row: Association, before: dict[str, Any], *, by: UUID | None, action: str, now: datetime
) -> None:
    """The group that follows, the next version, and the note of what changed; when it was read is no change."""
    if not row.group_is_set:
        row.customer_group = group_of(_known(row))
    changed = {
        name: (before[name], value)
        for name, value in _columns(row).items()
        if value != before[name] and name != "register_read_at"
    }
    if changed:
        row.version += 1
        audit.note(db, by, action, table="association", row_id=row.id, now=now, change=changed)
    await db.flush()
