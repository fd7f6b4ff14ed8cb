"""What is said of door locks in JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.wire import NO_NUL

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=NO_NUL)]
Secret = Annotated[str, msgspec.Meta(min_length=8, max_length=500, pattern=r"^[\x21-\x7e]+(?!\n)$")]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]


class DoorIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The lock of a resource's door."""

    resource_id: UUID
    address: Address
    """https. Codes are PUT and DELETEd under it: docs/doors.md."""
    secret: Secret
    """Sent as a Bearer token; never shown again."""
    minutes_before: Minutes = 15
    """A code is valid so long before the booking begins; its set-up at least."""
    minutes_after: Minutes = 15
    """And so long after it ends; its clean-up at least."""


class DoorPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays."""

    address: Address | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    minutes_before: Minutes | UnsetType = UNSET
    minutes_after: Minutes | UnsetType = UNSET


class DoorOut(msgspec.Struct, kw_only=True):
    """A lock, and how it stands with it."""

    id: UUID
    resource_id: UUID
    resource: str
    facility: str
    address: str
    minutes_before: int
    minutes_after: int
    created_at: datetime
    reached_at: datetime | None
    """When it last did as it was told."""
    failing_since: datetime | None
    """Since when it has not answered; null: it does."""
    late: int
    """Codes that were tried in vain and are tried again."""
    failed: int
    """Codes that it refused, or that did not reach it in time."""


class DoorCodeOut(msgspec.Struct, kw_only=True):
    """A booking's code in a lock. The code itself is shown to nobody but the booking's holder."""

    id: UUID
    booking_id: UUID
    valid_from: datetime
    valid_until: datetime
    state: str
    """wanted, placed, withdrawing, gone or failed."""
    attempts: int
    """That failed, for what is wanted now."""
    error: str | None
    """Why the last failed: unreachable, certificate, too_slow …, `status 500`, in_use."""
    placed_at: datetime | None
