"""The least that sending a calendar can take: a server that has its bytes in memory, and sends them to whoever asks."""

import os
from pathlib import Path
from typing import Any

FILE = "LEDIG_BENCH_FILE"
"""What it sends."""


def app() -> Any:
    """As granian loads it, in the place of the program."""
    body = Path(os.environ[FILE]).read_bytes()
    headers = [
        (b"content-type", b"text/calendar; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]

    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer
