"""What partners read in JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.wire import NO_NUL, Instant, ShortText

Kind = Literal[
    "booking.requested",
    "booking.confirmed",
    "booking.changed",
    "booking.left",
    "booking.ended",
    "closure.laid",
    "closure.lifted",
]
"""Of calendar_feeds.partners.kinds.KINDS."""
Kinds = Annotated[list[Kind], msgspec.Meta(min_length=1, max_length=20)]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=NO_NUL)]


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """That something has become what `state` says. What it is of stands nowhere but in ids."""

    kind: Literal["booking", "closure"]
    id: UUID
    """Of the booking or closure. A closure is told once for each resource that it closes."""
    version: int
    """Grows with each change of the booking. The same again: what is told of it has changed, such as its title."""
    state: str
    """Of a booking: held, requested, awaiting_payment, confirmed, rejected, withdrawn, cancelled, lapsed, displaced or
    given_back; elsewhere: it has left this resource for another. Of a closure: closed or lifted.
    """
    resource_id: UUID
    association_id: UUID | None
    team_id: UUID | None
    at: datetime


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """In the order in which they were settled, each exactly once."""

    items: list[ChangeOut]
    next: str
    """`since` of the next question."""
    more: bool
    """Whether to ask it at once."""


class WebhookIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An address to be told of changes."""

    label: ShortText
    """What you call the program."""
    address: Address
    """https, on the open internet. It is sent a POST for each change."""
    kinds: Kinds


class WebhookPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays."""

    label: ShortText | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    state: Literal["on", "paused"] | UnsetType = UNSET
    """Paused: nothing is sent, and what happens meanwhile is told when it is on again."""


class WebhookOut(msgspec.Struct, kw_only=True):
    """An address that is told of changes, and how it stands with it."""

    id: UUID
    label: str
    address: str
    kinds: list[str]
    state: str
    """on or paused."""
    paused_why: str | None
    """by_hand, gone (it answered 410), failing (for five days)."""
    created_at: datetime
    reached_at: datetime | None
    """When it last took something."""
    failing_since: datetime | None
    due: int
    """Deliveries that wait, also for another attempt."""
    dead: int
    """Deliveries that were given up."""
    earlier_secret_until: datetime | None
    """Until then the secret before this one signs, too."""


class WebhookMade(WebhookOut, kw_only=True):
    """With a new secret."""

    secret: str | None
    """`whsec_…`, shown this once. None when the same request is answered again."""


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    """One change that the webhook is told of, and how the last attempt went."""

    id: UUID
    message_id: str
    """Sent as `webhook-id`."""
    kind: str
    state: str
    """due, done, or dead: given up."""
    created_at: datetime
    due_at: datetime | None
    """When it is tried again; null: it is not."""
    attempts: int
    tried_at: datetime | None
    status: int | None
    """That the address answered; null: it gave no answer."""
    took_ms: int | None
    answer: str | None
    """Its first 1000 bytes."""
    error: str | None
    """Why there was no answer."""


class ReplayIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One delivery, or all changes since a moment: exactly one of the two."""

    delivery_id: UUID | None = None
    since: Instant | None = None
    """At most as far back as the change log goes."""
