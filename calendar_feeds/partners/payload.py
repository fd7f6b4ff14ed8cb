"""What a webhook is told, as JSON: ids, states and times. Nothing in it is about a person. Pure."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from calendar_feeds.partners.kinds import TEST


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """How the booking or closure stands when this is sent, which may be later than the change."""

    version: int
    state: str
    resource_id: UUID | None
    start: datetime
    end: datetime


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the log, and what it is of as that stands now."""

    id: UUID
    """Of the booking or closure."""
    version: int
    state: str
    resource_id: UUID
    at: datetime
    now: Now | None
    """None: it is gone."""


def body_of(kind: str, told: Told, zone: ZoneInfo) -> bytes:
    """`{type, timestamp, data}`, as Standard Webhooks proposes."""
    now = told.now
    data: dict[str, Any] = {
        "id": told.id,
        "version": told.version,
        "state": told.state,
        "resource_id": told.resource_id,
        "now": None
        if now is None
        else {
            "version": now.version,
            "state": now.state,
            "resource_id": now.resource_id,
            "start": now.start.astimezone(zone),
            "end": now.end.astimezone(zone),
        },
    }
    return msgspec.json.encode({"type": kind, "timestamp": told.at.astimezone(zone), "data": data})


def test_body(webhook_id: UUID, at: datetime, zone: ZoneInfo) -> bytes:
    """Of what is sent to try whether it arrives."""
    data = {"webhook_id": webhook_id}
    return msgspec.json.encode({"type": TEST, "timestamp": at.astimezone(zone), "data": data})


def message_id(delivery_id: UUID) -> str:
    """`webhook-id`: the same at every attempt, and when it is told again."""
    return f"msg_{delivery_id.hex}"
