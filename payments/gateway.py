"""Stripe, as the program's Provider: the only module that knows Stripe's own library.

Direct charges on the municipality's connected account: everything is asked with `Stripe-Account`
(https://docs.stripe.com/connect/direct-charges). Money goes to the municipality, which is the merchant, and nothing is
kept by the installation.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
import msgspec
import stripe

from core.calling import public_trust
from core.money import CURRENCY
from core.settings import Settings
from payments.provider import (
    Account,
    Captured,
    Declined,
    Notice,
    Provider,
    Refunded,
    Session,
    Unclear,
    Wish,
)
from payments.stripe_answers import Event, account_of, at, id_of, notice_of, refunded_of, session_of, uuid_in

logger = logging.getLogger("ledig.payments")

NAME: Final = "stripe"
TRY_SECONDS: Final = 6.0
"""For each try."""
PATIENCE_SECONDS: Final = 15.0
"""For a call with all its tries."""
LIST_SECONDS: Final = 45.0
"""For a list of many pages."""
A_PAGE: Final = 100
TOLERANCE: Final = timedelta(minutes=5)
"""How old a notice may be (https://docs.stripe.com/webhooks#replay-attacks)."""
LANGUAGES: Final[Mapping[str, str]] = {"nb": "nb", "nn": "nb", "en": "en"}
"""Stripe's page speaks no nynorsk (https://docs.stripe.com/js/appendix/supported_locales)."""
TRY_AGAIN: Final = frozenset({"rate_limit", "lock_timeout", "idempotency_key_in_use"})
"""Refusals of now, not for good (https://docs.stripe.com/error-codes)."""


class _Http(stripe.HTTPClient):
    """Over httpx. Stripe's own of that kind hands bodies over in a way that httpx has given up."""

    name = "httpx"

    def __init__(self, seconds: float) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]  # theirs
        self._http = httpx.AsyncClient(timeout=seconds, verify=public_trust())

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await self._http.request(method, url, headers=headers, content=post_data or None)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(type(error).__name__, should_retry=True) from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._http.aclose()


class Stripe:
    """One for each process; connections are of the event loop that uses them."""

    name: str = NAME

    def __init__(self, key: str, secrets: Sequence[str], url: str | None, *, patience: float = 1.0) -> None:
        """`patience`: tests have less of it."""
        stripe.enable_telemetry = False
        self._key, self._secrets, self._url, self._patience = key, tuple(secrets), url, patience
        self._https: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[stripe.StripeClient, _Http]]
        self._https = WeakKeyDictionary()

    @property
    def _ask(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._https:
            http = _Http(TRY_SECONDS * self._patience)
            client = stripe.StripeClient(
                self._key,
                http_client=http,
                max_network_retries=1,  # with the same idempotency key
                base_addresses={} if self._url is None else {"api": self._url},
            )
            self._https[loop] = client, http
        return self._https[loop][0].v1

    async def open_session(self, account: str, wish: Wish) -> Session:
        ours = {
            "order": str(wish.order_id),
            "checkout": str(wish.checkout_id),
            "tenant": str(wish.municipality_id),
        }
        params: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": str(wish.order_id),
            "metadata": ours,
            "payment_intent_data": {"metadata": ours},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY.lower(),
                        "unit_amount": line.amount_ore,
                        "product_data": {"name": line.text[:250] or "—"},
                    },
                }
                for line in wish.lines
            ],
            "locale": LANGUAGES.get(wish.language, "auto"),
            "expires_at": int(wish.expires_at.timestamp()),
            "success_url": wish.return_url,
            "cancel_url": wish.cancel_url,
            "expand": ["payment_intent.latest_charge"],
        }
        if wish.email:
            params["customer_email"] = wish.email
        async with self._asking():
            return session_of(
                await self._ask.checkout.sessions.create_async(params, _options(account, wish.key))
            )

    async def session(self, account: str, ref: str) -> Session:
        async with self._asking():
            return await self._session(account, ref)

    async def _session(self, account: str, ref: str) -> Session:
        params = {"expand": ["payment_intent.latest_charge"]}
        return session_of(
            await self._ask.checkout.sessions.retrieve_async(ref, params, options=_options(account))
        )

    async def end_session(self, account: str, ref: str) -> Session:
        """Only one that is open can be ended: of any other the answer is how it stands.

        https://docs.stripe.com/api/checkout/sessions/expire
        """
        async with self._asking():
            try:
                await self._ask.checkout.sessions.expire_async(ref, options=_options(account))
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    raise
            return await self._session(account, ref)

    async def refund(
        self, account: str, *, key: str, payment_ref: str, amount_ore: int, refund_id: UUID
    ) -> Refunded:
        """Stripe forgets a key after a day, and answers a failed one with the same failure until then: whether we gave
        this back already is looked up first.
        """
        params = {
            "payment_intent": payment_ref,
            "amount": amount_ore,
            "metadata": {"refund": str(refund_id)},
        }
        async with self._asking():
            for earlier in await self._refunds(account, {"payment_intent": payment_ref}):
                if earlier.refund_id == refund_id:
                    return earlier
            return refunded_of(await self._ask.refunds.create_async(params, _options(account, key)))

    async def refunded(self, account: str, ref: str) -> Refunded:
        async with self._asking():
            return refunded_of(await self._ask.refunds.retrieve_async(ref, options=_options(account)))

    async def _refunds(self, account: str, which: Mapping[str, Any]) -> list[Refunded]:
        found = await self._ask.refunds.list_async({**which, "limit": A_PAGE}, options=_options(account))
        return [refunded_of(each) async for each in found.auto_paging_iter()]

    async def captured(self, account: str, ref: str) -> Captured:
        async with self._asking():
            return await self._captured(account, ref)

    async def _captured(self, account: str, ref: str) -> Captured:
        params = {"expand": ["latest_charge"]}
        intent = await self._ask.payment_intents.retrieve_async(ref, params, options=_options(account))
        if intent.status != "succeeded":
            raise Declined("not_captured")
        refunds = await self._refunds(account, {"payment_intent": ref})
        return await self._with_dispute(account, intent.latest_charge, intent.metadata, refunds)

    async def _with_dispute(
        self, account: str, charge: Any, metadata: Any, refunds: Sequence[Refunded]
    ) -> Captured:
        dispute = ""
        if getattr(charge, "disputed", False):
            params = {"payment_intent": id_of(charge.payment_intent), "limit": 1}
            found = await self._ask.disputes.list_async(params, options=_options(account))
            dispute = found.data[0].status if found.data else "unknown"
        return Captured(
            ref=id_of(charge.payment_intent),
            amount_ore=getattr(charge, "amount_captured", charge.amount),
            currency=charge.currency.upper(),
            captured_at=at(charge.created),
            order_id=uuid_in(metadata, "order"),
            refunds=refunds,
            dispute=dispute,
        )

    async def captured_between(self, account: str, since: datetime, until: datetime) -> Sequence[Captured]:
        """By when they were captured. Also older ones of which something was given back in that time."""
        created = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}}
        async with self._asking(LIST_SECONDS):
            charges = await self._ask.charges.list_async(
                {**created, "limit": A_PAGE, "expand": ["data.payment_intent"]}, options=_options(account)
            )
            found: dict[str, Captured] = {}
            async for charge in charges.auto_paging_iter():
                if not (charge.paid and charge.captured and charge.payment_intent):
                    continue
                ref = id_of(charge.payment_intent)
                refunds = (
                    await self._refunds(account, {"payment_intent": ref}) if charge.amount_refunded else []
                )
                found[ref] = await self._with_dispute(
                    account, charge, charge.payment_intent.metadata, refunds
                )
            for each in await self._refunds(account, created):
                if each.payment_ref and each.payment_ref not in found:
                    found[each.payment_ref] = await self._captured(account, each.payment_ref)
            return list(found.values())

    async def make_account(self, *, key: str, name: str, email: str | None) -> Account:
        """One that Stripe is liable for and asks for papers, with Stripe's own dashboard: what suits direct charges.

        https://docs.stripe.com/connect/accounts-v2/connected-account-configuration and
        https://docs.stripe.com/connect/migrate-to-controller-properties
        """
        params: dict[str, Any] = {
            "country": "NO",
            "business_profile": {"name": name},
            "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            "controller": {
                "fees": {"payer": "account"},
                "losses": {"payments": "stripe"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "full"},
            },
        }
        if email:
            params["email"] = email
        async with self._asking():
            return account_of(await self._ask.accounts.create_async(params, {"idempotency_key": key}))

    async def account(self, ref: str) -> Account:
        async with self._asking():
            return account_of(await self._ask.accounts.retrieve_async(ref))

    async def onboarding(self, ref: str, *, return_url: str, refresh_url: str) -> str:
        params = {
            "account": ref,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        async with self._asking():
            return str((await self._ask.account_links.create_async(params)).url)

    def read_notice(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Signed with one of our secrets, at most five minutes ago: https://docs.stripe.com/webhooks/signature

        The age is told by `now`, and one that is signed ahead of time is as bad as an old one.
        """
        signed = headers.get("stripe-signature", "")
        if not any(_is_signed(body, signed, secret) for secret in self._secrets):
            raise Declined("signature")
        stamp = next((part[2:] for part in signed.split(",") if part.startswith("t=")), "")
        if not stamp.isdecimal() or abs(now - at(int(stamp[:12]))) > TOLERANCE:
            raise Declined("too_old")
        try:
            return notice_of(msgspec.json.decode(body, type=Event))
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
            raise Declined("unreadable") from error

    async def close(self) -> None:
        """Connections of this event loop."""
        client = self._https.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client[1].close_async()

    @asynccontextmanager
    async def _asking(self, seconds: float = PATIENCE_SECONDS) -> AsyncGenerator[None, None]:
        """Whatever goes wrong inside, told as Unclear or Declined."""
        try:
            async with asyncio.timeout(seconds * self._patience):
                yield
        except TimeoutError as error:
            raise Unclear("too slow") from error
        except stripe.StripeError as error:
            raise told(error) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise Unclear(f"an answer of another shape: {type(error).__name__}") from error


def told(error: stripe.StripeError) -> Unclear | Declined:
    """What an error of Stripe's says about what was asked: https://docs.stripe.com/error-low-level

    Declined is only what Stripe has looked at and refused for good. A key of ours that is not right is no word about
    the payment; another request under the same idempotency key is a fault of ours, and the first one may have been
    carried out.
    """
    code = error.code or (error.error.code if error.error is not None else None) or ""
    if code in TRY_AGAIN:
        return Unclear(code)
    if isinstance(error, stripe.IdempotencyError):
        logger.error("Stripe: the same idempotency key for another request")
        return Unclear("idempotency")
    if isinstance(error, stripe.AuthenticationError):
        logger.error("Stripe does not know our key")
        return Unclear("authentication")
    if isinstance(error, stripe.PermissionError):
        logger.error("Stripe: not allowed (%s)", code)
        return Declined(code) if code == "account_invalid" else Unclear(code or "permission")
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        return Declined(code or "invalid_request")
    return Unclear(f"{type(error).__name__} {error.http_status or ''}".strip())


def _options(account: str, key: str | None = None) -> dict[str, Any]:
    return {"stripe_account": account} if key is None else {"stripe_account": account, "idempotency_key": key}


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(body, header, secret, None)  # pyright: ignore[reportUnknownMemberType]  # theirs
    except (stripe.SignatureVerificationError, ValueError):
        return False


@lru_cache(maxsize=8)
def _stripe(key: str, secrets: tuple[str, ...], url: str | None) -> Stripe:
    return Stripe(key, secrets, url)


def provider_of(settings: Settings) -> Provider | None:
    """Who takes the money; None: nobody does. The same one for the same settings."""
    if settings.stripe_key is None:
        return None
    return _stripe(settings.stripe_key, settings.stripe_secrets, settings.stripe_url)
