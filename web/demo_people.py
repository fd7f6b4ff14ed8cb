"""Where the demo plays and who is in it."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID, uuid5

import msgspec

from people.actors import Actor, DelegateRole, Grant, Role
from people.groups import Known
from people.rules import DELEGATES

DATA = Path(__file__).parent / "demo_data"
SPACE = UUID("6c656469-6700-5000-8000-000000000000")
"""Ids of the demo are made from names, so that they are the same on every machine."""


class Figure(msgspec.Struct, frozen=True):
    """A person to be in the demo."""

    part: str
    name: str
    role: Role | None = None
    acts_for: tuple[str, ...] = ()
    """Associations by name; `*` is the municipality's first."""
    acts_as: DelegateRole = "leader"


FIGURES = (
    Figure("citizen", "Kari Nordmann"),
    Figure("neighbour", "Per Nabo"),
    Figure("delegate", "Anne Lagleder", acts_for=("*",)),
    Figure("coach", "Tom Trener", acts_for=("Sandnes Ulf", "Giske ungdomsskole")),
    Figure("booker", "Berit Bestiller", acts_for=("Sandnes Idrettslag",), acts_as="booker"),
    Figure("treasurer", "Knut Kasserer", acts_for=("Sandnes Idrettslag",), acts_as="treasurer"),
    Figure("officer", "Ingrid Saksbehandler", role="case_officer"),
    Figure("manager", "Olav Driftsleder", role="facility_manager"),
    Figure("caretaker", "Nils Vaktmester", role="caretaker"),
    Figure("admin", "Siri Administrator", role="administrator"),
)
SPORTS_CLUB = Known(organisation_form="FLI", is_voluntary=True, youth_percent=60)
"""What is known of a club where nothing else is said."""
KNOWN: Mapping[str, Known] = {
    "Sandnes Idrettslag": Known(organisation_form="FLI", is_voluntary=True, youth_percent=72),
    "Sandnes Ulf": Known(organisation_form="FLI", is_voluntary=True, youth_percent=41),
    "Giske ungdomsskole": Known(organisation_form="ORGL"),
}
"""Made up, but for the school's being the municipality's own."""
ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "Sandnes Idrettslag": ("athletics", "gymnastics", "handball"),
    "Sandnes Ulf": ("football",),
    "Giske ungdomsskole": ("physical_exercise", "music"),
}
SPORTS = ("football", "handball", "athletics")
"""Of other clubs."""
TEAMS = (("Jenter 14", "13-19"), ("Gutter 12", "0-12"), ("Senior", "20+"))
CLUBS: Mapping[str, tuple[str, ...]] = {
    "sandnes": ("Sandnes Idrettslag", "Sandnes Ulf", "Giske ungdomsskole"),
}
"""Names that the municipality has published; elsewhere there is one with the municipality's name."""


class Municipality(msgspec.Struct, frozen=True):
    """A line of demo_data/municipalities.csv."""

    number: str
    name: str
    slug: str
    organisation_number: str
    first_language: str
    town: str
    postcode: str
    latitude: float
    longitude: float
    colour: str

    @property
    def tenant_id(self) -> UUID:
        return demo_id(self.slug, "tenant", "")

    @property
    def host(self) -> str:
        return f"{self.slug}.localhost"

    @property
    def clubs(self) -> tuple[str, ...]:
        return CLUBS.get(self.slug, (f"{self.name} idrettslag",))


def demo_id(slug: str, table: str, key: str) -> UUID:
    """The id of a row of the demo: `demo_id("sandnes", "person", "citizen")`."""
    return uuid5(SPACE, f"{slug}/{table}/{key}")


def municipalities() -> list[Municipality]:
    """All of them, by number."""
    with (DATA / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return msgspec.convert(list(csv.DictReader(file)), list[Municipality], strict=False)


def figures(each: Municipality) -> Iterable[Figure]:
    """Those that live here: the coach only where the clubs are."""
    return (one for one in FIGURES if not one.acts_for or set(one.acts_for) & {"*", *each.clubs})


def actor_of(each: Municipality, part: str) -> Actor:
    """The figure as services know her."""
    one = next(one for one in FIGURES if one.part == part)
    return Actor(
        person_id=demo_id(each.slug, "person", part),
        name=one.name,
        associations=tuple(
            demo_id(each.slug, "association", name)
            for name in clubs_of(one, each)
            if one.acts_as in DELEGATES["association.book"]
        ),
        grants=() if one.role is None else (Grant(one.role),),
    )


def clubs_of(one: Figure, each: Municipality) -> list[str]:
    """The associations of the municipality that the figure acts for."""
    return [
        name for name in each.clubs if name in one.acts_for or ("*" in one.acts_for and name == each.clubs[0])
    ]
