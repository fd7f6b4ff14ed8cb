"""What does Enhetsregisteret say of an organisation number? Asked over the network, so never inside a transaction.

Source: data.brreg.no/enhetsregisteret/api/dokumentasjon. An outage is an answer too: None, and nobody waits for it.
"""

import asyncio
import logging
import re
from typing import Literal

import httpx
import msgspec

from people.addresses import one_line

log = logging.getLogger("ledig.register")

PATIENCE_SECONDS = 3.0
"""For the whole answer: a person may be waiting."""
MOST_BYTES = 200_000
"""An entry is some 3 kB."""
RegisterState = Literal["active", "dissolving", "bankrupt", "deleted", "unknown"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an entry. `state` unknown: there is none by that number; then nothing else is told."""

    number: str
    state: RegisterState
    name: str | None = None
    form: str | None = None
    address: str | None = None
    postcode: str | None = None
    town: str | None = None
    is_voluntary: bool = False


class _Form(msgspec.Struct):
    code: str | None = msgspec.field(name="kode", default=None)


class _Address(msgspec.Struct):
    lines: list[str | None] = msgspec.field(name="adresse", default=[])
    postcode: str | None = msgspec.field(name="postnummer", default=None)
    town: str | None = msgspec.field(name="poststed", default=None)


class _Told(msgspec.Struct):
    """Of the register's own words, those that are read; all others are left aside."""

    number: str = msgspec.field(name="organisasjonsnummer")
    name: str = msgspec.field(name="navn", default="")
    form: _Form | None = msgspec.field(name="organisasjonsform", default=None)
    business: _Address | None = msgspec.field(name="forretningsadresse", default=None)
    postal: _Address | None = msgspec.field(name="postadresse", default=None)
    is_voluntary: bool | None = msgspec.field(name="registrertIFrivillighetsregisteret", default=None)
    is_bankrupt: bool | None = msgspec.field(name="konkurs", default=None)
    is_dissolving: bool | None = msgspec.field(name="underAvvikling", default=None)
    is_being_dissolved: bool | None = msgspec.field(
        name="underTvangsavviklingEllerTvangsopplosning", default=None
    )
    deleted_on: str | None = msgspec.field(name="slettedato", default=None)


async def look_up(register_url: str, number: str) -> Entry | None:
    """The entry; None when the register is not asked, does not answer in time, or answers what nobody understands.

    `number` has been checked. No redirect is followed.
    """
    if not register_url:
        return None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await _ask(f"{register_url}/enheter/{number}", number)
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        TimeoutError,
        OSError,
        msgspec.DecodeError,
        ValueError,
        RecursionError,
    ) as error:
        log.warning("Enhetsregisteret did not answer for %s: %s", number, type(error).__name__)
        return None


async def _ask(url: str, number: str) -> Entry | None:
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False) as client,
        client.stream(
            "GET", url, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
        ) as answer,
    ):
        if answer.status_code == 404:
            return Entry(number=number, state="unknown")
        if answer.status_code == 410:
            return Entry(number=number, state="deleted")
        if answer.status_code != 200:
            log.warning("Enhetsregisteret answered %s for %s", answer.status_code, number)
            return None
        body = b""
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                log.warning("Enhetsregisteret answered too much for %s", number)
                return None
    return read_entry(body, number)


def read_entry(body: bytes, number: str) -> Entry:
    """The register's JSON about that very number. Raises ValidationError (a DecodeError), ValueError."""
    told = msgspec.json.decode(body, type=_Told)
    if told.number != number:
        raise ValueError("an entry of another number")
    place = told.business or told.postal or _Address()
    street = ", ".join(_line(line) for line in place.lines[:3] if line)
    is_ending = told.is_dissolving or told.is_being_dissolved
    return Entry(
        number=number,
        state="deleted"
        if told.deleted_on
        else "bankrupt"
        if told.is_bankrupt
        else "dissolving"
        if is_ending
        else "active",
        name=_line(told.name) or None,
        form=_line(told.form.code or "", 10) or None if told.form else None,
        address=_line(street) or None,
        postcode=place.postcode if re.fullmatch(r"[0-9]{4}", place.postcode or "") else None,
        town=_line(place.town or "") or None,
        is_voluntary=bool(told.is_voluntary),
    )


def _line(text: str, most: int = 200) -> str:
    """As it may be kept and shown: one line without control characters."""
    return one_line("".join(sign for sign in text if sign.isprintable() or sign.isspace()))[:most]


SMALL_WORDS = frozenset({"og", "i", "for", "av", "på", "til", "the", "of"})


def spoken(name: str) -> str:
    """The register's capitals as people write a name; short words stay as they are, for most are initials.

    A proposal to a person who corrects it: SOLVIK IL OG KFUM → Solvik IL og KFUM.
    """
    if name != name.upper():
        return name
    words = [
        word.lower()
        if word.lower() in SMALL_WORDS and place
        else word
        if len(word) <= 4
        else "-".join(part.capitalize() for part in word.split("-"))
        for place, word in enumerate(name.split())
    ]
    return " ".join(words)
