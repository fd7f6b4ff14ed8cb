"""Secret addresses over HTTP: shown once, read by whoever has them, and told to nobody else."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text, update

from calendar_feeds.models import Feed
from core.errors import Gone
from core.logs import MASK, masked
from core.spans import utc_now
from core.tenants import Tenant
from people.models import Delegate, RoleGrant
from tests import make
from tests.booking.conftest import Town

EVENING = make.at(make.next_weekday(2), 18)
FACTS = ("date", "content-length")


async def subscribed(town: Town, token: str, **more: Any) -> dict[str, Any]:
    body = {"kind": "person", "variant": "full", "label": "Telefon", **more}
    answer = await town.post("/feeds", token, body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def path_of(address: str) -> str:
    return httpx.URL(address).path


def secret_of(made: dict[str, Any]) -> str:
    return path_of(made["address"]).rpartition(".ics")[0].rpartition(".")[2]


async def contents(town: Town) -> str:
    """Every row of the tables where a secret could have been left behind."""
    tables = ("feed", "audit_entry", "idempotency_key", "outbox", "outbox_done")
    async with town.database.transaction(town.tenant.id) as db:
        found: list[str] = []
        for table in tables:
            rows = await db.execute(text(f"SELECT t::text FROM {table} t"))  # names of ours
            found += rows.scalars()
            if table == "idempotency_key":
                found += (
                    await db.execute(text("SELECT encode(answer, 'escape') FROM idempotency_key"))
                ).scalars()
    return "\n".join(str(each) for each in found)


async def test_an_address_is_shown_once_and_kept_nowhere(town: Town) -> None:
    kari = await town.person()
    key = {"Idempotency-Key": "once"}
    body = {"kind": "person", "variant": "full", "label": "Telefon"}
    first = await town.post("/feeds", kari, body, key)
    again = await town.post("/feeds", kari, body, key)
    made = first.json()
    assert (first.status_code, again.status_code) == (201, 201)
    assert made["address"].endswith(f"/ical/t/{town.tenant.slug}.{secret_of(made)}.ics")
    assert len(secret_of(made)) == 22
    assert made["webcal"] == made["address"].replace("http://", "webcal://")
    assert made["caldav"] == made["address"].replace("/ical/t/", "/caldav/t/").removesuffix(".ics") + "/"
    assert again.json() == {**made, "address": None, "webcal": None, "caldav": None}

    turned = await town.post(f"/feeds/{made['id']}/rotate", kari, None, {"Idempotency-Key": "turn"})
    turned_again = await town.post(f"/feeds/{made['id']}/rotate", kari, None, {"Idempotency-Key": "turn"})
    assert turned.json()["address"] not in (None, made["address"])
    assert turned_again.json()["address"] is None

    (listed,) = (await town.get("/feeds", kari))["items"]
    assert "address" not in listed
    assert (listed["id"], listed["label"], listed["is_live"]) == (made["id"], "Telefon", True)
    left = await contents(town)
    assert made["id"] in left
    assert secret_of(made) not in left
    assert secret_of(turned.json()) not in left


async def test_the_address_reads_until_it_is_revoked_and_is_gone_then(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    await town.booked(kari, hall.whole, EVENING, title="Bursdag")
    made = await subscribed(town, kari)
    path = path_of(made["address"])
    read = await town.http.get(path)
    assert (read.status_code, "SUMMARY:Bursdag\r\n" in read.text) == (200, True)
    assert (await town.http.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304

    new = (await town.post(f"/feeds/{made['id']}/rotate", kari)).json()
    assert (await town.http.get(path)).status_code == 410
    assert (await town.http.get(path_of(new["address"]))).status_code == 200
    for _ in range(2):
        assert (await town.ask("DELETE", f"/feeds/{made['id']}", kari)).status_code == 204
    gone = await town.http.get(path_of(new["address"]))
    assert (gone.status_code, gone.json()["type"]) == (410, f"/problems/{Gone.type}")
    assert (await town.post(f"/feeds/{made['id']}/rotate", kari)).status_code == 410


async def test_a_right_that_ends_closes_the_address_at_the_next_request(town: Town) -> None:
    hall = await town.hall()
    siri_id, siri = await town.have(lambda db: make.person(db, role="administrator"))
    association, _ = await town.have(lambda db: make.association(db, siri_id))
    place = await subscribed(town, siri, kind="resource", thing_id=str(hall.whole), variant="staff")
    club = await subscribed(town, siri, kind="association", thing_id=str(association))
    own = await subscribed(town, siri)

    async def statuses() -> list[int]:
        return [(await town.http.get(path_of(each["address"]))).status_code for each in (place, club, own)]

    assert await statuses() == [200, 200, 200]
    for table, expected in ((RoleGrant, [410, 200, 200]), (Delegate, [410, 410, 200])):
        end = update(table).where(table.person_id == siri_id).values(ended_at=utc_now())
        await town.have(lambda db, end=end: db.execute(end))
        assert await statuses() == expected


async def test_use_is_noted_by_the_programs_name(town: Town) -> None:
    kari = await town.person()
    made = await subscribed(town, kari)
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux) Gecko Thunderbird/140.0 of kari@example.no"}
    assert (await town.http.get(path_of(made["address"]), headers=agent)).status_code == 200
    (listed,) = (await town.get("/feeds", kari))["items"]
    assert listed["used_by"] == "Thunderbird"
    assert listed["used_at"] is not None


async def test_what_opens_nothing_is_answered_as_what_never_was(town: Town, stranger: Tenant) -> None:
    """Byte for byte, whatever is wrong with it; but for the address that was asked for, which stands nowhere."""
    made = await subscribed(town, await town.person())
    secret, slug = secret_of(made), town.tenant.slug
    forged = {
        "never made": f"{slug}.{'A' * 22}.ics",
        "cut short": f"{slug}.{secret[:-1]}.ics",
        "with more behind": f"{slug}.{secret}A.ics",
        "in other letters": f"{slug}.{secret.swapcase()}.ics",
        "without secret": f"{slug}..ics",
        "in no letters": f"{slug}.{'å' * 22}.ics",
        "of the other municipality": f"{stranger.slug}.{secret}.ics",
        "its own and more": f"{slug}.{slug}.{secret}.ics",
        "twice": f"{slug}.{secret}.{secret}.ics",
        "as another file": f"{slug}.{secret}.txt",
        "with a line's end": f"{slug}.{secret}%0A",
    }
    assert (await town.http.get(f"/ical/t/{slug}.{secret}.ics")).status_code == 200
    assert (await town.http.get(f"/ical/t/{slug}.{secret}")).status_code == 200
    told: set[tuple[int, bytes, str]] = set()
    for name in forged.values():
        answer = await town.http.get(f"/ical/t/{name}")
        headers = sorted((key, value) for key, value in answer.headers.items() if key not in FACTS)
        told.add((answer.status_code, answer.content, str(headers)))
    assert len(told) == 1, told
    ((status, _, headers),) = told
    assert status == 404
    assert "no-store" in headers
    assert "no-referrer" in headers


async def test_on_the_host_of_another_municipality_it_opens_nothing(town: Town, stranger: Tenant) -> None:
    made = await subscribed(town, await town.person())
    path = path_of(made["address"])
    own, other = ({"Host": tenant.hosts[0]} for tenant in (town.tenant, stranger))
    assert (await town.http.get(path, headers=own)).status_code == 200
    assert (await town.http.get(path, headers=other)).status_code == 404


@pytest.mark.parametrize("ask", ["GET", "POST", "PROPFIND", "OPTIONS"])
async def test_no_answer_and_no_log_repeats_a_secret(
    town: Town, caplog: pytest.LogCaptureFixture, ask: str
) -> None:
    """But for CalDAV's, which tell whoever has it where everything lies."""
    kari = await town.person()
    made = await subscribed(town, kari)
    secret, path = secret_of(made), path_of(made["address"])
    over_caldav = path.replace("/ical/", "/caldav/").removesuffix(".ics")

    async def look(*paths: str) -> None:
        for asked in paths:
            answer = await town.http.request(ask, asked, headers={"Accept": "text/html"})
            assert secret not in answer.text, asked
            assert secret not in str(answer.headers), asked

    with caplog.at_level(logging.DEBUG):
        await look(path, f"{path}/x", f"{path}?x=1", f"{over_caldav}A/", f"{over_caldav}.{secret}/x")
        assert (await town.ask("DELETE", f"/feeds/{made['id']}", kari)).status_code == 204
        await look(path, f"{path}/x", f"{over_caldav}/", f"{over_caldav}/x.ics")
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert secret not in str(ours)
    assert secret not in masked(f"GET {path} {made['address']} {made['webcal']}")
    assert MASK in masked(path)


async def test_lists_go_by_pages_and_nobody_else_touches_them(town: Town) -> None:
    kari, ola = await town.person(), await town.person()
    made = [await subscribed(town, kari, label=f"nr. {n}") for n in range(3)]
    first = await town.get("/feeds", kari, limit=2)
    rest = await town.get("/feeds", kari, limit=2, cursor=first["next"])
    assert [each["id"] for each in first["items"] + rest["items"]] == [each["id"] for each in reversed(made)]
    assert rest["next"] is None
    for answer in (
        await town.ask("DELETE", f"/feeds/{made[0]['id']}", ola),
        await town.post(f"/feeds/{made[0]['id']}/rotate", ola),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert (await town.ask("GET", "/feeds")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "season", "variant": "full", "label": "x"}, 422, "kind"),
        ({"kind": "person", "variant": "everything", "label": "x"}, 422, "variant"),
        ({"kind": "person", "variant": "staff", "label": "x"}, 422, "variant"),
        ({"kind": "person", "variant": "full", "label": ""}, 422, "label"),
        ({"kind": "person", "variant": "full", "label": "x" * 81}, 422, "label"),
        ({"kind": "person", "variant": "full", "label": "a\u0000b"}, 422, "label"),
        ({"kind": "resource", "variant": "busy", "label": "x"}, 422, "thing_id"),
        (
            {"kind": "resource", "thing_id": str(UUID(int=5)), "variant": "busy", "label": "x"},
            404,
            "thing_id",
        ),
        ({"kind": "municipality", "variant": "staff", "label": "x"}, 403, None),
    ],
)
async def test_what_is_wrong_is_said_by_name(
    town: Town, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await town.post("/feeds", await town.person(), body)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text


async def test_racing_forms_make_no_more_than_one_may_have(town: Town) -> None:
    """The limit counts under the person's lock."""
    kari_id, kari = await town.have(make.person)

    async def fill(db: Any) -> None:
        db.add_all(
            Feed(
                person_id=kari_id,
                kind="person",
                variant="full",
                label="x",
                hash=bytes([n]),
                created_at=utc_now(),
            )
            for n in range(48)
        )

    await town.have(fill)
    body = {"kind": "person", "variant": "full", "label": "Telefon"}
    answers = await make_at_once(town, kari, body, 6)
    assert sorted(answers) == [201, 201, 409, 409, 409, 409]


async def make_at_once(town: Town, token: str, body: dict[str, Any], number: int) -> list[int]:
    return [
        each.status_code
        for each in await asyncio.gather(*(town.post("/feeds", token, body) for _ in range(number)))
    ]
