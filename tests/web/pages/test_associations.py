"""Associations on pages, from entering one to leaving it, by people without JavaScript."""

import re
from collections.abc import AsyncGenerator

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from core.db import Database
from core.mail_models import Letter
from core.settings import Settings
from people.models import Association, Delegate, Login
from tests.conftest import Urls
from tests.people.register import CLUB, Register, open_register
from tests.web.test_security import client
from tests.web.village import Reader, Village, field_of, links_of, text_of
from web.app import make_app, opened


@pytest.fixture
async def register() -> AsyncGenerator[Register]:
    async with open_register() as opened_register:
        yield opened_register


@pytest.fixture
async def anne(http: httpx.AsyncClient, village: Village) -> Reader:
    """The leader of Øvre IL, who has signed in."""
    return await somebody(http, village, "delegate")


@pytest.fixture
async def asking(database_urls: Urls, register: Register) -> AsyncGenerator[httpx.AsyncClient]:
    """The program with a register that it may ask."""
    settings = Settings(demo=True, pool_size=4, register_url=register.url)
    app: Litestar = make_app(settings, database_urls.program)
    async with opened(app, settings, database_urls.program), client(app) as http:
        yield http


async def somebody(http: httpx.AsyncClient, village: Village, part: str) -> Reader:
    reader = Reader(http, village)
    await reader.sign_in(part)
    return reader


async def association_row(database: Database, village: Village, name: str) -> Association:
    async with database.transaction(village.tenant.id) as db:
        return (await db.scalars(select(Association).where(Association.name == name))).one()


async def test_an_association_is_looked_up_entered_and_led(
    asking: httpx.AsyncClient, register: Register, village: Village, database: Database
) -> None:
    kari = await somebody(asking, village, "citizen")
    url = village.url("/associations/new")
    form = {"organisation_number": "974 760 673", "action": "check", "idempotency_key": "1"}

    looked_up = await kari.post(url, form)
    assert "SOLVIK IDRETTSLAG" in text_of(looked_up)
    assert "Skoleveien 3, 4070 RANDABERG" in text_of(looked_up)
    assert field_of(looked_up, "name") == "Solvik Idrettslag"

    more = {"name": "Solvik IL", "action": "register", "youth_percent": "60 %", "activities": "handball"}
    entered = await kari.post(url, {**form, **more})
    assert entered.status_code == 303, text_of(entered)
    path = entered.headers["location"].partition("?")[0].removesuffix("/lead")
    row = await association_row(database, village, "Solvik IL")
    assert (row.customer_group, row.is_voluntary, row.activities) == ("children_youth", True, ["handball"])
    assert register.asked == [f"/api/enheter/{CLUB}"] * 2

    lead = await kari.get(entered.headers["location"])
    assert "The association is registered." in text_of(lead)
    assert "Why do you lead it?" in text_of(lead)
    async with database.transaction(village.tenant.id) as db:
        await db.execute(update(Login).values(represents=[CLUB]))
    assert "Become its leader" in text_of(await kari.get(f"{path}/lead"))
    taken = await kari.post(f"{path}/lead", {"action": "sign"})
    assert taken.headers["location"] == f"{path}?done=leads"
    page = await kari.get(taken.headers["location"])
    assert "You now lead the association." in text_of(page)
    assert "People and invitations" in text_of(page)
    assert "Solvik IL" in text_of(await kari.get(village.url("/associations")))

    again = await kari.post(url, {**form, **more})
    assert again.status_code == 409
    assert links_of(again, path + "$")


async def test_a_silent_register_stops_nobody(
    asking: httpx.AsyncClient, register: Register, village: Village, database: Database
) -> None:
    register.tell(b"", "503 Busy")
    kari = await somebody(asking, village, "citizen")
    url = village.url("/associations/new")

    looked_up = await kari.post(url, {"organisation_number": CLUB, "name": "Solvik IL", "action": "check"})
    assert looked_up.status_code == 200
    assert "The register does not answer right now." in text_of(looked_up)
    assert field_of(looked_up, "name") == "Solvik IL"
    entered = await kari.post(
        url, {"organisation_number": CLUB, "name": "Solvik IL", "action": "register", "idempotency_key": "1"}
    )
    assert entered.status_code == 303
    assert (await association_row(database, village, "Solvik IL")).register_state is None


async def test_an_association_that_is_ending_says_so_and_is_booked_for_all_the_same(
    anne: Reader, village: Village, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        await db.execute(update(Association).values(register_state="bankrupt", organisation_number=CLUB))
    page = await anne.get(village.url(f"/associations/{village.association}"))
    assert "The Register of Legal Entities: Bankrupt" in text_of(page)
    booked = await anne.book(village.club_hall, association_id=str(village.association))
    assert booked.status_code == 303, text_of(booked)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Write a name."),
        ({"organisation_number": "123456789"}, "Write an organisation number of nine digits"),
        ({"youth_percent": "mange"}, "Write a whole number from 0 to 100."),
        ({"youth_percent": "101"}, "Write a number not above 100."),
        ({"email": "post@"}, "Write an e-mail address such as name@example.no."),
        ({"website": "javascript:alert(1)"}, "Write the address of a web site"),
        ({"name": "x" * 201}, "Write at most 200 characters."),
    ],
    ids=str,
)
async def test_what_is_not_right_is_said_beside_the_field_and_what_was_written_stays(
    kari: Reader, village: Village, fields: dict[str, str], said: str
) -> None:
    form = {"name": "Ny klubb", "website": "klubb.example", "activities": "music", "action": "register"}
    answer = await kari.post(village.url("/associations/new"), {**form, **fields})
    assert answer.status_code == 422
    assert said in text_of(answer)
    field = next(iter(fields))
    assert f'href="#{field}"' in answer.text
    assert field_of(answer, field) == fields[field]
    assert re.search(r'value="music" checked', answer.text)


async def test_nobody_is_sent_to_sign_in(nobody: Reader, village: Village) -> None:
    for path in ("/associations", "/associations/new", f"/associations/{village.association}/lead"):
        answer = await nobody.get(village.url(path))
        assert answer.status_code == 401, path
        assert links_of(answer, "/sign-in")
    public = await nobody.get(village.url(f"/associations/{village.association}"))
    assert public.status_code == 200
    assert "Anne Lagleder" not in public.text
    assert "Jenter 14" in text_of(public)


async def test_a_leader_invites_changes_a_role_hands_over_and_leaves(
    anne: Reader, kari: Reader, village: Village, database: Database
) -> None:
    path = village.url(f"/associations/{village.association}")
    people = await anne.get(f"{path}/people")
    key = field_of(people, "idempotency_key") or ""

    wrong = await anne.post(f"{path}/people", {"email": "kari", "role": "booker"})
    assert wrong.status_code == 422
    assert "Write an e-mail address" in text_of(wrong)
    invited = await anne.post(
        f"{path}/people", {"email": "kari@example.no", "role": "booker", "idempotency_key": key}
    )
    assert invited.headers["location"] == f"{path}/people?done=invited"
    assert "kari@example.no" in text_of(await anne.get(f"{path}/people"))
    async with database.transaction(village.tenant.id) as db:
        letter = (await db.scalars(select(Letter))).one()
    link = re.search(r"http://127\.0\.0\.1:8000(/\S+)", letter.text)
    assert link, letter.text

    accepted = await kari.post(link[1], {"idempotency_key": "1"})
    assert accepted.headers["location"] == f"{path}?done=joined"
    assert (await kari.get(f"{path}/people")).status_code == 403
    people = await anne.get(f"{path}/people")
    delegates = {each: text_of(await anne.get(each)) for each in links_of(people, "/delegates/")}
    hers = next(each for each, text in delegates.items() if "Kari Nordmann" in text)
    changed = await anne.post(hers, {"role": "treasurer"})
    assert changed.headers["location"] == f"{path}/people?done=role"
    mine = next(each for each in delegates if each != hers)
    last = await anne.post(f"{mine}/end", {})
    assert last.status_code == 409
    assert "Somebody else must become leader first." in text_of(last)

    handed = await anne.post(f"{hers}/lead", {"stays": "no"})
    assert handed.headers["location"] == village.url("/associations?done=left")
    async with database.transaction(village.tenant.id) as db:
        rows = await db.execute(select(Delegate.person_id, Delegate.role, Delegate.ended_at.is_(None)))
        assert {(row[0], row[1]) for row in rows if row[2]} == {(village.person("citizen"), "leader")}


async def test_an_invitation_is_withdrawn(anne: Reader, village: Village) -> None:
    path = village.url(f"/associations/{village.association}")
    await anne.post(f"{path}/people", {"email": "kari@example.no", "role": "booker", "idempotency_key": "1"})
    page = await anne.get(f"{path}/people")
    action = re.search(r'action="([^"]+/withdraw)"', page.text)
    assert action
    assert (await anne.post(action[1], {})).status_code == 303
    assert "kari@example.no" not in (await anne.get(f"{path}/people")).text


async def test_teams_and_contacts_on_pages(anne: Reader, nobody: Reader, village: Village) -> None:
    path = village.url(f"/associations/{village.association}")
    assert (await anne.get(f"{path}/teams/new")).status_code == 200
    twice = await anne.post(f"{path}/teams/new", {"name": "Jenter 14"})
    assert twice.status_code == 409
    assert "This exists already." in text_of(twice)
    added = await anne.post(
        f"{path}/teams/new", {"name": "Gutter 12", "age_group": "0-12", "activity": "handball"}
    )
    assert added.headers["location"] == f"{path}?done=team"
    team = links_of(await anne.get(path), "/teams/[0-9a-f-]{36}$")[0]
    assert field_of(await anne.get(team), "name") == "Gutter 12"
    assert (await anne.post(team, {"name": "Gutter 13", "activity": "handball"})).status_code == 303
    assert "Gutter 13 Handball" in text_of(await nobody.get(path))
    assert (await anne.post(f"{team}/end", {})).headers["location"] == f"{path}?done=team-ended"
    assert "Gutter 13" not in text_of(await nobody.get(path))

    form = {"title": "Leder i styret", "name": "Anne", "email": "anne@example.no", "is_public": "yes"}
    assert (await anne.post(f"{path}/contacts/new", {**form, "email": "anne"})).status_code == 422
    assert (await anne.post(f"{path}/contacts/new", form)).headers["location"] == f"{path}?done=contact"
    assert "anne@example.no" in text_of(await nobody.get(path))
    contact = links_of(await anne.get(path), "/contacts/[0-9a-f-]{36}$")[0]
    assert (await anne.post(contact, {"title": "Leder", "name": "Anne"})).status_code == 303
    assert "anne@example.no" not in (await nobody.get(path)).text
    assert (await anne.post(f"{contact}/remove", {})).status_code == 303
    assert (await anne.get(contact)).status_code == 404


async def test_two_who_change_the_same_association(anne: Reader, ingrid: Reader, village: Village) -> None:
    path = village.url(f"/associations/{village.association}")
    mine, theirs = await anne.get(f"{path}/edit"), await ingrid.get(f"{path}/edit")
    assert "customer_group" not in mine.text
    assert "customer_group" in theirs.text
    form = {"name": "Øvre IL", "version": field_of(mine, "version") or "", "activities": "handball"}
    saved = await anne.post(f"{path}/edit", form)
    assert saved.headers["location"] == f"{path}?done=saved"
    late = await ingrid.post(
        f"{path}/edit", {**form, "name": "Øvre idrettslag", "customer_group": "commercial"}
    )
    assert late.status_code == 412
    assert "Somebody has changed this since you read it." in text_of(late)
    assert field_of(late, "name") == "Øvre idrettslag"


async def test_a_leader_who_adds_the_group_to_the_form_changes_no_tariff(
    anne: Reader, village: Village, database: Database
) -> None:
    path = village.url(f"/associations/{village.association}/edit")
    form = {"name": "Øvre IL", "version": "1", "customer_group": "internal", "organisation_number": CLUB}
    assert (await anne.post(path, form)).status_code == 303
    row = await association_row(database, village, "Øvre IL")
    assert (row.customer_group, row.organisation_number) == ("association", None)


async def test_an_officer_finds_downloads_and_decides(kari: Reader, ingrid: Reader, village: Village) -> None:
    listed = await ingrid.get(village.url("/staff/associations"), text="øvre")
    assert "Øvre IL" in text_of(listed)
    assert "No association fits." in text_of(
        await ingrid.get(village.url("/staff/associations"), text="finnes ikke")
    )
    sheet = await ingrid.get(village.url("/staff/associations.csv"))
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.content.decode("utf-8-sig").splitlines()[1].startswith("Øvre IL;;Association;No;")
    for path in ("/staff/associations", "/staff/associations.csv", "/staff/leader-claims"):
        assert (await kari.get(village.url(path))).status_code == 403, path

    path = village.url(f"/associations/{village.association}")
    sent = await kari.post(
        f"{path}/lead", {"text": "Valgt på årsmøtet.", "action": "claim", "idempotency_key": "1"}
    )
    assert sent.headers["location"] == f"{path}?done=claimed"
    assert "The municipality has not answered yet." in text_of(await kari.get(village.url("/associations")))
    waiting = await ingrid.get(village.url("/staff/leader-claims"))
    claim = links_of(waiting, "/staff/leader-claims/[0-9a-f-]{36}$")[0]
    assert "Valgt på årsmøtet." in text_of(await ingrid.get(claim))
    assert (await ingrid.post(claim, {})).status_code == 422
    unsaid = await ingrid.post(claim, {"decision": "reject", "reason": " "})
    assert unsaid.status_code == 422
    assert "Write why you reject" in text_of(unsaid)
    assert (await ingrid.post(claim, {"decision": "approve"})).status_code == 303
    assert (await ingrid.post(claim, {"decision": "approve"})).status_code == 409
    assert "People and invitations" in text_of(await kari.get(path))
    decided = await ingrid.get(village.url("/staff/leader-claims"), decided="yes")
    assert "Approved" in text_of(decided)


async def test_a_name_that_would_be_a_formula_stays_a_name_in_the_sheet(
    ingrid: Reader, village: Village, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        await db.execute(update(Association).values(name="=HYPERLINK(1)"))
    sheet = await ingrid.get(village.url("/staff/associations.csv"))
    assert sheet.content.decode("utf-8-sig").splitlines()[1].startswith("'=HYPERLINK(1);")


async def test_the_link_in_a_letter_never_leads_where_the_host_of_the_request_says(
    anne: Reader, village: Village, database: Database
) -> None:
    path = village.url(f"/associations/{village.association}/people")
    fields = {"email": "kari@example.no", "role": "booker", "idempotency_key": "1"}
    for host in ("evil.example", f"{village.tenant.slug}.test"):
        headers = {"Host": host, "Cookie": "; ".join(f"{n}={v}" for n, v in anne.cookies.items())}
        answer = await anne.http.post(path, data={**fields, "idempotency_key": host}, headers=headers)
        assert answer.status_code == 303, answer.text
    async with database.transaction(village.tenant.id) as db:
        letters = [each.text for each in await db.scalars(select(Letter).order_by(Letter.id))]
    assert f"http://127.0.0.1:8000{village.base}/invitations/" in letters[0]
    assert f"http://{village.tenant.slug}.test/invitations/" in letters[1]
    assert "evil" not in "".join(letters)
