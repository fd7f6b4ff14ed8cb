"""A program that asks as CalDAV has it, and reads what it is told."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET  # what we answer ourselves is read

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.models import Feed
from core.ids import new_id
from core.spans import utc_now
from tests import make
from tests.booking.conftest import Town

D = "{DAV:}"
C = "{urn:ietf:params:xml:ns:caldav}"
NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/" '
    'xmlns:a="http://apple.com/ns/ical/"'
)


@dataclass(frozen=True)
class Said:
    """What is told of one address."""

    status: int | None
    """Of the address itself; None when its properties are told."""
    props: Mapping[str, ET.Element]
    missing: frozenset[str]

    def text(self, name: str) -> str:
        return self.props[name].text or ""


@dataclass(frozen=True)
class Told:
    """A multistatus."""

    by_href: Mapping[str, Said]
    token: str

    @property
    def etags(self) -> dict[str, str]:
        """Of the objects."""
        return {
            href: said.text(f"{D}getetag")
            for href, said in self.by_href.items()
            if href.endswith(".ics") and f"{D}getetag" in said.props
        }

    @property
    def gone(self) -> set[str]:
        return {href for href, said in self.by_href.items() if said.status == 404}

    @property
    def is_cut(self) -> bool:
        return any(said.status == 507 for said in self.by_href.values())


@dataclass(frozen=True)
class Program:
    """One that keeps an address."""

    http: httpx.AsyncClient
    home: str
    headers: Mapping[str, str]

    @property
    def calendar(self) -> str:
        return f"{self.home}calendar/"

    async def ask(
        self, method: str, path: str | None = None, body: str | bytes = "", *, depth: str | None = None
    ) -> httpx.Response:
        headers = {**self.headers, **({} if depth is None else {"Depth": depth})}
        content = body.encode() if isinstance(body, str) else body
        return await self.http.request(method, path or self.calendar, content=content, headers=headers)

    async def find(self, props: str, path: str | None = None, *, depth: str = "0") -> Told:
        body = f"<d:propfind {NAMESPACES}><d:prop>{props}</d:prop></d:propfind>"
        return told(await self.ask("PROPFIND", path, body, depth=depth))

    async def query(self, filters: str = "", props: str = "<d:getetag/><c:calendar-data/>") -> Told:
        inner = f'<c:comp-filter name="VEVENT">{filters}</c:comp-filter>'
        body = (
            f"<c:calendar-query {NAMESPACES}><d:prop>{props}</d:prop><c:filter>"
            f'<c:comp-filter name="VCALENDAR">{inner}</c:comp-filter></c:filter></c:calendar-query>'
        )
        return told(await self.ask("REPORT", body=body, depth="1"))

    async def fetch(self, *hrefs: str) -> Told:
        asked = "".join(f"<d:href>{href}</d:href>" for href in hrefs)
        body = (
            f"<c:calendar-multiget {NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>{asked}"
            "</c:calendar-multiget>"
        )
        return told(await self.ask("REPORT", body=body))

    async def sync(self, token: str = "", *, limit: int | None = None) -> httpx.Response:
        most = "" if limit is None else f"<d:limit><d:nresults>{limit}</d:nresults></d:limit>"
        body = (
            f"<d:sync-collection {NAMESPACES}><d:sync-token>{token}</d:sync-token>"
            f"<d:sync-level>1</d:sync-level>{most}<d:prop><d:getetag/></d:prop></d:sync-collection>"
        )
        return await self.ask("REPORT", body=body)


def told(answer: httpx.Response) -> Told:
    assert answer.status_code == 207, (answer.status_code, answer.text)
    root = ET.fromstring(answer.content)
    assert root.tag == f"{D}multistatus"
    return Told(
        {_href(each): _said(each) for each in root.findall(f"{D}response")},
        root.findtext(f"{D}sync-token", ""),
    )


def _href(response: ET.Element) -> str:
    (href,) = response.findall(f"{D}href")
    assert href.text
    return href.text


def _said(response: ET.Element) -> Said:
    status = response.findtext(f"{D}status")
    props: dict[str, ET.Element] = {}
    missing: set[str] = set()
    for propstat in response.findall(f"{D}propstat"):
        (prop,) = propstat.findall(f"{D}prop")
        if " 200 " in propstat.findtext(f"{D}status", ""):
            props.update({each.tag: each for each in prop})
        else:
            missing |= {each.tag for each in prop}
    return Said(int(status.split()[1]) if status else None, props, frozenset(missing))


def condition_of(answer: httpx.Response) -> str:
    """What a refusal of WebDAV's own says."""
    root = ET.fromstring(answer.content)
    assert root.tag == f"{D}error"
    (condition,) = root
    return condition.tag


@dataclass(frozen=True)
class Address:
    """A secret feed."""

    id: UUID
    told: str
    """`<slug>.<secret>`."""

    @property
    def home(self) -> str:
        return f"/caldav/t/{self.told}/"


async def address(
    town: Town, person_id: UUID, kind: str = "person", thing_id: UUID | None = None, variant: str = "full"
) -> Address:
    """One that the person made."""
    secret = secrets.token_urlsafe(16)
    row_id = new_id()

    async def add(db: AsyncSession) -> None:
        db.add(
            Feed(
                id=row_id,
                person_id=person_id,
                kind=kind,
                thing_id=thing_id,
                variant=variant,
                label="Telefon",
                hash=sha256(secret.encode()).digest(),
                created_at=utc_now(),
            )
        )

    await town.have(add)
    return Address(row_id, f"{town.tenant.slug}.{secret}")


async def program(town: Town, *args: Any, **more: Any) -> Program:
    """That has a new address, as `address` makes it."""
    return Program(town.http, (await address(town, *args, **more)).home, {})


async def booked(town: Town) -> tuple[UUID, str, UUID, str]:
    """A person, her token, a part of a hall, and her booking there on the evening of a Tuesday."""
    hall = await town.hall()
    kari, token = await town.have(make.person)
    evening = make.at(make.next_weekday(2), 18)
    return kari, token, hall.parts[0], await town.booked(token, hall.parts[0], evening, title="Trening")
