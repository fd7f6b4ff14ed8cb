"""Who becomes leader without being invited: whoever may sign for the association, or proves it to an officer."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import AlreadyDecided, AlreadyExists, Forbidden, Invalid, NotFound, SignInNeeded
from core.files import MOST_BYTES, check_upload
from core.mail_models import Letter
from core.spans import utc_now
from core.tenants import Directory, Tenant
from core.texts import texts
from people import leading
from people.actors import NOBODY, Actor, Grant
from people.association_models import LeaderClaim
from people.association_schemas import ClaimDecision
from people.models import Association, Delegate, Login, Person
from people.privacy_models import PersonalRead
from people.service import sign_in
from tests import make
from tests.people.clubs import NOW, at_browser, club, officer
from tests.people.register import CLUB, OTHER

ENGLISH = texts("en")
PDF = b"%PDF-1.7\nprotokoll"


async def empty_club(db: AsyncSession, number: str | None = CLUB) -> UUID:
    """An association that nobody leads."""
    association_id, _ = await make.association(db)
    await db.execute(
        update(Association).where(Association.id == association_id).values(organisation_number=number)
    )
    return association_id


async def signer(db: AsyncSession, *numbers: str) -> Actor:
    """At a browser, with what the provider says she may sign for."""
    actor = await at_browser(db)
    await db.execute(update(Login).where(Login.id == actor.login_id).values(represents=list(numbers)))
    return actor


async def leaders(db: AsyncSession, association_id: UUID) -> Sequence[UUID]:
    found = select(Delegate.person_id).where(
        Delegate.association_id == association_id, Delegate.role == "leader", Delegate.ended_at.is_(None)
    )
    return (await db.scalars(found)).all()


async def ask(db: AsyncSession, actor: Actor, association_id: UUID, **more: Any) -> LeaderClaim:
    given: dict[str, Any] = {"text": "Valgt på årsmøtet.", "file": None, **more}
    return await leading.claim(db, actor, association_id, now=NOW, **given)


async def decide(db: AsyncSession, actor: Actor, claim_id: UUID, *, approve: bool, reason: str = "") -> None:
    body = ClaimDecision(approve=approve, reason=reason)
    await leading.decide(db, actor, claim_id, body=body, now=NOW, texts=ENGLISH)


async def test_who_may_sign_for_it_leads_at_once(db: AsyncSession) -> None:
    association_id = await empty_club(db)
    anne = await signer(db, OTHER, CLUB)
    assert (await leading.way(db, anne, association_id)).may_sign

    await leading.take_lead(db, anne, association_id, NOW)

    assert await leaders(db, association_id) == [anne.person_id]


async def test_who_may_sign_and_had_asked_needs_no_answer_any_more(db: AsyncSession) -> None:
    association_id = await empty_club(db)
    anne = await signer(db, CLUB)
    row = await ask(db, anne, association_id)
    await leading.take_lead(db, anne, association_id, NOW)
    await db.refresh(row)
    assert (row.is_approved, row.decided_by) == (True, None)


async def test_who_may_not_sign_for_it_does_not(db: AsyncSession) -> None:
    association_id, nameless = await empty_club(db), await empty_club(db, None)
    kari = await signer(db, OTHER)
    for wanted, actor in ((association_id, kari), (nameless, await signer(db, "", CLUB))):
        assert not (await leading.way(db, actor, wanted)).may_sign
        with pytest.raises(Forbidden):
            await leading.take_lead(db, actor, wanted, NOW)
    program = Actor(person_id=kari.person_id)
    with pytest.raises(Forbidden):
        await leading.take_lead(db, program, association_id, NOW)
    with pytest.raises(SignInNeeded):
        await leading.take_lead(db, NOBODY, association_id, NOW)
    assert await leaders(db, association_id) == []


async def test_an_officer_says_yes_and_she_leads_and_is_told(db: AsyncSession) -> None:
    association_id = await empty_club(db)
    kari = await at_browser(db)
    await db.execute(
        update(Person).where(Person.id == kari.person_id).values(email="kari@example.no", language="nb")
    )
    row = await ask(db, kari, association_id)
    assert await leaders(db, association_id) == []

    await decide(db, await officer(db), row.id, approve=True)

    assert await leaders(db, association_id) == [kari.person_id]
    letter = (await db.scalars(select(Letter))).one()
    assert (letter.address, letter.language, letter.person_id) == ("kari@example.no", "nb", kari.person_id)


async def test_an_officer_says_no_with_a_reason(db: AsyncSession) -> None:
    association_id = await empty_club(db)
    kari = await at_browser(db)
    await db.execute(update(Person).where(Person.id == kari.person_id).values(email="kari@example.no"))
    row = await ask(db, kari, association_id)
    boss = await officer(db)

    with pytest.raises(Invalid):
        await decide(db, boss, row.id, approve=False, reason="  ")
    await decide(db, boss, row.id, approve=False, reason="Vi finner deg ikke i protokollen.")

    assert await leaders(db, association_id) == []
    assert "Vi finner deg ikke" in (await db.scalars(select(Letter.text))).one()
    with pytest.raises(AlreadyDecided):
        await decide(db, boss, row.id, approve=True)
    await ask(db, kari, association_id)


async def test_one_asks_once_and_says_why(db: AsyncSession) -> None:
    association_id = await empty_club(db)
    kari = await at_browser(db)
    for text in ("", "  \n ", "x" * 5001):
        with pytest.raises(Invalid):
            await ask(db, kari, association_id, text=text)
    await ask(db, kari, association_id)
    with pytest.raises(AlreadyExists):
        await ask(db, kari, association_id)
    with pytest.raises(NotFound):
        await ask(db, kari, UUID(int=1))
    with pytest.raises(SignInNeeded):
        await ask(db, NOBODY, association_id)


async def test_who_leads_does_not_ask(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    herself = Actor(person_id=leader.person_id, leads=leader.leads, login_id=UUID(int=9))
    with pytest.raises(AlreadyExists):
        await ask(db, herself, association_id)


async def test_only_officers_read_and_decide(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    kari = await at_browser(db)
    row = await ask(db, kari, association_id)
    reader = Actor(person_id=kari.person_id, grants=(Grant("reader"),))
    for actor in (kari, leader, reader):
        with pytest.raises(Forbidden):
            await leading.claims(db, actor, waiting=True, cursor=None, limit=10, now=NOW)
        with pytest.raises(Forbidden):
            await leading.one_claim(db, actor, row.id, NOW)
        with pytest.raises(Forbidden):
            await decide(db, actor, row.id, approve=True)
    assert [each.id for each in await leading.own_claims(db, kari)] == [row.id]
    assert await leading.own_claims(db, leader) == []

    boss = await officer(db)
    page = await leading.claims(db, boss, waiting=True, cursor=None, limit=10, now=NOW)
    assert [(each.id, each.leaders) for each in page.items] == [(row.id, 1)]
    assert (await leading.claims(db, boss, waiting=False, cursor=None, limit=10, now=NOW)).items == []
    read = list(await db.scalars(select(PersonalRead)))
    assert [(each.person_id, each.reader_id, each.what) for each in read] == [
        (kari.person_id, boss.person_id, "claim")
    ]


async def test_the_proof_is_for_the_officer_and_the_sender(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    kari = await at_browser(db)
    row = await ask(db, kari, association_id, file=check_upload("protokoll.pdf", PDF))

    for actor in (kari, await officer(db)):
        assert (await leading.proof(db, actor, row.id, NOW)).content == PDF
    for actor in (leader, await at_browser(db)):
        with pytest.raises(NotFound):
            await leading.proof(db, actor, row.id, NOW)
    with pytest.raises(SignInNeeded):
        await leading.proof(db, NOBODY, row.id, NOW)


async def test_two_officers_decide_once(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as db:
        kari = await at_browser(db)
        row = await ask(db, kari, await empty_club(db))
        bosses = [await officer(db) for _ in range(4)]

    async def say(boss: Actor, *, approve: bool) -> bool:
        async def work(db: AsyncSession) -> None:
            await decide(db, boss, row.id, approve=approve, reason="Derfor.")

        try:
            await database.run(tenant.id, work)
        except AlreadyDecided:
            return False
        return True

    done = await asyncio.gather(*(say(boss, approve=bool(n % 2)) for n, boss in enumerate(bosses)))
    assert done.count(True) == 1


async def test_a_claim_of_another_municipality_is_not_there(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        row = await ask(db, await at_browser(db), await empty_club(db), file=check_upload("a.pdf", PDF))
    async with database.transaction(stranger.id) as db:
        boss = await officer(db)
        for call in (leading.one_claim(db, boss, row.id, NOW), leading.proof(db, boss, row.id, NOW)):
            with pytest.raises(NotFound):
                await call
        with pytest.raises(NotFound):
            await decide(db, boss, row.id, approve=True)


# --- the form with a file


class Asking:
    """Somebody at a browser before the form of an association that nobody leads."""

    def __init__(self, http: httpx.AsyncClient, tenant: Tenant, association_id: UUID, login: str) -> None:
        self.http, self.tenant = http, tenant
        self.path = f"/{tenant.slug}/associations/{association_id}/lead"
        self.headers = {"Cookie": f"ledig_{tenant.slug}={login}; language=en"}

    async def send(self, content: bytes, name: str = "protokoll.pdf") -> httpx.Response:
        files = {"file": (name, content, "application/pdf")}
        return await self.http.post(
            self.path, data={"text": "Valgt.", "action": "claim"}, files=files, headers=self.headers
        )


@pytest.fixture
async def asking(app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Asking:
    app.state.directory = Directory(app.state.database)
    async with database.transaction(tenant.id) as db:
        person_id, _ = await make.person(db)
        return Asking(http, tenant, await empty_club(db), await sign_in(db, person_id, utc_now()))


async def test_a_file_is_sent_and_downloaded_as_nothing_to_run(asking: Asking, database: Database) -> None:
    answer = await asking.send(PDF, "../års møte.exe")
    assert answer.status_code == 303, answer.text
    async with database.transaction(asking.tenant.id) as db:
        claim_id = (await db.scalars(select(LeaderClaim.id))).one()
        _, token = await make.person(db, role="case_officer")
        _, other = await make.person(db)

    path = f"/{asking.tenant.slug}/leader-claims/{claim_id}/file"
    mine = await asking.http.get(path, headers=asking.headers)
    theirs = await asking.http.get(path, headers=make.bearer(token))
    for got in (mine, theirs):
        assert (got.status_code, got.content) == (200, PDF)
        assert got.headers["content-type"] == "application/pdf"
        assert got.headers["content-disposition"].startswith('attachment; filename="_rs m_te.pdf"')
        assert got.headers["content-security-policy"].startswith("sandbox")
        assert got.headers["x-content-type-options"] == "nosniff"
    assert (await asking.http.get(path, headers=make.bearer(other))).status_code == 404
    assert (await asking.http.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<script>alert(1)</script>", 422),
        (b"%PDF-" + b"x" * MOST_BYTES, 422),
        (b"%PDF-" + b"x" * 6_000_000, 413),
    ],
    ids=["a script", "too large a file", "too large a form"],
)
async def test_a_file_that_is_none_is_refused_and_the_page_says_what_would_be_right(
    asking: Asking, database: Database, content: bytes, status: int
) -> None:
    answer = await asking.send(content)
    assert answer.status_code == status
    assert "text/html" in answer.headers["content-type"]
    if status == 422:
        assert "Write a PDF, PNG or JPEG file of at most 5 MB." in answer.text
        assert "Valgt." in answer.text
    async with database.transaction(asking.tenant.id) as db:
        assert (await db.scalars(select(LeaderClaim))).all() == []


async def test_a_form_without_a_file_will_do_and_is_carried_out_once(asking: Asking) -> None:
    fields = {"text": "Valgt.", "action": "claim", "idempotency_key": "0192"}
    files = {"file": ("", b"", "application/octet-stream")}
    answers = [
        await asking.http.post(asking.path, data=fields, headers=asking.headers),
        await asking.http.post(asking.path, data=fields, headers=asking.headers),
        await asking.http.post(
            asking.path, data={**fields, "idempotency_key": "1"}, files=files, headers=asking.headers
        ),
    ]
    assert [each.status_code for each in answers] == [303, 303, 409]
    assert "The municipality has not answered yet." in answers[2].text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="text"\r\nContent-Type: a/b; charset=bogus\r\n\r\nx\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\0\r\n--x--\r\n',
    ],
)
async def test_a_form_that_is_badly_written_is_no_fault(asking: Asking, body: bytes) -> None:
    headers = {**asking.headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await asking.http.post(asking.path, content=body, headers=headers)
    assert answer.status_code in {400, 422}, answer.status_code


async def test_no_other_form_takes_files(asking: Asking) -> None:
    answer = await asking.http.post(
        f"/{asking.tenant.slug}/associations/new",
        data={"name": "Ny"},
        files={"file": ("a.pdf", PDF, "application/pdf")},
        headers=asking.headers,
    )
    assert answer.status_code == 415
