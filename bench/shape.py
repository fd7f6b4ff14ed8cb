"""What the measured installation looks like: how many of everything, and which weekly times are taken. Pure."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID, uuid5

NAMESPACE = UUID("5b1e6f0e-6a57-4f58-8a3e-3f3b9d6f1c11")
WEEKS_A_SEASON = 26
SEASONS = 4
EVENINGS = ((17 * 60, 75), (18 * 60 + 30, 75), (20 * 60, 75))
"""Start on the clock, and minutes. A quarter of an hour for cleaning lies between two."""
DAYTIME = ((10 * 60, 105),)
CLOSED_DAYS = 8
"""Christmas, twice."""
OPENS, CLOSES = 7 * 60, 23 * 60
UNTAKEN_STARTS = tuple(range(12 * 60 + 30, 16 * 60, 60))
"""Hours of the day that the data leaves free: what is measured by booking them always finds them so."""
UNTAKEN_MINUTES = 45


class Shape(NamedTuple):
    """How large it is."""

    municipalities: int
    resources: int
    claims: int
    anchor: date
    """A Monday; the data lies two seasons (a year) to either side."""

    def key(self, *more: str) -> str:
        """Changes with the shape, and with whatever else is named."""
        return hashlib.sha256(repr((tuple(self), more)).encode()).hexdigest()[:10]


class Place(NamedTuple):
    """A resource and the units it takes."""

    tenant: int
    facility_id: UUID
    resource_id: UUID
    unit_ids: tuple[UUID, ...]
    name: str


class Series(NamedTuple):
    """A weekly time of a season: so many bookings of one application."""

    application_id: UUID
    resource_id: UUID
    first_on: date
    starts_minute: int
    minutes: int


def tenant_id(number: int) -> UUID:
    return uuid5(NAMESPACE, f"tenant {number}")


def sizes(shape: Shape) -> list[int]:
    """Resources of each municipality: 100 in the first, 90 in the second, the rest shared evenly."""
    if shape.municipalities < 3 or shape.resources < 50 * shape.municipalities:
        return [len(range(n, shape.resources, shape.municipalities)) for n in range(shape.municipalities)]
    rest, others = shape.resources - 190, shape.municipalities - 2
    return [100, 90, *(len(range(n, rest, others)) for n in range(others))]


def places(tenant: int, size: int) -> list[Place]:
    """Facilities with a hall of three parts (whole, and each third) and four rooms of one unit each."""
    found: list[Place] = []
    for number in range(size):
        facility, within = divmod(number, 8)
        facility_id = uuid5(NAMESPACE, f"facility {tenant} {facility}")
        thirds = tuple(sorted(uuid5(NAMESPACE, f"third {tenant} {facility} {n}") for n in range(3)))
        if within == 0:
            units, name = thirds, "Hele hallen"
        elif within < 4:
            units, name = (thirds[within - 1],), f"Hall del {within}"
        else:
            units, name = (uuid5(NAMESPACE, f"room {tenant} {number}"),), f"Sal {within - 3}"
        found.append(Place(tenant, facility_id, uuid5(NAMESPACE, f"resource {tenant} {number}"), units, name))
    return found


def is_room(place: Place) -> bool:
    """Takes one unit that no other resource takes."""
    return place.name.startswith("Sal")


def likelihood(weekday: int, minute: int) -> float:
    """How likely a weekly time is taken, before it is scaled to the number of claims."""
    if minute in {start for start, _ in DAYTIME}:
        return 0.08
    return 0.19 if weekday < 4 else 0.08


def series(shape: Shape, here: Sequence[Place], scale: float) -> Iterator[Series]:
    """Weekly times that do not overlap: of whole halls, of parts where the whole is free, of rooms."""
    draw = random.Random(f"{shape.claims} {here[0].tenant}")
    monday = shape.anchor - timedelta(weeks=SEASONS // 2 * WEEKS_A_SEASON)
    slots = [
        (
            monday + timedelta(weeks=season * WEEKS_A_SEASON, days=weekday),
            start,
            minutes,
            likelihood(weekday, start),
        )
        for season in range(SEASONS)
        for weekday in range(7)
        for start, minutes in (*DAYTIME, *EVENINGS)
    ]
    for _, group in groupby(here, key=lambda place: place.facility_id):
        facility = list(group)
        for first_on, start, minutes, likely in slots:
            wanted = min(likely * scale, 1.0)
            whole = 0.4 * wanted
            part = (wanted - whole) / (1 - whole)
            taken_whole = draw.random() < whole
            for place in facility:
                is_whole = len(place.unit_ids) > 1
                if is_whole or is_room(place):
                    takes = taken_whole if is_whole else draw.random() < wanted
                else:
                    takes = not taken_whole and draw.random() < part
                if takes:
                    yield Series(
                        UUID(int=draw.getrandbits(128), version=4),
                        place.resource_id,
                        first_on,
                        start,
                        minutes,
                    )


def scale_for(shape: Shape, everywhere: Sequence[Place]) -> float:
    """By what the likelihoods are multiplied, so that it comes to about so many claims (a core and a pad each)."""
    units = len({unit for place in everywhere for unit in place.unit_ids})
    week = sum(likelihood(weekday, start) for weekday in range(7) for start, _ in (*DAYTIME, *EVENINGS))
    # Eleven days around each of two New Years are left out.
    weeks = SEASONS * WEEKS_A_SEASON - 2 * 11 / 7
    return (shape.claims - units * CLOSED_DAYS) / 2 / (units * week * weeks)
