"""What the room tells others, and reminds itself of."""

from datetime import datetime
from uuid import UUID

from core.outbox import Message


class NoticeCame(Message, frozen=True):
    """The provider has told something that is to be looked into."""

    notice_id: UUID


class CheckoutDue(Message, frozen=True):
    """The time to pay is over: nobody shall be able to pay it any more."""

    checkout_id: UUID


class RefundWanted(Message, frozen=True):
    """Money is to be given back."""

    refund_id: UUID


class OrderIssued(Message, frozen=True):
    """A receipt, invoice or credit note has its number."""

    order_id: UUID


class DepositKept(Message, frozen=True):
    """An officer has kept some of a booking's deposit, or all of it."""

    booking_id: UUID


class BooksDue(Message, frozen=True):
    """What the provider took and gave back in that time is to be held against our books."""

    since: datetime
    until: datetime


class PaymentInQuestion(Message, frozen=True):
    """The same for one payment, by the provider's id of it."""

    ref: str


class AccountDue(Message, frozen=True):
    """The provider is to be asked how it stands with the municipality's account."""


class DepositDue(Message, frozen=True):
    """Nobody has said anything about the deposit of a time that was used long ago: it goes back."""

    booking_id: UUID
