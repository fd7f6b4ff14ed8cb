"""A partner's server on the loopback: it takes what comes, and answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Got:
    """A request as it came."""

    def __init__(self, head: str, body: bytes) -> None:
        first, *lines = head.split("\r\n")
        self.method, self.path, _ = first.split(" ", 2)
        pairs = (line.partition(": ") for line in lines if line)
        self.headers = {name.lower(): value for name, _, value in pairs}
        self.body = body

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)


class Partner:
    """Answers each request with the next of `says`, the last for ever; `got` are the requests."""

    def __init__(self, *says: Answer) -> None:
        self.says, self.got, self.port = list(says), list[Got](), 0
        self.arrived = asyncio.Event()
        self.serving = set[asyncio.Task[None]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=hemmelig"

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.partition(":")[2])
                for line in head.lower().split("\r\n")
                if line.startswith("content-length")
            )
            self.got.append(Got(head, await reader.readexactly(length)))
            self.arrived.set()
            await (self.says.pop(0) if len(self.says) > 1 else self.says[0])(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()  # whoever asked is gone: killed, or tired of waiting


@asynccontextmanager
async def listening(*says: Answer) -> AsyncGenerator[Partner, None]:
    """A partner that answers so; 204 when nothing is said."""
    partner = Partner(*(says or [status(204)]))
    server = await asyncio.start_server(partner.accept, "127.0.0.1", 0)
    partner.port = server.sockets[0].getsockname()[1]
    try:
        yield partner
    finally:
        server.close()
        await asyncio.gather(*partner.serving)


def status(code: int, body: bytes = b"", *headers: str) -> Answer:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Says nothing until the other side goes."""
    await reader.read()


async def break_off(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """In the middle of the answer."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()


async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ten million bytes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x" * 10_000)
        await writer.drain()
