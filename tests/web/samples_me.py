"""Something to show in the templates of profile, tokens, logins, privacy."""

from datetime import timedelta
from typing import Any, Final

from tests.web.contexts import NOW, Sample

CHANGED: Final[dict[str, Any]] = {
    "title": "Somebody has changed this since you read it.",
    "explanation": None,
    "conflicts": [],
    "alternatives": [],
}


def profile(**other: Any) -> dict[str, Any]:
    return {
        "form": {
            "name": "Kari Nordmann",
            "email": "kari@solvik.example",
            "phone": "+4751973000",
            "postcode": "4006",
            "language": "nb",
            "notice-email": "yes",
            "notice-reminder": "",
            "next": "",
        },
        "errors": {},
        "refusals": [],
        "is_new": False,
        "languages": [("nb", "Bokmål"), ("nn", "Nynorsk")],
        "notices": [("notice-email", "Brev på e-post"), ("notice-reminder", "En påminnelse dagen før")],
        "version": 3,
        "group": "innbygger",
        "post_url": "/solvik/me",
        **other,
    }


def token(state: str, **other: Any) -> dict[str, Any]:
    return {
        "label": "Nettsiden til laget",
        "person": None,
        "scopes": ["leser", "bestiller og endrer"],
        "created_at": NOW - timedelta(days=40),
        "expires_at": NOW + timedelta(days=50),
        "used_at": NOW,
        "state": state,
        "revoke_url": "/x" if state == "live" else None,
        **other,
    }


def tokens(**other: Any) -> dict[str, Any]:
    return {
        "made": None,
        "tokens": [token("live"), token("revoked", used_at=None), token("expired", expires_at=None)],
        "form": {"label": "", "days": "90", "write": "", "staff": ""},
        "errors": {},
        "refusals": [],
        "may_staff": False,
        "idempotency_key": "0192",
        "post_url": "/solvik/me/tokens",
        "previous_url": None,
        "next_url": "?next",
        **other,
    }


def effect(what: str, count: int = 1, why: str | None = None) -> dict[str, Any]:
    return {"what": what, "count": count, "why": why}


def erasure(**other: Any) -> dict[str, Any]:
    return {
        "in_the_way": [effect("Bestillinger som ikke er over", 2, "Avbestill dem først.")],
        "erased": [effect("Navnet ditt og hvordan vi når deg"), effect("Brev til deg", 12)],
        "kept": [effect("Søknader som er avgjort", 1, "Arkivlova krever det.")],
        "form": {"confirm": ""},
        "errors": {},
        "post_url": "/solvik/me/erasure",
        "back_url": "/solvik/me/data",
        **other,
    }


def rule(kind: str, title: str, *, proposed: int, least: int) -> dict[str, Any]:
    told = {"title": title, "reason": "Fordi loven sier det.", "proposed": proposed, "least": least}
    return {"field": f"days-{kind}", "rule": told}


def retention(**other: Any) -> dict[str, Any]:
    return {
        "rules": [
            rule("letter", "Brev på e-post", proposed=180, least=1),
            rule("booking_paid", "Det folk skrev i betalte bestillinger", proposed=2191, least=2191),
        ],
        "form": {"days-letter": "180", "days-booking_paid": ""},
        "errors": {},
        "post_url": "/solvik/staff/retention",
        **other,
    }


def audit(**other: Any) -> dict[str, Any]:
    entry = {
        "at": NOW,
        "actor": "Ola Saksbehandler",
        "action": "confirmed",
        "table": "Bestilling",
        "row_id": "0192",
        "changes": [("state", "requested → confirmed")],
        "of_row_url": "/solvik/staff/audit?row_id=0192",
        "of_actor_url": "/solvik/staff/audit?person_id=0193",
    }
    by_program: dict[str, Any] = {"actor": None, "of_actor_url": None, "changes": [], "row_id": "0194"}
    return {
        "form": dict.fromkeys(("person_id", "table", "row_id", "action", "from_on", "to_on"), ""),
        "errors": {},
        "tables": [("booking", "Bestilling"), ("person", "Person")],
        "entries": [entry, {**entry, **by_program}, {**entry, "actor": "", "row_id": "0195"}],
        "action_url": "/solvik/staff/audit",
        "previous_url": None,
        "next_url": "?next",
        **other,
    }


SAMPLES: Final[list[Sample]] = [
    Sample(name="profile", template="people/profile.html", context=profile()),
    Sample(
        name="profile-new",
        template="people/profile.html",
        context=profile(
            is_new=True,
            errors={"name": "Skriv navnet ditt.", "phone": "Skriv et telefonnummer."},
            refusals=[CHANGED],
        ),
    ),
    Sample(name="tokens", template="people/tokens.html", context=tokens()),
    Sample(
        name="tokens-made",
        template="people/tokens.html",
        context=tokens(
            made={"label": "Nettsiden", "secret": "ledig_" + "x" * 43},
            tokens=[],
            may_staff=True,
            errors={"label": "Skriv hva det er til."},
            refusals=[CHANGED],
        ),
    ),
    Sample(
        name="tokens-all",
        template="people/tokens_all.html",
        context={
            "tokens": [token("live", person="Kari Nordmann"), token("expired", person="")],
            "previous_url": "?previous",
            "next_url": None,
        },
    ),
    Sample(
        name="tokens-all-none",
        template="people/tokens_all.html",
        context={"tokens": [], "previous_url": None, "next_url": None},
    ),
    Sample(
        name="data",
        template="people/data.html",
        context={
            "notes": ["Dette er det denne kommunen har om deg."],
            "holdings": [
                {"title": "Hvem du er, og hvordan vi når deg", "count": 1},
                {"title": "Brev til deg", "count": 1204},
            ],
            "file_url": "/solvik/me/data.json",
            "erasure_url": "/solvik/me/erasure",
        },
    ),
    Sample(name="erasure", template="people/data_erasure.html", context=erasure(in_the_way=[])),
    Sample(name="erasure-later", template="people/data_erasure.html", context=erasure(kept=[])),
    Sample(
        name="erasure-unsure",
        template="people/data_erasure.html",
        context=erasure(in_the_way=[], errors={"confirm": "Kryss av for at du vil slettes for godt."}),
    ),
    Sample(name="erased", template="people/data_erased.html", context={}, is_signed_in=False),
    Sample(
        name="reads",
        template="people/reads.html",
        context={
            "reads": [
                {
                    "what": "En søknad fra deg",
                    "at": NOW,
                    "reader": "Ola Saksbehandler",
                    "roles": "saksbehandler",
                },
                {"what": "En bestilling du har", "at": NOW, "reader": "", "roles": ""},
            ],
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    Sample(
        name="reads-none",
        template="people/reads.html",
        context={"reads": [], "previous_url": None, "next_url": None},
    ),
    Sample(name="retention", template="people/retention.html", context=retention()),
    Sample(
        name="retention-wrong",
        template="people/retention.html",
        context=retention(errors={"days-booking_paid": "Skriv et antall dager fra 2191 til 36500."}),
    ),
    Sample(name="audit", template="people/audit.html", context=audit()),
    Sample(
        name="audit-none",
        template="people/audit.html",
        context=audit(entries=[], errors={"from_on": "Skriv en dag som finnes."}, next_url=None),
    ),
]
