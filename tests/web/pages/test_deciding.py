"""Who decides, questions, terms and repeats on the pages, without JavaScript."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from tests import make
from tests.web.pages.test_every_page import counted
from tests.web.village import Reader, Village, links_of, text_of

TUESDAY = make.next_weekday(2)
POLICY = {
    "decision": "case_officer",
    "decision_kind": "vedtak",
    "answer_days": "5",
    "request_holds": "yes",
    **{f"line-0-day-{day}": "yes" for day in range(1, 6)},
    "line-0-decision": "automatic",
    "line-0-from": "16:00",
    "line-0-until": "22:00",
    "question-0-key": "goals",
    "question-0-kind": "number",
    "question-0-required": "yes",
    "question-0-label_nb": "Hvor mange mål?",
    "question-0-label_en": "How many goals?",
    "terms_version": "2026-1",
    "terms_nb": "Rydd etter dere.",
}


@pytest.fixture
async def siri(http: httpx.AsyncClient, village: Village) -> Reader:
    """An administrator who has signed in."""
    reader = Reader(http, village)
    assert (await reader.sign_in("admin")).status_code == 303
    return reader


def version_in(page: httpx.Response) -> str:
    found = re.search(r'name="version" value="([0-9]+)"', page.text)
    assert found
    return found[1]


async def ruled(siri: Reader, village: Village, **more: str) -> UUID:
    """The hall, set up as POLICY says."""
    path = village.url(f"/staff/resources/{village.hall.whole}/policy")
    saved = await siri.post(path, {**POLICY, "version": version_in(await siri.get(path)), **more})
    assert saved.status_code == 303, text_of(saved)
    return village.hall.whole


async def test_a_manager_finds_the_place_and_sets_everything_that_decides(
    village: Village, siri: Reader
) -> None:
    administration = await siri.get(village.url("/staff"))
    found = await siri.get(links_of(administration, "/staff/resources$")[0], text="hele hallen")
    path = next(
        link
        for link in links_of(found, "/staff/resources/[0-9a-f-]+/policy$")
        if str(village.hall.whole) in link
    )
    page = await siri.get(path)
    saved = await siri.post(path, {**POLICY, "version": version_in(page)})
    assert saved.status_code == 303, text_of(saved)
    shown = await siri.get(saved.headers["location"])
    assert "The rules are saved." in text_of(shown)
    for text in ('value="16:00"', 'value="goals"', "Rydd etter dere.", 'value="5"'):
        assert text in shown.text
    assert re.search(r'name="line-0-day-1" type="checkbox" value="yes" checked', shown.text)
    again = await siri.post(path, {**POLICY, "version": version_in(page)})
    assert again.status_code == 412
    changed = await siri.post(path, {**POLICY, "version": version_in(shown), "terms_nb": "Vask."})
    assert changed.status_code == 422
    assert "give it a new version" in text_of(changed)
    wrong = {"line-0-max": "two hours", "question-0-kind": "choice", "version": version_in(shown)}
    refused = await siri.post(path, {**POLICY, **wrong})
    assert refused.status_code == 422
    for text in ("This rule cannot be understood", "This question cannot be asked so", "two hours"):
        assert text in refused.text


async def test_the_form_says_who_decides_and_why_and_the_receipt_keeps_it(
    village: Village, siri: Reader, kari: Reader
) -> None:
    hall = await ruled(siri, village)
    fields = {"on": TUESDAY.isoformat(), "from_time": "18:00", "to_time": "19:00", "title": "Trening"}
    page = await kari.get(village.url(f"/resources/{hall}/book"), **fields)
    assert "It is yours as soon as you book." in text_of(page)
    assert "because of the rule: Monday–Friday, 16:00–22:00" in text_of(page)
    assert "How many goals?" in text_of(page)

    missing = await kari.book(hall, **fields, accepted_terms="2026-1", **{"answer-number-goals": ""})
    assert (missing.status_code, "Answer this question." in missing.text) == (422, True)
    wrong = await kari.book(hall, **fields, accepted_terms="2026-1", **{"answer-number-goals": "two"})
    assert (wrong.status_code, "This is no answer" in wrong.text, 'value="two"' in wrong.text) == (
        422,
        True,
        True,
    )
    booked = await kari.book(hall, **fields, accepted_terms="2026-1", **{"answer-number-goals": "2"})
    assert booked.status_code == 303, text_of(booked)
    receipt = await kari.get(booked.headers["location"])
    for text in ("Decided automatically, by the rule", "How many goals?", "Accepted terms, version 2026-1"):
        assert text in text_of(receipt)
    terms = await kari.get(links_of(receipt, "/terms/2026-1$")[0])
    assert "Rydd etter dere." in text_of(terms)
    assert (await kari.get(village.url(f"/resources/{hall}/terms"))).status_code == 200
    assert (await kari.get(village.url(f"/resources/{hall}/terms/x"))).status_code == 404


async def test_a_repeat_on_several_weekdays_tells_what_is_in_the_way_and_what_is_free_instead(
    village: Village, kari: Reader
) -> None:
    hall = village.hall
    blocked = await kari.book(
        hall.parts[0],
        on=(TUESDAY + timedelta(7)).isoformat(),
        from_time="18:00",
        to_time="19:00",
        title="Annet",
    )
    assert blocked.status_code == 303
    fields = {
        "on": TUESDAY.isoformat(),
        "from_time": "18:00",
        "to_time": "19:00",
        "title": "Trening",
        "every_weeks": "1",
        "until": (TUESDAY + timedelta(16)).isoformat(),
        "weekday": "4",
    }
    looked = await kari.book(hall.whole, **fields, action="check")
    assert "1 of the times cannot be had" in text_of(looked)
    takes = re.findall(r'name="take" value="([^"]+)"', looked.text)
    assert any(str(hall.whole) in take for take in takes)
    chosen = next(take for take in takes if str(hall.whole) in take)

    taken = await kari.book(hall.whole, **fields, take=chosen)
    assert taken.status_code == 200
    assert f'name="instead" value="{chosen}"' in taken.text
    assert "6 times are free" in text_of(taken)
    back = await kari.book(hall.whole, **fields, instead=chosen, drop=chosen.partition("~")[0])
    assert 'name="instead"' not in back.text

    booked = await kari.book(hall.whole, **fields, instead=chosen, action="book")
    assert booked.status_code == 303, text_of(booked)
    receipt = await kari.get(booked.headers["location"])
    assert text_of(receipt).count("Confirmed") == 6


async def test_40_occurrences_in_the_way_cost_no_more_statements_than_4(
    village: Village, kari: Reader, app: Litestar
) -> None:
    hall = village.hall
    counts: list[int] = []
    for weeks in (4, 40):
        await kari.book(
            hall.parts[0],
            on=TUESDAY.isoformat(),
            from_time="18:00",
            to_time="19:00",
            title="Annet",
            every_weeks="1",
            until=(TUESDAY + timedelta(7 * (weeks - 1))).isoformat(),
            if_refused="skip",
        )
        with counted(app) as seen:
            page = await kari.get(
                village.url(f"/resources/{hall.whole}/quote"),
                on=TUESDAY.isoformat(),
                from_time="18:00",
                to_time="19:00",
                every_weeks="1",
                until=(TUESDAY + timedelta(7 * (weeks - 1))).isoformat(),
            )
        assert page.text.count('name="take"') >= weeks
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def test_a_series_is_moved_and_cancelled_from_its_page(village: Village, kari: Reader) -> None:
    hall = village.hall
    booked = await kari.book(
        hall.whole,
        on=TUESDAY.isoformat(),
        from_time="18:00",
        to_time="19:00",
        title="Trening",
        every_weeks="1",
        until=(TUESDAY + timedelta(14)).isoformat(),
    )
    receipt = await kari.get(booked.headers["location"])
    moving = links_of(receipt, "/move$")[0]
    page = await kari.get(moving)
    assert "All that are to come (3)" in text_of(page)
    fields = {
        "version": version_in(page),
        "on": TUESDAY.isoformat(),
        "from_time": "20:00",
        "to_time": "21:00",
        "which": "all",
    }
    await kari.book(
        hall.parts[0],
        on=(TUESDAY + timedelta(7)).isoformat(),
        from_time="20:00",
        to_time="21:00",
        title="Annet",
    )
    refused = await kari.post(moving, fields)
    assert refused.status_code == 409
    assert "1 of the times is in the way" in text_of(refused)
    moved = await kari.post(moving, {**fields, "if_refused": "skip"})
    assert moved.status_code == 303
    told = text_of(await kari.get(moved.headers["location"]))
    assert "The bookings are moved. 1 time could not be changed" in told
    cancelling = moving.replace("/move", "/cancel")
    version = version_in(await kari.get(cancelling))
    done = await kari.post(cancelling, {"version": version, "which": "following", "reason": ""})
    assert done.status_code == 303
    assert "The bookings are cancelled." in text_of(await kari.get(done.headers["location"]))
