"""What goes over the wire of the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class AuditWish(Struct, frozen=True, kw_only=True):
    """Which entries are wanted; None: whichever."""

    person_id: UUID | None = None
    """Who did it."""
    table: str | None = None
    row_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditOut(Struct, kw_only=True):
    """Who did what to which row, and when."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    """None: the program itself, as when a hold lapses."""
    actor: str | None
    """Her name; empty for somebody who has been erased."""
    action: str
    table: str
    row_id: UUID
    change: dict[str, Any]
    """`{"column": [before, after]}`, only what changed."""
