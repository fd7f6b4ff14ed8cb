"""A stand-in for Enhetsregisteret: a real HTTP server on this machine that says what it is told to."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

CLUB = "974760673"
"""A number that fits; whose it is does not matter here."""
OTHER = "889640782"


def entry(number: str = CLUB, **more: Any) -> dict[str, Any]:
    """As the register writes it, with a little of what we do not read."""
    return {
        "organisasjonsnummer": number,
        "navn": "SOLVIK IDRETTSLAG",
        "organisasjonsform": {"kode": "FLI", "beskrivelse": "Forening/lag/innretning", "_links": {}},
        "postadresse": {"adresse": ["Postboks 1"], "postnummer": "4001", "poststed": "STAVANGER"},
        "forretningsadresse": {
            "land": "Norge",
            "landkode": "NO",
            "postnummer": "4070",
            "poststed": "RANDABERG",
            "adresse": ["c/o Kari", "Skoleveien 3"],
            "kommune": "RANDABERG",
            "kommunenummer": "1127",
        },
        "registrertIFrivillighetsregisteret": True,
        "konkurs": False,
        "underAvvikling": False,
        "underTvangsavviklingEllerTvangsopplosning": False,
        "naeringskode1": {"kode": "93.120", "beskrivelse": "Idrettslag og -klubber"},
        **more,
    }


class Register:
    """`says` is the whole answer to every request; `pause` how long it waits before."""

    def __init__(self) -> None:
        self.says = b""
        self.pause = 0.0
        self.asked: list[str] = []
        self.url = ""

    def tell(self, body: Any, status: str = "200 OK", headers: str = "") -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        self.says = head.encode() + content

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(request.split(b" ")[1].decode())
        await asyncio.sleep(self.pause)
        try:
            writer.write(self.says)
            await writer.drain()
        except ConnectionError:
            pass  # whoever asked has gone
        writer.close()


@asynccontextmanager
async def open_register() -> AsyncGenerator[Register]:
    """Answers with the entry of CLUB until told otherwise."""
    register = Register()
    register.tell(entry())
    server = await asyncio.start_server(register.answer, "127.0.0.1", 0)
    register.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    try:
        yield register
    finally:
        server.close()
        await server.wait_closed()
