"""Connected accounts of the stand-in: made, onboarded on a page of their own, restricted on command."""

import secrets
from typing import Final

from payments.sandbox.books import PLATFORM, Books, Refused
from payments.sandbox.notices import Notices
from payments.sandbox.wire import Json

WANTS: Final = [
    "business_profile.url",
    "external_account",
    "representative.first_name",
    "tos_acceptance.date",
]
LINK_SECONDS: Final = 300
"""https://docs.stripe.com/api/account_links: for one use, and a few minutes."""


class Connecting:
    """https://docs.stripe.com/connect/hosted-onboarding"""

    def __init__(self, books: Books, notices: Notices, base_url: str) -> None:
        self.books, self.notices, self.base_url = books, notices, base_url

    def make(self, form: Json, *, ref: str | None = None) -> Json:
        """It cannot take money before it is onboarded."""
        made = self.books.add(
            PLATFORM,
            "acct",
            "account",
            business_profile=form.get("business_profile", {}),
            charges_enabled=False,
            country=form.get("country", "NO"),
            details_submitted=False,
            email=form.get("email"),
            metadata=form.get("metadata", {}),
            payouts_enabled=False,
            requirements={"currently_due": list(WANTS), "disabled_reason": "requirements.past_due"},
        )
        if ref is not None:
            del self.books.objects[PLATFORM][made["id"]]
            made["id"] = ref
            self.books.objects[PLATFORM][ref] = made
        return made

    def one(self, ref: str) -> Json:
        """Of an account that is not connected Stripe says no more than this."""
        found = self.books.objects.get(PLATFORM, {}).get(ref)
        if found is None:
            text = f"The provided key does not have access to account '{ref}'"
            raise Refused(403, text, code="account_invalid")
        return found

    def link(self, form: Json) -> Json:
        found = self.one(str(form.get("account", "")))
        for name in ("return_url", "refresh_url"):
            if not str(form.get(name, "")).startswith(("https://", "http://")):
                raise Refused(400, "Not a valid URL", code="url_invalid", param=name)
        token = secrets.token_urlsafe(16)
        expires_at = self.books.now() + LINK_SECONDS
        self.books.links[token] = {
            "account": found["id"],
            "expires_at": expires_at,
            "return_url": form["return_url"],
            "refresh_url": form["refresh_url"],
        }
        return {
            "object": "account_link",
            "created": self.books.now(),
            "expires_at": expires_at,
            "url": f"{self.base_url}/setup/{token}",
        }

    def opened(self, token: str) -> Json | None:
        """The link, unless it is used or too old."""
        found = self.books.links.get(token)
        return None if found is None or found["expires_at"] <= self.books.now() else found

    def activate(self, ref: str) -> None:
        self._become(ref, wants=[], charges=True, submitted=True)

    def restrict(self, ref: str) -> None:
        """https://docs.stripe.com/connect/handling-api-verification"""
        self._become(ref, wants=["representative.verification.document"], charges=False, submitted=True)

    def _become(self, ref: str, *, wants: list[str], charges: bool, submitted: bool) -> None:
        found = self.one(ref)
        found["charges_enabled"], found["payouts_enabled"] = charges, charges
        found["details_submitted"] = submitted
        found["requirements"] = {
            "currently_due": wants,
            "disabled_reason": None if charges else "requirements.past_due",
        }
        self.notices.tell(ref, "account.updated", found)
