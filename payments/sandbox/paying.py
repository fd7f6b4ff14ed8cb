"""Checkout Sessions, payments, refunds and disputes of the stand-in, as Stripe's documents have them."""

from typing import Any, Final

from payments.sandbox.books import Books, Refused, shown
from payments.sandbox.notices import Notices
from payments.sandbox.wire import Json, listed

SHORTEST_SECONDS: Final = 30 * 60
LONGEST_SECONDS: Final = 24 * 60 * 60
LEAST_ORE: Final = 300
"""In NOK: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""
MOST_ORE: Final = 99_999_999
LOCALES: Final = frozenset({"auto", "nb", "en", "da", "sv", "fi", "de"})
PAYS: Final = "4242424242424242"
DECLINED: Final = "4000000000000002"
REFUND_PENDS: Final = "4000000000007726"
REFUND_FAILS: Final = "4000000000005126"
DISPUTED: Final = "4000000000000259"
LATER: Final = "bank-pays-later"
NEVER: Final = "bank-fails-later"
CARDS: Final = (PAYS, DECLINED, REFUND_PENDS, REFUND_FAILS, DISPUTED, LATER, NEVER)
"""Cards from https://docs.stripe.com/testing; the two of the bank are methods whose answer comes later."""


class Paying:
    """What one can do with money here."""

    def __init__(self, books: Books, notices: Notices, base_url: str) -> None:
        self.books, self.notices, self.base_url = books, notices, base_url

    def open_session(self, account: str, form: Json) -> Json:
        """https://docs.stripe.com/api/checkout/sessions/create

        `expires_at` is 30 minutes to 24 hours ahead, 24 hours when it is left out
        (https://docs.stripe.com/payments/checkout/managing-limited-inventory). The payment is made when somebody tries
        to pay, so `payment_intent` is null until then.
        """
        now = self.books.now()
        if form.get("mode") != "payment":
            raise Refused(400, "Only mode payment is known here", param="mode")
        if not str(form.get("success_url", "")).startswith(("https://", "http://")):
            raise Refused(400, "Not a valid URL", code="url_invalid", param="success_url")
        if form.get("locale", "auto") not in LOCALES:
            raise Refused(400, "Invalid locale", param="locale")
        expires_at = _whole(form.get("expires_at", now + LONGEST_SECONDS), "expires_at")
        if not now + SHORTEST_SECONDS <= expires_at <= now + LONGEST_SECONDS:
            text = "`expires_at` must be at least 30 minutes and less than 24 hours from now."
            raise Refused(400, text, param="expires_at")
        self._check_active(account)
        lines = [_line(each) for each in listed(form.get("line_items"))]
        total = sum(each["amount_total"] for each in lines)
        if not LEAST_ORE <= total <= MOST_ORE:
            code = "amount_too_small" if total < LEAST_ORE else "amount_too_large"
            raise Refused(400, "The total must be at least 3.00 NOK", code=code)
        made = self.books.add(
            account,
            "cs_test",
            "checkout.session",
            mode="payment",
            status="open",
            payment_status="unpaid",
            amount_total=total,
            currency="nok",
            client_reference_id=form.get("client_reference_id"),
            customer_email=form.get("customer_email"),
            metadata=form.get("metadata", {}),
            locale=form.get("locale", "auto"),
            success_url=form["success_url"],
            cancel_url=form.get("cancel_url"),
            expires_at=expires_at,
            payment_intent=None,
        )
        made["url"] = f"{self.base_url}/pay/{account}/{made['id']}"
        made["_lines"] = lines
        made["_intent_metadata"] = form.get("payment_intent_data", {}).get("metadata", {})
        return made

    def _check_active(self, account: str) -> None:
        """https://docs.stripe.com/connect/account-capabilities"""
        there = self.books.one("", "account", account)
        if not there["charges_enabled"]:
            raise Refused(400, "Your account cannot currently make charges.", code="account_invalid")

    def session(self, account: str, ref: str) -> Json:
        return self.books.one(account, "checkout.session", ref)

    def end_session(self, account: str, ref: str) -> Json:
        """Only open ones can be expired: https://docs.stripe.com/api/checkout/sessions/expire"""
        found = self.session(account, ref)
        if found["status"] != "open":
            raise Refused(
                400,
                f"Only Checkout Sessions with a status in [open] can be expired. This one is {found['status']}.",
            )
        self._expire(account, found)
        return found

    def _expire(self, account: str, found: Json) -> None:
        found["status"], found["url"] = "expired", None
        self.notices.tell(account, "checkout.session.expired", found)

    def tick(self) -> bool:
        """What time alone does; whether it did anything."""
        done = False
        for account in self.books.accounts():
            for found in list(self.books.all(account, "checkout.session")):
                if found["status"] == "open" and found["expires_at"] <= self.books.now():
                    self._expire(account, found)
                    done = True
        return done

    def pay(self, account: str, ref: str, card: str) -> Json:
        """What happens when she presses the button. A declined card leaves the session open: she may try another."""
        found = self.session(account, ref)
        if found["status"] != "open" or card not in CARDS:
            return found
        intent = self._intent(account, found)
        if card == DECLINED:
            self._charge(account, intent, found, card, paid=False)
            self.notices.tell(account, "payment_intent.payment_failed", intent)
            return found
        found["status"], found["url"] = "complete", None
        if card in {LATER, NEVER}:
            intent["status"], intent["_card"] = "processing", card
            self.notices.tell(account, "checkout.session.completed", found)
            return found
        self._succeed(account, intent, found, card)
        self.notices.tell(account, "checkout.session.completed", found)
        return found

    def _intent(self, account: str, session: Json) -> Json:
        if session["payment_intent"] is not None:
            return self.books.one(account, "payment_intent", session["payment_intent"])
        made = self.books.add(
            account,
            "pi",
            "payment_intent",
            amount=session["amount_total"],
            amount_received=0,
            currency="nok",
            status="requires_payment_method",
            latest_charge=None,
            metadata=session["_intent_metadata"],
        )
        made["_session"] = session["id"]
        session["payment_intent"] = made["id"]
        return made

    def _charge(self, account: str, intent: Json, session: Json, card: str, *, paid: bool) -> Json:
        made = self.books.add(
            account,
            "ch",
            "charge",
            amount=session["amount_total"],
            amount_captured=session["amount_total"] if paid else 0,
            amount_refunded=0,
            captured=paid,
            currency="nok",
            disputed=False,
            failure_code=None if paid else "card_declined",
            metadata=intent["metadata"],
            paid=paid,
            payment_intent=intent["id"],
            refunded=False,
            status="succeeded" if paid else "failed",
        )
        made["_card"] = card
        intent["latest_charge"] = made["id"]
        return made

    def _succeed(self, account: str, intent: Json, session: Json, card: str) -> None:
        charge = self._charge(account, intent, session, card, paid=True)
        intent["status"], intent["amount_received"] = "succeeded", charge["amount"]
        session["payment_status"] = "paid"
        self.notices.tell(account, "charge.succeeded", charge)
        self.notices.tell(account, "payment_intent.succeeded", intent)
        if card == DISPUTED:
            charge["disputed"] = True
            dispute = self.books.add(
                account,
                "du",
                "dispute",
                amount=charge["amount"],
                charge=charge["id"],
                currency="nok",
                payment_intent=intent["id"],
                reason="fraudulent",
                status="needs_response",
            )
            self.notices.tell(account, "charge.dispute.created", dispute)

    def settle(self) -> None:
        """What takes days comes now: delayed payments, pending refunds, refunds that fail afterwards."""
        for account in self.books.accounts():
            for intent in list(self.books.all(account, "payment_intent")):
                if intent["status"] == "processing":
                    self._settle_payment(account, intent)
            for refund in list(self.books.all(account, "refund")):
                self._settle_refund(account, refund)

    def _settle_payment(self, account: str, intent: Json) -> None:
        """https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-payment-methods"""
        session = self.session(account, intent["_session"])
        if intent["_card"] == LATER:
            self._succeed(account, intent, session, PAYS)
            self.notices.tell(account, "checkout.session.async_payment_succeeded", session)
        else:
            intent["status"] = "requires_payment_method"
            self.notices.tell(account, "checkout.session.async_payment_failed", session)

    def _settle_refund(self, account: str, refund: Json) -> None:
        """https://docs.stripe.com/refunds#failed-refunds: the money is back on the account's balance."""
        charge = self.books.one(account, "charge", refund["charge"])
        if refund["status"] == "pending":
            refund["status"] = "succeeded"
            self.notices.tell(account, "refund.updated", refund)
        elif refund["status"] == "succeeded" and charge["_card"] == REFUND_FAILS:
            refund["status"], refund["failure_reason"] = "failed", "expired_or_canceled_card"
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            self.notices.tell(account, "refund.failed", refund)

    def refund(self, account: str, form: Json) -> Json:
        """https://docs.stripe.com/api/refunds/create: never more than what is left of the charge."""
        intent = self.books.one(account, "payment_intent", str(form.get("payment_intent", "")))
        if intent["status"] != "succeeded":
            raise Refused(400, "This PaymentIntent does not have a successful charge to refund.")
        charge = self.books.one(account, "charge", intent["latest_charge"])
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = _whole(form.get("amount", left), "amount")
        if left == 0:
            raise Refused(400, "The charge has already been refunded.", code="charge_already_refunded")
        if not 0 < amount <= left:
            text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            raise Refused(400, text, param="amount")
        made = self.books.add(
            account,
            "re",
            "refund",
            amount=amount,
            charge=charge["id"],
            currency="nok",
            failure_reason=None,
            metadata=form.get("metadata", {}),
            payment_intent=intent["id"],
            status="pending" if charge["_card"] == REFUND_PENDS else "succeeded",
        )
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self.notices.tell(account, "refund.created", made)
        self.notices.tell(account, "charge.refunded", charge)
        return made

    def expanded(self, account: str, found: Json, wanted: list[str]) -> Json:
        """https://docs.stripe.com/expand"""
        made = shown(found)
        for path in wanted:
            at: Any = made
            for name in path.removeprefix("data.").split("."):
                ref = at.get(name)
                if isinstance(ref, str):
                    at[name] = shown(self.books.objects[account][ref])
                at = at[name]
                if at is None:
                    break
        return made

    def balance(self, account: str) -> Json:
        """https://docs.stripe.com/balance, without fees."""
        charged = sum(
            each["amount_captured"] - each["amount_refunded"] for each in self.books.all(account, "charge")
        )
        none = [{"amount": 0, "currency": "nok"}]
        return {
            "object": "balance",
            "livemode": False,
            "available": [{"amount": charged, "currency": "nok"}],
            "pending": none,
        }


def _line(each: Json) -> Json:
    price = each.get("price_data", {})
    name = str(price.get("product_data", {}).get("name", ""))
    if not name:
        raise Refused(
            400,
            "Missing required param",
            code="parameter_missing",
            param="line_items[0]",
        )
    if price.get("currency") != "nok":
        raise Refused(400, "Invalid currency", param="line_items[0][price_data][currency]")
    amount, quantity = (
        _whole(price.get("unit_amount"), "unit_amount"),
        _whole(each.get("quantity"), "quantity"),
    )
    if amount < 0 or quantity < 1:
        raise Refused(400, "Invalid integer", code="parameter_invalid_integer", param="line_items[0]")
    return {"name": name, "amount_total": amount * quantity}


def _whole(value: Any, param: str) -> int:
    """Amounts are in the smallest unit: https://docs.stripe.com/currencies#zero-decimal"""
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise Refused(
            400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=param
        ) from error
