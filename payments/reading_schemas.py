"""Orders as they are shown: what a list says of each, and all that stands on a receipt, an invoice or a credit note."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from core.texts import N_

Kind = Literal["receipt", "invoice", "credit"]
State = Literal["open", "issued", "void"]
KINDS: Final[dict[Kind, str]] = {
    "receipt": N_("Receipt"),
    "invoice": N_("Invoice"),
    "credit": N_("Credit note"),
}
STATES: Final[dict[State, str]] = {
    "open": N_("Not issued yet"),
    "issued": N_("Issued"),
    "void": N_("Void"),
}
REFUND_STATES: Final[dict[str, str]] = {
    "wanted": N_("On its way"),
    "sent": N_("On its way"),
    "done": N_("Paid back"),
    "failed": N_("Could not be given back"),
}
WHY: Final[dict[str, str]] = {
    "cancelled": N_("The booking was cancelled."),
    "displaced": N_("The municipality needed the time itself."),
    "lost": N_("The time was gone when the money came."),
    "reduced": N_("The price was lowered."),
    "paid_twice": N_("It was paid twice."),
    "officer": N_("The municipality gave it back."),
    "deposit": N_("The deposit is given back."),
}
"""Why money was given back → how it is told."""


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: UUID
    kind: Kind
    state: State
    number: int | None
    payment: str
    gross_ore: int
    credited_ore: int
    paid_ore: int
    refunded_ore: int
    """Of what was paid, given back or on its way."""
    created_at: datetime
    issued_at: datetime | None
    due_on: date | None
    customer: str
    """The association's name, else the person's."""
    lines: int
    first: str
    """What its first line says."""
    starts_at: datetime | None
    """When the first of it was delivered."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Seller or customer, as they stood when it was issued."""

    name: str = ""
    organisation_number: str | None = None
    address: str | None = None
    postcode: str | None = None
    town: str | None = None
    email: str | None = None
    vat_registered: bool = False
    bank_account: str | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in."""

    id: UUID
    provider: str
    amount_ore: int
    refunded_ore: int
    captured_at: datetime
    dispute: dict[str, Any] | None = None


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back, or there."""

    id: UUID
    payment_id: UUID
    credit_id: UUID | None
    amount_ore: int
    state: str
    why: str
    reason: str
    error: str
    created_at: datetime
    done_at: datetime | None


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """A credit note of the order."""

    id: UUID
    number: int | None
    gross_ore: int
    reason: str
    issued_at: datetime | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of it, with where it was delivered."""

    booking_id: UUID | None
    kind: str
    key: str
    text: str
    unit: str
    quantity_milli: int
    unit_ore: int
    vat_code: str
    vat_rate: int
    vat_reason: str
    net_ore: int
    vat_ore: int
    gross_ore: int
    starts_at: datetime | None
    ends_at: datetime | None
    resource_id: UUID | None = None
    facility_id: UUID | None = None
    resource: str | None = None
    facility: str | None = None
    booking_state: str | None = None
    owed_ore: int | None = None


class Full(msgspec.Struct, frozen=True, kw_only=True):
    """An order with all that is said of it."""

    id: UUID
    kind: Kind
    state: State
    number: int | None
    payment: str
    application_id: UUID | None
    person_id: UUID | None
    association_id: UUID | None
    credits_id: UUID | None
    credits_kind: Kind | None
    credits_number: int | None
    net_ore: int
    vat_ore: int
    gross_ore: int
    credited_ore: int
    language: str
    seller: Party
    customer: Party
    reference: str
    reason: str
    kid: str | None
    due_on: date | None
    created_at: datetime
    issued_at: datetime | None
    version: int
    person: str | None
    association: str | None
    payments: Sequence[Taken] = ()
    refunds: Sequence[Back] = ()
    """Of a credit note, those that it made."""
    credits: Sequence[Credit] = ()
    lines: Sequence[Line] = ()

    @property
    def paid_ore(self) -> int:
        return sum(each.amount_ore for each in self.payments)

    @property
    def refunded_ore(self) -> int:
        """Given back or on its way."""
        return sum(each.amount_ore for each in self.refunds if each.state != "failed")

    @property
    def left_ore(self) -> int:
        """Of its gross, what no credit note has taken back."""
        return self.gross_ore - self.credited_ore


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What staff look for among orders; None and empty: all."""

    kind: Kind | None = None
    state: State | None = None
    number: int | None = None
    who: str = ""
    """Part of the name of the person or the association."""
    booking_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    """They were made in [since, until)."""


DIFFERENCES: Final[dict[str, str]] = {
    "payment_unknown": N_("The provider has a payment that we know nothing of."),
    "payment_missing": N_("We have a payment that the provider knows nothing of."),
    "amount": N_("The amounts are not the same."),
    "refund_unknown": N_("The provider has given back something that we know nothing of."),
    "refund_missing": N_("We have given back something that the provider knows nothing of."),
    "refund_failed": N_("The provider could not give the money back."),
    "refund_waiting": N_("The provider has not taken the money to give back yet. It goes back when it does."),
    "disputed": N_("Whoever owns the card disputes the payment."),
    "booking": N_("What was paid for a booking is not what is owed for it."),
}
"""Kind of a difference → how it is told."""


class Differs(msgspec.Struct, frozen=True, kw_only=True):
    """Something in which the provider's books and ours differ."""

    id: UUID
    kind: str
    ref: str
    order_id: UUID | None
    ours_ore: int
    theirs_ore: int
    found_at: datetime
    settled_at: datetime | None
    explanation: str
    order_kind: Kind | None
    order_number: int | None
    customer: str
