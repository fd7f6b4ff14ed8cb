"""What may this actor do? One table, one function, asked by every service."""

from uuid import UUID

from core.errors import Forbidden, SignInNeeded
from people.actors import Actor, Role

STAFF: dict[str, frozenset[Role]] = {
    "tenant.manage": frozenset({"administrator"}),
    "resource.manage": frozenset({"administrator", "facility_manager"}),
    "opening.manage": frozenset({"administrator", "facility_manager"}),
    "closure.manage": frozenset({"administrator", "facility_manager", "caretaker"}),
    "application.decide": frozenset({"administrator", "facility_manager", "case_officer"}),
    "booking.change_any": frozenset({"administrator", "facility_manager", "case_officer"}),
    "booking.read_all": frozenset(
        {"administrator", "facility_manager", "case_officer", "finance", "caretaker", "reader"}
    ),
    "person.read": frozenset({"administrator", "facility_manager", "case_officer", "finance"}),
}
"""Action → roles that may do it, within their scope."""

READS = frozenset({"booking.read_all", "person.read"})


def may(
    actor: Actor, action: str, *, facility_id: UUID | None = None, resource_id: UUID | None = None
) -> bool:
    """Whether a staff role of the actor covers the action there.

    A grant for a facility covers its resources when the caller names both. Asked without a place, only a grant
    over the whole municipality covers it.
    """
    if not actor.may_write and action not in READS:
        return False
    roles = STAFF[action]
    return any(
        grant.role in roles
        and (grant.facility_id is None or grant.facility_id == facility_id)
        and (grant.resource_id is None or grant.resource_id == resource_id)
        for grant in actor.grants
    )


def may_somewhere(actor: Actor, action: str) -> bool:
    """Whether any grant covers the action at any place: for menus and lists that filter row by row."""
    roles = STAFF[action]
    return (actor.may_write or action in READS) and any(grant.role in roles for grant in actor.grants)


def demand(
    actor: Actor, action: str, *, facility_id: UUID | None = None, resource_id: UUID | None = None
) -> None:
    """Raises SignInNeeded or Forbidden unless the actor may."""
    if actor.person_id is None:
        raise SignInNeeded
    if not may(actor, action, facility_id=facility_id, resource_id=resource_id):
        raise Forbidden(action=action)


def demand_person(actor: Actor, *, writes: bool = True) -> UUID:
    """The person who acts. Raises SignInNeeded for nobody, Forbidden for a token that only reads."""
    if actor.person_id is None:
        raise SignInNeeded
    if writes and not actor.may_write:
        raise Forbidden(action="write")
    return actor.person_id


def demand_association(actor: Actor, association_id: UUID) -> None:
    """Raises Forbidden unless the actor may act for the association."""
    if association_id not in actor.associations:
        raise Forbidden(action="act_for_association")
