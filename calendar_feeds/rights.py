"""Who may have which calendar, and how much of it told? Pure."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from calendar_feeds.scopes import Kind, Variant
from core.errors import Invalid
from core.texts import N_
from people.actors import Actor, Club, Place, Thing
from people.rules import demand, demand_person, may

OFFERED: Final[Mapping[Kind, tuple[Variant, ...]]] = {
    "person": ("full", "busy"),
    "association": ("full", "public", "busy"),
    "team": ("full", "public", "busy"),
    "resource": ("public", "busy", "full", "staff"),
    "facility": ("public", "busy", "full", "staff"),
    "municipality": ("public", "busy", "full", "staff"),
}
"""Kind → variants that there are of it, the one that is meant as a rule first."""
OPEN: Final[frozenset[Variant]] = frozenset({"public", "busy"})
"""What anybody may know of things; a person is nobody's business but her own."""
AT_PLACES: Final[Mapping[Variant, str]] = {"full": "booking.read_all", "staff": "day.read"}
"""Variant of a place → what it asks for. The staff's tells telephones, as the list of the day does."""


class Subject(Struct, frozen=True):
    """What a feed is of, and where that is: enough to know who may have it."""

    kind: Kind
    thing_id: UUID | None = None
    """None: the person's own, or the whole municipality."""
    association_id: UUID | None = None
    """Itself, or the team's."""
    facility_id: UUID | None = None
    """Itself, or the resource's."""


def _needed(subject: Subject, variant: Variant) -> tuple[str, Thing] | None:
    """What must be allowed where; None when whoever has an address of it may read it."""
    if subject.kind == "person" or variant in OPEN:
        return None
    if subject.kind in {"association", "team"}:
        assert subject.association_id is not None, "found with it"
        return "association.read", Club(subject.association_id)
    resource_id = subject.thing_id if subject.kind == "resource" else None
    return AT_PLACES[variant], Place(subject.facility_id, resource_id)


def may_have(owner: Actor, subject: Subject, variant: Variant) -> bool:
    """Whether a feed of hers still shows it."""
    needed = _needed(subject, variant)
    return needed is None or may(owner, *needed)


def choices(actor: Actor, subject: Subject) -> list[Variant]:
    """What is not open to everybody and the actor may have at a secret address, the usual first."""
    if actor.person_id is None:
        return []
    kept: list[Variant] = [
        each for each in OFFERED[subject.kind] if subject.kind == "person" or each not in OPEN
    ]
    return [each for each in kept if may_have(actor, subject, each)]


def open_variants(kind: Kind) -> list[Variant]:
    """What everybody may read without a secret."""
    return [] if kind == "person" else [each for each in OFFERED[kind] if each in OPEN]


def demand_offered(kind: Kind, variant: Variant) -> None:
    """Raises Invalid for a variant that there is not."""
    if variant not in OFFERED[kind]:
        raise Invalid(field="variant", expected=list(OFFERED[kind]))


def demand_subject(kind: Kind, thing_id: UUID | None) -> None:
    """Raises Invalid unless a thing is named exactly when there are several."""
    is_one = kind in {"person", "municipality"}
    if is_one != (thing_id is None):
        expected = N_("nothing: there is only one") if is_one else N_("the id of what the calendar is of")
        raise Invalid(field="thing_id", expected=expected)


def demand_feed(actor: Actor, subject: Subject, variant: Variant) -> UUID:
    """The person who may have it. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    person_id = demand_person(actor)
    needed = _needed(subject, variant)
    if needed is not None:
        demand(actor, *needed)
    return person_id
