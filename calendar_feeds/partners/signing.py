"""How a partner knows that it was us: Standard Webhooks' signatures, symmetric. Pure.

Source: Standard Webhooks 1.0, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def secret_of(random: bytes) -> str:
    """As the partner is given it."""
    assert 24 <= len(random) <= 64, "the specification's bounds"
    return PREFIX + base64.b64encode(random).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, timestamp and body, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def headers(secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes) -> Mapping[str, str]:
    """Signed with each secret: more than one while they are rotated."""
    timestamp = int(sent_at.timestamp())
    signatures = " ".join(signature(secret, message_id, timestamp, body) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }
