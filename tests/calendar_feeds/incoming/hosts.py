"""A host of calendars on this machine, as bad as hosts are: slow, gone, lying, sending elsewhere."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from calendar_feeds.incoming.occurrence import Occurrence


@dataclass
class Host:
    """Answers every request with what it was told to."""

    port: int = 0
    answer: bytes = b""
    answers: Callable[[dict[str, str]], bytes] | None = None
    """From the request's headers, instead of `answer`."""
    waits: asyncio.Event | None = None
    """Nothing is answered before this is set."""
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """The headers of each request, names in small letters; `path` is the path."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hemmelig/kalender.ics"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        self.asked.append({**headers, "path": first.split(" ")[1]})
        if self.waits is not None:
            await self.waits.wait()
        writer.write(self.answers(headers) if self.answers is not None else self.answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def host() -> AsyncGenerator[Host, None]:
    """One that answers nothing yet."""
    made = Host()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def http(body: bytes | str, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer."""
    content = body.encode() if isinstance(body, str) else body
    told = {"Content-Type": "text/calendar", "Content-Length": str(len(content)), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


def ics(occurrences: Iterable[Occurrence], *extra: str) -> str:
    """A calendar that says just these."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//skole//nb", *extra]
    for each in occurrences:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.key}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{each.starts_at:%Y%m%dT%H%M%SZ}",
            f"DTEND:{each.ends_at:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{each.summary}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


SIGN_IN = "<!doctype html><html><head><title>Logg inn</title></head><body><form></form></body></html>"
