"""A case to test with: who applied, who decides, and what both can ask over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from core.spans import Span
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
LATE = make.at(TUESDAY, 20)


@dataclass(frozen=True)
class Case:
    """An application of Kari's for the whole hall, which an officer decides."""

    town: Town
    hall: make.Hall
    kari: str
    officer: str
    asked: dict[str, Any]

    @property
    def id(self) -> str:
        return self.asked["id"]

    @property
    def path(self) -> str:
        return f"/applications/{self.id}"

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.asked["bookings"]]

    async def decide(self, *bookings: dict[str, Any], by: str | None = None, **more: Any) -> httpx.Response:
        return await self.town.post(
            f"{self.path}/decide", by or self.officer, {"bookings": list(bookings), **more}
        )

    async def offer(self, span: Span, booking_id: str | None = None, **more: Any) -> httpx.Response:
        offer = {"start": make.iso(span.start), "end": make.iso(span.end), **more}
        return await self.decide({"id": booking_id or self.ids[0], "offer": offer})

    async def offer_id(self) -> str:
        """Of the last one made."""
        async with self.town.database.transaction(self.town.tenant.id) as db:
            return str(await db.scalar(text("SELECT id FROM offer ORDER BY made_at DESC, id DESC LIMIT 1")))

    async def accept(self, offer_id: str) -> httpx.Response:
        return await self.town.post(f"{self.path}/accept-offer", self.kari, {"offer_id": offer_id})

    async def write(self, token: str, words: str, kind: str = "message") -> httpx.Response:
        return await self.town.post(f"{self.path}/messages", token, {"text": words, "kind": kind})

    async def decisions(self, token: str | None = None) -> list[dict[str, Any]]:
        return (await self.town.get(f"{self.path}/decisions", token or self.kari))["items"]

    async def states(self) -> list[tuple[str, str]]:
        found = await self.town.get(self.path, self.kari)
        return sorted((each["start"][11:16], each["state"]) for each in found["bookings"])

    async def page(self, path: str, token: str) -> httpx.Response:
        url = f"/{self.town.tenant.slug}{path}"
        return await self.town.http.get(url, headers=make.bearer(token))

    async def send(self, path: str, token: str, **fields: str) -> httpx.Response:
        url = f"/{self.town.tenant.slug}{path}"
        return await self.town.http.post(
            url, data=fields, headers={**make.bearer(token), "Sec-Fetch-Site": "same-origin"}
        )


async def a_case(town: Town, *spans: Span, **columns: Any) -> Case:
    """One time in the evening unless said otherwise; a vedtak with columns `decision_kind`."""
    hall = await town.hall(**{"decision": "case_officer", **columns})
    kari, officer = (
        await town.person(name="Kari Nordmann"),
        await town.person("case_officer", name="Ola Berg"),
    )
    wishes = [make.wish(hall.whole, span) for span in spans or (EVENING,)]
    answer = await town.apply(kari, *wishes)
    assert answer.status_code == 201, answer.text
    return Case(town, hall, kari, officer, answer.json())


async def set_case(case: Case, **columns: Any) -> None:
    """Columns of the application, without asking whether that is wise."""
    settings = ", ".join(f"{name} = :{name}" for name in columns)
    async with case.town.database.transaction(case.town.tenant.id) as db:
        await db.execute(
            text(f"UPDATE application SET {settings} WHERE id = :id"), {**columns, "id": UUID(case.id)}
        )


async def column_of(case: Case, name: str) -> Any:
    async with case.town.database.transaction(case.town.tenant.id) as db:
        return await db.scalar(text(f"SELECT {name} FROM application WHERE id = :id"), {"id": UUID(case.id)})
