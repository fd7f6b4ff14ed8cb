"""Something to show in the templates of profile, tokens, logins, privacy."""

from typing import Any, Final

from tests.web.contexts import Sample

CHANGED: Final = {
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
]
