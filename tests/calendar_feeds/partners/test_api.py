"""Webhooks over the API: for administrators, the secret shown once and kept sealed."""

import logging
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import webhook_queries, webhooks
from calendar_feeds.partners.models import Webhook
from core.audit import AuditEntry
from core.idempotency import IdempotencyKey
from core.logs import masked
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.vault import Unopenable, new_key, vault_of
from tests.booking.conftest import Town
from tests.calendar_feeds.partners import hooks

FORM = {
    "label": " Varme  styring ",
    "address": "https://partner.example.no:8443/hook?key=hemmelig",
    "kinds": ["closure.laid", "booking.confirmed", "closure.laid"],
}


async def made(town: Town, token: str, **more: Any) -> dict[str, Any]:
    answer = await town.post("/webhooks", token, {**FORM, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_made_read_changed_paused_and_taken_away(town: Town) -> None:
    admin = await town.person("administrator")
    hook = await made(town, admin)
    path = f"/webhooks/{hook['id']}"
    assert (hook["label"], hook["state"]) == ("Varme styring", "on")
    assert hook["kinds"] == ["booking.confirmed", "closure.laid"]
    assert hook.pop("secret").startswith("whsec_")
    assert await town.get(path, admin) == hook
    assert (await town.get("/webhooks", admin))["items"] == [hook]

    changed = await town.ask("PATCH", path, admin, body={"state": "paused", "label": "Låser"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["paused_why"], changed.json()["label"]) == ("by_hand", "Låser")
    on = (await town.ask("PATCH", path, admin, body={"state": "on"})).json()
    assert (on["state"], on["paused_why"]) == ("on", None)

    assert (await town.ask("DELETE", path, admin)).status_code == 204
    assert (await town.ask("DELETE", path, admin)).status_code == 404
    assert (await town.get("/webhooks", admin))["items"] == []

    async def trail(db: AsyncSession) -> list[tuple[str, Any]]:
        rows = await db.scalars(select(AuditEntry).where(AuditEntry.table_name == "webhook"))
        return [(row.action, row.change) for row in rows]

    noted = await town.have(trail)
    assert {action for action, _ in noted} == {"webhook.made", "webhook.changed", "webhook.removed"}
    assert "hemmelig" not in str(noted)


async def test_the_secret_is_shown_once_and_is_nowhere_in_the_open(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    admin = await town.person("administrator")
    first = await town.post("/webhooks", admin, FORM, {"Idempotency-Key": "1"})
    again = await town.post("/webhooks", admin, FORM, {"Idempotency-Key": "1"})
    secret, webhook = first.json()["secret"], first.json()["id"]
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"
    assert again.json() == {**first.json(), "secret": None}
    rotated = (await town.post(f"/webhooks/{webhook}/rotate", admin)).json()
    assert rotated["secret"] not in {None, secret}
    assert rotated["earlier_secret_until"] is not None
    assert "secret" not in await town.get(f"/webhooks/{webhook}", admin)

    async def everything(db: AsyncSession) -> str:
        told = [str(await db.scalar(text("SELECT string_agg(w::text, '') FROM webhook w")))]
        told += [str(row.answer) for row in await db.scalars(select(IdempotencyKey))]
        told += [str(row.body) for row in await db.scalars(select(OutboxMessage))]
        return "".join(told)

    kept = await town.have(everything) + caplog.text
    for each in (secret, rotated["secret"]):
        assert each not in kept
        assert each.removeprefix("whsec_").encode().hex() not in kept
        assert masked(f"x {each} y") == "x *** y"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": "http://partner.example.no/"}, "address"),
        ({"address": "https://127.0.0.1/"}, "address"),
        ({"address": "https://[::ffff:10.0.0.1]/"}, "address"),
        ({"address": "https://me:secret@partner.example.no/"}, "address"),
        ({"address": "nonsense"}, "address"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["booking.eaten"]}, "kinds.0"),
        ({"label": " "}, "label"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_what_is_wrong_is_named(town: Town, body: dict[str, Any], field: str) -> None:
    admin = await town.person("administrator")
    answer = await town.post("/webhooks", admin, {**FORM, **body})
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert answer.json()["expected"]


async def test_tested_told_again_and_looked_up(town: Town) -> None:
    admin = await town.person("administrator")
    webhook = (await made(town, admin))["id"]
    ping = await town.post(f"/webhooks/{webhook}/ping", admin)
    assert ping.status_code == 200
    assert (ping.json()["kind"], ping.json()["state"]) == ("test.ping", "due")
    listed = await town.get(f"/webhooks/{webhook}/deliveries", admin)
    assert listed["items"] == [ping.json()]
    assert (await town.get(f"/webhooks/{webhook}/deliveries", admin, state="dead"))["items"] == []

    async def replay(**body: Any) -> Any:
        return await town.post(f"/webhooks/{webhook}/replay", admin, body)

    assert (await replay(delivery_id=ping.json()["id"])).status_code == 200
    assert (await replay(since="2020-01-01T00:00:00Z")).status_code == 410
    assert (await replay(since="2090-01-01T00:00:00Z")).json()["field"] == "since"
    assert (await replay()).json()["field"] == "delivery_id"
    assert (await replay(delivery_id=webhook)).status_code == 404
    other = (await made(town, admin))["id"]
    stolen = await town.post(f"/webhooks/{other}/replay", admin, {"delivery_id": ping.json()["id"]})
    assert stolen.status_code == 404


async def test_there_are_only_so_many(town: Town) -> None:
    admin = await town.person("administrator")
    for _ in range(webhooks.MOST_WEBHOOKS):
        await made(town, admin)
    answer = await town.post("/webhooks", admin, FORM)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/limit-reached")
    page = await town.get("/webhooks", admin, limit=30)
    rest = await town.get("/webhooks", admin, limit=30, cursor=page["next"])
    ids = {each["id"] for each in page["items"] + rest["items"]}
    assert (len(ids), rest["next"]) == (webhooks.MOST_WEBHOOKS, None)


async def test_sealed_anew_when_the_operator_has_another_key(town: Town, app: Litestar) -> None:
    admin = await town.person("administrator")
    hook = await made(town, admin)
    await town.post(f"/webhooks/{hook['id']}/rotate", admin)
    old: Settings = app.state.settings
    keys = ((old.var_dir / "keys").read_text()).split()
    both = vault_of(Settings(keys=(new_key(), *keys)))

    assert await town.have(lambda db: webhooks.reseal(db, both, batch=10)) == 1
    assert await town.have(lambda db: webhooks.reseal(db, both, batch=10)) == 0

    row = await hooks.row(town, UUID(hook["id"]))
    assert row.earlier_secret is not None
    assert both.opened(row.earlier_secret) == hook["secret"]
    with pytest.raises(Unopenable):
        app.state.vault.opened(row.secret)
    found = await town.post(f"/webhooks/{hook['id']}/rotate", admin)  # its key is gone: a new one mends it
    assert found.json()["earlier_secret_until"] is None


async def test_its_log_goes_with_time(town: Town) -> None:
    admin = await town.person("administrator")
    webhook = (await made(town, admin))["id"]
    for _ in range(3):
        await town.post(f"/webhooks/{webhook}/ping", admin)

    async def forget(db: AsyncSession) -> int:
        return await webhook_queries.forget_deliveries(db, hooks.after(days=1), 2)

    assert [await town.have(forget) for _ in range(3)] == [2, 1, 0]
    count = await town.have(lambda db: db.scalar(select(func.count()).select_from(Webhook)))
    assert count == 1
