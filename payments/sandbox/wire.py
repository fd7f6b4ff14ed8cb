"""HTTP of the stand-in: requests read, answers written, and forms as Stripe's library sends them."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import h11

MOST_BYTES: Final = 1_000_000
PART: Final = re.compile(r"\[([^\]]*)\]")
Json = dict[str, Any]


class HangUp(Exception):
    """The connection is closed instead of an answer."""


class Request:
    """A request as it came."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        address = urlsplit(target)
        self.method, self.path, self.headers, self.body = method, address.path, headers, body
        self.query = nested(address.query)

    @property
    def form(self) -> Json:
        return nested(self.body.decode())


class Answer:
    """What goes back."""

    def __init__(
        self, status: int, body: bytes, media_type: str = "application/json", **headers: str
    ) -> None:
        self.status, self.body = status, body
        self.headers = {"content-type": media_type, "content-length": str(len(body)), **headers}


def told(status: int, said: Any) -> Answer:
    return Answer(status, json.dumps(said).encode())


def page(html: str, status: int = 200) -> Answer:
    return Answer(status, html.encode(), "text/html; charset=utf-8", **{"referrer-policy": "no-referrer"})


def sent_to(url: str) -> Answer:
    return Answer(303, b"", location=url)


def nested(encoded: str) -> Json:
    """`a[b][0][c]=v` as dictionaries; lists stay dictionaries by number: https://docs.stripe.com/api"""
    found: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, _, _ = name.partition("[")
        at: Json = found
        keys = [head, *PART.findall(name)]
        for key in keys[:-1]:
            at = at.setdefault(key, {})
        at[keys[-1] or str(len(at))] = value
    return found


def listed(value: Json | None) -> list[Any]:
    """A list as `nested` leaves it."""
    return list((value or {}).values())


Handle = Callable[[Request], Awaitable[Answer]]


@asynccontextmanager
async def listening(handle: Handle, host: str, port: int) -> AsyncGenerator[int, None]:
    """Answers on that port (0: one that is free), which is told."""
    serving = set[asyncio.Task[None]]()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve(handle, reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _serve(handle: Handle, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, request after request."""
    connection = h11.Connection(h11.SERVER)
    try:
        while await _answer_one(handle, connection, reader, writer):
            connection.start_next_cycle()
    except (ConnectionError, h11.RemoteProtocolError, HangUp):
        pass  # whoever asked is gone, or is to think that we are
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _answer_one(
    handle: Handle, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Whether another may follow."""
    request = await _read(connection, reader)
    if request is None:
        return False
    answer = await handle(request)
    headers = [(name.replace("_", "-"), value) for name, value in answer.headers.items()]
    for event in (
        h11.Response(status_code=answer.status, headers=headers),
        h11.Data(data=answer.body),
        h11.EndOfMessage(),
    ):
        writer.write(connection.send(event) or b"")
    await writer.drain()
    return connection.our_state is h11.DONE and connection.their_state is h11.DONE


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MOST_BYTES:
                raise HangUp
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None
