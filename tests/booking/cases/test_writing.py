"""Writing in a case: who reads what, and what a question does to the clock."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from booking.cases import writing
from core.spans import utc_now
from people.actors import Actor, Grant
from tests import make
from tests.booking.cases.case_world import Case, a_case, column_of, set_case
from tests.booking.conftest import Town

PDF = b"%PDF-1.7 hei"
NOW = utc_now()


async def kinds(case: Case, token: str) -> list[tuple[str, str]]:
    found = await case.town.get(f"{case.path}/messages", token)
    return [(each["kind"], each["text"]) for each in found["items"]]


async def test_both_sides_write_and_notes_stay_inside(town: Town) -> None:
    case = await a_case(town)
    await case.write(case.kari, "Kan vi få nøkkel?")
    await case.write(case.officer, "hemmelignotat", "note")
    await case.write(case.officer, "Ja.")

    assert await kinds(case, case.kari) == [("message", "Kan vi få nøkkel?"), ("message", "Ja.")]
    assert ("note", "hemmelignotat") in await kinds(case, case.officer)
    for path in (case.path, f"/requests/{case.id}"):
        assert "hemmelignotat" not in (await case.page(path, case.kari)).text
    assert "hemmelignotat" in (await case.page(f"/requests/{case.id}", case.officer)).text
    assert "hemmelignotat" not in (await case.page(case.path, case.officer)).text  # the applicant's page


async def test_an_officer_who_applies_reads_no_notes_of_her_own_case(town: Town) -> None:
    case = await a_case(town)
    await case.write(case.officer, "hemmelignotat", "note")
    await town.have(
        lambda db: db.execute(
            text(
                "INSERT INTO role_grant (tenant_id, id, person_id, role)"
                " VALUES (:t, gen_random_uuid(), :p, 'administrator')"
            ),
            {"t": town.tenant.id, "p": UUID(case.asked["person_id"])},
        )
    )

    assert await kinds(case, case.kari) == []
    assert "hemmelignotat" not in (await case.page(f"/requests/{case.id}", case.kari)).text
    assert (await case.write(case.kari, "x", "note")).status_code == 403


async def test_each_side_writes_its_own_kinds(town: Town) -> None:
    case = await a_case(town)
    stranger, caretaker = (await town.people(1))[0], await town.person("caretaker")

    for token, kind, status in (
        (case.kari, "question", 403),
        (case.kari, "note", 403),
        (case.officer, "answer", 403),
        (stranger, "message", 404),
        (caretaker, "message", 403),
        (case.kari, "decision", 422),
        (case.kari, "message", 201),
    ):
        answer = await case.write(token, "Hei", kind)
        assert answer.status_code == status, (kind, answer.text)


async def test_a_treasurer_reads_and_does_not_write(town: Town) -> None:
    kari, treasurer = await town.have(make.person), await town.have(make.person)
    club, _ = await town.have(lambda db: make.association(db, kari[0]))
    await town.have(
        lambda db: db.execute(
            text(
                "INSERT INTO delegate (tenant_id, id, person_id, association_id, role)"
                " VALUES (:t, gen_random_uuid(), :p, :a, 'treasurer')"
            ),
            {"t": town.tenant.id, "p": treasurer[0], "a": club},
        )
    )
    hall = await town.hall(decision="case_officer")
    asked = await town.book(kari[1], hall.whole, make.at(make.next_weekday(2), 18), association_id=str(club))
    case = Case(town, hall, kari[1], "", asked)

    assert (await case.write(kari[1], "Hei")).status_code == 201
    assert await kinds(case, treasurer[1]) == [("message", "Hei")]
    assert (await case.write(treasurer[1], "Hei")).status_code == 403


async def test_a_question_stops_the_clock_and_her_answer_starts_it_again(town: Town) -> None:
    case = await a_case(town)
    answer_by = NOW + timedelta(days=14)
    await set_case(case, answer_by=answer_by)
    officer = Actor(person_id=UUID(int=1), grants=(Grant("case_officer"),))
    await town.have(
        lambda db: db.execute(
            text("INSERT INTO person (tenant_id, id, name) VALUES (:t, :p, 'Ola')"),
            {"t": town.tenant.id, "p": UUID(int=1)},
        )
    )
    kari = Actor(person_id=UUID(case.asked["person_id"]), name="Kari")

    async def write(who: Actor, kind: writing.EntryKind, days: int) -> None:
        await town.have(
            lambda db: writing.write(
                db, who, town.tenant, UUID(case.id), kind=kind, text="?", now=NOW + timedelta(days=days)
            )
        )

    await write(officer, "question", 1)
    await write(officer, "question", 2)  # it stands still already
    await write(kari, "message", 3)
    assert await column_of(case, "paused_at") == NOW + timedelta(days=1)
    await write(kari, "answer", 5)

    assert await column_of(case, "paused_at") is None
    assert await column_of(case, "answer_by") == answer_by + timedelta(days=4)
    await write(kari, "answer", 6)
    assert await column_of(case, "answer_by") == answer_by + timedelta(days=4)


async def test_what_is_decided_waits_for_nobody(town: Town) -> None:
    case = await a_case(town)
    await set_case(case, answer_by=NOW + timedelta(days=14))
    await case.write(case.officer, "Hvor mange?", "question")
    await case.decide({"id": case.ids[0], "approve": True})

    assert (await column_of(case, "answer_by"), await column_of(case, "paused_at")) == (None, None)
    await case.write(case.officer, "Trenger dere nøkkel?", "question")
    assert await column_of(case, "paused_at") is None


async def test_the_other_side_is_told_of_all_but_notes(town: Town) -> None:
    case = await a_case(town)
    for token, kind in (
        (case.kari, "message"),
        (case.officer, "note"),
        (case.officer, "question"),
        (case.kari, "answer"),
    ):
        await case.write(token, "Hei", kind)

    async with town.database.transaction(town.tenant.id) as db:
        told = await db.scalar(text("SELECT count(*) FROM outbox WHERE kind = 'CaseWritten'"))
    assert told == 3


async def send(case: Case, token: str, name: str, content: bytes, **fields: str) -> dict[str, object]:
    answer = await case.town.http.post(
        f"/api/{case.town.tenant.slug}{case.path}/files",
        headers=make.bearer(token),
        data=fields,
        files={"file": (name, content, "text/html")},
    )
    return {"status": answer.status_code, **answer.json()}


async def test_files_are_let_in_by_what_they_are_and_handed_out_to_who_may(town: Town) -> None:
    case = await a_case(town)
    stranger = (await town.people(1))[0]

    sent = await send(case, case.kari, "plan.html", PDF, text="Her er planen.")
    wrong = await send(case, case.kari, "plan.pdf", b"<html>")
    inside = await send(case, case.officer, "inni.pdf", PDF, kind="note")

    assert (sent["status"], wrong["status"], wrong["field"]) == (201, 422, "file")
    (file,) = sent["files"]  # type: ignore[misc]
    assert (file["name"], file["media_type"]) == ("plan.pdf", "application/pdf")
    path = f"{case.path}/files/{file['id']}"
    for token, status in ((case.kari, 200), (case.officer, 200), (stranger, 404)):
        assert (await town.ask("GET", path, token)).status_code == status
    got = await case.page(path, case.kari)
    assert (got.content, got.headers["x-content-type-options"]) == (PDF, "nosniff")
    assert got.headers["content-disposition"].startswith("attachment")
    (note,) = inside["files"]  # type: ignore[misc]
    assert (await town.ask("GET", f"{case.path}/files/{note['id']}", case.officer)).status_code == 200
    assert (await town.ask("GET", f"{case.path}/files/{note['id']}", case.kari)).status_code == 404


HOSTILE = '<script>alert(1)</script> {{ 7*7 }} #panic("x") " onload=x'


@pytest.mark.parametrize("kind", ["message", "question", "note"])
async def test_what_people_write_is_never_markup(town: Town, kind: str) -> None:
    case = await a_case(town)
    await case.send(f"/requests/{case.id}/write", case.officer, kind=kind, text=HOSTILE)

    page = await case.page(f"/requests/{case.id}", case.officer)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_the_pages_of_both_sides_carry_a_case_through(town: Town) -> None:
    case = await a_case(town, decision_kind="vedtak")
    requests = f"/requests/{case.id}"

    asked = await case.send(f"{requests}/write", case.officer, kind="question", text="Hvor mange kommer?")
    waiting = await case.page(case.path, case.kari)
    answered = await case.send(f"{case.path}/write", case.kari, text="Førti.")
    empty = await case.send(f"{case.path}/write", case.kari, text=" ")
    nothing = await case.send(f"{requests}/offer", case.officer, version="1", offer_for=case.ids[0])
    page = await case.page(requests, case.officer)

    assert (asked.status_code, answered.status_code, empty.status_code, nothing.status_code) == (
        303,
        303,
        422,
        422,
    )
    assert "Hvor mange kommer?" in waiting.text
    assert "Førti." in page.text
    assert 'id="approve"' in page.text
    assert "cell-wanted" in page.text
