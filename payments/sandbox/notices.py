"""What the stand-in tells of: events, signed and sent to an address until it answers, and how that can go wrong.

https://docs.stripe.com/webhooks: sent at least once, in no order, again for up to three days while the answer is not
2xx, and each time with a signature of that moment (https://docs.stripe.com/webhooks/signature).
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from typing import Final

import httpx
import msgspec

from payments.sandbox.books import PLATFORM, Books, shown
from payments.sandbox.wire import Json

logger = logging.getLogger("ledig.sandbox")
ATTEMPTS: Final = 12
LONGEST_PAUSE: Final = 60.0


class Manner(msgspec.Struct):
    """How notices are sent from now on."""

    copies: int = 1
    """How often each is sent."""
    held: bool = False
    """Kept until they are let go."""
    backwards: bool = False
    """Of those that were held, the last goes first."""
    late_seconds: float = 0.0
    first_pause: float = 1.0
    """After the first failure; doubled after each further one."""


class Notices:
    """Sends what happens to one address."""

    def __init__(self, books: Books, url: str | None, secret: str) -> None:
        self.books, self.url, self.secret = books, url, secret
        self.manner = Manner()
        self.held: list[bytes] = []
        self.sent: list[tuple[str, int]] = []
        """Kind and the answer's status (0: none) of every attempt."""
        self._sending = set[asyncio.Task[None]]()

    def tell(self, account: str, kind: str, about: Json) -> None:
        """An event is there to be listed whether or not anybody is told: https://docs.stripe.com/api/events"""
        event = self.books.add(account, "evt", "event", type=kind, data={"object": shown(about)})
        event["api_version"] = "2026-10-28.endive"
        if account != PLATFORM:
            event["account"] = account
        if self.url is None:
            return
        body = json.dumps(shown(event)).encode()
        if self.manner.held:
            self.held.append(body)
        else:
            self._send(body)

    def release(self) -> None:
        """All that was held."""
        held, self.held = self.held, []
        for body in reversed(held) if self.manner.backwards else held:
            self._send(body)

    def _send(self, body: bytes) -> None:
        for _ in range(self.manner.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def settled(self) -> None:
        """When nothing is on its way any more."""
        while self._sending:
            await asyncio.gather(*self._sending)

    async def stop(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _deliver(self, body: bytes) -> None:
        assert self.url is not None, "there is somebody to tell"
        kind = json.loads(body)["type"]
        await asyncio.sleep(self.manner.late_seconds)
        pause = self.manner.first_pause
        async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
            for _ in range(ATTEMPTS):
                try:
                    headers = signed(body, self.secret, self.books.now())
                    answer = await client.post(self.url, content=body, headers=headers)
                    status = answer.status_code
                except httpx.HTTPError:
                    status = 0
                self.sent.append((kind, status))
                if 200 <= status < 300:
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        logger.warning("%s was given up", kind)


def signed(body: bytes, secret: str, at: int) -> Mapping[str, str]:
    """Headers of a notice: `t=…,v1=…`, HMAC-SHA256 of time, a dot and body."""
    seal = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={seal}"}
