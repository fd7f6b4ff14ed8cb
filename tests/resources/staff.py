"""A municipality's places over JSON, as one of its people."""

from typing import Any

import httpx

from tests import make

HALL = {"key": "hallen", "name": "Hallen", "town": "Sandnes", "accessibility": ["step_free"]}


class Staff:
    """A municipality's JSON API with the token of one of its people."""

    def __init__(self, http: httpx.AsyncClient, slug: str, token: str | None) -> None:
        self.http, self.slug = http, slug
        self.headers = make.bearer(token) if token else {}

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.request(
            method, f"/api/{self.slug}{path}", json=body, headers=self.headers | headers
        )

    async def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()


async def hall(staff: Staff, **more: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    facility = await staff.made("/facilities", HALL)
    unit = await staff.made(f"/facilities/{facility['id']}/units", {"key": "a", "name": "Del A"})
    body = {"facility_id": facility["id"], "units": [unit["id"]], "key": "sal", "name": "Sal", "kind": "gym"}
    return facility, unit, await staff.made("/resources", body | more)
