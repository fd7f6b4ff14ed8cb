"""What is written, handed over, offered and found is told to the other side, once."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import CaseEntry, Offer
from booking.messages import CaseAssigned, CaseWritten, OfferMade, ReplacementsFound, SeenFree
from booking.models import Application
from booking.waiting_models import Replacement, Wait
from core.ids import new_id
from core.outbox import Message, publish
from core.spans import utc_now
from tests import make
from tests.booking.conftest import Town
from tests.booking.telling.reading import letters, notices, person, spread, text_messages

DAY = make.next_weekday(2, weeks=2)
AT_SIX = make.at(DAY, 18)
LATER = make.at(DAY, 20)


async def a_case(town: Town, **columns: Any) -> tuple[dict[str, Any], UUID, UUID, make.Hall]:
    """An application that waits for an officer who has it, told of already: (application, kari, officer, hall)."""
    hall = await town.hall(decision="case_officer")
    kari, token = await person(town, **columns)
    officer, _ = await person(town, "case_officer")
    asked = await town.book(token, hall.whole, AT_SIX)
    await spread(town)
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(
            update(Application).where(Application.id == UUID(asked["id"])).values(officer_id=officer)
        )
    return asked, kari, officer, hall


async def news(town: Town, message: Message, *rows: Any) -> None:
    """Rows and what is told of them, committed and delivered, the same message twice at once."""

    async def work(db: AsyncSession) -> None:
        for row in rows:
            db.add(row)
            await db.flush()
        publish(db, message)

    await town.have(work)
    await spread(town, times=2)


def entry(asked: dict[str, Any], kind: str, author: UUID, *, by_staff: bool) -> CaseEntry:
    return CaseEntry(
        id=new_id(),
        application_id=UUID(asked["id"]),
        kind=kind,
        author_id=author,
        by_staff=by_staff,
        text="Hvor mange <b>kommer</b>?\nHilsen oss",
        created_at=utc_now(),
    )


async def test_a_question_goes_to_the_applicant_and_her_answer_to_the_officer(town: Town) -> None:
    asked, kari, officer, _ = await a_case(town)
    question = entry(asked, "question", officer, by_staff=True)
    await news(town, CaseWritten(question.id), question)
    answer = entry(asked, "answer", kari, by_staff=False)
    await news(town, CaseWritten(answer.id), answer)
    appeal = entry(asked, "appeal", kari, by_staff=False)
    await news(town, CaseWritten(appeal.id), appeal)

    assert [each.kind for each in await notices(town, kari)] == ["requested", "question"]
    assert [each.kind for each in await notices(town, officer)] == ["answer", "appeal"]
    _, to_kari = await letters(town, kari)
    assert "Hvor mange <b>kommer</b>?\nHilsen oss" in to_kari.text
    assert "&lt;b&gt;kommer&lt;/b&gt;?" in (to_kari.html or "")
    assert f"/applications/{asked['id']}" in to_kari.text
    to_officer, _ = await letters(town, officer)
    assert f"/requests/{asked['id']}" in to_officer.text


async def test_a_note_among_staff_is_told_to_nobody(town: Town) -> None:
    asked, _, officer, _ = await a_case(town)
    before = len(await notices(town))
    for kind in ("note", "decision", "offer", "assigned"):
        row = entry(asked, kind, officer, by_staff=True)
        await news(town, CaseWritten(row.id), row)
    assert len(await notices(town)) == before


async def test_a_case_handed_over_is_told_to_its_officer_but_not_one_she_took(town: Town) -> None:
    asked, _, officer, _ = await a_case(town)
    await news(town, CaseAssigned(UUID(asked["id"]), officer))
    assert await notices(town, officer) == []
    await news(town, CaseAssigned(UUID(asked["id"]), None))
    [told] = await notices(town, officer)
    assert told.kind == "assigned"
    [letter] = await letters(town, officer)
    assert "18:00–19:00" in letter.text


async def test_an_offer_says_what_instead_of_what_and_until_when(town: Town) -> None:
    asked, kari, officer, hall = await a_case(town, notices=["sms"], phone="+4791234567")
    token = await town.have(lambda db: _token(db, kari))
    held = await town.book(token, hall.whole, LATER, hold=True)
    offer = Offer(
        id=new_id(),
        kind="counter",
        booking_id=UUID(held["bookings"][0]["id"]),
        instead_of=UUID(asked["bookings"][0]["id"]),
        made_by=officer,
        made_at=utc_now(),
        text="Passer dette?",
    )
    await news(town, OfferMade(offer.id), offer)
    _, letter = await letters(town, kari)
    assert letter.subject == "Another time for you: Trening"
    before, _, after = letter.text.partition("you can have:")
    assert "18:00–19:00" in before
    assert "20:00–21:00" in after
    assert "Passer dette?" in after
    assert "It is held for you until" in after
    assert len(await text_messages(town)) == 1
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(update(Offer).where(Offer.id == offer.id).values(answer="declined"))
    await news(town, OfferMade(offer.id))
    assert len(await letters(town, kari)) == 2, "what is answered is no offer"


async def _token(db: AsyncSession, person_id: UUID) -> str:
    return make.token(db, person_id, "read", "write")


async def test_other_times_for_the_displaced_until_all_are_taken(town: Town) -> None:
    asked, kari, _, hall = await a_case(town)
    lost = UUID(asked["bookings"][0]["id"])
    _, manager = await person(town, "facility_manager")
    closed = await town.close(manager, AT_SIX, facility_id=str(hall.facility_id), displace=True)
    assert closed.status_code == 201, closed.text
    await spread(town)
    other = Replacement(
        id=new_id(),
        booking_id=lost,
        resource_id=hall.parts[0],
        starts_at=LATER.start,
        ends_at=LATER.end,
        created_at=utc_now(),
    )
    await news(town, ReplacementsFound(UUID(asked["id"]), [lost]), other)
    *_, letter = await letters(town, kari)
    assert "20:00–21:00, En tredel, Idrettshallen" in letter.text
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(update(Replacement).where(Replacement.id == other.id).values(taken_by=lost))
    await news(town, ReplacementsFound(UUID(asked["id"]), [lost]))
    assert [each.kind for each in await notices(town, kari)] == ["requested", "displaced", "replacements"]


async def test_who_waits_is_told_what_is_free_as_long_as_she_waits_and_wants_to_hear(town: Town) -> None:
    hall = await town.hall()
    kari, _ = await person(town)
    ola, _ = await person(town, notices=["email"])
    waits = [
        Wait(
            id=new_id(),
            person_id=each,
            resource_id=hall.whole,
            starts_at=AT_SIX.start,
            ends_at=AT_SIX.end,
            created_at=utc_now(),
        )
        for each in (kari, ola)
    ]
    for wait in waits:
        await news(town, SeenFree(wait.id, hall.whole, AT_SIX.start, AT_SIX.end), wait)
    assert [(each.kind, each.person_id) for each in await notices(town)] == [("free", kari), ("free", ola)]
    [letter] = await letters(town)
    assert letter.person_id == kari, "he wants no such letters"
    assert letter.unsubscribe_url is not None
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(
            update(Wait).where(Wait.id == waits[0].id).values(ended_at=utc_now(), end_reason="stopped")
        )
    await news(town, SeenFree(waits[0].id, hall.whole, AT_SIX.start, AT_SIX.end))
    assert len(await letters(town)) == 1
