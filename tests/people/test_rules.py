"""Which role may do what, and where: every role and action at every scope, and what delegates may."""

from itertools import product
from uuid import UUID

import pytest

from core.errors import Forbidden, SignInNeeded, StepUpNeeded
from people.actors import EVERYWHERE, NOBODY, Actor, Club, Grant, Place, Role
from people.rules import (
    DELEGATES,
    STAFF,
    demand,
    demand_at_browser,
    demand_person,
    demand_somewhere,
    may,
    may_somewhere,
)

HALL, OTHER, ROOM, KARI, VIKING, BRODD = (UUID(int=number) for number in range(1, 7))

EXPECTED: dict[Role, set[str]] = {
    "administrator": set(STAFF),
    "facility_manager": {
        "import.manage",
        "door.manage",
        "resource.manage",
        "opening.manage",
        "closure.manage",
        "arrangement.manage",
        "day.read",
        "application.decide",
        "booking.change_any",
        "booking.read_all",
        "person.read",
        "tariff.manage",
    },
    "case_officer": {
        "association.manage",
        "arrangement.manage",
        "day.read",
        "application.decide",
        "booking.change_any",
        "booking.read_all",
        "person.read",
        "refund.give",
    },
    "finance": {
        "booking.read_all",
        "person.read",
        "tariff.manage",
        "money.read",
        "refund.give",
        "invoice.manage",
    },
    "caretaker": {"closure.manage", "day.read", "booking.read_all"},
    "reader": {"booking.read_all"},
}
SCOPES: dict[str, tuple[UUID | None, UUID | None]] = {
    "municipality": (None, None),
    "facility": (HALL, None),
    "resource": (None, ROOM),
}
COVERS = {
    # scope of the grant → is it enough at: nowhere in particular, the hall, its room, another hall, another's room
    "municipality": (True, True, True, True, True),
    "facility": (False, True, True, False, False),
    "resource": (False, False, True, False, False),
}
PLACES = (EVERYWHERE, Place(HALL), Place(HALL, ROOM), Place(OTHER), Place(OTHER, UUID(int=99)))


def actor(*grants: Grant, may_write: bool = True) -> Actor:
    return Actor(person_id=KARI, grants=grants, may_write=may_write)


@pytest.mark.parametrize(("role", "action", "scope"), list(product(EXPECTED, STAFF, SCOPES)))
def test_every_role_does_what_it_may_where_its_grant_reaches(role: Role, action: str, scope: str) -> None:
    holder = actor(Grant(role, *SCOPES[scope]))

    allowed = tuple(may(holder, action, place) for place in PLACES)

    assert allowed == (COVERS[scope] if action in EXPECTED[role] else (False,) * len(PLACES))
    assert may_somewhere(holder, action) == (action in EXPECTED[role])


def test_grants_do_not_add_up_to_more_than_each_gives() -> None:
    both = actor(Grant(role="reader"), Grant(role="case_officer", facility_id=HALL))

    assert not may(both, "application.decide", Place(OTHER))
    assert may_somewhere(both, "application.decide")
    assert not may_somewhere(both, "tenant.manage")


LEADER = Actor(person_id=KARI, associations=(VIKING,), leads=(VIKING,))
BOOKER = Actor(person_id=KARI, associations=(VIKING,))
TREASURER = Actor(person_id=KARI, treasures=(VIKING,))


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (LEADER, {"association.book", "association.read", "association.lead"}),
        (BOOKER, {"association.book", "association.read"}),
        (TREASURER, {"association.read"}),
        (Actor(person_id=KARI), set[str]()),
        (NOBODY, set[str]()),
        (actor(Grant("administrator")), {"association.read", "association.lead"}),
        (actor(Grant("case_officer")), {"association.read", "association.lead"}),
        (actor(Grant("administrator", HALL)), set[str]()),
        (actor(Grant("reader")), set[str]()),
    ],
)
def test_what_delegates_and_staff_may_do_with_an_association(who: Actor, expected: set[str]) -> None:
    assert {action for action in DELEGATES if may(who, action, Club(VIKING))} == expected
    if not who.grants:
        assert not any(may(who, action, Club(BRODD)) for action in DELEGATES)


def test_a_token_that_only_reads_leaves_a_role_its_reading() -> None:
    reading = actor(Grant(role="administrator"), may_write=False)

    assert {action for action in STAFF if may(reading, action)} == {
        "booking.read_all",
        "day.read",
        "person.read",
        "audit.read",
        "money.read",
    }
    assert not may_somewhere(reading, "application.decide")
    assert demand_person(reading, writes=False) == KARI
    with pytest.raises(Forbidden):
        demand_person(reading)


def test_nobody_is_asked_to_sign_in_and_everybody_else_turned_away() -> None:
    for ask in (demand, demand_somewhere):
        with pytest.raises(SignInNeeded):
            ask(NOBODY, "application.decide")
        with pytest.raises(Forbidden):
            ask(actor(), "application.decide")
    with pytest.raises(SignInNeeded):
        demand_person(NOBODY, writes=False)
    with pytest.raises(Forbidden):
        demand(actor(), "association.book", Club(VIKING))


def test_a_weak_login_is_asked_for_a_stronger_one_only_where_that_would_help() -> None:
    weak = Actor(person_id=KARI, withheld=(Grant("case_officer", HALL),))

    assert not may(weak, "application.decide", Place(HALL))
    assert not may_somewhere(weak, "application.decide")
    with pytest.raises(StepUpNeeded):
        demand(weak, "application.decide", Place(HALL))
    with pytest.raises(StepUpNeeded):
        demand_somewhere(weak, "application.decide")
    with pytest.raises(Forbidden):
        demand(weak, "application.decide", Place(OTHER))
    with pytest.raises(Forbidden):
        demand_somewhere(weak, "tenant.manage")


def test_some_things_no_program_does_for_its_person() -> None:
    with pytest.raises(Forbidden):
        demand_at_browser(Actor(person_id=KARI))
    assert demand_at_browser(Actor(person_id=KARI, login_id=ROOM)) == KARI


def test_an_action_that_no_table_knows_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError):
        may(actor(Grant("administrator")), "application.decied")
