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

    def get(self, path: str, *, tag: str = "") -> bytes:
        """The request, ready to be sent. `tag`: of what the client has already."""
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        return f"GET {path} HTTP/1.1\r\n{self._common}{known}\r\n".encode()

    def post(self, path: str, body: Any) -> bytes:
        content = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.1\r\n{self._common}Content-Type: application/json\r\n"
        return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        status, _, body = await self.hear(request)
        return status, body

    async def hear(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, headers in small letters, and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(header(head, b"content-length") or 0)
        return int(head[9:12]), head, await reader.readexactly(length)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()
            self._streams = None


def header(head: bytes, name: bytes) -> bytes:
    """Of headers in small letters; empty where it is not among them."""
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r")[0].strip() if found else b""
