"""The search card: what stands in it, what it asks for, and what of it cannot be understood."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from booking.asking import CLOCK, SearchQuery
from booking.searching import Sought, check
from core.errors import Refusal
from core.texts import N_, Texts
from core.wire import NO_NUL, Code

FIELDS: Final = (
    "text", "from_on", "to_on", "from_time", "to_time", "minutes", "people", "activity", "accessible",
    "municipality", "facility", "association_id",
)  # fmt: skip
LENGTHS: Final = (30, 60, 90, 120, 180, 240, 1440)
KINDS: Final[Mapping[str, tuple[Any, str]]] = {
    "text": (Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)], N_("Write fewer words.")),
    "from_on": (date, N_("Write a day that exists.")),
    "to_on": (date, N_("Write a day that exists.")),
    "from_time": (Annotated[str, msgspec.Meta(pattern=CLOCK)], N_("Write a time such as 18:00.")),
    "to_time": (Annotated[str, msgspec.Meta(pattern=CLOCK)], N_("Write a time such as 18:00.")),
    "minutes": (Annotated[int, msgspec.Meta(ge=1, le=44_640)], N_("Choose a length.")),
    "people": (Annotated[int, msgspec.Meta(ge=1, le=100_000)], N_("Write a whole number, 1 or more.")),
    "activity": (Code, N_("Choose one of the activities.")),
    "accessible": (Code, N_("Choose one of those in the list.")),
    "municipality": (Code, N_("Choose one of those in the list.")),
    "facility": (UUID, N_("Choose one of those in the list.")),
    "association_id": (UUID, N_("Choose one of those in the list.")),
}
"""What each field must be, and what is said when it is not."""


class SearchForm(msgspec.Struct, frozen=True, kw_only=True):
    """The card as filled in."""

    form: dict[str, str]
    errors: dict[str, str]
    query: SearchQuery | None
    """None when something cannot be understood."""
    association_id: UUID | None = None
    """For whom it is searched; None: for the reader herself."""
    page: int = 1


def read_search_form(values: Mapping[str, str], texts: Texts) -> SearchForm:
    """The card from the address bar."""
    form = {name: values.get(name, "").strip() for name in FIELDS}
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, (kind, wrong) in KINDS.items():
        if not form[name]:
            continue
        try:
            found[name] = msgspec.convert(form[name], kind, strict=False)
        except msgspec.ValidationError:
            errors[name] = texts.gettext(wrong)
    page = values.get("page", "1")
    if not errors:
        errors |= _dates(found, texts)
    return SearchForm(
        form=form,
        errors=errors,
        query=None if errors else _query(found),
        association_id=found.get("association_id"),
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 5 and int(page) else 1,
    )


def _dates(found: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    if "from_on" not in found:
        return {"from_on": texts.gettext("Write the first day, too.")} if "to_on" in found else {}
    from_on: date = found["from_on"]
    to_on: date = found.get("to_on", from_on)
    try:
        check(Sought(from_on=from_on, to_on=to_on))
    except Refusal as refusal:
        field = str(refusal.facts["field"])
        if field == "to_on" and to_on < from_on:
            return {field: texts.gettext("The last day must not be before the first.")}
        if field == "to_on":
            return {field: texts.gettext("Search at most 62 days at a time.")}
        return {field: texts.gettext("Write a day that exists.")}
    return {}


def _query(found: Mapping[str, Any]) -> SearchQuery:
    return SearchQuery(
        from_on=found.get("from_on"),
        to_on=found.get("to_on"),
        from_time=found.get("from_time", "00:00"),
        to_time=found.get("to_time", "24:00"),
        minutes=found.get("minutes"),
        people=found.get("people"),
        quantity=1,
        activity=found.get("activity"),
        kind=None,
        equipment=(),
        accessible=(found["accessible"],) if "accessible" in found else (),
        text=found.get("text"),
        near=None,
        facility=found.get("facility"),
        only_free=False,
        cursor=None,
        limit=50,
    )


def asked_text(sought: Sought, texts: Texts) -> str:
    """The days and times searched: `tirsdag 24. november kl. 17–21`."""
    days = texts.day(sought.from_on, year=True)
    if sought.to_on > sought.from_on:
        days = texts.days(sought.from_on, sought.to_on)
    if (sought.from_minute, sought.to_minute % 1440) == (0, 0):
        return days
    start, end = (_clock(minute) for minute in (sought.from_minute, sought.to_minute))
    return texts.gettext("%(days)s, at %(times)s", days=days, times=texts.wall(start, end))


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def card(
    filled: SearchForm,
    action: str,
    *,
    place_name: str,
    places: Sequence[tuple[str, str]],
    activities: Sequence[tuple[str, str]],
    associations: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What booking/_search_form.html takes."""
    return {
        "action": action,
        "form": filled.form,
        "errors": filled.errors,
        "activities": activities,
        "associations": associations,
        "places": places,
        "place_name": place_name,
        "minutes": LENGTHS,
    }
