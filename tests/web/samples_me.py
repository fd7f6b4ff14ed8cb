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
]
