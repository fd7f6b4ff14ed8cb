"""A door lock on the loopback: it keeps what it is told, and can be slow, down, doubled and forgetful."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

SECRET = "lock-secret-0123"


class FakeLock:
    """`codes`: id → body of those it knows; `said`: (method, id) of all it was told, in order."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.said: list[tuple[str, str]] = []
        self.says: list[int] = []
        """Statuses instead of doing as told, one for each request that comes."""
        self.hangs_up = False
        """After it has done as told, before it says so."""
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.has_done = asyncio.Event()
        self.port = 0
        self.serving = set[asyncio.Task[None]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/lock/1"

    def forget(self) -> None:
        """The power was gone."""
        self.codes.clear()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked is gone: killed, or tired of waiting
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        place, _, code_id = path.rpartition("/")
        assert place == "/lock/1/codes"
        self.said.append((method, code_id))
        status = self._do(method, code_id, body, headers)
        self.has_done.set()
        await self.may_answer.wait()
        if not self.hangs_up:
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

    def _do(self, method: str, code_id: str, body: bytes, headers: dict[str, str]) -> int:
        if headers.get("authorization") != f"Bearer {SECRET}":
            return 401
        if self.says:
            return self.says.pop(0)
        if method == "PUT":
            self.codes[code_id] = json.loads(body)
            return 204
        return 204 if self.codes.pop(code_id, None) else 404


@asynccontextmanager
async def fake_lock() -> AsyncGenerator[FakeLock, None]:
    lock = FakeLock()
    server = await asyncio.start_server(lock.accept, "127.0.0.1", 0)
    lock.port = server.sockets[0].getsockname()[1]
    try:
        yield lock
    finally:
        server.close()
        lock.may_answer.set()
        await asyncio.gather(*lock.serving)
