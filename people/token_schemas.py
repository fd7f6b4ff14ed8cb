"""What goes over the wire of tokens."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from core.wire import ShortText

LONGEST_DAYS = 366
Scope = Literal["read", "write", "staff"]


class TokenIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A token to be made. `read` is always among what it may do."""

    label: ShortText
    """For herself: which program it is for."""
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=3)]
    """`write`: to change what the person may change. `staff`: to use her staff roles, too."""
    days: Annotated[int, Meta(ge=1, le=LONGEST_DAYS)] = 90
    """How long it holds."""


class TokenOut(Struct, kw_only=True):
    """A token, without its secret, which nobody knows any more."""

    id: UUID
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    """Give or take five minutes."""
    revoked_at: datetime | None
    is_live: bool
    """Opens something: neither revoked nor too old."""


class TokenMade(TokenOut, kw_only=True):
    """A new token."""

    secret: str | None
    """Shown this once. None when the same request is answered again: it is kept nowhere."""


class StaffTokenOut(TokenOut, kw_only=True):
    """A token as administrators see it."""

    person_id: UUID
    person: str
    """Whom it acts for."""
