"""What goes over the wire of secret addresses."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from calendar_feeds.scopes import Kind, Variant
from core.wire import NO_NUL

MOST_LABEL = 80


class FeedIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A subscription to be made."""

    kind: Kind
    thing_id: UUID | None = None
    """The facility, resource, association or team. Left out for `person` (oneself) and `municipality`."""
    variant: Variant
    """`public`: what everybody may know; `busy`: only when; `full`: what its holders may know; `staff`: that, and
    set-up and telephone."""
    label: Annotated[str, Meta(min_length=1, max_length=MOST_LABEL, pattern=NO_NUL)]
    """For oneself: where it is used, such as "Telephone"."""


class FeedOut(Struct, kw_only=True):
    """A subscription, without its secret address, which nobody knows any more."""

    id: UUID
    kind: Kind
    thing_id: UUID | None
    name: str
    """What it is of; empty: oneself, or the whole municipality."""
    variant: Variant
    label: str
    created_at: datetime
    used_at: datetime | None
    """Give or take an hour."""
    used_by: str | None
    """The calendar program that asked last."""
    is_live: bool
    """False: the right to read it has ended, and calendar programs are refused."""


class FeedMade(FeedOut, kw_only=True):
    """A subscription with its secret address."""

    address: str | None
    """Shown this once. None when the same request is answered again: it is kept nowhere."""
    webcal: str | None
    """The same for programs that open it at a click."""
    caldav: str | None
    """The same for programs that speak CalDAV."""
