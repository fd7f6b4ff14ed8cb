"""A municipality of the test's own behind the whole program, and what must be true of it afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.spans import Span
from core.tenants import Directory, Tenant
from tests import make
from tests.booking import invariants


@dataclass(frozen=True)
class Town:
    """The program as its clients see it, in one municipality. Who asks is said by her token."""

    http: httpx.AsyncClient
    database: Database
    tenant: Tenant

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> httpx.Response:
        return await self.http.request(
            method,
            f"/api/{self.tenant.slug}{path}",
            json=body,
            params=query or None,
            headers={**(make.bearer(token) if token else {}), **(headers or {})},
        )

    async def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        """What is answered, which must be a 200."""
        answer = await self.ask("GET", path, token, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self, path: str, token: str | None, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self.ask("POST", path, token, body=body, headers=headers)

    async def apply(self, token: str | None, *wishes: dict[str, Any], **more: Any) -> httpx.Response:
        return await self.post("/applications", token, make.application(*wishes, **more))

    async def book(self, token: str, resource_id: UUID, span: Span, **more: Any) -> dict[str, Any]:
        """The application, which must be accepted."""
        answer = await self.apply(token, make.wish(resource_id, span), **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def booked(self, token: str, resource_id: UUID, span: Span, **more: Any) -> str:
        """The id of its one booking."""
        (booking,) = (await self.book(token, resource_id, span, **more))["bookings"]
        return booking["id"]

    async def move(
        self,
        token: str,
        booking_id: str,
        span: Span,
        resource_id: UUID | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        body = {"start": make.iso(span.start), "end": make.iso(span.end), **more}
        if resource_id is not None:
            body["resource_id"] = str(resource_id)
        return await self.post(f"/bookings/{booking_id}/move", token, body, headers)

    async def decide(
        self,
        token: str,
        application: dict[str, Any],
        *,
        approve: bool = True,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        word = "approve" if approve else "reject"
        body = {"bookings": [{"id": each["id"], word: True} for each in application["bookings"]], **more}
        return await self.post(f"/applications/{application['id']}/decide", token, body, headers)

    async def close(self, token: str, span: Span, **place_and_more: Any) -> httpx.Response:
        body = {"start": make.iso(span.start), "end": make.iso(span.end), "reason": "Vask", **place_and_more}
        return await self.post("/closures", token, body)

    async def free(self, resource_id: UUID, span: Span, token: str | None = None) -> list[Span]:
        found = await self.get(
            f"/resources/{resource_id}/free",
            token,
            **{"from": make.iso(span.start), "to": make.iso(span.end)},
        )
        return [make.span_of(each) for each in found["free"]]

    async def have(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """Rows made in a transaction of their own."""
        async with self.database.transaction(self.tenant.id) as db:
            return await work(db)

    async def hall(self, **columns: Any) -> make.Hall:
        return await self.have(lambda db: make.hall(db, **columns))

    async def person(self, role: str | None = None, **more: Any) -> str:
        """Her token."""
        return (await self.have(lambda db: make.person(db, role=role, **more)))[1]

    async def people(self, number: int) -> list[str]:
        async def work(db: AsyncSession) -> list[str]:
            return [(await make.person(db))[1] for _ in range(number)]

        return await self.have(work)

    async def state(self, booking_id: str) -> str:
        async with self.database.transaction(self.tenant.id) as db:
            row = await make.booking_row(db, UUID(booking_id))
        return row.state


@pytest.fixture
async def town(
    app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> AsyncIterator[Town]:
    """What a test leaves behind in it is looked through for everything that must never be."""
    app.state.directory = Directory(
        app.state.database
    )  # it asks for an unknown municipality once a second only
    yield Town(http, database, tenant)
    await invariants.check(database, tenant.id)
