"""Board and screen as people get them: what each may know, and how many statements it takes."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.pages import week_code
from core.spans import utc_now
from people.privacy_models import PersonalRead
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18, 1.5)
SECRET = "Hemmelig bursdag"


async def page(town: Town, path: str, token: str | None = None, **query: Any) -> str:
    """A page that must be there."""
    headers = make.bearer(token) if token else {}
    answer = await town.http.get(f"/{town.tenant.slug}{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


async def board(town: Town, facility_id: UUID, token: str | None = None, **query: Any) -> str:
    return await page(
        town, f"/facilities/{facility_id}/board", token, **(query or {"day": TUESDAY.isoformat()})
    )


def rows(html: str) -> list[str]:
    """Each resource's row."""
    return re.findall(r'<tr role="row">\n<th scope="row".*?</tr>', html, flags=re.DOTALL)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("asked", [{"day": TUESDAY.isoformat()}, {"week": week_code(TUESDAY)}])
async def test_a_booking_stands_on_everything_it_blocks(town: Town, asked: dict[str, str]) -> None:
    hall = await town.hall()
    kari = await town.person()
    await town.book(kari, hall.parts[0], EVENING, title="Trening", public=True)
    found = rows(await board(town, hall.facility_id, **asked))
    links = [re.findall(r'href="/[^"/]*/resources/([^"/]*)"', row) for row in found]
    shown = {UUID(link[0]): "Trening" in row for link, row in zip(links, found, strict=True)}
    assert shown == {
        hall.whole: True,
        hall.parts[0]: True,
        hall.parts[1]: False,
        hall.parts[2]: False,
    }
    whole = next(row for row, link in zip(found, links, strict=True) if UUID(link[0]) == hall.whole)
    assert "18–19.30 Trening En tredel" in text_of(whole)


async def test_free_time_is_a_link_to_booking_it(town: Town) -> None:
    hall = await town.hall()
    await town.book(await town.person(), hall.parts[0], EVENING)
    html = await board(town, hall.facility_id)
    row = next(row for row in rows(html) if f"/resources/{hall.parts[0]}/book?" in row)
    links = re.findall(r'href="([^"]*/book[^"]*)"', row)
    assert len(links) == 2
    assert "start=" + make.iso(EVENING.end).replace("+00:00", "Z") in links[1]
    answer = await town.http.get(links[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert 'value="19:30"' in answer.text


async def test_a_private_title_is_told_to_its_holder_and_to_staff_alone(town: Town) -> None:
    hall = await town.hall()
    kari_id, kari = await town.have(lambda db: make.person(db, name="Kari Hemmelig"))
    await town.book(kari, hall.whole, EVENING, title=SECRET)
    stranger, officer = await town.person(), await town.person("case_officer")
    elsewhere = await town.have(make.facility)
    caretaker = await town.person("caretaker", facility_id=elsewhere)
    for path in (f"/facilities/{hall.facility_id}/board", f"/resources/{hall.whole}/screen"):
        for token in (None, stranger, caretaker):
            html = await page(town, path, token, day=TUESDAY.isoformat())
            assert SECRET not in html
            assert "Kari Hemmelig" not in html
    for token in (kari, officer):
        assert SECRET in await board(town, hall.facility_id, token)
    reader = await town.person("caretaker", resource_id=hall.whole)
    assert SECRET in await board(town, hall.facility_id, reader)

    async def traces(db: AsyncSession) -> list[UUID]:
        found = await db.scalars(select(PersonalRead.person_id).where(PersonalRead.what == "calendar"))
        return list(found)

    assert await town.have(traces) == [kari_id] * 2


async def test_staff_get_the_way_to_the_case_and_see_what_is_asked_for(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    made = await town.book(await town.person(), hall.parts[1], EVENING, title="Ønske", public=True)
    officer = await town.person("case_officer")
    html = await board(town, hall.facility_id, officer)
    assert f"/requests/{made['id']}" in html
    assert "slot-request" in html
    caretaker = await town.person("caretaker")
    assert f"/applications/{made['id']}" in await board(town, hall.facility_id, caretaker)
    assert "Ønske" not in await board(town, hall.facility_id)


async def test_what_is_not_published_is_for_staff(town: Town) -> None:
    hall = await town.hall(published_from=utc_now() + timedelta(days=100))
    path = f"/{town.tenant.slug}/facilities/{hall.facility_id}"
    assert "Hele hallen" not in await board(town, hall.facility_id)
    assert "Hele hallen" in await board(town, hall.facility_id, await town.person("caretaker"))
    assert (await town.http.get(f"{path}/screen")).status_code == 404
    assert (await town.http.get(f"/{town.tenant.slug}/facilities/{UUID(int=1)}/board")).status_code == 404


async def test_a_closure_stands_with_its_reason_and_set_up_is_told(town: Town) -> None:
    hall = await town.hall(setup_minutes=15, cleanup_minutes=30)
    officer = await town.person("facility_manager")
    await town.close(officer, make.at(TUESDAY, 8, 4), resource_id=str(hall.parts[2]))
    await town.book(await town.person(), hall.parts[0], EVENING)
    html = await board(town, hall.facility_id)
    assert html.count("Vask") == 2, "on the part and on the whole hall"
    assert "15 min" in html
    assert "30 min" in html


async def test_the_fragment_is_the_table_alone_with_the_same_revision(town: Town) -> None:
    hall = await town.hall()
    whole = await board(town, hall.facility_id)
    part = await board(town, hall.facility_id, day=TUESDAY.isoformat(), part="board")
    assert "<html" not in part
    assert part.strip() in whole


async def test_nonsense_in_the_address_is_today(town: Town) -> None:
    hall = await town.hall()
    for query in ({"day": "x"}, {"week": "2026-W99"}, {"day": "9999-12-31"}, {"page": "0"}, {"page": "²"}):
        await board(town, hall.facility_id, **query)


async def test_five_resources_and_twenty_take_the_same_statements(town: Town) -> None:
    counts: list[int] = []
    for number in (5, 20):
        facility_id = await town.have(make.facility)
        await town.have(lambda db, here=facility_id: make.open_daily(db, here))
        kari = await town.person()
        for _ in range(number):
            unit = await town.have(lambda db, here=facility_id: make.unit(db, here))
            hall = await town.have(lambda db, here=facility_id, u=unit: make.resource(db, here, [u]))
            await town.book(kari, hall, EVENING)
        sent: list[str] = []
        engine = town.http._transport.app.state.database.engine.sync_engine  # type: ignore[attr-defined]

        def note(_c: Any, _u: Any, statement: str, *_more: Any, sent: list[str] = sent) -> None:
            sent.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            await board(town, facility_id, week=week_code(TUESDAY))
        finally:
            event.remove(engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_screen_tells_public_facts_of_today_and_tomorrow_even_to_staff(town: Town) -> None:
    hall = await town.hall()
    tomorrow = make.next_weekday(((utc_now() + timedelta(days=1)).isoweekday()), weeks=0)
    kari = await town.person()
    await town.book(kari, hall.parts[0], make.at(tomorrow, 18), title="Åpen trening", public=True)
    await town.book(kari, hall.parts[1], make.at(tomorrow, 18), title=SECRET)
    for token in (None, await town.person("administrator")):
        html = await page(town, f"/facilities/{hall.facility_id}/screen", token)
        assert "Åpen trening" in html
        assert SECRET not in html
        assert make.iso(make.at(tomorrow, 18).start) in html
    part = await page(town, f"/facilities/{hall.facility_id}/screen", part="screen")
    assert "<html" not in part


async def test_nobody_frames_a_screen(town: Town) -> None:
    hall = await town.hall()
    answer = await town.http.get(f"/{town.tenant.slug}/resources/{hall.whole}/screen")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert 'http-equiv="refresh"' in answer.text


async def test_nothing_of_another_municipality_is_on_a_board(town: Town, stranger: Any) -> None:
    async with town.database.transaction(stranger.id) as db:
        other = await make.hall(db)
    for path in ("board", "board/events", "screen"):
        answer = await town.http.get(f"/{town.tenant.slug}/facilities/{other.facility_id}/{path}")
        assert answer.status_code == 404
