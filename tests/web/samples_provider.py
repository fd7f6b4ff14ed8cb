"""Something to show in the templates of the payment provider."""

from typing import Any, Final

from tests.web.contexts import NOW, Sample

URLS: Final = {"post_url": "/x", "ask_url": "/x/ask", "compare_url": "/x/compare"}


def account(**more: Any) -> dict[str, Any]:
    shown = {"state": "Ikke tilknyttet", "colour": "neutral", "is_new": True, "is_known": False}
    return {**URLS, "account": {**shown, "is_active": False, "wants": [], "read_at": None, **more}}


SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(name="provider-none", template="payments/provider.html", context={**URLS, "account": None}),
    Sample(name="provider-new", template="payments/provider.html", context=account()),
    Sample(
        name="provider-onboarding",
        template="payments/provider.html",
        context=account(
            state="Ikke ferdig",
            is_new=False,
            is_known=True,
            read_at=NOW,
            wants=["representative.verification.document", "external_account"],
        ),
    ),
    Sample(
        name="provider-active",
        template="payments/provider.html",
        context=account(
            state="Kan ta imot penger",
            colour="success",
            is_new=False,
            is_known=True,
            is_active=True,
            read_at=NOW,
        ),
    ),
    Sample(
        name="onward-to-pay",
        template="payments/onward.html",
        context={"url": "https://checkout.stripe.com/c/pay/1", "label": "Stripe"},
    ),
)
"""Each template with what its page may hold."""
