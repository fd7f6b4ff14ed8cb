"""Where the payment provider tells what has happened: read, checked, kept, answered; worked on afterwards.

It stands before the routes, for it is no page: the signature in the head of the request is the proof, no cookie counts,
no municipality is named, and nobody is counted against a limit, for all of a provider's notices come from a handful of
addresses.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from core.asking import Asking
from core.db import Database
from core.errors import Malformed
from core.spans import utc_now
from core.texts import N_
from payments.notices import Owners, keep
from payments.provider import Declined, Provider

logger = logging.getLogger("ledig.payments")
PATH: Final = "/webhooks/stripe"
BODY_LIMIT: Final = 256_000
"""Stripe's events are some ten thousand bytes; what is longer is none."""
CONNECTIONS: Final = 4
SIGNATURE: Final = b"stripe-signature"
App = Callable[[Any, Any, Any], Awaitable[None]]
"""Of ASGI, whose types each library writes anew."""
Receive = Callable[[], Awaitable[Any]]


class WebhookDoor:
    """The application with this door before it."""

    def __init__(self, app: App, provider: Provider | None) -> None:
        """Without a provider nobody is heard."""
        self._app, self._provider = app, provider
        self._asking: Asking | None = None
        self._owners: Owners | None = None

    def open(self, database: Database) -> None:
        """From now on notices can be kept."""
        self._asking, self._owners = Asking(database.url, None, size=CONNECTIONS), Owners(database)

    async def close(self) -> None:
        if self._asking is not None:
            await self._asking.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        provider = self._provider
        if provider is None or scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        await self._hear(provider, scope, receive)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _hear(self, provider: Provider, scope: Any, receive: Receive) -> None:
        """Raises Malformed (400) for what is not signed by Stripe, or not now: nothing is written.

        All else is answered by 200, also what is of an account that is nobody's here: Stripe would send it again for
        three days, and in the end switch the whole address off, for all municipalities
        (https://docs.stripe.com/webhooks#behaviors).
        """
        assert self._asking is not None, "it was opened before anything is served"
        assert self._owners is not None, "as above"
        body, now = await _body(receive), utc_now()
        signature = [value.decode("latin-1") for name, value in scope["headers"] if name == SIGNATURE]
        headers = {SIGNATURE.decode(): signature[0]} if len(signature) == 1 else {}
        try:
            notice = provider.read_notice(body, headers, now)
        except Declined as declined:
            logger.warning("a notice was refused: %s", declined.code)
            expected = N_("a notice that is signed, and not old")
            raise Malformed(field="Stripe-Signature", expected=expected) from declined
        if not await keep(self._asking, self._owners, provider.name, notice, now):
            logger.info("a notice of kind %s is nothing for us", notice.kind)


async def _body(receive: Receive) -> bytes:
    """Raises Malformed for what is too long, without reading it to its end."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise Malformed(field="body", expected=N_("a shorter body"))
        parts.append(part)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)
