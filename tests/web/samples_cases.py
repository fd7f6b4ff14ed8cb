"""Something to show in the templates of the case."""

from datetime import date
from typing import Any, Final

from booking.cases.paper import Line, Paper, Part
from tests.web.contexts import HOUR, NOW, REQUEST, TAKEN, WEEK, Sample, application, at, booking

ASKED: Final[Any] = REQUEST["bookings"]
ENTRIES: Final[list[dict[str, Any]]] = [
    {
        "kind": kind,
        "name": name,
        "who": who,
        "by_staff": kind != "answer",
        "text": "Hvor mange kommer?\nOg trenger dere garderobe?" if kind != "decision" else "",
        "at": NOW,
        "files": [{"name": "plantegning.pdf", "url": "/x", "size": 421337}] if kind == "answer" else [],
        "url": "/solvik/applications/1/decisions/1" if kind == "decision" else None,
    }
    for kind, name, who in (
        ("question", "Spørsmål", "Ola Saksbehandler"),
        ("answer", "Svar", "Kari Nordmann"),
        ("note", "Internt notat", "Ola Saksbehandler"),
        ("decision", "Vedtak", "Ola Saksbehandler"),
    )
]
OFFER: Final[dict[str, Any]] = {
    "span": at(25, "18:00"),
    "place": "Sal A, Solvikhallen",
    "text": "Denne tiden er ledig.",
    "answer_by": NOW + 48 * HOUR,
    "instead_of": at(24, "18:00"),
    "accept_url": "/x",
    "decline_url": "/y",
}
APPEAL: Final[dict[str, Any]] = {
    "text": "Vi trenger hallen.",
    "received_at": NOW,
    "in_time": False,
    "outcome": None,
    "answer": None,
    "closed_at": None,
}
DECISION: Final[dict[str, Any]] = {
    "number": 1,
    "is_vedtak": True,
    "decided_at": NOW,
    "officer": "Ola Saksbehandler",
    "appeal_until": date(2026, 12, 15),
    "url": "/solvik/applications/1/decisions/1",
    "pdf_url": "/solvik/applications/1/decisions/1/letter.pdf",
    "appeal_url": "/x",
    "close_url": "/y",
    "appeal": None,
}
CLOSED: Final[dict[str, Any]] = {
    **DECISION,
    "number": 2,
    "appeal": {
        **APPEAL,
        "in_time": True,
        "outcome": "Vedtaket står",
        "answer": "Vi har sett på det på nytt.",
    },
}
CASE: Final[dict[str, Any]] = {
    "request": {
        **REQUEST,
        "answer_by": NOW + 48 * HOUR,
        "paused_at": NOW,
        "bookings": [
            {**each, "may_decide": each["state"] == "requested", "offer_url": "?offer=1#offer"}
            for each in ASKED
        ],
    },
    "waiting": 1,
    "has_rivals": True,
    "form": {"decision-1": "approve", "reason": "", "reason_key": "", "reject_rivals": ""},
    "write_form": {"kind": "question", "text": ""},
    "offer_form": {
        "offer_for": "1",
        "on": "2026-11-25",
        "from_time": "18:00",
        "to_time": "19:00",
        "resource_id": "2",
        "until_on": "",
        "offer_text": "",
    },
    "waiting_choices": [("1", "tirsdag 24. november kl. 18–19, Sal A")],
    "resource_choices": [("1", "Sal A, Solvikhallen"), ("2", "Sal B, Solvikhallen")],
    "reasons": [("taken", "Tiden er opptatt."), ("wear", "Underlaget tåler det ikke.")],
    "outcomes": [("granted", "Klagen gis medhold"), ("upheld", "Vedtaket står")],
    "offers": [OFFER],
    "entries": ENTRIES,
    "decisions": [DECISION, {**DECISION, "number": 3, "appeal": APPEAL}, CLOSED],
    "week": {**WEEK, "name": "Sal A", "book_url": "/solvik/requests/1"},
    "errors": {},
    "refusals": [],
    "post_url": "/x",
    "back_url": "/solvik/requests",
}
OWN: Final[dict[str, Any]] = {
    "may_write": True,
    "waits_for_you": True,
    "answer_by": NOW,
    "offers": [OFFER],
    "decisions": [{**DECISION, "appeal": None}, CLOSED],
    "entries": [each for each in ENTRIES if each["kind"] != "note"],
    "others": [{"name": "Sal B, Solvikhallen", "span": at(24, "18:00"), "url": "/x"}],
    "version": 3,
    "write_url": "/x",
    "withdraw_url": "/y",
}
PAPER: Final = Paper(
    language="nb",
    title="Vedtak",
    municipality="Solvik",
    facts=[("Sak", "Håndballturnering (S-2026-117)"), ("Søker", "Kari Nordmann")],
    columns=("Tid", "Sted", "Svar"),
    lines=[Line("tirsdag 24. november 2026 kl. 18–19", "Sal A, Solvikhallen", "Ikke innvilget")],
    parts=[Part("Begrunnelse", ["Tiden er opptatt."]), Part("Rett til å klage", ["Du kan klage."])],
    decided_at=NOW,
)
REASONS: Final[dict[str, Any]] = {
    "form": {"key": "", "position": "", "nb": "", "nn": "", "en": ""},
    "languages": [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")],
    "errors": {},
    "post_url": "/x",
}
REASON: Final[dict[str, Any]] = {
    "key": "taken",
    "text": "Tiden er opptatt.",
    "missing": ["Nynorsk", "English"],
    "position": 1,
    "ended_at": None,
    "url": "/x",
    "end_url": "/y",
}
SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(name="case", template="booking/case.html", context=CASE),
    Sample(
        name="case-wrong",
        template="booking/case.html",
        context={**CASE, "errors": {"reason": "Skriv hvorfor.", "file": "En PDF."}, "refusals": [TAKEN]},
    ),
    Sample(
        name="case-done",
        template="booking/case.html",
        context={
            **CASE,
            "request": {
                **CASE["request"],
                "answer_by": None,
                "paused_at": None,
                "bookings": [
                    {**booking(state), "may_decide": False, "offer_url": "?"}
                    for state in ("confirmed", "rejected")
                ],
            },
            "waiting": 0,
            "offers": [],
            "entries": [],
            "week": None,
        },
    ),
    Sample(
        name="receipt-case",
        template="booking/receipt.html",
        context={
            **application(booking("requested"), booking("rejected"), is_new=False, calendar_url=None),
            "case": OWN,
            "form": {"text": ""},
            "errors": {"text": "Skriv noe."},
            "refusals": [],
        },
    ),
    Sample(
        name="receipt-read",
        template="booking/receipt.html",
        context={
            **application(booking("requested"), is_new=False, calendar_url=None),
            "case": {
                **OWN,
                "may_write": False,
                "waits_for_you": False,
                "withdraw_url": None,
                "others": [],
                "entries": [],
                "decisions": [],
            },
            "form": {"text": ""},
            "errors": {},
            "refusals": [TAKEN],
        },
    ),
    Sample(
        name="decision",
        template="booking/decision.html",
        context={
            "paper": PAPER,
            "decision": DECISION,
            "may_appeal": True,
            "is_late": True,
            "form": {"text": ""},
            "errors": {"text": "Skriv hva du klager på."},
            "refused": None,
            "back_url": "/solvik/applications/1",
        },
    ),
    Sample(
        name="decision-appealed",
        template="booking/decision.html",
        context={
            "paper": PAPER,
            "decision": CLOSED,
            "may_appeal": False,
            "is_late": False,
            "form": {"text": ""},
            "errors": {},
            "refused": TAKEN,
            "back_url": "/solvik/applications/1",
        },
    ),
    Sample(
        name="reasons",
        template="booking/reasons.html",
        context={**REASONS, "reasons": [REASON, {**REASON, "key": "old", "missing": [], "ended_at": NOW}]},
    ),
    Sample(
        name="reasons-none",
        template="booking/reasons.html",
        context={**REASONS, "reasons": [], "errors": {"key": "Et kort ord.", "nb": "Noen ord."}},
    ),
    Sample(
        name="reason",
        template="booking/reason.html",
        context={**REASONS, "key": "taken", "errors": {"nb": "Noen ord."}, "back_url": "/y"},
    ),
)
