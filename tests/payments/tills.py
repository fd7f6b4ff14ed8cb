"""The sandbox on the loopback with a gateway to it, as tests use both."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import httpx

from core.ids import new_id
from payments.gateway import Stripe
from payments.provider import Shown, Wish
from payments.sandbox.program import KEY, Sandbox, serving

SECRET: Final = "whsec_sandbox_0123456789abcdef"
OLD_SECRET: Final = "whsec_sandbox_fedcba9876543210"
ACCOUNT: Final = "acct_sandnes"
OTHER: Final = "acct_sola"


class Till(NamedTuple):
    """`browser` is what she who pays has."""

    sandbox: Sandbox
    gateway: Stripe
    browser: httpx.AsyncClient

    async def press(self, url: str, **form: str) -> httpx.Response:
        """A button of a page of the sandbox's."""
        return await self.browser.post(url, data=form)


@asynccontextmanager
async def till(*, patience: float = 1.0, notices_url: str | None = None) -> AsyncGenerator[Till, None]:
    """Two accounts are connected and active."""
    async with (
        serving(notices_url=notices_url, secret=SECRET, accounts=(ACCOUNT, OTHER)) as sandbox,
        httpx.AsyncClient(timeout=10) as browser,
    ):
        gateway = Stripe(KEY, (SECRET, OLD_SECRET), sandbox.url, patience=patience)
        yield Till(sandbox, gateway, browser)
        await gateway.close()


def wish(
    now: datetime, *amounts: int, key: str | None = None, lasts: timedelta = timedelta(minutes=45)
) -> Wish:
    """Of something that costs so much."""
    order_id = new_id()
    return Wish(
        key=key or f"{order_id}:checkout:1",
        order_id=order_id,
        checkout_id=new_id(),
        municipality_id=new_id(),
        lines=[Shown("Sal A, 2 t", amount) for amount in amounts or (65_500,)],
        return_url="http://ledig.test/done?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://ledig.test/back",
        expires_at=now + lasts,
        language="nn",
        email="kari@example.no",
    )
