"""Tokens on pages: the secret is shown once, and what is wrong is said."""

import re

from tests.web.village import Reader, Village, field_of, text_of


async def new(reader: Reader, **fields: str) -> tuple[str, str]:
    """The page that shows the token, and its secret."""
    form = {"label": "Nettsiden", "days": "30", "idempotency_key": "k", **fields}
    answer = await reader.post(reader.village.url("/me/tokens"), form)
    found = re.search(r"ledig_[\w-]{43}", answer.text)
    return answer.text, found[0] if found else ""


async def test_a_token_is_made_shown_once_used_and_revoked(village: Village, kari: Reader) -> None:
    text, secret = await new(kari, write="yes")
    assert "Copy it now" in text
    api = f"/api/{village.tenant.slug}/me"
    assert (await kari.http.get(api, headers={"Authorization": f"Bearer {secret}"})).status_code == 200

    again, other = await new(kari, write="yes")  # the same form, sent twice
    assert other == ""
    assert "Copy it now" not in again
    page = await kari.get(village.url("/me/tokens"))
    assert secret not in page.text
    assert text_of(page).count("In force") == 1
    (path,) = re.findall(r'action="([^"]*/revoke)"', page.text)

    revoked = await kari.post(path, {})

    assert revoked.status_code == 303
    assert "The token is revoked." in text_of(await kari.get(revoked.headers["location"]))
    assert (await kari.http.get(api, headers={"Authorization": f"Bearer {secret}"})).status_code == 401


async def test_a_wrong_form_is_shown_again(village: Village, kari: Reader) -> None:
    text, secret = await new(kari, label=" ", days="400")
    assert secret == ""
    assert "2 things must be put right" in text
    page = await kari.post(village.url("/me/tokens"), {"label": "x", "days": "30", "staff": "yes"})
    assert page.status_code == 422
    assert "you have no staff role" in text_of(page)
    assert field_of(page, "label") == "x"


async def test_an_administrator_revokes_anybodys_and_a_citizen_sees_no_list(
    village: Village, kari: Reader
) -> None:
    await new(kari)
    admin = Reader(kari.http, village)
    await admin.sign_in("admin")
    page = await admin.get(village.url("/staff/tokens"))
    assert "Kari Nordmann" in text_of(page)
    (path,) = re.findall(r'action="([^"]*/revoke)"', page.text)

    assert (await kari.get(village.url("/staff/tokens"))).status_code == 403
    assert (await kari.post(path, {})).status_code == 403
    assert (await admin.post(path, {})).status_code == 303
    assert "Revoked" in text_of(await kari.get(village.url("/me/tokens")))
