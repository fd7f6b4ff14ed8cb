"""What Stripe answers, in the program's words. Any object with these members will do: Stripe's library is not known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from payments.provider import Account, Notice, NoticeKind, Refunded, RefundState, Session, SessionState

REFUND_STATES: Final[Mapping[str, RefundState]] = {
    "pending": "sent",
    "requires_action": "sent",
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}
KINDS: Final[Mapping[str, NoticeKind]] = {
    "account.application.deauthorized": "account",
    "account.updated": "account",
    "charge.dispute.closed": "payment",
    "charge.dispute.created": "payment",
    "charge.dispute.updated": "payment",
    "charge.refunded": "payment",
    "checkout.session.async_payment_failed": "session",
    "checkout.session.async_payment_succeeded": "session",
    "checkout.session.completed": "session",
    "checkout.session.expired": "session",
    "refund.created": "refund",
    "refund.failed": "refund",
    "refund.updated": "refund",
}
"""What is listened to (https://docs.stripe.com/api/events/types); docs/payments.md names the same."""
UNPAID_FOR_GOOD: Final = frozenset({"requires_payment_method", "canceled"})
"""States of a payment that was on its way and has failed (https://docs.stripe.com/payments/paymentintents/lifecycle)."""


def session_of(said: Any) -> Session:
    """https://docs.stripe.com/api/checkout/sessions/object"""
    intent = said.payment_intent
    charge: Any = getattr(intent, "latest_charge", None)
    return Session(
        ref=said.id,
        state=_session_state(said.status, said.payment_status, getattr(intent, "status", None)),
        amount_ore=said.amount_total,
        currency=said.currency.upper(),
        url=said.url,
        expires_at=at(said.expires_at),
        payment_ref=id_of(intent) or None,
        paid_at=None if charge is None else at(charge.created),
        order_id=uuid_in(said.metadata, "order"),
        checkout_id=uuid_in(said.metadata, "checkout"),
    )


def _session_state(status: str, paid: str, intent: str | None) -> SessionState:
    if status == "expired":
        return "ended"
    if paid == "paid":
        return "paid"
    if status != "complete":
        return "open"
    return "ended" if intent in UNPAID_FOR_GOOD else "processing"


def refunded_of(said: Any) -> Refunded:
    """https://docs.stripe.com/api/refunds/object"""
    return Refunded(
        ref=said.id,
        state=REFUND_STATES[said.status],
        amount_ore=said.amount,
        payment_ref=id_of(said.payment_intent),
        refund_id=uuid_in(said.metadata, "refund"),
        error=getattr(said, "failure_reason", None) or "",
    )


def account_of(said: Any) -> Account:
    """https://docs.stripe.com/connect/handling-api-verification"""
    requirements = getattr(said, "requirements", None)
    wants: list[str] = list(getattr(requirements, "currently_due", None) or [])
    if said.charges_enabled:
        return Account(ref=said.id, state="active", wants=wants)
    return Account(ref=said.id, state="restricted" if said.details_submitted else "onboarding", wants=wants)


def id_of(said: Any) -> str:
    """Of something that is there whole, or only by its id."""
    return said if isinstance(said, str) else "" if said is None else str(said.id)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def uuid_in(metadata: Any, name: str) -> UUID | None:
    """What we wrote there; whoever has the dashboard may have written something else."""
    value = metadata[name] if metadata is not None and name in metadata else None
    try:
        return None if value is None else UUID(value)
    except ValueError:
        return None


class Object(msgspec.Struct):
    id: str = ""
    object: str = ""
    payment_intent: str | dict[str, Any] | None = None


class Data(msgspec.Struct):
    object: Object


class Event(msgspec.Struct):
    """https://docs.stripe.com/api/events/object"""

    id: str
    type: str
    created: int
    data: Data
    account: str | None = None


def notice_of(event: Event) -> Notice:
    about = event.data.object
    ref = about.payment_intent if about.object in {"charge", "dispute"} else about.id
    if event.type == "account.application.deauthorized":
        ref = event.account  # the application is what it is about, and the account what has changed
    return Notice(
        ref=event.id,
        kind=KINDS.get(event.type, "other"),
        account=event.account,
        about=ref if isinstance(ref, str) else about.id,
        at=at(event.created),
    )
