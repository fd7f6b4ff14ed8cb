"""Found, booked, refused, moved and cancelled without JavaScript."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.models import Booking
from core.db import Database
from tests.web.village import TUESDAY, Reader, Village, field_of, links_of, text_of


async def test_a_free_time_is_found_and_booked_and_shown(village: Village, kari: Reader) -> None:
    hits = await kari.get(
        village.url("/search"), text="idrettshallen", from_on=str(TUESDAY), from_time="18:00", to_time="20:00"
    )
    form = await kari.get(links_of(hits, "/book\\?")[0])
    assert field_of(form, "on") == TUESDAY.isoformat()
    assert (field_of(form, "from_time"), field_of(form, "to_time")) == ("18:00", "18:30")
    assert "This time is free" in text_of(form)
    assert "It is yours as soon as you book." in text_of(form)

    sent = await kari.book(village.hall.parts[0], idempotency_key=field_of(form, "idempotency_key") or "")
    receipt = await kari.get(sent.headers["location"])
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    whole = await kari.get(village.url(f"/resources/{village.hall.whole}"), week=week)
    mine = await kari.get(village.url("/bookings"))

    assert sent.status_code == 303
    assert "Your time is booked" in text_of(receipt)
    assert "18:00–19:00" in text_of(receipt)
    assert "Handball training" in text_of(whole)  # hers, so she may see it
    assert "Handball training" in text_of(mine)


async def test_who_has_a_time_is_told_to_nobody_else(village: Village, kari: Reader, nobody: Reader) -> None:
    await kari.book(village.hall.parts[0], title="Secret party")
    await kari.book(village.hall.parts[1], title="Open day", public="yes", from_time="20:00", to_time="21:00")
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    seen = text_of(await nobody.get(village.url(f"/resources/{village.hall.whole}"), week=week))

    assert "Secret party" not in seen
    assert "Kari" not in seen
    assert "Taken" in seen
    assert "Open day" in seen


async def test_pressing_book_without_having_signed_in_loses_nothing(village: Village, nobody: Reader) -> None:
    form = await nobody.get(village.book(village.pool), on=str(TUESDAY), from_time="18:00", to_time="19:00")
    assert "You sign in before it is booked." in text_of(form)
    away = await nobody.book(
        village.pool, quantity="3", title="Svømmeskole & moro", audience="children", public="yes"
    )
    assert away.status_code == 303
    choice = await nobody.get(away.headers["location"])
    assert "Kari Nordmann" in text_of(choice)
    back = await nobody.sign_in("citizen", field_of(choice, "next") or "")
    form = await nobody.get(back.headers["location"])

    assert field_of(form, "title") == "Svømmeskole & moro"
    assert field_of(form, "quantity") == "3"
    assert field_of(form, "from_time") == "18:00"
    assert "checked" in re.findall(r'<input[^>]*name="public"[^>]*>', form.text)[0]
    assert '<option value="children" selected>' in form.text
    assert "Signed in as Kari Nordmann" in text_of(form)


async def test_a_form_sent_twice_books_once(database: Database, village: Village, kari: Reader) -> None:
    first = await kari.book(village.hall.parts[0], idempotency_key="k1")
    again = await kari.book(village.hall.parts[0], idempotency_key="k1")
    other = await kari.book(village.hall.parts[0], idempotency_key="k1", from_time="20:00", to_time="21:00")

    assert again.headers["location"] == first.headers["location"]
    assert other.status_code == 303
    assert other.headers["location"] != first.headers["location"]
    async with database.transaction(village.tenant.id) as db:
        assert len((await db.scalars(select(Booking.id))).all()) == 2


async def test_a_taken_time_is_refused_with_times_to_take_instead(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.whole)
    refused = await kari.book(village.hall.parts[0], title="Too late", people="12")
    said = text_of(refused)

    assert refused.status_code == 409
    assert "<title>Error: " in refused.text
    assert "The time is taken." in said
    assert "In the way:" in said
    assert "The nearest free times:" in said
    assert field_of(refused, "title") == "Too late"
    assert field_of(refused, "people") == "12"
    assert "autofocus" in refused.text
    instead = links_of(refused, "/book\\?.*start=")
    form = await kari.get(instead[0])
    assert "This time is free" in text_of(form)
    assert field_of(form, "title") == "Too late"


async def test_other_halls_are_offered_for_the_same_time(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    refused = await kari.book(village.hall.parts[0], title="Too late")
    elsewhere = [
        url for url in links_of(refused, "/book\\?.*start=") if str(village.hall.parts[0]) not in url
    ]

    assert elsewhere
    assert all(f"start={TUESDAY}T18%3A00" in url for url in elsewhere)


REFUSED: list[tuple[dict[str, str], int, str]] = [
    ({"title": ""}, 422, "Write what the time is for."),
    ({"on": ""}, 422, "Choose a day."),
    ({"on": "2026-02-30"}, 422, "Write a day that exists."),
    ({"on": "9999-12-31"}, 422, "Write a day that exists."),
    ({"from_time": "25:00"}, 422, "Write a time such as 18:00."),
    ({"to_time": "17:00"}, 422, "The end must be after the start."),
    ({"to_on": "2020-01-01"}, 422, "The last day must not be before the first."),
    ({"people": "many"}, 422, "Write a whole number, 1 or more."),
    ({"title": "x" * 201}, 422, "Write at most 200 letters in the title."),
    ({"title": "a\0b"}, 422, "Write at most 200 letters in the title."),
    ({"every_weeks": "1"}, 422, "Write the last day of the repeats."),
    ({"every_weeks": "1", "until": "2020-01-01"}, 422, "The last day must not be before the first"),
    ({"association_id": "01a2076e-1c61-7935-b75a-9ca51501f8ce"}, 403, "Choose an association"),
    ({"team": "01a2076e-1c61-7935-b75a-9ca51501f8ce"}, 422, "Choose a team"),
    ({"quantity": "2"}, 422, "There are 1 in all."),
    ({"from_time": "06:00", "to_time": "07:00"}, 422, "Open: "),
    ({"from_time": "18:10", "to_time": "19:10"}, 422, "Book in steps of 30 minutes"),
    ({"on": "2024-01-02"}, 422, "The earliest that can be booked now is"),
    ({"from_time": "18:00", "to_time": "18:10"}, 422, "The shortest booking here is 30 minutes."),
]


@pytest.mark.parametrize(("fields", "status", "told"), REFUSED)
async def test_what_is_wrong_is_said_and_nothing_is_lost(
    village: Village, kari: Reader, fields: dict[str, str], status: int, told: str
) -> None:
    answer = await kari.book(village.hall.parts[0], purpose="Keep this", **fields)

    assert answer.status_code == status
    assert told in text_of(answer)
    assert field_of(answer, "purpose") == "Keep this"
    assert "Error: " in answer.text


async def test_terms_must_be_accepted(village: Village, kari: Reader) -> None:
    refused = await kari.book(village.room)
    taken = await kari.book(village.room, accepted_terms=field_of(refused, "accepted_terms") or "")

    assert refused.status_code == 422
    assert "You must accept the terms to book." in text_of(refused)
    assert "Tidy up." in text_of(refused)
    assert taken.status_code == 303


async def test_associations_book_where_only_they_may(village: Village, kari: Reader, nobody: Reader) -> None:
    refused = await kari.book(village.club_hall)
    await nobody.sign_in("delegate")
    form = await nobody.get(village.book(village.club_hall))
    team = re.findall(r'<option value="([^"]*)">Jenter 14', form.text)[0]
    booked = await nobody.book(village.club_hall, association_id=str(village.association), team=team)

    assert refused.status_code == 422
    assert "Choose an association that you may book for." in text_of(refused)
    assert booked.status_code == 303
    assert "Øvre IL" in text_of(await nobody.get(booked.headers["location"]))


async def test_repeats_are_seen_before_they_are_booked(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    weekly = {"every_weeks": "1", "until": str(TUESDAY + timedelta(days=21))}
    seen = await kari.book(village.hall.parts[0], action="check", **weekly)
    refused = await kari.book(village.hall.parts[0], **weekly)
    some = await kari.book(village.hall.parts[0], if_refused="skip", **weekly)
    receipt = await kari.get(some.headers["location"])

    assert seen.status_code == 200
    assert text_of(seen).count("The time is taken.") == 1
    assert "1 of the times cannot be had" in text_of(seen)
    assert seen.text.count('name="except"') == 4
    assert refused.status_code == 409
    assert refused.text.count('name="except"') == 4
    assert some.status_code == 303
    assert "One time could not be booked" in text_of(receipt)
    assert "Your times are booked" in text_of(receipt)


async def test_days_that_are_ticked_are_left_out(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    weekly = {"every_weeks": "1", "until": str(TUESDAY + timedelta(days=7)), "except": str(TUESDAY)}
    booked = await kari.book(village.hall.parts[0], **weekly)

    assert booked.status_code == 303
    assert text_of(await kari.get(booked.headers["location"])).count("Confirmed") == 1


async def test_the_quote_is_a_part_of_a_page_and_never_an_error(village: Village, nobody: Reader) -> None:
    wish = {"on": str(TUESDAY), "from_time": "18:00", "to_time": "19:00"}
    free = await nobody.get(village.url(f"/resources/{village.pool}/quote"), **wish)
    closed = await nobody.get(
        village.url(f"/resources/{village.pool}/quote"), **{**wish, "from_time": "05:00"}
    )
    nonsense = await nobody.get(village.url(f"/resources/{village.pool}/quote"), **{**wish, "on": "soon"})

    assert [answer.status_code for answer in (free, closed, nonsense)] == [200, 200, 200]
    assert "<html" not in free.text
    assert "This time is free" in free.text
    assert "outside the opening hours" in closed.text


async def test_a_booking_is_moved_and_cancelled(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    mine = await kari.get(village.url("/bookings"))
    move, cancel = links_of(mine, "/move$")[0], links_of(mine, "/cancel$")[0]
    form = await kari.get(move)
    wish = {
        "on": str(TUESDAY),
        "from_time": "20:00",
        "to_time": "21:00",
        "version": field_of(form, "version") or "",
    }
    moved = await kari.post(move, wish)
    told = await kari.get(moved.headers["location"])
    stale = await kari.post(cancel, {"version": "1"})
    sure = await kari.get(cancel)
    cancelled = await kari.post(cancel, {"version": field_of(sure, "version") or "", "reason": "Ill"})
    after = await kari.get(cancelled.headers["location"])

    assert field_of(form, "from_time") == "18:00"
    assert "The booking is moved." in text_of(told)
    assert "20:00–21:00" in text_of(told)
    assert stale.status_code == 412
    assert "Somebody has changed this since you read it." in text_of(stale)
    assert "The booking is cancelled." in text_of(after)
    assert not links_of(after, "/cancel$")


async def test_a_move_to_a_taken_time_keeps_the_old_one(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.parts[0])
    await kari.book(village.hall.parts[0], from_time="20:00", to_time="21:00")
    move = links_of(await kari.get(village.url("/bookings")), "/move$")[0]
    wish = {"on": str(TUESDAY), "from_time": "20:00", "to_time": "21:00", "version": "1"}
    refused = await kari.post(move, wish)

    assert refused.status_code == 409
    assert "The time is taken." in text_of(refused)
    assert links_of(refused, "/move\\?start=")
    assert field_of(await kari.get(links_of(refused, "/move\\?start=")[0]), "from_time") != "18:00"


def test_the_day_that_is_booked_is_a_tuesday() -> None:
    assert TUESDAY.isoweekday() == 2
    assert date(2026, 1, 1) < TUESDAY
