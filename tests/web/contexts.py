"""What the templates are given in their samples: a week, forms, bookings, requests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from booking.week import week_table
from core.page import Municipality, Page, language_links
from core.spans import Span

ZONE: Final = ZoneInfo("Europe/Oslo")
NOW: Final = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MONDAY: Final = date(2026, 11, 23)
HOUR: Final = timedelta(hours=1)
COLOUR: Final = "#7a1f2b"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A template with one set of things to show."""

    name: str
    template: str
    context: Mapping[str, Any]
    above_all: bool = False
    is_signed_in: bool = True


def at(day: int, clock: str, *, hours: float = 1) -> Span:
    """A span that begins at that clock time in Oslo, November 2026."""
    start = datetime.combine(date(2026, 11, day), time.fromisoformat(clock), ZONE).astimezone(UTC)
    return Span(start, start + timedelta(hours=hours))


def page_of(sample: Sample, language: str) -> Page:
    return Page(
        language=language,
        base="" if sample.above_all else "/solvik",
        path=f"/{sample.name}",
        languages=language_links(f"/{sample.name}", "text=hall&lang=en", ["nb", "nn", "en"], language),
        municipality=None if sample.above_all else Municipality(name="Solvik", slug="solvik"),
        reader="Kari Nordmann" if sample.is_signed_in and not sample.above_all else None,
        may_decide=sample.is_signed_in,
        may_see_day=sample.is_signed_in,
        can_sign_in=True,
        may_administer=sample.is_signed_in,
        is_demo=True,
    )


def week_of(monday: date) -> Any:
    opening = [at(day, "08:00", hours=14) for day in range(23, 29)]
    taken = [at(23, "16:00", hours=4), at(25, "17:00", hours=3), at(27, "08:00", hours=14)]
    starts = {
        opening[day].start + n * HOUR
        for day in range(6)
        for n in range(14)
        if opening[day].start + n * HOUR > NOW
        and not any(
            span.meets(Span(opening[day].start + n * HOUR, opening[day].start + (n + 1) * HOUR))
            for span in taken
        )
    }
    return week_table(
        opening,
        taken,
        starts,
        zone=ZONE,
        monday=monday,
        interval=HOUR,
        length=HOUR,
        now=NOW,
        titles={taken[1]: "Solvik IL, håndball jenter 14"},
    )


FORM: Final = {
    "text": "hall",
    "from_on": "2026-11-24",
    "to_on": "",
    "from_time": "17:00",
    "to_time": "21:00",
    "minutes": "",
    "people": "",
    "activity": "",
    "accessible": "",
    "municipality": "",
    "facility": "",
    "association_id": "",
}
EMPTY_FORM: Final = dict.fromkeys(FORM, "")


def search(
    place_name: str, form: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "action": "/solvik/search",
        "form": form,
        "errors": errors or {},
        "activities": [("handball", "Håndball"), ("swimming", "Svømming")],
        "associations": [("1", "Solvik idrettslag")],
        "places": [("1", "Solvikhallen"), ("2", "Solvik svømmehall")],
        "place_name": place_name,
        "minutes": [30, 60, 90, 120, 180, 1440],
    }


BOOKING_FORM: Final = {
    "on": "2026-11-24",
    "from_time": "18:00",
    "to_time": "19:00",
    "to_on": "",
    "second_time": "",
    "quantity": "1",
    "association_id": "",
    "team": "",
    "title": "",
    "public": "",
    "purpose": "",
    "activity": "",
    "audience": "",
    "people": "",
    "usage": "",
    "article-stoler": "20",
    "article-nokkel": "1",
    "every_weeks": "",
    "until": "",
    "if_refused": "fail",
    "accepted_terms": "",
    **{f"answer-{kind}-{kind}": "" for kind in ("text", "long_text", "yes_no", "number", "choice")},
}
RULES: Final = {
    "interval_minutes": 60,
    "min_minutes": 60,
    "max_minutes": 240,
    "notice_minutes": 1440,
    "horizon_days": 90,
    "setup_minutes": 15,
    "cleanup_minutes": 15,
    "decision": "automatic",
    "holds": True,
    "capacity": 1,
    "cancel_minutes": 2880,
    "associations_only": False,
    "policies": [],
    "opening": [{"days": "mandag–fredag", "times": "8–22"}, {"days": "lørdag", "times": "10–18"}],
    "more": ["Inntil 4 timer i uken for hvert lag."],
}
RESOURCE: Final = {
    "name": "Sal A",
    "url": "/solvik/resources/1",
    "facility": "Solvikhallen",
    "facility_url": "/solvik/facilities/1",
    "description": "Full håndballbane med tribune. Salen kan deles i tre.",
    "address": "Skoleveien 3, 4000 Solvik",
    "people": 240,
    "picture_url": None,
    "picture_text": None,
    "activities": ["Håndball", "Volleyball", "Innebandy"],
    "equipment": ["Mål", "Resultattavle"],
    "accessibility": ["Trinnfri inngang", "Handikaptoalett", "Teleslynge"],
    "is_pooled": False,
    "capacity": 1,
    "terms": "Leietaker rydder etter seg.\nDet er ikke lov å røyke.",
    "terms_version": "2026-1",
    "terms_url": None,
    "associations_only": False,
}
TAKEN: Final = {
    "title": "The time is taken.",
    "explanation": None,
    "conflicts": [at(24, "17:00", hours=2)],
    "alternatives": [
        {"name": None, "span": at(24, "20:00"), "url": "/solvik/book?a"},
        {"name": "Sal B, Solvikhallen", "span": at(25, "08:00"), "url": "/solvik/book?b"},
    ],
}
CHOICES: Final = {
    "associations": [("1", "Solvik idrettslag"), ("2", "Solvik musikkorps")],
    "teams": [("1", "Jenter 14")],
    "purposes": [("training", "Trening"), ("match", "Kamp")],
    "activities": [("handball", "Håndball")],
    "audiences": [("children", "Barn"), ("adults", "Voksne")],
    "usages": [("ordinary", "Trening"), ("arrangement", "Arrangement")],
}


def booking(state: str = "confirmed", **other: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "span": at(24, "18:00"),
        "title": "Håndballtrening, jenter 14",
        "resource": "Sal A",
        "facility": "Solvikhallen",
        "association": "Solvik idrettslag",
        "state": state,
        "gross_ore": 65500,
        "held_until": None,
        "url": "/solvik/applications/1",
        "cancel_url": "/solvik/bookings/1/cancel",
        "move_url": "/solvik/bookings/1/move",
        "why": "Decided automatically, by the rule: mandag–fredag, 16–22.",
        "terms": {"version": "2026-1", "url": "/solvik/resources/1/terms/2026-1"},
        "version": 3,
        "door": None,
        "conflicts": [],
        "price": None,
        "money": {
            "gross_ore": 65500,
            "owed_ore": 65500,
            "paid_ore": 0,
            "invoice_ore": 0,
            "deposit_ore": 0,
            "pay_by": None,
            "pay_url": None,
            "on_invoice": True,
            "fee_ore": 32750,
            "refund_ore": 0,
            "price": {
                "lines": [
                    {"text": "Sal A", "why": "1 time à 655 kr", "amount_ore": 65500, "is_deposit": False}
                ],
                "net_ore": 52400,
                "vat_ore": 13100,
                "gross_ore": 65500,
                "deposit_ore": 0,
                "paid_how": "Du får faktura etterpå.",
            },
        },
        **other,
    }


def application(*bookings: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "application": {
            "reference": "S-2026-117",
            "title": "Håndballtrening, jenter 14",
            "applicant": "Kari Nordmann",
            "association": "Solvik idrettslag",
            "submitted_at": NOW,
            "bookings": bookings,
            "to_pay": None,
            "refused": [],
            "reason": None,
            "answers": [("Hvor mange mål?", "2"), ("Trenger dere tribunen?", "Ja")],
            "answer_by": NOW,
            "calendar_url": "/ical/solvik/x.ics",
            "is_new": True,
            **other,
        }
    }


def problem(status: int, title: str, **other: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": status,
        "title": title,
        "explanation": None,
        "conflicts": [],
        "alternatives": [],
        "back_url": None,
        "sign_in_url": None,
        "reference": None,
    }
    return {"problem": {**told, **other}}


HIT: Final = {
    "name": "Sal A",
    "facility": "Solvikhallen",
    "municipality": None,
    "url": "/solvik/resources/1",
    "picture_url": None,
    "people": 240,
    "facts": ["Håndball", "Trinnfri inngang"],
    "first": at(24, "18:00"),
    "book_url": "/solvik/resources/1/book?x",
    "closed": False,
    "price": "600 kr",
    "price_for": "Innbygger",
}
HITS: Final = [
    HIT,
    {
        **HIT,
        "name": "Sal B",
        "first": None,
        "book_url": None,
        "price": "fra 600 kr per time, fra 5 000 kr per døgn",
    },
    {
        **HIT,
        "name": "Møterom 2",
        "first": None,
        "book_url": None,
        "closed": True,
        "facts": [],
        "people": None,
        "price": None,
        "price_for": None,
    },
]
STATES: Final = [
    "held",
    "requested",
    "awaiting_payment",
    "confirmed",
    "rejected",
    "withdrawn",
    "cancelled",
    "lapsed",
    "displaced",
    "given_back",
]
WEEK: Final[dict[str, Any]] = {
    "week": week_of(MONDAY),
    "name": "Sal A",
    "book_url": "/solvik/resources/1/book",
    "week_number": 48,
    "previous_url": "?week=2026-W47",
    "next_url": "?week=2026-W49",
    "now_url": "?",
    "left": {},
    "capacity": 1,
}
ERRORS: Final = {"title": "Skriv hva tiden skal brukes til.", "accepted_terms": "Du må godta vilkårene."}
FACILITY: Final = {
    "name": "Solvikhallen",
    "url": "/solvik/facilities/1",
    "description": "Idrettshall ved Solvik skole.",
    "address": "Skoleveien 3, 4000 Solvik",
    "map_url": "https://www.norgeskart.no/",
    "picture_url": None,
    "picture_text": None,
    "accessibility": ["Trinnfri inngang"],
    "opening": RULES["opening"],
    "contact": "hallen@solvik.example",
}
FACILITIES: Final = [
    {
        "name": name,
        "url": f"/solvik/{number}",
        "address": "Skoleveien 3",
        "picture_url": None,
        "resources": number,
    }
    for number, name in enumerate(["Solvikhallen", "Solvik svømmehall", "Solvik kulturhus"], 1)
]
REQUEST: Final = {
    "title": "Håndballturnering",
    "applicant": "Kari Nordmann",
    "association": "Solvik idrettslag",
    "team": None,
    "purpose": "Turnering",
    "activity": "Håndball",
    "audience": "Barn",
    "people": 1200,
    "submitted_at": NOW,
    "answer_by": NOW,
    "answers": [("Hvor mange mål?", "2")],
    "version": 1,
    "bookings": [
        booking(
            "requested",
            conflicts=[{"who": "Solvik musikkorps", "span": at(24, "17:00", hours=3), "state": "requested"}],
        ),
        booking("confirmed"),
    ],
    "resource": "Sal A",
    "facility": "Solvikhallen",
    "first": at(28, "10:00", hours=8),
    "more": 1,
    "conflicts": 1,
    "url": "/solvik/requests/1",
}
