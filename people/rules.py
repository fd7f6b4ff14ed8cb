"""What may this actor do? Two tables, one function, asked by every service."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from core.errors import Forbidden, SignInNeeded, StepUpNeeded
from people.actors import EVERYWHERE, Actor, Club, DelegateRole, Grant, Place, Role, Thing

STAFF: Mapping[str, frozenset[Role]] = {
    "tenant.manage": frozenset({"administrator"}),
    "people.manage": frozenset({"administrator"}),
    "audit.read": frozenset({"administrator"}),
    "association.manage": frozenset({"administrator", "case_officer"}),
    "resource.manage": frozenset({"administrator", "facility_manager"}),
    "opening.manage": frozenset({"administrator", "facility_manager"}),
    "closure.manage": frozenset({"administrator", "facility_manager", "caretaker"}),
    "arrangement.manage": frozenset({"administrator", "facility_manager", "case_officer"}),
    "import.manage": frozenset({"administrator", "facility_manager"}),
    "door.manage": frozenset({"administrator", "facility_manager"}),
    "partner.manage": frozenset({"administrator"}),
    "day.read": frozenset({"administrator", "facility_manager", "case_officer", "caretaker"}),
    "application.decide": frozenset({"administrator", "facility_manager", "case_officer"}),
    "booking.change_any": frozenset({"administrator", "facility_manager", "case_officer"}),
    "booking.read_all": frozenset(
        {"administrator", "facility_manager", "case_officer", "finance", "caretaker", "reader"}
    ),
    "person.read": frozenset({"administrator", "facility_manager", "case_officer", "finance"}),
    "tariff.manage": frozenset({"administrator", "facility_manager", "finance"}),
    "money.read": frozenset({"administrator", "finance"}),
    "refund.give": frozenset({"administrator", "case_officer", "finance"}),
    "invoice.manage": frozenset({"administrator", "finance"}),
    "payment.manage": frozenset({"administrator"}),
}
"""Action → staff roles that may do it, within their scope."""

DELEGATES: Mapping[str, frozenset[DelegateRole]] = {
    "association.book": frozenset({"leader", "booker"}),
    "association.read": frozenset({"leader", "booker", "treasurer"}),
    "association.lead": frozenset({"leader"}),
}
"""Action → what one must be in the association."""

ALSO: Mapping[str, str] = {"association.lead": "association.manage", "association.read": "association.manage"}
"""What delegates may → what lets staff of the whole municipality do the same."""

READS = frozenset(
    {"money.read", "booking.read_all", "day.read", "person.read", "association.read", "audit.read"}
)
"""What a token that only reads leaves its person."""

SCOPES = ("read", "write", "staff")
"""Of a token: to read, to change, and to use the person's staff roles. Each is needed by name."""

LOGIN_LASTS = timedelta(hours=12)
LOGIN_IDLE = timedelta(hours=2)
"""A login ends so long after signing in, and so long after it was last used."""
USE_NOTED_EVERY = timedelta(minutes=5)
"""To write down each use would make every reading a writing."""


def may(actor: Actor, action: str, thing: Thing = EVERYWHERE) -> bool:
    """Whether the actor may do it there: by a staff role that covers the place, or by what she is in the association.

    A grant for a facility covers its resources when the caller names both. Asked without a place, only a grant
    over the whole municipality covers it.
    """
    return (actor.may_write or action in READS) and _holds(actor, actor.grants, action, thing)


def _holds(actor: Actor, grants: tuple[Grant, ...], action: str, thing: Thing) -> bool:
    if isinstance(thing, Club):
        if actor.role_in(thing.association_id) in DELEGATES.get(action, ()):
            return True
        action, place = ALSO.get(action, action), EVERYWHERE
    else:
        place = thing
    roles = STAFF.get(action)
    assert roles is not None or action in DELEGATES, f"no table knows {action}"
    return any(grant.role in (roles or ()) and _covers(grant, place) for grant in grants)


def _covers(grant: Grant, place: Place) -> bool:
    return (grant.facility_id is None or grant.facility_id == place.facility_id) and (
        grant.resource_id is None or grant.resource_id == place.resource_id
    )


def places_of(actor: Actor, action: str) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Facilities and resources where a staff role lets the actor do it; (None, None): everywhere."""
    grants = [grant for grant in actor.grants if grant.role in STAFF[action]]
    if any(grant.facility_id is None and grant.resource_id is None for grant in grants):
        return None, None
    return (
        [grant.facility_id for grant in grants if grant.facility_id is not None],
        [grant.resource_id for grant in grants if grant.resource_id is not None],
    )


def may_somewhere(actor: Actor, action: str) -> bool:
    """Whether any grant covers the action at any place: for menus and lists that filter row by row."""
    roles = STAFF[action]
    return (actor.may_write or action in READS) and any(grant.role in roles for grant in actor.grants)


def holds_somewhere(actor: Actor, action: str) -> bool:
    """The same, also by a grant that is withheld until she signs in more surely: for the way there."""
    return may_somewhere(actor, action) or any(grant.role in STAFF[action] for grant in actor.withheld)


def demand(actor: Actor, action: str, thing: Thing = EVERYWHERE) -> None:
    """Raises SignInNeeded, StepUpNeeded or Forbidden unless the actor may."""
    if actor.person_id is None:
        raise SignInNeeded
    if may(actor, action, thing):
        return
    if actor.may_write and _holds(actor, actor.withheld, action, thing):
        raise StepUpNeeded(action=action)
    raise Forbidden(action=action)


def demand_somewhere(actor: Actor, action: str) -> None:
    """The same for pages that are about no place in particular."""
    if actor.person_id is None:
        raise SignInNeeded
    if may_somewhere(actor, action):
        return
    if any(grant.role in STAFF[action] for grant in actor.withheld):
        raise StepUpNeeded(action=action)
    raise Forbidden(action=action)


def demand_person(actor: Actor, *, writes: bool = True) -> UUID:
    """The person who acts. Raises SignInNeeded for nobody, Forbidden for a token that only reads."""
    if actor.person_id is None:
        raise SignInNeeded
    if writes and not actor.may_write:
        raise Forbidden(action="write")
    return actor.person_id


def demand_at_browser(actor: Actor) -> UUID:
    """The person herself at a browser: what no token may do for her, such as making another token.

    Raises SignInNeeded, Forbidden.
    """
    person_id = demand_person(actor)
    if actor.login_id is None:
        raise Forbidden(action="at_browser")
    return person_id


def is_idle(used_at: datetime, now: datetime) -> bool:
    """Whether a login that was last used then has ended by itself."""
    return now - used_at >= LOGIN_IDLE
