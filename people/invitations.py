"""Being asked by e-mail to act for an association, or to work for the municipality, and saying yes."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast, get_args
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit, mail
from core.errors import Gone, Invalid, LimitReached, NotFound
from core.ids import new_id
from core.spans import local_date
from core.texts import N_, Texts
from people import association_queries
from people import invitation_queries as queries
from people import queries as person_queries
from people.actors import EVERYWHERE, Actor, Club, DelegateRole, Place, Role
from people.addresses import check_email, one_line
from people.association_models import Invitation
from people.delegates import join
from people.models import RoleGrant
from people.rules import demand, demand_at_browser, demand_person, demand_somewhere, may
from people.service import hash_of
from people.wording import role_label

LASTS = timedelta(days=14)
MOST_OPEN = 100
"""Links of one association, or of the municipality's own, that can be used at once: letters cost others time."""
MOST_LISTED = 300


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What the link is about, as the one who holds it may know."""

    role: str
    association_id: UUID | None
    association: str | None
    place: str | None
    """Name of the facility or resource where a staff role holds; None: the whole municipality."""
    invited_by: str | None
    expires_at: datetime


async def invite(
    db: AsyncSession,
    actor: Actor,
    *,
    email: str,
    role: str,
    now: datetime,
    link: Callable[[str], str],
    texts: Texts,
    association_id: UUID | None = None,
    place: Place = EVERYWHERE,
) -> Invitation:
    """Write to the address a link that lasts 14 days and works once; an earlier one for the same is withdrawn.

    With `association_id` the role is a delegate's, else staff's at the place. `link` makes an address, host included,
    of the secret; the letter is in the language of `texts`.
    Raises NotFound, SignInNeeded, StepUpNeeded, Forbidden, Invalid and LimitReached.
    """
    demand_person(actor)
    if association_id is not None:
        if await association_queries.lock_association(db, association_id) is None:
            raise NotFound(what="association")
        demand(actor, "association.lead", Club(association_id))
        _check_role(role, get_args(DelegateRole))
    else:
        place = await _whole_place(db, place)
        demand(actor, "people.manage", place)
        _check_role(role, get_args(Role))
    count = await queries.count_open(db, association_id, now)
    if count >= MOST_OPEN:
        raise LimitReached(kind="open_invitations", limit=MOST_OPEN, used=count)
    return await write_invitation(
        db,
        email=email,
        role=role,
        invited_by=actor.person_id,
        now=now,
        link=link,
        texts=texts,
        association_id=association_id,
        place=place,
    )


async def write_invitation(
    db: AsyncSession,
    *,
    email: str,
    role: str,
    invited_by: UUID | None,
    now: datetime,
    link: Callable[[str], str],
    texts: Texts,
    association_id: UUID | None = None,
    place: Place = EVERYWHERE,
) -> Invitation:
    """The same without asking for the right: of `invite`, and of the operator (`invited_by` None). Raises Invalid."""
    secret = secrets.token_urlsafe(32)
    row = Invitation(
        id=new_id(),
        email=check_email(email),
        role=role,
        association_id=association_id,
        facility_id=None if place.resource_id is not None else place.facility_id,
        resource_id=place.resource_id,
        hash=hash_of(secret),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + LASTS,
    )
    db.add(row)
    await db.flush()
    await queries.withdraw_earlier(db, row, now)
    subject, text = await _letter(db, row, link(secret), texts)
    mail.write(db, address=row.email, language=texts.language, subject=subject, text=text)
    audit.note(
        db,
        invited_by,
        "invitation.sent",
        table="invitation",
        row_id=row.id,
        now=now,
        change={"role": (None, role)},
    )
    await db.flush()
    return row


async def open_invitations(
    db: AsyncSession, actor: Actor, *, association_id: UUID | None = None
) -> Sequence[Invitation]:
    """Not answered and not withdrawn, the latest first; those that have run out too, so that one sees it.

    Of the association, or those to staff roles that the actor may give. Raises NotFound, SignInNeeded, StepUpNeeded,
    Forbidden.
    """
    if association_id is not None:
        if await association_queries.association(db, association_id) is None:
            raise NotFound(what="association")
        demand(actor, "association.lead", Club(association_id))
        return await queries.unanswered(db, association_id, limit=MOST_LISTED)
    demand_person(actor, writes=False)
    found = await queries.unanswered(db, None, limit=MOST_LISTED)
    facilities = await queries.facilities_of(db, [row.resource_id for row in found if row.resource_id])
    seen = [row for row in found if may(actor, "people.manage", _place_in(row, facilities))]
    if not seen:
        demand_somewhere(actor, "people.manage")
    return seen


async def revoke(db: AsyncSession, actor: Actor, invitation_id: UUID, now: datetime) -> Invitation:
    """The link works no longer. Raises NotFound, also for one that is answered, or not the actor's to withdraw."""
    demand_person(actor)
    row = await queries.lock_invitation(db, invitation_id)
    if row is None or row.accepted_at is not None or row.revoked_at is not None:
        raise NotFound(what="invitation")
    if not await _may_give(db, actor, row):
        raise NotFound(what="invitation")
    row.revoked_at = now
    audit.note(db, actor.person_id, "invitation.withdrawn", table="invitation", row_id=row.id, now=now)
    await db.flush()
    return row


async def offer(db: AsyncSession, secret: str, now: datetime) -> Offer:
    """What the link is about. Raises NotFound for an unknown one, Gone when it is used, withdrawn or too old."""
    row = await queries.invitation_by_hash(db, hash_of(secret))
    if row is None:
        raise NotFound(what="invitation")
    await _check_open(db, row, now)
    names = {} if row.invited_by is None else await person_queries.names(db, [row.invited_by])
    return Offer(
        role=row.role,
        association_id=row.association_id,
        association=await _association_name(db, row),
        place=await _place_name(db, row),
        invited_by=names.get(row.invited_by) or None if row.invited_by is not None else None,
        expires_at=row.expires_at,
    )


async def accept(db: AsyncSession, actor: Actor, secret: str, now: datetime) -> Invitation:
    """The person at the browser takes the role, and the link is used up; of two at once, one gets it.

    Raises NotFound for an unknown link; SignInNeeded, Forbidden; Gone for one that is used, withdrawn or too old, or
    whose sender may no longer invite.
    """
    found = await queries.invitation_by_hash(db, hash_of(secret))
    if found is None:
        raise NotFound(what="invitation")
    person_id = demand_at_browser(actor)
    if found.association_id is not None:
        await association_queries.lock_association(db, found.association_id)
    row = await queries.lock_invitation(db, found.id)
    assert row is not None, "nobody takes invitations away while they are open"
    await _check_open(db, row, now)
    row.accepted_at, row.accepted_by = now, person_id
    audit.note(db, person_id, "invitation.accepted", table="invitation", row_id=row.id, now=now)
    if row.association_id is not None:
        role = cast("DelegateRole", row.role)
        await join(db, person_id, row.association_id, role=role, by=person_id, now=now)
    elif not await queries.has_grant(db, person_id, row):
        grant = RoleGrant(
            id=new_id(),
            person_id=person_id,
            role=row.role,
            facility_id=row.facility_id,
            resource_id=row.resource_id,
            granted_by=row.invited_by,
            created_at=now,
        )
        db.add(grant)
        change: dict[str, tuple[Any, Any]] = {"role": (None, row.role), "person_id": (None, person_id)}
        audit.note(
            db, row.invited_by, "role.granted", table="role_grant", row_id=grant.id, now=now, change=change
        )
    await db.flush()
    return row


def _check_role(role: str, roles: tuple[str, ...]) -> None:
    if role not in roles:
        raise Invalid(field="role", expected=N_("one of %(choices)s"), words={"choices": ", ".join(roles)})


async def _whole_place(db: AsyncSession, place: Place) -> Place:
    """A resource with the facility that it really belongs to. Raises Invalid."""
    if place.resource_id is not None:
        found = await queries.place_of(db, place.resource_id)
        if found is None or (place.facility_id is not None and place.facility_id != found[0]):
            raise Invalid(field="resource_id", expected=N_("a resource of this municipality"))
        return Place(found[0], place.resource_id)
    if place.facility_id is not None and await queries.facility_name(db, place.facility_id) is None:
        raise Invalid(field="facility_id", expected=N_("a facility of this municipality"))
    return place


def _place_in(row: Invitation, facilities: Mapping[UUID, UUID]) -> Place:
    """`facilities`: of resources, the row's among them."""
    if row.resource_id is None:
        return Place(row.facility_id)
    return Place(facilities[row.resource_id], row.resource_id)


async def _may_give(db: AsyncSession, actor: Actor, row: Invitation) -> bool:
    if row.association_id is not None:
        return may(actor, "association.lead", Club(row.association_id))
    facilities = await queries.facilities_of(db, [row.resource_id] if row.resource_id else [])
    return may(actor, "people.manage", _place_in(row, facilities))


async def _check_open(db: AsyncSession, row: Invitation, now: datetime) -> None:
    """Who has lost the right to invite since, cannot come back by a link she sent to herself. Raises Gone."""
    is_open = row.accepted_at is None and row.revoked_at is None and now < row.expires_at
    if is_open and row.invited_by is not None:
        is_open = await _may_give(db, await queries.rights_of(db, row.invited_by), row)
    if not is_open:
        raise Gone(what="invitation")


async def _association_name(db: AsyncSession, row: Invitation) -> str | None:
    if row.association_id is None:
        return None
    association = await association_queries.association(db, row.association_id)
    assert association is not None, "the key holds"
    return one_line(association.name)


async def _place_name(db: AsyncSession, row: Invitation) -> str | None:
    if row.resource_id is not None:
        found = await queries.place_of(db, row.resource_id)
        return one_line(found[1]) if found else None
    name = None if row.facility_id is None else await queries.facility_name(db, row.facility_id)
    return None if name is None else one_line(name)


async def _letter(db: AsyncSession, row: Invitation, address: str, words: Texts) -> tuple[str, str]:
    """Subject and text."""
    municipality = one_line(await association_queries.municipality_name(db))
    names = {} if row.invited_by is None else await person_queries.names(db, [row.invited_by])
    who = one_line(names.get(row.invited_by, "")) if row.invited_by is not None else ""
    association, place = await _association_name(db, row), await _place_name(db, row)
    facts = {
        "who": who or municipality,
        "role": role_label(row.role, words),
        "association": association or "",
        "place": place or municipality,
    }
    if association is not None:
        subject = words.gettext("Invitation from %(association)s", **facts)
        asked = words.gettext("%(who)s invites you to act for %(association)s as: %(role)s.", **facts)
    else:
        subject = words.gettext("Invitation to a role at %(place)s", **facts)
        asked = words.gettext("%(who)s invites you to the role of %(role)s at %(place)s.", **facts)
    until = words.day(local_date(words.zone, row.expires_at), year=True)
    return subject, "\n\n".join(
        (
            asked,
            words.gettext("Open this address and sign in to accept:") + "\n" + address,
            words.gettext("The address works once, until %(day)s.", day=until),
            words.gettext(
                "If you do not know what this is about, you need do nothing. Do not pass the address on."
            ),
            municipality,
        )
    )
