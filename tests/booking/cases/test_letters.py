"""The letter of a decision, its PDF, and the appeal."""

import zlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from booking.cases import appeals
from booking.cases.case_schemas import DecisionOut
from booking.cases.paper import About, paper_of, pdf
from core.errors import AlreadyExists
from core.ids import new_id
from core.spans import local_instant
from core.texts import texts
from people.actors import Actor
from tests import make
from tests.booking.cases.case_world import Case, a_case
from tests.booking.conftest import Town

HOSTILE = '#panic("x") #read("/etc/passwd") $ \\ @a <b> *c* _d_ // e \u202e\x07 漢字 😀'
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_decision(*, words: str = "Tiden er opptatt.", is_vedtak: bool = True, times: int = 1) -> DecisionOut:
    outcome = {
        "outcome": "rejected",
        "resource": words,
        "facility": words,
        "start": "2026-12-01T18:00:00+01:00",
        "end": "2026-12-01T19:00:00+01:00",
    }
    return DecisionOut(
        id=new_id(),
        number=1,
        kind="vedtak" if is_vedtak else "private_law",
        decided_at=NOW,
        officer=words,
        outcomes=[outcome] * times,
        reason=words,
        text=words,
        rules={"resources": [{"name": words, "version": 3}], "terms": [words]},
        language="nb",
        appeal_until=date(2026, 12, 15) if is_vedtak else None,
        appeal=None,
    )


ABOUT = About(
    municipality="Solvik", reference="AB12", title="Cup", applicant="Kari", association=None, asked_at=NOW
)


def test_the_pdf_is_tagged_and_says_that_it_is_accessible() -> None:
    made = pdf(paper_of(a_decision(), ABOUT, texts("nb")))

    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" in made
    assert b"/StructTreeRoot" in made or b"/StructTreeRoot" in _opened(made)
    assert made == pdf(paper_of(a_decision(), ABOUT, texts("nb")))  # made anew, it is the same letter


def _opened(made: bytes) -> bytes:
    """What can be inflated of its streams."""
    found: list[bytes] = []
    for part in made.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_what_people_write_is_never_run_by_the_typesetter() -> None:
    about = About(
        municipality=HOSTILE,
        reference=HOSTILE,
        title=HOSTILE,
        applicant=HOSTILE,
        association=HOSTILE,
        asked_at=NOW,
    )

    made = pdf(paper_of(a_decision(words=HOSTILE), about, texts("nb")))

    assert made.startswith(b"%PDF-")
    assert b"root:" not in _opened(made)


def test_fifty_times_and_long_words_fit() -> None:
    assert pdf(paper_of(a_decision(times=50, words="x" * 3000), ABOUT, texts("nb"))).startswith(b"%PDF-")


def test_the_right_of_appeal_is_told_where_there_is_one() -> None:
    told = str(paper_of(a_decision(), ABOUT, texts("nb")))
    private = str(paper_of(a_decision(is_vedtak=False), ABOUT, texts("nb")))

    assert "15. desember 2026" in told
    assert "§ 28" in told
    assert "§ 18" in told.replace("§§", "§")
    assert "§ 28" not in private


async def vedtak(town: Town) -> Case:
    case = await a_case(town, decision_kind="vedtak")
    await case.decide(
        {"id": case.ids[0], "reject": True}, reason="Opptatt <b>", text=HOSTILE.replace("\x07", "")
    )
    return case


async def test_both_sides_read_the_letter_as_page_and_pdf_and_nobody_else_does(town: Town) -> None:
    case = await vedtak(town)
    stranger, caretaker = (await town.people(1))[0], await town.person("caretaker")
    path = f"{case.path}/decisions/1"

    for token, status in ((case.kari, 200), (case.officer, 200), (stranger, 404), (caretaker, 403)):
        assert (await case.page(path, token)).status_code == status
        assert (await case.page(f"{path}/letter.pdf", token)).status_code == status
    page = await case.page(path, case.kari)
    assert "Opptatt &lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert (await case.page(f"{path}/letter.pdf", case.kari)).content.startswith(b"%PDF-")
    assert (await case.page(f"{case.path}/decisions/2", case.kari)).status_code == 404


async def test_notes_are_in_no_letter(town: Town) -> None:
    case = await vedtak(town)
    await case.write(case.officer, "hemmelignotat", "note")

    assert "hemmelignotat" not in (await case.page(f"{case.path}/decisions/1", case.kari)).text
    letter = (await case.page(f"{case.path}/decisions/1/letter.pdf", case.kari)).content
    before = (await case.page(f"{case.path}/decisions/1/letter.pdf", case.officer)).content
    assert letter == before
    assert "hemmelignotat" not in str(await case.decisions())


async def test_she_appeals_once_and_the_outcome_is_written_down_once(town: Town) -> None:
    case = await vedtak(town)
    path = f"{case.path}/decisions/1/appeal"

    assert (await town.post(path, case.officer, {"text": "Jeg klager."})).status_code == 403
    made = await town.post(path, case.kari, {"text": "Jeg klager."})
    again = await town.post(path, case.kari, {"text": "Jeg klager igjen."})
    answer = {"outcome": "upheld", "text": "Vi har sett på det."}
    assert (await town.post(f"{path}/close", case.kari, answer)).status_code == 403
    closed = await town.post(f"{path}/close", case.officer, answer)
    twice = await town.post(f"{path}/close", case.officer, answer)

    assert (made.status_code, made.json()["in_time"], made.json()["outcome"]) == (201, True, None)
    assert (again.status_code, closed.status_code, twice.status_code) == (409, 200, 409)
    (decision,) = await case.decisions()
    assert (decision["appeal"]["outcome"], decision["appeal"]["answer"]) == ("upheld", answer["text"])
    shown = await case.page(case.path, case.kari)
    assert "Vi har sett på det." in shown.text


@pytest.mark.parametrize(("seconds", "in_time"), [(-1, True), (0, False)])
async def test_an_appeal_has_the_whole_of_its_last_day(town: Town, seconds: int, in_time: bool) -> None:
    case = await vedtak(town)
    (decision,) = await case.decisions()
    day_after = date.fromisoformat(decision["appeal_until"]) + timedelta(days=1)
    at = local_instant(make.OSLO, day_after, 0) + timedelta(seconds=seconds)
    kari = Actor(person_id=UUID(case.asked["person_id"]), name="Kari")

    found = await town.have(
        lambda db: appeals.appeal(db, kari, town.tenant, UUID(case.id), 1, "Jeg klager.", at)
    )

    assert found.in_time == in_time


async def test_two_appeals_at_once_are_one(town: Town) -> None:
    case = await vedtak(town)
    kari = Actor(person_id=UUID(case.asked["person_id"]), name="Kari")
    await town.have(lambda db: appeals.appeal(db, kari, town.tenant, UUID(case.id), 1, "Jeg klager.", NOW))

    with pytest.raises(AlreadyExists):
        await town.have(lambda db: appeals.appeal(db, kari, town.tenant, UUID(case.id), 1, "Igjen.", NOW))


async def test_what_an_owner_decides_cannot_be_appealed(town: Town) -> None:
    case = await a_case(town)
    await case.decide({"id": case.ids[0], "reject": True}, reason="Opptatt")

    refused = await town.post(f"{case.path}/decisions/1/appeal", case.kari, {"text": "Jeg klager."})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-appealable")
