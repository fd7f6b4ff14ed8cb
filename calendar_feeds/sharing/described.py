"""What the open data is called and what its fields mean, marked for translation. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from calendar_feeds.sharing.catalog import Dataset, Distribution
from core.texts import N_

Gettext = Callable[[str], str]
CATALOGUE: Final = N_("Open data about places to borrow or hire in {municipality}")
CATALOGUE_TEXT: Final = N_(
    "Halls, pitches, pools and rooms that can be booked, and when they are taken. No persons are in it."
)


class Described(Struct, frozen=True, kw_only=True):
    """A data set; its texts are English and marked."""

    name: str
    title: str
    text: str
    keywords: Sequence[str]
    frequency: str
    fields: Mapping[str, str]
    """Field → what it means, in the order of the table."""


RESOURCES: Final = Described(
    name="resources",
    title=N_("Places that can be booked"),
    text=N_(
        "Every published hall, pitch, pool and room, with where it is, what it is for and how it is booked."
    ),
    keywords=(N_("sports halls"), N_("pitches"), N_("meeting rooms"), N_("booking")),
    frequency="CONT",
    fields={
        "id": N_("The place's id, which does not change."),
        "name": N_("What it is called."),
        "kind": N_("What kind of place it is, as a code."),
        "facility_id": N_("Id of the building or ground that it is part of."),
        "facility_name": N_("Name of the building or ground."),
        "address": N_("Street and number."),
        "postcode": N_("Four digits."),
        "town": N_("Postal town."),
        "latitude": N_("Degrees north (WGS 84), with a point."),
        "longitude": N_("Degrees east (WGS 84), with a point."),
        "people": N_("How many there is room for."),
        "activities": N_("What it is for, as codes with a space between."),
        "equipment": N_("What is there, as codes with a space between."),
        "accessibility": N_("How it is for people with disabilities, as codes with a space between."),
        "interval_minutes": N_("The steps in which it is booked, in minutes."),
        "min_minutes": N_("The shortest booking, in minutes."),
        "max_minutes": N_("The longest booking, in minutes; empty: no limit."),
        "decision": N_("automatic: booked at once; case_officer: somebody reads each request."),
        "association_only": N_("true where only associations can book."),
        "url": N_("The page where it is booked."),
    },
)
BOOKINGS: Final = Described(
    name="bookings",
    title=N_("Taken times"),
    text=N_(
        "When each place is taken. What for, and by which association, only where those who booked tell everybody;"
        " other taken times are without a name."
    ),
    keywords=(N_("sports halls"), N_("booking"), N_("calendar")),
    frequency="CONT",
    fields={
        "resource_id": N_("Id of the place."),
        "resource_name": N_("What the place is called."),
        "facility_id": N_("Id of the building or ground that it is part of."),
        "facility_name": N_("Name of the building or ground."),
        "start": N_("When it begins: local time with its offset from UTC (RFC 3339)."),
        "end": N_("When it ends; the next may begin at once."),
        "state": N_(
            "confirmed; or requested or awaiting_payment: the time is kept, and nothing is settled yet."
        ),
        "quantity": N_("How many places of it, where several can be there at once."),
        "title": N_("What for, where everybody may know; else empty."),
        "association": N_("Which association, where everybody may know; else empty."),
    },
)
DATASETS: Final = (RESOURCES, BOOKINGS)


def datasets(address: str, languages: Mapping[str, Gettext]) -> list[Dataset]:
    """For the catalogue. `address`: what those of the files begin with; `languages`: code → translation."""
    return [
        Dataset(
            name=each.name,
            titles={code: say(each.title) for code, say in languages.items()},
            descriptions={code: say(each.text) for code, say in languages.items()},
            keywords={code: [say(word) for word in each.keywords] for code, say in languages.items()},
            frequency=each.frequency,
            distributions=[
                Distribution(
                    title=f"{each.name}.{form}", url=f"{address}/{each.name}.{form}", format=form.upper()
                )
                for form in ("csv", "json")
            ],
        )
        for each in DATASETS
    ]
