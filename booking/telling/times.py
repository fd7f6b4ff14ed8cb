"""Times and places in words: a line each, the first of many."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from booking.telling.wording import listed, one_line, rest_of
from core.db import AnyRow
from core.texts import Texts

Time = tuple[UUID, datetime, datetime]
"""Resource, start, end."""
Places = Mapping[UUID, AnyRow]
"""Resource → name, facility, address, postcode, town, as queries.places tells them."""


def times(found: Sequence[Time], places: Places, words: Texts) -> str:
    """`tirsdag 24. november 2026 kl. 18–19, Hall A, Solvikhallen`, a line each."""
    lines = [
        f"{words.span((start, end), year=True)}, {place_of(places, resource_id)}"
        for resource_id, start, end in found
    ]
    rest = rest_of(lines)
    return listed(lines, words.ngettext("and %(n)d more", "and %(n)d more", rest)) if lines else ""


def place_of(places: Places, resource_id: UUID, *, whole: bool = False) -> str:
    """Resource and facility, with its address where the whole is asked for."""
    place = places.get(resource_id)
    if place is None:
        return ""
    parts = [place.name, place.facility]
    if whole:
        parts += [place.address, " ".join(part for part in (place.postcode, place.town) if part)]
    return one_line(", ".join(dict.fromkeys(part for part in parts if part)))
