"""What the room tells others, and reminds itself of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from core.outbox import Message

Change = Literal[
    "requested",
    "payable",
    "confirmed",
    "decided",
    "withdrawn",
    "cancelled",
    "lapsed",
    "displaced",
    "moved",
    "paid",
    "reduced",
]
"""What happened to the bookings of a message; `decided` is by an officer, each as its `state` says. `payable`: it is
the holder's as soon as she has paid; `paid`: what waited for that is confirmed, or was had again; `reduced`: an officer
has lowered what is owed.
"""


class HoldLapsed(Message, frozen=True):
    """The deadline of a hold has come. Sent late or twice, it does nothing to what is no longer held."""

    booking_id: UUID


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the money of a booking that was cancelled or displaced, as it was written down with it."""

    refund_ore: int
    """Given back of what was paid online."""
    kept_ore: int
    """Of what was paid online, kept as the fee."""
    due_ore: int
    """Of the fee, what is still to be paid."""
    spared_ore: int
    """Not paid, and not to be paid any more."""
    is_internal: bool
    """Settled between the municipality's own accounts."""


class Repriced(msgspec.Struct, frozen=True, kw_only=True):
    """What a move did to the money of a booking."""

    was_ore: int
    """What it cost before."""
    price_ore: int
    given_back_ore: int
    """Of what was paid online."""
    on_invoice_ore: int
    """Of the price, what was not paid online: once it is over it is to be paid."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as it stood when the change was committed."""

    id: UUID
    state: str
    sequence: int
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    was: tuple[datetime, datetime, UUID] | None = None
    """Of one that was moved: start, end and resource before."""
    pay_by: datetime | None = None
    """Of one that waits to be paid."""
    unpaid: bool = False
    """Its time to pay has run out."""
    freed: bool = False
    """It had its time until now, or had the one in `was`, and has it no more: others may."""
    settled: Settled | None = None
    """Of one that was cancelled or displaced; None: it costs nothing."""
    repriced: Repriced | None = None
    """Of one that was moved."""


class BookingsChanged(Message, frozen=True, kw_only=True):
    """Bookings of one application have changed: one message for each application in each transaction that does so."""

    application_id: UUID
    change: Change
    bookings: Sequence[Changed]
    by_id: UUID | None
    """Who did it; None: the clock, or a rule."""
    reason: str = ""


class CaseWritten(Message, frozen=True):
    """Somebody has written in a case what the other side shall read: a message, a question, an answer, an appeal."""

    entry_id: UUID


class CaseAssigned(Message, frozen=True):
    """A case has got another officer."""

    application_id: UUID
    by_id: UUID | None


class OfferMade(Message, frozen=True):
    """A time is held for somebody who has not asked for just this one."""

    offer_id: UUID


class ReplacementsFound(Message, frozen=True):
    """Times that displaced bookings of one application may have instead have been written down."""

    application_id: UUID
    booking_ids: Sequence[UUID]


class ClosureLifted(Message, frozen=True):
    """What was closed is open again: somebody may be waiting for it."""

    closure_id: UUID


class SeenFree(Message, frozen=True):
    """What somebody waits for can be had now, and is not held for her: a search that finds something."""

    wait_id: UUID
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
