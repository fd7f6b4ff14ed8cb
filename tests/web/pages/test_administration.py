"""Administration without JavaScript: finding a person, giving, inviting to and ending roles, changing a group."""

import re

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from tests import make
from tests.web.pages.test_every_page import counted
from tests.web.village import Reader, Village, links_of, text_of


@pytest.fixture
async def siri(http: httpx.AsyncClient, village: Village) -> Reader:
    """An administrator who has signed in."""
    reader = Reader(http, village)
    assert (await reader.sign_in("admin")).status_code == 303
    return reader


async def test_a_person_is_found_given_a_role_and_loses_it(village: Village, siri: Reader) -> None:
    front = await siri.get(village.base)
    administration = await siri.get(links_of(front, "/staff$")[0])
    found = await siri.get(links_of(administration, "/staff/people$")[0], text="per nabo")
    person = links_of(found, "/staff/people/[0-9a-f-]+$")[0]
    wish = {"role": "caretaker", "place": f"facility:{village.hall.facility_id}"}

    given = await siri.post(f"{person}/roles", wish)
    shown = await siri.get(given.headers["location"])

    assert given.status_code == 303
    assert "The role is given" in text_of(shown)
    assert "Caretaker Idrettshallen" in text_of(shown)
    again = await siri.post(f"{person}/roles", wish)
    assert again.status_code == 409
    assert "has this role there already" in text_of(again)

    end = links_of(shown, "/staff/roles/[0-9a-f-]+/end$")[0]
    assert "End the role?" in text_of(await siri.get(end))
    ended = await siri.post(end, {})
    after = await siri.get(person)

    assert ended.status_code == 303
    assert not links_of(after, "/end$")
    assert "Earlier roles" in text_of(after)
    assert (await siri.post(end, {})).status_code == 404


async def test_what_is_not_filled_in_is_asked_for(village: Village, siri: Reader) -> None:
    person = village.url(f"/staff/people/{village.person('neighbour')}")
    for path, fields, wanted in (
        (f"{person}/roles", {"role": "king", "place": "castle"}, ["Choose a role.", "Choose where."]),
        (f"{person}/roles", {"role": "reader", "place": "facility:x"}, ["Choose where."]),
        (f"{person}/group", {"customer_group": "nobility", "version": "1"}, ["Choose a customer group."]),
        (
            village.url("/staff/roles"),
            {"email": "nils", "role": "", "place": ""},
            ["Write an e-mail address", "Choose a role.", "Choose where."],
        ),
    ):
        answer = await siri.post(path, fields)
        assert answer.status_code == 422, path
        for text in wanted:
            assert text in text_of(answer), path
    assert (await siri.get(village.url("/staff/people"), text="k")).status_code == 422
    assert (await siri.post(f"{person}/group", {"customer_group": "internal"})).status_code == 422
    kept = await siri.post(village.url("/staff/roles"), {"email": "nils", "role": "reader", "place": "all"})
    assert 'value="nils"' in kept.text
    assert re.search(r'value="reader" checked', kept.text)


async def test_somebody_is_invited_and_the_invitation_withdrawn(village: Village, siri: Reader) -> None:
    fields = {"email": "nils@example.no", "role": "finance", "place": "all"}

    sent = await siri.post(village.url("/staff/roles"), fields)
    shown = await siri.get(sent.headers["location"])

    assert sent.status_code == 303
    assert "The invitation is sent." in text_of(shown)
    assert "nils@example.no" in text_of(shown)
    (withdraw,) = re.findall(r'action="([^"]*/withdraw)"', shown.text)
    gone = await siri.get((await siri.post(withdraw, {})).headers["location"])
    assert "The invitation is withdrawn." in text_of(gone)
    assert "nils@example.no" not in text_of(gone)


async def test_the_last_administrator_is_told_why_she_stays(village: Village, siri: Reader) -> None:
    roles = await siri.get(village.url("/staff/roles"), of="administrator")
    (end,) = links_of(roles, "/end$")

    asked, refused = await siri.get(end), await siri.post(end, {})

    assert "This is your own role" in text_of(asked)
    assert refused.status_code == 409
    assert "Somebody else must become administrator" in text_of(refused)
    assert (await siri.get(village.url("/staff/roles"))).status_code == 200


async def test_who_ends_her_own_role_is_led_to_the_front_page(
    village: Village, siri: Reader, database: Database
) -> None:
    roles = await siri.get(village.url("/staff/roles"), of="administrator")
    async with database.transaction(village.tenant.id) as db:
        await make.person(db, role="administrator")

    ended = await siri.post(links_of(roles, "/end$")[0], {})

    assert ended.headers["location"] == village.base
    assert "Administration" not in text_of(await siri.get(village.base))
    assert (await siri.get(village.url("/staff"))).status_code == 403


async def test_a_group_is_changed_on_the_version_that_was_read(village: Village, siri: Reader) -> None:
    person = village.url(f"/staff/people/{village.person('neighbour')}")

    changed = await siri.post(f"{person}/group", {"customer_group": "internal", "version": "1"})
    stale = await siri.post(f"{person}/group", {"customer_group": "resident", "version": "1"})

    assert changed.status_code == 303
    assert "The customer group is changed." in text_of(await siri.get(changed.headers["location"]))
    assert stale.status_code == 412


async def test_everybody_sees_the_doors_that_are_hers(
    village: Village, siri: Reader, ingrid: Reader, kari: Reader
) -> None:
    everything = links_of(await siri.get(village.url("/staff")), f"^{village.base}/staff/")
    some = links_of(await ingrid.get(village.url("/staff")), f"^{village.base}/staff/")

    assert len(everything) > len(some) >= 2
    assert village.url("/staff/roles") in everything
    assert village.url("/staff/roles") not in some
    for path in everything:
        assert (await siri.get(path)).status_code == 200, path
    for path in some:
        assert (await ingrid.get(path)).status_code == 200, path
    assert not links_of(await kari.get(village.base), "/staff$")
    assert links_of(await ingrid.get(village.base), "/staff$")


async def test_lists_of_roles_are_narrowed(village: Village, siri: Reader) -> None:
    path = village.url("/staff/roles")

    officers = text_of(await siri.get(path, of="case_officer"))
    nowhere = text_of(await siri.get(path, at=f"facility:{village.room_facility}"))
    ended = text_of(await siri.get(path, ended="yes"))
    nonsense = await siri.get(path, of="king", at="castle", ended="perhaps")

    assert "Ingrid Saksbehandler" in officers
    assert "Olav Driftsleder" not in officers
    assert "No roles here." in nowhere
    assert "No roles here." in ended
    assert nonsense.status_code == 200
    assert "Olav Driftsleder" in text_of(nonsense)


async def test_lists_ask_as_often_however_much_there_is(
    app: Litestar, village: Village, siri: Reader, database: Database
) -> None:
    async def counts() -> list[int]:
        found: list[int] = []
        for path, query in (("/staff/roles", {}), ("/staff/people", {"text": "lise"})):
            with counted(app) as told:
                assert (await siri.get(village.url(path), **query)).status_code == 200
            found.append(len(told))
        return found

    await add(database, village, 1)
    few = await counts()
    await add(database, village, 8)

    assert await counts() == few
    assert max(few) <= 8


async def add(database: Database, village: Village, number: int) -> None:
    """Persons with a role over a resource, who act for an association."""
    async with database.transaction(village.tenant.id) as db:
        for _ in range(number):
            lise, _ = await make.person(db, role="reader", resource_id=village.hall.whole, name="Lise")
            await make.association(db, lise)
