"""Webhooks on pages: the secret is shown once, what is wrong is said, and administrators alone see them."""

import re

from httpx import AsyncClient, Response

from tests.web.village import Reader, Village, field_of, text_of

FORM = {"label": "Varmestyring", "address": "https://partner.example.no/hook", "closure.laid": "yes"}


async def siri(http: AsyncClient, village: Village) -> Reader:
    """The administrator, signed in."""
    reader = Reader(http, village)
    await reader.sign_in("admin")
    return reader


def secret_in(answer: Response) -> str:
    found = re.search(r"whsec_[\w+/=]{44}", answer.text)
    return found[0] if found else ""


async def test_added_tested_changed_rotated_and_taken_away(http: AsyncClient, village: Village) -> None:
    admin, path = await siri(http, village), village.url("/staff/webhooks")
    made = await admin.post(path, {**FORM, "idempotency_key": "k"})
    again = await admin.post(path, {**FORM, "idempotency_key": "k"})
    secret = secret_in(made)
    assert secret
    assert made.headers["cache-control"] == "no-store"
    assert again.status_code == 303
    listed = await admin.get(path)
    (one,) = re.findall(rf'href="({path}/[0-9a-f-]{{36}})"', listed.text)
    page = await admin.get(one)
    assert secret not in page.text
    assert field_of(page, "address") == FORM["address"]

    assert (await admin.post(f"{one}/ping", {})).status_code == 303
    assert "test.ping" in text_of(await admin.get(one))
    changed = await admin.post(one, {**FORM, "label": "Låser"})
    assert changed.status_code == 303
    assert (await admin.post(one, {"state": "paused"})).status_code == 303
    assert "Somebody has paused it." in text_of(await admin.get(one))
    rotated = await admin.post(f"{one}/rotate", {"idempotency_key": "r"})
    assert secret_in(rotated) not in {"", secret}
    assert "The earlier secret holds until" in text_of(rotated)
    assert (await admin.post(f"{one}/remove", {})).status_code == 303
    assert "No program is told of changes." in text_of(await admin.get(path))


async def test_what_is_wrong_is_said_and_what_was_written_stays(http: AsyncClient, village: Village) -> None:
    admin, path = await siri(http, village), village.url("/staff/webhooks")
    empty = await admin.post(path, {"label": " ", "address": ""})
    assert "3 things must be put right" in text_of(empty)
    inside = await admin.post(path, {**FORM, "address": "https://10.0.0.7/"})
    assert inside.status_code == 422
    assert "does not lead to the open internet" in text_of(inside)
    assert field_of(inside, "label") == "Varmestyring"

    await admin.post(path, FORM)
    (one,) = re.findall(rf'href="({path}/[0-9a-f-]{{36}})"', (await admin.get(path)).text)
    soon = await admin.post(f"{one}/replay", {"since": "soon"})
    assert "Write a day." in text_of(soon)
    assert field_of(soon, "label") == "Varmestyring"
    old = await admin.post(f"{one}/replay", {"since": "2020-01-01"})
    assert "The log goes back 400 days." in text_of(old)


async def test_nobody_else_sees_them(village: Village, kari: Reader) -> None:
    for path in ("/staff/webhooks", "/staff/webhooks/new"):
        assert (await kari.get(village.url(path))).status_code == 403
    assert (await kari.post(village.url("/staff/webhooks"), FORM)).status_code == 403
