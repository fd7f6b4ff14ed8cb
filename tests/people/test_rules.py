"""Which role may do what, and where."""

from uuid import UUID

import pytest

from core.errors import Forbidden, SignInNeeded
from people.actors import NOBODY, Actor, Grant, Role
from people.rules import STAFF, demand, demand_association, demand_person, may, may_somewhere

HALL, OTHER, ROOM = (UUID(int=number) for number in (1, 2, 3))
KARI = UUID(int=9)

EXPECTED: dict[Role, set[str]] = {
    "administrator": set(STAFF),
    "facility_manager": set(STAFF) - {"tenant.manage"},
    "case_officer": {"application.decide", "booking.change_any", "booking.read_all", "person.read"},
    "finance": {"booking.read_all", "person.read"},
    "caretaker": {"closure.manage", "booking.read_all"},
    "reader": {"booking.read_all"},
}


def actor(*grants: Grant, may_write: bool = True) -> Actor:
    return Actor(person_id=KARI, grants=grants, may_write=may_write)


@pytest.mark.parametrize("role", EXPECTED)
def test_what_each_role_may(role: Role) -> None:
    allowed = {action for action in STAFF if may(actor(Grant(role=role)), action)}

    assert allowed == EXPECTED[role]


@pytest.mark.parametrize(
    ("grant", "place", "expected"),
    [
        (Grant(role="case_officer"), (HALL, ROOM), True),
        (Grant(role="case_officer"), (None, None), True),
        (Grant(role="case_officer", facility_id=HALL), (HALL, ROOM), True),
        (Grant(role="case_officer", facility_id=HALL), (HALL, None), True),
        (Grant(role="case_officer", facility_id=HALL), (OTHER, ROOM), False),
        (Grant(role="case_officer", facility_id=HALL), (None, None), False),
        (Grant(role="case_officer", resource_id=ROOM), (HALL, ROOM), True),
        (Grant(role="case_officer", resource_id=ROOM), (HALL, None), False),
    ],
)
def test_a_grant_covers_its_place(
    grant: Grant, place: tuple[UUID | None, UUID | None], expected: bool
) -> None:
    facility_id, resource_id = place

    allowed = may(actor(grant), "application.decide", facility_id=facility_id, resource_id=resource_id)

    assert allowed == expected


def test_grants_do_not_add_up_to_more_than_each_gives() -> None:
    both = actor(Grant(role="reader"), Grant(role="case_officer", facility_id=HALL))

    assert not may(both, "application.decide", facility_id=OTHER)
    assert may_somewhere(both, "application.decide")
    assert not may_somewhere(both, "tenant.manage")


def test_a_token_that_only_reads_leaves_a_role_its_reading() -> None:
    reading = actor(Grant(role="administrator"), may_write=False)

    assert {action for action in STAFF if may(reading, action)} == {"booking.read_all", "person.read"}
    assert not may_somewhere(reading, "application.decide")
    assert demand_person(reading, writes=False) == KARI
    with pytest.raises(Forbidden):
        demand_person(reading)


def test_nobody_is_asked_to_sign_in_and_everybody_else_turned_away() -> None:
    with pytest.raises(SignInNeeded):
        demand(NOBODY, "application.decide")
    with pytest.raises(SignInNeeded):
        demand_person(NOBODY, writes=False)
    with pytest.raises(Forbidden):
        demand(actor(), "application.decide")
    with pytest.raises(Forbidden):
        demand_association(actor(), HALL)
