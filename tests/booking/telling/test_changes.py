"""Every change of a booking is told once, to whose it is, in her language, with her calendar kept right."""

from typing import Any

import pytest
from sqlalchemy import update

from booking.deadlines import appeal_until
from core.settings import Settings
from core.spans import local_date, utc_now
from core.tenants import Tenant
from core.texts import texts
from people.models import Person
from tests import make
from tests.booking.conftest import Town
from tests.booking.telling.reading import (
    as_mail,
    event_in,
    letters,
    notices,
    person,
    spread,
    text_messages,
)

DAY = make.next_weekday(2, weeks=2)
AT_SIX = make.at(DAY, 18)
LATER = make.at(DAY, 20)


async def test_a_request_is_received_at_once_and_its_answer_carries_the_invitation(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, token = await person(town)
    _, officer = await person(town, "case_officer")
    asked = await town.book(token, hall.whole, AT_SIX)
    await spread(town, times=3)
    [receipt] = await letters(town)
    assert receipt.subject == "Received: Trening"
    assert receipt.calendar is None, "nothing stands yet"
    assert f"https://{town.tenant.hosts[0]}/applications/{asked['id']}" in receipt.text

    assert (await town.decide(officer, asked, text="Velkommen!")).status_code == 200
    await spread(town, times=3)

    _, answer = await letters(town)
    assert (answer.person_id, answer.subject) == (kari, "Approved: Trening")
    assert "Velkommen!" in answer.text
    assert "Hele hallen, Idrettshallen" in answer.text
    method, event = event_in(answer)
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 1)
    assert event["UID"] == f"booking-{asked['bookings'][0]['id']}@ledig"
    assert event["DTSTART"].dt == AT_SIX.start
    assert str(event["ATTENDEE"]) == f"mailto:{answer.address}"
    assert str(event["ORGANIZER"]) == "mailto:ledig@ledig.example"
    told = await notices(town)
    assert [(each.kind, each.person_id) for each in told] == [("requested", kari), ("approved", kari)]
    assert [each.read_at is None for each in told] == [False, True], "what she did herself is no news"


async def test_a_rejection_says_why_and_puts_nothing_into_a_calendar(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, token = await person(town, notices=[])
    _, officer = await person(town, "case_officer")
    asked = await town.book(token, hall.whole, AT_SIX)
    answer = await town.decide(officer, asked, approve=False, reason="Valg i hallen", text="Prøv i mai.")
    assert answer.status_code == 200
    await spread(town)

    _, letter = await letters(town, kari)
    assert letter.subject == "Not approved: Trening"
    assert "Reason: Valg i hallen" in letter.text
    assert "Prøv i mai." in letter.text
    assert "appeal until" not in letter.text, "there is no decision with a deadline"
    assert letter.calendar is None
    assert letter.unsubscribe_url is None, "a decision is sent whatever she has chosen"


async def test_what_is_answered_in_part_is_one_letter(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    _, token = await person(town)
    _, officer = await person(town, "case_officer")
    answer = await town.apply(token, make.wish(hall.whole, AT_SIX), make.wish(hall.whole, LATER))
    first, second = answer.json()["bookings"]
    body: dict[str, Any] = {
        "bookings": [{"id": first["id"], "approve": True}, {"id": second["id"], "reject": True}],
        "reason": "Fullt",
    }
    await town.post(f"/applications/{answer.json()['id']}/decide", officer, body)
    await spread(town)

    _, letter = await letters(town)
    approved, _, rest = letter.text.partition("Not approved:")
    assert "18:00–19:00" in approved
    assert "20:00–21:00" in rest
    _, event = event_in(letter)
    assert event["UID"] == f"booking-{first['id']}@ledig"


async def test_sequence_grows_over_a_move_and_a_cancellation(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town)
    _, officer = await person(town, "case_officer")
    booked = await town.booked(token, hall.whole, AT_SIX)
    assert (await town.move(officer, booked, LATER)).status_code == 200
    cancelled = await town.post(f"/bookings/{booked}/cancel", officer, {"reason": "Vannlekkasje"})
    assert cancelled.status_code == 200
    await spread(town, times=2)

    found = [event_in(each) for each in await letters(town)]
    assert [method for method, _ in found] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["SEQUENCE"] for _, event in found] == [0, 1, 2]
    assert len({event["UID"] for _, event in found}) == 1
    assert [event["STATUS"] for _, event in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["DTSTART"].dt for _, event in found] == [AT_SIX.start, LATER.start, LATER.start]
    moved, ended = (await letters(town))[1:]
    assert "Before, it was:" in moved.text
    assert "Reason: Vannlekkasje" in ended.text


async def test_who_changes_her_own_booking_gets_a_receipt_for_her_calendar_and_no_news(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town, notices=["email", "sms"], phone="+4791234567")
    booked = await town.booked(token, hall.whole, AT_SIX)
    await town.move(token, booked, LATER)
    await town.post(f"/bookings/{booked}/cancel", token, {})
    await spread(town)

    assert [event_in(each)[0] for each in await letters(town)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert all(each.read_at is not None for each in await notices(town, kari))
    assert await text_messages(town) == []


async def test_withdrawing_what_nobody_answered_is_told_to_nobody(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, token = await person(town)
    asked = await town.book(token, hall.whole, AT_SIX)
    assert (await town.post(f"/applications/{asked['id']}/withdraw", token)).status_code == 200
    assert await spread(town) == 2
    assert [each.kind for each in await notices(town, kari)] == ["requested"]


async def test_what_a_closure_displaces_is_taken_out_of_the_calendar(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    _, manager = await person(town, "facility_manager")
    await town.booked(token, hall.whole, AT_SIX)
    closed = await town.close(manager, AT_SIX, facility_id=str(hall.facility_id), displace=True)
    assert closed.status_code == 201, closed.text
    await spread(town, times=2)

    assert [each.kind for each in await notices(town, kari)] == ["confirmed", "displaced"]
    _, letter = await letters(town)
    method, event = event_in(letter)
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 1, "CANCELLED")
    assert "Reason: Vask" in letter.text


async def test_a_booking_for_a_club_is_told_to_who_asked_and_to_nobody_else(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    ola, other = await person(town)
    club, _ = await town.have(lambda db: make.association(db, kari, ola))
    booked = await town.booked(token, hall.whole, AT_SIX, association_id=str(club))
    assert (await town.post(f"/bookings/{booked}/cancel", other, {"reason": "Sykdom"})).status_code == 200
    await spread(town)

    assert [(each.kind, each.person_id) for each in await notices(town)] == [
        ("confirmed", kari),
        ("cancelled", kari),
    ]
    assert {each.person_id for each in await letters(town)} == {kari}


async def test_many_times_are_many_invitations_in_one_letter(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=21))}
    made = await town.apply(token, make.wish(hall.whole, AT_SIX), repeat=repeat)
    count = len(made.json()["bookings"])
    assert count > 15
    await spread(town)

    [letter] = await letters(town)
    parts = [part for part in as_mail(letter).walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == count
    assert {part["Content-Type"].params["method"] for part in parts} == {"REQUEST"}
    assert f"and {count - 11} more" in letter.text


@pytest.mark.parametrize(("own", "written"), [("nn", "nn"), ("en", "en"), (None, "nb"), ("sv", "nb")])
async def test_each_is_told_in_her_own_language_or_the_municipalitys_first(
    town: Town, own: str | None, written: str
) -> None:
    hall = await town.hall(decision="case_officer")
    _, token = await person(town, language=own)
    await town.book(token, hall.whole, AT_SIX)
    await spread(town)
    [letter] = await letters(town)
    assert letter.language == written
    assert letter.subject == texts(written).gettext("Received: {title}").format(title="Trening")
    assert f'<html lang="{written}">' in (letter.html or "")


async def test_who_has_been_erased_gets_nothing(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    booked = await town.booked(token, hall.whole, AT_SIX)
    async with town.database.transaction(town.tenant.id) as db:
        await db.execute(
            update(Person).where(Person.id == kari).values(erased_at=utc_now(), name="", email=None)
        )
    assert await spread(town) == 1
    assert booked
    assert (await letters(town), await notices(town)) == ([], [])


async def test_two_municipalities_never_mix(town: Town, stranger: Tenant, database: Any, http: Any) -> None:
    other = Town(http, database, stranger)
    for each in (town, other):
        hall = await each.hall()
        _, token = await person(each)
        await each.booked(token, hall.whole, AT_SIX)
    await spread(town)
    assert (len(await letters(town)), len(await letters(other))) == (1, 0)
    await spread(other)
    [here], [there] = await letters(town), await letters(other)
    assert (here.person_id, here.address) != (there.person_id, there.address)
    assert town.tenant.name in here.text
    assert stranger.name not in here.text
    assert town.tenant.hosts[0] not in there.text


async def test_without_an_address_there_is_a_message_inside_and_without_a_wish_no_sms(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town, email=None, phone="+4791234567")
    _, officer = await person(town, "case_officer")
    booked = await town.booked(token, hall.whole, AT_SIX)
    await town.move(officer, booked, LATER)
    await spread(town)
    assert await letters(town) == []
    assert await text_messages(town) == []
    assert [each.kind for each in await notices(town, kari)] == ["confirmed", "moved"]


async def test_an_sms_is_short_and_leads_on(town: Town) -> None:
    hall = await town.hall()
    _, token = await person(town, notices=["sms"], phone="+4791234567")
    _, officer = await person(town, "case_officer")
    booked = await town.book(token, hall.whole, AT_SIX, title="Å" * 200)
    await town.move(officer, booked["bookings"][0]["id"], LATER)
    await spread(town, times=3, settings=Settings(host="127.0.0.1", port=8123))
    [message] = await text_messages(town)
    assert message.number == "+4791234567"
    assert len(message.text) < 300
    assert message.text.endswith(f"\nhttp://127.0.0.1:8123/{town.tenant.slug}/applications/{booked['id']}")


async def test_a_decision_with_a_deadline_says_until_when_one_can_appeal(town: Town) -> None:
    hall = await town.hall(decision="case_officer", decision_kind="vedtak")
    _, token = await person(town)
    _, officer = await person(town, "case_officer")
    asked = await town.book(token, hall.whole, AT_SIX)
    await town.decide(
        officer, asked, approve=False, reason="Hallen er opptatt av valget", text="Vi beklager."
    )
    await spread(town)
    _, letter = await letters(town)
    until = texts("en").day(appeal_until(local_date(make.OSLO, utc_now())), year=True)
    assert f"You can appeal until {until}." in letter.text
    assert "Reason: Hallen er opptatt av valget" in letter.text
    assert "Vi beklager." in letter.text
