"""The officer's forms as decisions: what was chosen for each time, and the other time that is offered."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from booking.schemas import ApplicationOut, BookingOut, DecisionIn, DecisionOn, OfferIn
from core.texts import Texts
from core.wire import LocalTime, has_nul, id_in
from people.desk import Desk

LONGEST_REASON = 5000
OFFER_FIELDS = ("offer_for", "on", "from_time", "to_time", "resource_id", "until_on", "offer_text")


def undecided_of(out: ApplicationOut) -> list[BookingOut]:
    return [each for each in out.bookings if each.state == "requested"]


def asked(values: Mapping[str, str], waiting: Sequence[BookingOut]) -> DecisionIn | None:
    """What the form decides; None: nothing."""
    action = values.get("action", "")
    every = {"approve-all": "approve", "reject-all": "reject"}.get(action)
    chosen = [
        DecisionOn(id=each.id, approve=said == "approve", reject=said == "reject")
        for each in waiting
        if (said := every or values.get(f"decision-{each.id}")) in {"approve", "reject"}
    ]
    if not chosen:
        return None
    return DecisionIn(
        bookings=chosen,
        if_taken="skip" if action == "approve-all" else "fail",
        reject_rivals=values.get("reject_rivals") == "yes",
        reason_key=values.get("reason_key") or None,
        text=values.get("reason", "").strip() or None,
    )


def what_is_wrong(
    form: DecisionIn | None, values: Mapping[str, str], waiting: Sequence[BookingOut], texts: Texts
) -> dict[str, str]:
    """Field → what to do."""
    if form is None:
        return {f"decision-{waiting[0].id}": texts.gettext("Choose an answer to at least one time.")}
    reason = values.get("reason", "")
    if len(reason) > LONGEST_REASON or has_nul(reason + values.get("reason_key", "")):
        return {"reason": texts.gettext("Write less.")}
    if any(each.reject for each in form.bookings) and not (form.reason_key or form.text):
        return {"reason": texts.gettext("Give the reason when you reject.")}
    return {}


def offer_of(
    values: Mapping[str, str], waiting: Sequence[BookingOut], texts: Texts
) -> tuple[DecisionIn | None, dict[str, str]]:
    """The offer, or field → what to do."""
    errors: dict[str, str] = {}
    booking = next((each for each in waiting if str(each.id) == values.get("offer_for")), None)
    if booking is None:
        errors["offer_for"] = texts.gettext("Choose which time it is instead of.")
    on, start = _day(values.get("on")), _clock(values.get("from_time"))
    end, until = _clock(values.get("to_time")), _day(values.get("until_on"))
    if on is None:
        errors["on"] = texts.gettext("Write a day.")
    if start is None or end is None:
        errors["from_time"] = texts.gettext("Write times such as 18:00.")
    if values.get("until_on") and until is None:
        errors["until_on"] = texts.gettext("Write a day.")
    text = values.get("offer_text", "").strip()
    if len(text) > LONGEST_REASON or has_nul(text):
        errors["offer_text"] = texts.gettext("Write less.")
    resource_id = id_in(values.get("resource_id"))
    if errors or booking is None or on is None or start is None or end is None:
        return None, errors
    end_on = on if end > start else on + timedelta(days=1)
    offer = OfferIn(
        start=LocalTime(on, start),
        end=LocalTime(end_on, end),
        resource_id=resource_id,
        answer_by=None if until is None else LocalTime(until, "24:00"),
    )
    return DecisionIn(bookings=[DecisionOn(id=booking.id, offer=offer)], text=text or None), {}


def offer_form(desk: Desk, waiting: Sequence[BookingOut]) -> dict[str, Any]:
    """Filled in with what was asked for, or with the time in the address."""
    query = desk.request.query_params
    empty: dict[str, Any] = dict.fromkeys(OFFER_FIELDS, "")
    if not waiting:
        return empty
    chosen = next((each for each in waiting if str(each.id) == query.get("offer")), waiting[0])
    start, end = chosen.start, chosen.end
    try:
        start = desk.texts.local(start.fromisoformat(query.get("start") or start.isoformat()))
        end = desk.texts.local(end.fromisoformat(query.get("end") or end.isoformat()))
    except (ValueError, OverflowError):
        start, end = chosen.start, chosen.end
    return {
        **empty,
        "offer_for": str(chosen.id),
        "on": start.date().isoformat(),
        "from_time": f"{start:%H:%M}",
        "to_time": f"{end:%H:%M}",
        "resource_id": str(chosen.resource_id),
    }


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _clock(text: str | None) -> str | None:
    hours, _, minutes = (text or "").strip().partition(":")
    if not (hours + minutes).isascii() or not hours.isdecimal() or not minutes.isdecimal():
        return None
    fits = int(hours) < 24 and int(minutes) < 60 and len(hours) <= 2 and len(minutes) == 2
    return f"{int(hours):02}:{minutes}" if fits else None
