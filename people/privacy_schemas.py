"""What goes over the wire of privacy: what we hold, erasing it, who has read it, how long it is kept."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from core.wire import Code


class HoldingOut(Struct, kw_only=True):
    """Rows of one kind."""

    kind: str
    title: str
    """In the reader's language."""
    rows: list[dict[str, Any]]
    """Column → value; files are in base64."""


class DataOut(Struct, kw_only=True):
    """Everything that a municipality holds about a person."""

    municipality: str
    person_id: UUID
    notes: list[str]
    holdings: list[HoldingOut]


class EffectOut(Struct, kw_only=True):
    """One line of what erasing comes to."""

    kind: str
    what: str
    count: int
    fate: Literal["erased", "kept", "in_the_way"]
    why: str | None
    """The law that keeps it, or what must be done first."""


class ErasureOut(Struct, kw_only=True):
    """What erasing a person would come to, or came to."""

    is_possible: bool
    """Nothing is in the way."""
    effects: list[EffectOut]


class ReadOut(Struct, kw_only=True):
    """That somebody of staff read about a person: once an hour for each kind of page."""

    what: str
    """Kind of page: `person`, `application`, `queue`, `booking`, `calendar` …"""
    at: datetime
    reader: str
    roles: list[str]
    """Those she held then."""


class RuleIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """How long a kind is kept here."""

    kind: Code
    days: Annotated[int, Meta(ge=1, le=36_500)]


class RetentionIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """All that differs here from what the program proposes; what is not named follows the proposal."""

    rules: Annotated[list[RuleIn], Meta(max_length=100)]


class RetentionOut(Struct, kw_only=True):
    """How long a kind of data is kept."""

    kind: str
    title: str
    reason: str
    days: int
    """What holds here."""
    proposed: int
    least: int
    """What the law asks for at least."""
