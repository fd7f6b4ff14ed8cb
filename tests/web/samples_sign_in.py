"""Something to show in the templates of signing in."""

from datetime import timedelta
from typing import Any, Final

from tests.web.contexts import NOW, Sample, problem

PROVIDERS: Final[list[dict[str, Any]]] = [
    {"key": "id-porten", "label": "ID-porten", "for_staff": False},
    {"key": "ansattporten", "label": "Ansattporten", "for_staff": True},
    {"key": "entra", "label": "Solvik kommunes egen pålogging for ansatte", "for_staff": True},
]


def _choice(*, strong: bool) -> dict[str, Any]:
    return {"providers": PROVIDERS, "personas": [], "wants_strong": strong, "next": "/solvik"}


def _login(n: int, *, agent: str | None, provider: str | None) -> dict[str, Any]:
    return {
        "agent": agent,
        "provider": provider,
        "created_at": NOW - timedelta(hours=2 * n),
        "used_at": NOW - timedelta(minutes=7 * n),
        "is_this": n == 1,
        "end_url": f"/solvik/me/logins/{n}/end",
    }


SAMPLES: Final[list[Sample]] = [
    Sample(
        name="sign-in-providers",
        template="web/sign_in.html",
        context=_choice(strong=False),
        is_signed_in=False,
    ),
    Sample(name="sign-in-again", template="web/sign_in.html", context=_choice(strong=True)),
    Sample(
        name="onward",
        template="web/onward.html",
        context={"url": "https://idporten.example/authorize?x", "label": "ID-porten", "has_left": False},
        is_signed_in=False,
    ),
    Sample(
        name="signed-out",
        template="web/onward.html",
        context={"url": "https://idporten.example/logout?x", "label": "ID-porten", "has_left": True},
        is_signed_in=False,
    ),
    Sample(
        name="sign-in-failed",
        template="web/problem.html",
        context=problem(403, "The sign-in did not succeed. Please try again.", sign_in_url="/solvik/sign-in"),
        is_signed_in=False,
    ),
    Sample(
        name="logins",
        template="people/logins.html",
        context={
            "logins": [
                _login(1, agent="Firefox, Linux", provider="ID-porten"),
                _login(2, agent="Safari, iPhone", provider="Ansattporten"),
                _login(3, agent=None, provider=None),
            ],
            "end_all_url": "/solvik/me/logins/end-all",
        },
    ),
]
