"""Facilities, resources and their rules as the pages show them, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import quote

from core.texts import Texts
from resources.activities import ACCESSIBILITY, ACTIVITIES, EQUIPMENT, KINDS, Term, label
from resources.facts import LimitFacts
from resources.models import Facility, Opening, Resource, Unit
from resources.policies import Policy, policy_text

MONDAY = date(2024, 1, 1)
View = dict[str, Any]


def in_language(texts: Mapping[str, Any] | None, language: str) -> str | None:
    """The text in the language, else in the first that there is: nynorsk for bokmål and the other way first."""
    order = {"nb": ("nb", "nn", "en"), "nn": ("nn", "nb", "en"), "en": ("en", "nb", "nn")}[language]
    return next((str(texts[code]) for code in order if texts and texts.get(code)), None)


def labels(codes: Iterable[str], known: dict[str, Term], texts: Texts) -> list[str]:
    """What people call them."""
    return [texts.gettext(label(code, known)) for code in codes]


def picture(pictures: Sequence[Mapping[str, Any]], language: str) -> tuple[str | None, str | None]:
    """Address and description of the first; nothing when there is none."""
    if not pictures:
        return None, None
    return pictures[0]["url"], in_language(pictures[0].get("alt"), language)


def address(facility: Facility) -> str | None:
    """On one line."""
    town = " ".join(part for part in (facility.postcode, facility.town) if part)
    return ", ".join(part for part in (facility.address, town) if part) or None


def facility_view(facility: Facility, lines: Sequence[Opening], texts: Texts, today: date) -> View:
    """What resources/facility.html says of the facility."""
    url, text = picture(facility.pictures, texts.language)
    return {
        "name": facility.name,
        "description": in_language(facility.description, texts.language),
        "address": address(facility),
        "map_url": map_url(facility),
        "picture_url": url,
        "picture_text": text,
        "accessibility": labels(facility.accessibility, ACCESSIBILITY, texts),
        "opening": opening_view(lines, texts, today),
        "contact": None,
    }


def map_url(facility: Facility) -> str | None:
    """Kartverket's public map at the place."""
    if facility.latitude is None or facility.longitude is None:
        return None
    place = f"lat={facility.latitude}&lon={facility.longitude}"
    return f"https://www.norgeskart.no/#!?zoom=15&{place}&markerLat={facility.latitude}&markerLon={facility.longitude}"


def card_view(resource: Resource, url: str, texts: Texts) -> View:
    """A resource in the list of its facility."""
    kind = labels([resource.kind], KINDS, texts)
    return {
        "name": resource.name,
        "url": url,
        "picture_url": picture(resource.pictures, texts.language)[0],
        "people": resource.people,
        "facts": [*kind, *labels(resource.activities[:4], ACTIVITIES, texts)],
    }


def resource_view(
    resource: Resource, facility: Facility, *, url: str, facility_url: str, texts: Texts
) -> View:
    """What booking/resource.html and the head of the booking form say of the resource."""
    picture_url, picture_text = picture(resource.pictures or facility.pictures, texts.language)
    both = dict.fromkeys([*resource.accessibility, *facility.accessibility])
    return {
        "name": resource.name,
        "url": url,
        "facility": facility.name,
        "facility_url": facility_url,
        "description": in_language(resource.description, texts.language),
        "address": address(facility),
        "people": resource.people,
        "picture_url": picture_url,
        "picture_text": picture_text,
        "activities": labels(resource.activities, ACTIVITIES, texts),
        "equipment": labels(resource.equipment, EQUIPMENT, texts),
        "accessibility": labels(both, ACCESSIBILITY, texts),
        "terms": in_language(resource.terms, texts.language),
        "terms_version": (resource.terms or {}).get("version"),
        "terms_url": f"{url}/terms" if resource.terms else None,
        "associations_only": resource.association_only,
    }


def terms_url(resource_url: str, version: str) -> str:
    """The page of that version of a resource's terms."""
    return f"{resource_url}/terms/{quote(version, safe='')}"


def rules_view(
    resource: Resource,
    units: Sequence[Unit],
    limits: Iterable[LimitFacts],
    lines: Sequence[Opening],
    *,
    texts: Texts,
    today: date,
    policies: Sequence[Policy] = (),
) -> View:
    """The rules in force, for resources/_rules.html."""
    depends = any(policy.decision != resource.decision for policy in policies)
    return {
        "interval_minutes": resource.interval_minutes,
        "min_minutes": resource.min_minutes,
        "max_minutes": resource.max_minutes,
        "notice_minutes": resource.notice_minutes or 24 * 60 * resource.notice_days,
        "horizon_days": resource.horizon_days,
        "setup_minutes": resource.setup_minutes,
        "cleanup_minutes": resource.cleanup_minutes,
        "decision": "depends" if depends else resource.decision,
        "policies": [policy_text(each, texts) for each in policies] if depends else [],
        "holds": resource.request_holds,
        "capacity": capacity(units),
        "cancel_minutes": resource.change_deadline_minutes,
        "associations_only": resource.association_only,
        "opening": opening_view(lines, texts, today),
        "more": [limit_text(limit, texts) for limit in limits],
    }


def capacity(units: Sequence[Unit]) -> int:
    """How many may book the same time: 1 as soon as one of the units is exclusive."""
    return min((unit.capacity or 1 for unit in units), default=1)


def limit_text(limit: LimitFacts, texts: Texts) -> str:
    """A limit as a sentence."""
    if limit.kind == "active_bookings":
        if limit.holder == "person":
            return texts.ngettext(
                "A person can have %(n)d coming booking here.",
                "A person can have %(n)d coming bookings here.",
                limit.value,
            )
        return texts.ngettext(
            "An association can have %(n)d coming booking here.",
            "An association can have %(n)d coming bookings here.",
            limit.value,
        )
    hours, minutes = divmod(limit.value, 60)
    length = texts.length(limit.value) if minutes else texts.ngettext("%(n)d hour", "%(n)d hours", hours)
    if limit.holder == "person":
        return texts.gettext("A person can book at most %(length)s a week here.", length=length)
    return texts.gettext("An association can book at most %(length)s a week here.", length=length)


def opening_view(lines: Sequence[Opening], texts: Texts, today: date) -> list[View]:
    """Weekly hours in force today, weekdays with the same hours in a row taken together."""
    hours: list[tuple[int, str]] = []
    for weekday in range(1, 8):
        of_day = [line for line in lines if line.weekday == weekday and _is_valid(line, today)]
        if of_day:
            times = [texts.wall(_clock(opens), _clock(closes)) for opens, closes in _joined(of_day)]
            hours.append((weekday, ", ".join(times)))
    grouped: list[tuple[int, int, str]] = []
    for weekday, times in hours:
        if grouped and grouped[-1][1] == weekday - 1 and grouped[-1][2] == times:
            grouped[-1] = (grouped[-1][0], weekday, times)
        else:
            grouped.append((weekday, weekday, times))
    return [{"days": _days(first, last, texts), "times": times} for first, last, times in grouped]


def _joined(lines: Sequence[Opening]) -> list[tuple[int, int]]:
    """A day's hours in minutes, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted((line.opens_minute, line.closes_minute) for line in lines):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _is_valid(line: Opening, today: date) -> bool:
    return (line.valid_from is None or line.valid_from <= today) and (
        line.valid_until is None or today <= line.valid_until
    )


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _days(first: int, last: int, texts: Texts) -> str:
    names = [texts.weekday(MONDAY + timedelta(days=number - 1)) for number in (first, last)]
    return names[0] if first == last else f"{names[0]}–{names[1]}"
