"""The booking form: what stands in it, what it asks for, and what of it cannot be understood. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.schemas import ApplicationIn, ArticleIn, InsteadIn, MoveIn, RepeatIn, WishIn
from core.errors import Invalid, NonexistentLocalTime
from core.spans import Span, local_instant, span_between
from core.texts import N_, Texts
from core.wire import NO_NUL, Code, LongText, OptionalText, minutes_of
from resources.article_form import ARTICLE as ARTICLE
from resources.article_form import HOW_MANY, HOW_MANY_WRONG
from resources.prices import Usage

TIMES: Final = ("on", "from_time", "to_time", "to_on", "second_time")
FIELDS: Final = (
    *TIMES, "quantity", "association_id", "team", "title", "public", "purpose", "activity", "audience", "people",
    "usage", "every_weeks", "until", "if_refused", "accepted_terms",
)  # fmt: skip
CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d(:00)?$"
WEEKDAY_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
DAY_WRONG: Final = N_("Write a day that exists.")
NUMBER_WRONG: Final = N_("Write a whole number, 1 or more.")
CHOICE_WRONG: Final = N_("Choose one of those in the list.")
LONG_WRONG: Final = N_("Write less.")
KINDS: Final[Mapping[str, tuple[Any, str]]] = {
    "on": (date, DAY_WRONG),
    "from_time": (Annotated[str, msgspec.Meta(pattern=CLOCK)], N_("Write a time such as 18:00.")),
    "to_time": (Annotated[str, msgspec.Meta(pattern=CLOCK)], N_("Write a time such as 18:00.")),
    "to_on": (date, DAY_WRONG),
    "quantity": (Annotated[int, msgspec.Meta(ge=1, le=10_000)], NUMBER_WRONG),
    "association_id": (UUID, CHOICE_WRONG),
    "team": (UUID, CHOICE_WRONG),
    "title": (
        Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)],
        N_("Write at most 200 letters in the title."),
    ),
    "purpose": (LongText, LONG_WRONG),
    "activity": (Code, CHOICE_WRONG),
    "audience": (OptionalText, LONG_WRONG),
    "people": (Annotated[int, msgspec.Meta(ge=1, le=100_000)], NUMBER_WRONG),
    "usage": (Usage, CHOICE_WRONG),
    "every_weeks": (Annotated[int, msgspec.Meta(ge=1, le=52)], CHOICE_WRONG),
    "until": (date, DAY_WRONG),
    "accepted_terms": (OptionalText, CHOICE_WRONG),
}
"""What each field must be, and what is said when it is not."""


ANSWER: Final = "answer-"
"""Before a question's kind and key in the name of its field: the form is read without asking what is asked."""
MOST_ANSWERS: Final = 60
MOST_ARTICLES: Final = 50


class Instead(msgspec.Struct, frozen=True):
    """On a day of a repeat, another time or place."""

    day: date
    resource_id: UUID
    span: Span

    def __str__(self) -> str:
        """As a field of the form holds it."""
        times = "~".join(instant.isoformat() for instant in self.span)
        return f"{self.day.isoformat()}~{self.resource_id}~{times}"


class BookingForm(msgspec.Struct, kw_only=True):
    """The form as filled in."""

    form: dict[str, str]
    errors: dict[str, str]
    span: Span | None
    """None when the times cannot be read."""
    is_ambiguous: bool
    """The start or the end comes twice that night."""
    found: dict[str, Any]
    """The fields that could be read, as what they are."""
    except_on: list[date]
    weekdays: list[int] = []
    """Of a repeat; 1 is Monday. That of the first day is always one of them."""
    instead: list[Instead] = []

    @property
    def has_times(self) -> bool:
        """Something has been said about when."""
        return bool(self.form["on"] and self.form["from_time"] and self.form["to_time"])


def empty_form(span: Span | None, zone: ZoneInfo) -> dict[str, str]:
    """Every field, with the time filled in when there is one."""
    form = {**dict.fromkeys(FIELDS, ""), "quantity": "1", "if_refused": "fail"}
    return form | (times_of(span, zone) if span else {})


def times_of(span: Span, zone: ZoneInfo) -> dict[str, str]:
    """A span as the form's fields say it."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    last = (end - timedelta(minutes=1)).date() if (end.hour, end.minute) == (0, 0) else end.date()
    is_second = start.fold or (end.fold and not _comes_twice(zone, start))
    return {
        "on": start.date().isoformat(),
        "from_time": f"{start:%H:%M}",
        "to_time": f"{end:%H:%M}",
        "to_on": last.isoformat() if last != start.date() else "",
        "second_time": "yes" if is_second else "",
    }


def read_booking_form(
    values: Mapping[str, str],
    texts: Texts,
    *,
    fields: Sequence[str] = FIELDS,
    except_on: Sequence[str] = (),
    weekdays: Sequence[str] = (),
    instead: Sequence[str] = (),
) -> BookingForm:
    """The form from a body or an address. Fields that are left out are empty."""
    answers = [name for name in values if name.startswith(ANSWER) and name.count("-") >= 2][:MOST_ANSWERS]
    extra = [name for name in values if name.startswith(ARTICLE)][:MOST_ARTICLES]
    names = (*fields, *answers, *extra) if fields is FIELDS else fields
    form = {name: values.get(name, "").strip() for name in names}
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in form.items():
        if not value or name not in KINDS:
            continue
        kind, wrong = KINDS[name]
        try:
            found[name] = msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError:
            errors[name] = texts.gettext(wrong)
    for name in extra if fields is FIELDS else ():
        if form[name] and not HOW_MANY.fullmatch(form[name]):
            errors[name] = texts.gettext(HOW_MANY_WRONG)
    skipped = [day for day in map(_date, except_on[:400]) if day is not None]
    taken = {each.day: each for each in map(_instead, instead[:400]) if each is not None}
    read = BookingForm(
        form=form,
        errors=errors,
        span=None,
        is_ambiguous=False,
        found=found,
        except_on=[day for day in skipped if day not in taken],
        weekdays=sorted({int(day) for day in weekdays if day in set("1234567")}),
        instead=list(taken.values()),
    )
    _read_span(read, texts)
    if "every_weeks" in found and "until" not in found and "until" not in errors:
        errors["until"] = texts.gettext("Write the last day of the repeats.")
    return read


def demand_all(read: BookingForm, texts: Texts, *, has_terms: bool = False) -> None:
    """Adds the errors of what must be filled in before it can be booked."""
    told = {
        "on": N_("Choose a day."),
        "from_time": N_("Write when it begins."),
        "to_time": N_("Write when it ends."),
        "title": N_("Write what the time is for."),
    }
    for name, text in told.items():
        if name in read.form and not read.form[name]:
            read.errors[name] = texts.gettext(text)
    if has_terms and not read.form["accepted_terms"]:
        read.errors["accepted_terms"] = texts.gettext("You must accept the terms to book.")
    read.errors = {name: read.errors[name] for name in read.form if name in read.errors}  # as on the page


def application_of(read: BookingForm, resource_id: UUID) -> ApplicationIn:
    """What is applied for. The times must have been read."""
    assert read.span is not None, "a form without times is not sent"
    found = read.found
    repeat = None
    if "every_weeks" in found and "until" in found:
        repeat = _repeat_of(read)
    return ApplicationIn(
        times=[
            WishIn(
                resource_id=resource_id,
                start=read.span.start,
                end=read.span.end,
                quantity=found.get("quantity", 1),
            )
        ],
        repeat=repeat,
        if_refused="skip" if read.form["if_refused"] == "skip" else "fail",
        association_id=found.get("association_id"),
        team_id=found.get("team"),
        title=found.get("title") or "–",
        public=bool(read.form["public"]),
        purpose=found.get("purpose", ""),
        activity=found.get("activity"),
        audience=found.get("audience"),
        people=found.get("people"),
        usage=found.get("usage", "ordinary"),
        articles=articles_of(read.form),
        accepted_terms=found.get("accepted_terms"),
        answers=answers_of(read.form),
    )


def _repeat_of(read: BookingForm) -> RepeatIn:
    """Every so many weeks; on several weekdays as a rule. Days may be left out, or had elsewhere."""
    repeat = RepeatIn(
        until=read.found["until"],
        except_on=read.except_on,
        instead=[
            InsteadIn(day=each.day, start=each.span.start, end=each.span.end, resource_id=each.resource_id)
            for each in read.instead
        ],
    )
    weeks = read.found["every_weeks"]
    days = {read.found["on"].isoweekday(), *read.weekdays} if read.weekdays else set[int]()
    if len(days) > 1:
        named = ",".join(WEEKDAY_CODES[day - 1] for day in sorted(days))
        repeat.rrule = f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={named}"
    else:
        repeat.every_weeks = weeks
    return repeat


def answers_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Key → answer, as the kind that its field names; what cannot be that stays a text, and is refused."""
    found: dict[str, Any] = {}
    for name, text in form.items():
        if not name.startswith(ANSWER) or not text:
            continue
        _, kind, key = name.split("-", 2)
        if kind == "yes_no" and text in {"yes", "no"}:
            found[key] = text == "yes"
        elif kind == "number" and NUMBER.fullmatch(text):
            found[key] = int(text)
        else:
            found[key] = text
    return found


def articles_of(form: Mapping[str, str]) -> list[ArticleIn]:
    """What is ordered along, in the order of the form; of what is left empty or 0, nothing."""
    return [
        ArticleIn(article=name.removeprefix(ARTICLE), quantity=int(text))
        for name, text in form.items()
        if name.startswith(ARTICLE) and HOW_MANY.fullmatch(text) and int(text)
    ]


def answer_field(kind: str, key: str) -> str:
    """The name of a question's field."""
    return f"{ANSWER}{kind}-{key}"


def move_of(read: BookingForm) -> MoveIn:
    """Where the booking is moved. The times must have been read."""
    assert read.span is not None, "a form without times is not sent"
    return MoveIn(start=read.span.start, end=read.span.end)


def _read_span(read: BookingForm, texts: Texts) -> None:
    found = read.found
    if not {"on", "from_time", "to_time"} <= found.keys() or "to_on" in read.errors:
        return
    on, to_on = found["on"], found.get("to_on", found["on"])
    start_minute = minutes_of(found["from_time"][:5])
    end_minute = minutes_of(found["to_time"][:5]) or 24 * 60
    if to_on < on:
        read.errors["to_on"] = texts.gettext("The last day must not be before the first.")
        return
    field = "from_time"
    try:
        starts = _instants(texts.zone, on, start_minute)
        field = "to_time"
        ends = _instants(texts.zone, to_on, end_minute)
        read.is_ambiguous = len(starts) > 1 or len(ends) > 1
        second = bool(read.form["second_time"])
        start = starts[-1] if second else starts[0]
        after = [end for end in ends if end > start]
        if not after:
            read.errors["to_time"] = texts.gettext(
                "The end must be after the start. If it ends on another day, write the last day."
            )
            return
        read.span = span_between(start, after[-1] if second and len(starts) == 1 else after[0])
    except NonexistentLocalTime as refusal:
        read.errors[field] = texts.gettext(refusal.title)
    except Invalid:
        read.errors["on"] = texts.gettext(DAY_WRONG)


def _instants(zone: ZoneInfo, day: date, minute: int) -> list[datetime]:
    """The one or two instants at which the clock shows it. Raises NonexistentLocalTime, Invalid."""
    if not 2000 <= day.year <= 2100:
        raise Invalid(field="on", expected=N_("a year from 2000 to 2100"))
    both = (local_instant(zone, day, minute, fold) for fold in (0, 1))
    return list(dict.fromkeys(both))


def _comes_twice(zone: ZoneInfo, local: datetime) -> bool:
    return len(_instants(zone, local.date(), local.hour * 60 + local.minute)) > 1


def _instead(text: str) -> Instead | None:
    try:
        day, resource_id, start, end = text.split("~")
        times = span_between(datetime.fromisoformat(start), datetime.fromisoformat(end))
        return Instead(date.fromisoformat(day), UUID(resource_id), times)
    except (ValueError, Invalid):
        return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
