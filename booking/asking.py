"""A search as it stands in the address bar, read once for API and pages."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar.params import QueryParameter
from msgspec import Struct

from booking.searching import Sought
from core.errors import Invalid
from core.paging import CURSOR, MOST
from core.spans import Span, local_date, span_between
from core.texts import N_
from core.wire import CLOCK, CODE, NO_NUL, WHEN, Code, minutes_of, when
from resources.facts import Wanted

PLACE = r"^-?[0-9]{1,2}(\.[0-9]{1,8})?,-?[0-9]{1,3}(\.[0-9]{1,8})?(?!\n)$"

From = Annotated[str, QueryParameter(name="from", pattern=WHEN, description="An instant, or a local date.")]
To = Annotated[
    str, QueryParameter(name="to", pattern=WHEN, description="An instant, or a local date; not included.")
]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


def window_asked(zone: ZoneInfo, from_: str, to: str) -> Span:
    """What `from` and `to` mean. Raises Invalid."""
    return span_between(when(from_, zone, "from"), when(to, zone, "to"))


Word = Annotated[Code, QueryParameter(pattern=CODE)]
"""Twice the same: msgspec reads the one, Litestar's document the other."""
Words = Annotated[list[Word] | None, QueryParameter(max_items=20)]


class SearchQuery(Struct, frozen=True, kw_only=True):
    """What the address says; `sought` makes sense of it."""

    from_on: date | None
    to_on: date | None
    from_time: str
    to_time: str
    minutes: int | None
    people: int | None
    quantity: int
    activity: str | None
    kind: str | None
    equipment: tuple[str, ...]
    accessible: tuple[str, ...]
    text: str | None
    near: str | None
    facility: UUID | None
    only_free: bool
    cursor: str | None
    limit: int

    def sought(self, now: datetime, zone: ZoneInfo) -> Sought:
        """Without dates: today. Raises Invalid for a place that is not on the globe."""
        from_on = self.from_on or local_date(zone, now)
        return Sought(
            from_on=from_on,
            to_on=self.to_on or from_on,
            from_minute=minutes_of(self.from_time),
            to_minute=minutes_of(self.to_time),
            minutes=self.minutes,
            quantity=self.quantity,
            near=_near(self.near),
            only_free=self.only_free,
            wanted=Wanted(
                facility_ids=(self.facility,) if self.facility else None,
                activity=self.activity,
                equipment=self.equipment,
                accessible=self.accessible,
                people=self.people,
                kind=self.kind,
                text=self.text or None,
                published_at=now,
            ),
        )


def _near(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    latitude, longitude = (float(part) for part in text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid(field="near", expected=N_("latitude,longitude in degrees"))
    return latitude, longitude


async def read_search(
    from_on: Annotated[
        date | None, QueryParameter(description="First local date; today when left out.")
    ] = None,
    to_on: Annotated[
        date | None, QueryParameter(description="Last local date; from_on when left out.")
    ] = None,
    from_time: Annotated[str, QueryParameter(pattern=CLOCK)] = "00:00",
    to_time: Annotated[
        str, QueryParameter(pattern=CLOCK, description="Not after from_time: next day.")
    ] = "24:00",
    minutes: Annotated[int | None, QueryParameter(ge=1, le=44_640)] = None,
    people: Annotated[int | None, QueryParameter(ge=1, le=100_000)] = None,
    quantity: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1,
    activity: Annotated[str | None, QueryParameter(pattern=CODE)] = None,
    kind: Annotated[str | None, QueryParameter(pattern=CODE)] = None,
    equipment: Words = None,
    accessible: Words = None,
    text: Annotated[str | None, QueryParameter(max_length=200, pattern=NO_NUL)] = None,
    near: Annotated[str | None, QueryParameter(pattern=PLACE, description="latitude,longitude")] = None,
    facility: Annotated[UUID | None, QueryParameter()] = None,
    only_free: Annotated[bool, QueryParameter()] = False,
    cursor: Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> SearchQuery:
    """The dependency `sought` of every search."""
    return SearchQuery(
        from_on=from_on,
        to_on=to_on,
        from_time=from_time,
        to_time=to_time,
        minutes=minutes,
        people=people,
        quantity=quantity,
        activity=activity,
        kind=kind,
        equipment=tuple(equipment or ()),
        accessible=tuple(accessible or ()),
        text=text,
        near=near,
        facility=facility,
        only_free=only_free,
        cursor=cursor,
        limit=limit,
    )
