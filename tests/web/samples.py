"""Something to show in every template: what a handler would give it, in a municipality that does not exist."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from tests.web import (
    samples_associations,
    samples_boards,
    samples_caldav,
    samples_cases,
    samples_doors,
    samples_feeds,
    samples_incoming,
    samples_invoices,
    samples_me,
    samples_moneypages,
    samples_partners,
    samples_policies,
    samples_price_lists,
    samples_prices,
    samples_provider,
    samples_queue,
    samples_sharing,
    samples_sign_in,
    samples_staff,
    samples_tariffs,
    samples_telling,
    samples_waiting,
)
from tests.web.contexts import (
    BOOKING_FORM,
    CHOICES,
    EMPTY_FORM,
    ERRORS,
    FACILITIES,
    FACILITY,
    FORM,
    HIT,
    HITS,
    HOUR,
    NOW,
    RESOURCE,
    RULES,
    STATES,
    TAKEN,
    WEEK,
    Sample,
    application,
    at,
    booking,
    problem,
    search,
    week_of,
)
from tests.web.contexts_quote import FREE, NO_PRICES, PRICES, QUOTE, WEEKLY, booking_form


def sample(name: str, template: str, context: Mapping[str, Any], **other: bool) -> Sample:
    return Sample(name=name, template=template, context=context, **other)


SAMPLES: Final = [
    *samples_sign_in.SAMPLES,
    *samples_associations.SAMPLES,
    *samples_me.SAMPLES,
    *samples_staff.SAMPLES,
    *samples_queue.SAMPLES,
    *samples_cases.SAMPLES,
    *samples_telling.SAMPLES,
    *samples_policies.SAMPLES,
    *samples_waiting.SAMPLES,
    *samples_boards.SAMPLES,
    *samples_feeds.SAMPLES,
    *samples_sharing.SAMPLES,
    *samples_caldav.SAMPLES,
    *samples_incoming.SAMPLES,
    *samples_partners.SAMPLES,
    *samples_doors.SAMPLES,
    *samples_prices.SAMPLES,
    *samples_price_lists.SAMPLES,
    *samples_tariffs.SAMPLES,
    *samples_provider.SAMPLES,
    *samples_invoices.SAMPLES,
    *samples_moneypages.SAMPLES,
    sample(
        "municipalities",
        "booking/municipalities.html",
        {
            "search": search("municipality", EMPTY_FORM),
            "municipalities": [
                {"name": name, "url": f"/{name}"} for name in ("Solvik", "Fjordby", "Ås i Lyngdalen")
            ],
        },
        above_all=True,
    ),
    sample(
        "search-all",
        "booking/search.html",
        {
            "search": search("municipality", {**FORM, "municipality": "1"}),
            "searched_for": None,
            "asked": "tirsdag 24. november kl. 17–21",
            "hits": [{**hit, "municipality": "Solvik"} for hit in HITS],
            "count": 3,
            "previous_url": None,
            "next_url": "?next",
        },
        above_all=True,
    ),
    sample(
        "front",
        "booking/front.html",
        {
            "search": search("facility", EMPTY_FORM),
            "facilities": FACILITIES,
            "activities": [{"name": "Håndball", "url": "?a"}, {"name": "Svømming", "url": "?b"}],
        },
        is_signed_in=False,
    ),
    sample(
        "front-empty",
        "booking/front.html",
        {"search": search("facility", EMPTY_FORM), "facilities": [], "activities": []},
    ),
    sample(
        "search",
        "booking/search.html",
        {
            "search": search("facility", FORM),
            "searched_for": "Solvik idrettslag",
            "asked": "tirsdag 24. november kl. 17–21",
            "hits": HITS,
            "count": 3,
            "previous_url": "?previous",
            "next_url": "?next",
        },
    ),
    sample(
        "search-none",
        "booking/search.html",
        {
            "search": search("facility", FORM, {"from_on": "Skriv en dag som finnes."}),
            "searched_for": None,
            "asked": "",
            "hits": [],
            "count": 0,
            "previous_url": None,
            "next_url": None,
        },
    ),
    sample(
        "facility",
        "resources/facility.html",
        {
            "facility": FACILITY,
            "resources": [
                {**HIT, "facts": ["Håndball"]},
                {**HIT, "name": "Sal B", "people": None, "facts": []},
            ],
        },
    ),
    sample(
        "resource", "booking/resource.html", {"resource": RESOURCE, "rules": RULES, "prices": PRICES, **WEEK}
    ),
    sample(
        "resource-other-rules",
        "booking/resource.html",
        {
            "resource": {
                **RESOURCE,
                "name": "Bane 1–6",
                "activities": [],
                "equipment": [],
                "accessibility": [],
            },
            "rules": {
                **RULES,
                "decision": "case_officer",
                "capacity": 6,
                "max_minutes": None,
                "cancel_minutes": 0,
                "notice_minutes": 0,
                "setup_minutes": 0,
                "cleanup_minutes": 0,
                "associations_only": True,
                "opening": [],
                "more": [],
            },
            "prices": NO_PRICES,
            **WEEK,
            "week": week_of(date(2026, 12, 28)),
            "left": {at(24, "16:00").start: 4},
            "capacity": 6,
            "previous_url": None,
            "now_url": None,
        },
    ),
    sample("form", "booking/form.html", booking_form()),
    sample(
        "form-refused",
        "booking/form.html",
        booking_form(errors=ERRORS, refusals=[TAKEN], quote={**QUOTE, "allowed": False, "refusals": [TAKEN]}),
    ),
    sample(
        "form-weekly",
        "booking/form.html",
        booking_form(
            quote=WEEKLY,
            is_ambiguous=True,
            form={**BOOKING_FORM, "every_weeks": "1", "until": "2026-12-20", "to_on": "2026-11-24"},
            resource={**RESOURCE, "is_pooled": True, "capacity": 6, "terms": None, "terms_url": "/terms"},
            choices={**CHOICES, "associations": [], "purposes": []},
        ),
    ),
    sample(
        "form-empty",
        "booking/form.html",
        booking_form(quote=None, is_known=False, resource={**RESOURCE, "associations_only": True}),
    ),
    sample(
        "form-free",
        "booking/form.html",
        booking_form(quote={**QUOTE, "price": FREE}, articles=[], choices={**CHOICES, "usages": []}),
    ),
    sample("receipt", "booking/receipt.html", application(booking())),
    sample(
        "receipt-requested",
        "booking/receipt.html",
        application(
            booking("requested", gross_ore=0),
            booking("requested", gross_ore=None),
            refused=[{"day": date(2026, 11, 25), "title": "The time is taken."}],
        ),
    ),
    sample(
        "receipt-later",
        "booking/receipt.html",
        application(
            booking("held", held_until=NOW + HOUR),
            booking("rejected", cancel_url=None, move_url=None),
            is_new=False,
            calendar_url=None,
            reason="Hallen er leid ut til NM.",
        ),
    ),
    sample(
        "mine",
        "booking/mine.html",
        {
            "coming": [booking(), booking("requested", association=None)],
            "past": [booking(state, cancel_url=None, move_url=None) for state in STATES],
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "mine-none", "booking/mine.html", {"coming": [], "past": [], "previous_url": None, "next_url": None}
    ),
    sample(
        "cancel",
        "booking/cancel.html",
        {
            "booking": booking(),
            "form": {"reason": "", "which": "one", "if_refused": "fail"},
            "series": {"following": 3, "all": 5},
            "fates": [{"span": at(24, "18:00"), "title": "Fristen er ute."}],
            "errors": {},
            "refusals": [],
            "costs": [
                {
                    "name": "Bare denne",
                    "fee_ore": 32750,
                    "refund_ore": 62750,
                    "paid_ore": 95500,
                    "deposit_ore": 30000,
                    "rules": ["Inntil start: 50 % av prisen beholdes."],
                },
                {
                    "name": "Denne og de følgende",
                    "fee_ore": 0,
                    "refund_ore": 0,
                    "paid_ore": 0,
                    "deposit_ore": 0,
                    "rules": [],
                },
            ],
            "post_url": "/x",
            "back_url": "/y",
        },
    ),
    sample(
        "move",
        "booking/move.html",
        {
            "booking": booking(),
            "form": {**BOOKING_FORM, "which": "following", "if_refused": "skip"},
            "series": {"following": 3, "all": 5},
            "fates": [{"span": at(24, "18:00"), "title": "Tiden er tatt."}],
            "is_ambiguous": False,
            "errors": {},
            "refusals": [TAKEN],
            "price_ore": None,
            "post_url": "/x",
            "back_url": "/y",
        },
    ),
    sample(
        "sign-in",
        "web/sign_in.html",
        {
            "providers": [],
            "wants_strong": False,
            "personas": [
                {"key": "citizen", "name": "Kari Nordmann", "description": "Innbygger"},
                {"key": "officer", "name": "Ola Saksbehandler", "description": "Saksbehandler i kommunen"},
            ],
            "next": "/solvik",
        },
        is_signed_in=False,
    ),
    sample(
        "accessibility",
        "web/accessibility.html",
        {"statement_url": "https://uustatus.no/nb/x", "contact_email": "post@solvik.example"},
    ),
    sample(
        "letters",
        "web/letters.html",
        {
            "letters": [
                {
                    "address": "kari@example.org",
                    "language": "nb",
                    "subject": "Du er invitert",
                    "text": "Hei!\n\nhttps://ledig.example/solvik/invitations/abc",
                    "created_at": NOW,
                    "html_url": "/solvik/letters/0192/html",
                    "calendar_url": "/solvik/letters/0192/calendar",
                    "can_end": True,
                }
            ],
            "text_messages": [{"number": "+4791234567", "text": "Flyttet: Trening", "created_at": NOW}],
        },
    ),
    sample("not-found", "web/problem.html", problem(404, "There is nothing here by that name.")),
    sample(
        "forbidden",
        "web/problem.html",
        problem(403, "You do not have the right to do this.", back_url="/solvik"),
    ),
    sample(
        "sign-in-needed", "web/problem.html", problem(401, "You need to sign in first."), is_signed_in=False
    ),
    sample(
        "time-taken",
        "web/problem.html",
        problem(409, "The time is taken.", conflicts=TAKEN["conflicts"], alternatives=TAKEN["alternatives"]),
    ),
    sample(
        "fault",
        "web/problem.html",
        problem(500, "Something went wrong with us.", reference="8f3a"),
        above_all=True,
    ),
    sample("busy", "web/problem.html", problem(503, "The service is busy. Please try again in a moment.")),
]
