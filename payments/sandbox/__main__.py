"""`python -m payments.sandbox`: the stand-in as a program of its own, until it is told to stop."""

import argparse
import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core import logs
from payments.sandbox.program import KEY, serving

REAL: Final = re.compile(r"[sr]k_(?:live|test)_\w+")


def real_key_in(environ: Mapping[str, str]) -> str | None:
    """The variable that holds a key of Stripe's: beside one of these nothing shall pretend to be Stripe."""
    for name, value in sorted(environ.items()):
        if any(found != KEY for found in REAL.findall(value)):
            return name
    return None


def main() -> None:
    made = argparse.ArgumentParser(prog="payments.sandbox", description=__doc__)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=0, help="0: one that is free, which is printed")
    made.add_argument("--notices", help="where its notices go: http://127.0.0.1:8000/webhooks/stripe")
    made.add_argument("--file", type=Path, help="where it keeps what it knows")
    made.add_argument("--account", action="append", default=[], help="acct_…: connected and active")
    options = made.parse_args()
    name = real_key_in(os.environ)
    if name is not None:
        sys.exit(f"payments.sandbox: {name} holds a key of Stripe's; it does not start beside one")
    logs.tell("warning")
    secret = os.environ.get("LEDIG_STRIPE_SECRETS", "").partition(",")[0].strip()
    asyncio.run(_serve(options, secret))


async def _serve(options: argparse.Namespace, secret: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(
        host=options.host,
        port=options.port,
        notices_url=options.notices,
        secret=secret,
        file=options.file,
        accounts=tuple(options.account),
    ) as sandbox:
        print(sandbox.url, flush=True)  # noqa: T201  # whoever starts it reads where it is
        await stop.wait()


if __name__ == "__main__":
    main()
