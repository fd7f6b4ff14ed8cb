"""Text messages go out: one call each to the HTTP gateway in LEDIG_SMS_URL."""

import asyncio
import base64
from datetime import datetime
from urllib.parse import unquote, urlsplit

import httpx
from sqlalchemy import select, update

from core.delivery import Door
from core.logs import masked
from core.sms import TextMessageWritten
from core.sms_models import TextMessage
from core.tasks import outside

PATIENCE_SECONDS = 20.0
"""For the whole answer."""


class NotTaken(Exception):
    """The gateway answered something else than yes; tried again later."""


@outside(TextMessageWritten)
async def send_text_message(transaction: Door, message: TextMessageWritten, now: datetime) -> None:
    """Once, unless the program dies between the gateway's yes and the note of it: then the reference is the same, by
    which gateways know a message again. Without a gateway the message is kept, and not sent.
    """
    async with transaction() as db:
        row = await db.scalar(select(TextMessage).where(TextMessage.id == message.text_message_id))
    if row is None or row.sent_at is not None or transaction.settings.sms_url is None:
        return
    await deliver_sms(transaction.settings.sms_url, row)
    async with transaction() as db:
        kept = {"sent_at": now, "text": masked(row.text)}
        await db.execute(update(TextMessage).where(TextMessage.id == row.id).values(kept))


async def deliver_sms(url: str, row: TextMessage) -> None:
    """To the gateway at the URL; what stands before the @ in it goes into a header and nowhere else.

    Raises NotTaken, httpx's errors and TimeoutError; none tells whom the message was to. No redirect is followed.
    """
    address, headers = gateway(url)
    body = {"to": row.number, "text": row.text, "reference": str(row.id)}
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False) as client,
        client.stream(
            "POST", address, json=body, headers={**headers, "Idempotency-Key": str(row.id)}
        ) as answer,
    ):
        if not answer.is_success:
            raise NotTaken(f"the gateway answered {answer.status_code}")


def gateway(url: str) -> tuple[str, dict[str, str]]:
    """The address without its secret, and the header that bears it: `token@` as Bearer, `name:password@` as Basic."""
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return address, {}
    if parts.password is None:
        return address, {"Authorization": f"Bearer {unquote(parts.username)}"}
    pair = f"{unquote(parts.username)}:{unquote(parts.password)}".encode()
    return address, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
