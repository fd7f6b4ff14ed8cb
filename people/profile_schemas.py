"""What goes over the wire of a person's own profile."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from core.wire import NO_NUL, Code, ShortText
from people.contact import Notice

Written = Annotated[str, Meta(max_length=254, pattern=NO_NUL)]


class ProfileOut(Struct, kw_only=True):
    """A person as this municipality knows her, told to herself."""

    id: UUID
    name: str
    """Empty until she has told it."""
    email: str | None
    phone: str | None
    """E.164."""
    postcode: str | None
    language: str | None
    """Of letters, and of pages where the browser says nothing else."""
    notices: list[str]
    customer_group: str
    created_at: datetime
    version: int


class ProfilePatch(Struct, kw_only=True, forbid_unknown_fields=True):
    """Only what is given changes; null empties."""

    name: ShortText | UnsetType = UNSET
    email: Written | UnsetType | None = UNSET
    phone: Written | UnsetType | None = UNSET
    """A number without a country is Norwegian."""
    postcode: Written | UnsetType | None = UNSET
    language: Code | UnsetType | None = UNSET
    notices: Annotated[list[Notice], Meta(max_length=10)] | UnsetType = UNSET
