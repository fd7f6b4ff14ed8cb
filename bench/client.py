"""An HTTP client that costs next to nothing, so that what is measured is the program."""

import asyncio
from typing import Any

import msgspec


class Client:
    """One kept-alive connection; one question at a time."""

    def __init__(self, port: int, token: str | None = None, *, cookie: str | None = None) -> None:
        self._port = port
        self._common = f"Host: 127.0.0.1:{port}\r\n"
        self._common += f"Authorization: Bearer {token}\r\n" if token else ""
        self._common += f"Cookie: {cookie}\r\n" if cookie else ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def get(self, path: str) -> bytes:
        """The request, ready to be sent."""
        return f"GET {path} HTTP/1.1\r\n{self._common}\r\n".encode()

    def post(self, path: str, body: Any) -> bytes:
        content = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.1\r\n{self._common}Content-Type: application/json\r\n"
        return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.index(b"content-length:") + 15
        length = int(head[at : head.index(b"\r", at)])
        return int(head[9:12]), await reader.readexactly(length)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()
            self._streams = None
