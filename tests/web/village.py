"""A small municipality to click through: halls, a pool, a room with an officer, and the figures of the demo."""

import re
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.tenants import Tenant
from people.models import Association, Delegate, Person, RoleGrant, Team
from tests import make
from web.demo import demo_id

FIGURES = {
    "citizen": "Kari Nordmann",
    "neighbour": "Per Nabo",
    "delegate": "Anne Lagleder",
    "officer": "Ingrid Saksbehandler",
    "manager": "Olav Driftsleder",
    "admin": "Siri Administrator",
}
ROLES = {"officer": "case_officer", "manager": "facility_manager", "admin": "administrator"}
TUESDAY = make.next_weekday(2)


@dataclass(frozen=True)
class Village:
    """Ids of what is there. `room` is decided by an officer and has terms; `club_hall` is for associations."""

    tenant: Tenant
    hall: make.Hall
    room: UUID
    room_facility: UUID
    club_hall: UUID
    pool: UUID
    association: UUID

    @property
    def base(self) -> str:
        return f"/{self.tenant.slug}"

    def url(self, path: str) -> str:
        return self.base + path

    def book(self, resource_id: UUID) -> str:
        return self.url(f"/resources/{resource_id}/book")

    def person(self, part: str) -> UUID:
        return demo_id(self.tenant.slug, "person", part)


async def found(database: Database, tenant: Tenant) -> Village:
    """The rows, committed."""
    async with database.transaction(tenant.id) as db:
        await _people(db, tenant)
        hall = await make.hall(db, kind="sports_hall", activities=["handball", "volleyball"], people=200)
        house = await make.facility(db, name="Øvre samfunnshus", address="Skoleveien 3", town="Øvre")
        await make.open_daily(db, house, 8 * 60, 23 * 60)
        room = await make.resource(
            db,
            house,
            [await make.unit(db, house)],
            name="Storsalen",
            kind="assembly_hall",
            decision="case_officer",
            terms={"version": "2026-1", "nb": "Rydd etter dere.", "nn": "Rydd etter dykk.", "en": "Tidy up."},
            search_text="storsalen ovre samfunnshus",
        )
        club_hall = await make.resource(
            db,
            house,
            [await make.unit(db, house)],
            name="Klubbrommet",
            association_only=True,
            search_text="klubb",
        )
        pool, _ = await make.pool(db, min_minutes=60, interval_minutes=60, search_text="basseng svommehallen")
        association = demo_id(tenant.slug, "association", "Øvre IL")
    return Village(tenant, hall, room, house, club_hall, pool, association)


async def hamlet(database: Database, tenant: Tenant) -> Village:
    """The same people around one room with terms, which an officer decides: each kind of page is there once.

    The administrator leads the club, too: nobody sees more.
    """
    association = demo_id(tenant.slug, "association", "Øvre IL")
    async with database.transaction(tenant.id) as db:
        await _people(db, tenant)
        admin = demo_id(tenant.slug, "person", "admin")
        db.add(Delegate(person_id=admin, association_id=association, role="leader"))
        house = await make.facility(db, name="Grendehuset")
        await make.open_daily(db, house)
        unit = await make.unit(db, house)
        terms = {"version": "2026-1", "nb": "Rydd.", "nn": "Rydd.", "en": "Tidy up."}
        room = await make.resource(db, house, [unit], decision="case_officer", terms=terms)
    return Village(tenant, make.Hall(house, (unit,), room, (room,)), room, house, room, room, association)


async def _people(db: AsyncSession, tenant: Tenant) -> None:
    def row_id(part: str) -> UUID:
        return demo_id(tenant.slug, "person", part)

    db.add_all(Person(id=row_id(part), name=name) for part, name in FIGURES.items())
    association_id = demo_id(tenant.slug, "association", "Øvre IL")
    db.add(Association(id=association_id, name="Øvre IL"))
    await db.flush()
    db.add_all(RoleGrant(person_id=row_id(part), role=role) for part, role in ROLES.items())
    db.add(Delegate(person_id=row_id("delegate"), association_id=association_id, role="leader"))
    db.add(Team(association_id=association_id, name="Jenter 14"))
    await db.flush()


class Reader:
    """Somebody at a browser without JavaScript: keeps her cookies, and sees pages as text and forms."""

    def __init__(self, http: httpx.AsyncClient, village: Village, language: str = "en") -> None:
        self.http = http
        self.village = village
        self.cookies = {"language": language}

    async def get(self, path: str, **query: str) -> httpx.Response:
        return self._keep(await self.http.get(path, params=query or None, headers=self._headers()))

    async def post(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self._keep(await self.http.post(path, data=data, headers=self._headers()))

    async def sign_in(self, part: str, path: str = "") -> httpx.Response:
        """As a figure of the demo. `neighbour` cannot be chosen on the page and is not needed there."""
        return await self.post(self.village.url("/sign-in"), {"persona": part, "next": path})

    async def book(self, resource_id: UUID, **fields: str) -> httpx.Response:
        """The form, filled in with Tuesday 18 to 19 but for what is said, and sent."""
        return await self.post(self.village.book(resource_id), {**WISH, **fields})

    def _headers(self) -> dict[str, str]:
        self.http.cookies.clear()
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        self.http.cookies.clear()
        return answer


WISH = {
    "on": TUESDAY.isoformat(),
    "from_time": "18:00",
    "to_time": "19:00",
    "title": "Handball training",
    "quantity": "1",
    "if_refused": "fail",
    "action": "book",
}


def text_of(answer: httpx.Response) -> str:
    """What a page says, on one line."""
    body = re.sub(r"(?s)<head>.*?</head>|<script.*?</script>", " ", answer.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links_of(answer: httpx.Response, ending: str) -> list[str]:
    """Addresses of links that match, each once."""
    found = [unescape(href) for href in re.findall(r'href="([^"]*)"', answer.text)]
    return list(dict.fromkeys(href for href in found if re.search(ending, href)))


def field_of(answer: httpx.Response, name: str) -> str | None:
    """The value of the first input of that name."""
    for tag in re.findall(r"<input[^>]*>", answer.text):
        if f'name="{name}"' in tag:
            value = re.search(r'value="([^"]*)"', tag)
            return unescape(value[1]) if value else ""
    return None
