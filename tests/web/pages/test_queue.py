"""The officer's queue in the browser's words: filters, taking, several at once, and her own absences."""

import re

from tests.web.village import Reader, Village, links_of, text_of


async def test_an_officer_takes_a_request_and_finds_it_among_her_own(
    village: Village, kari: Reader, ingrid: Reader
) -> None:
    await kari.book(village.room, accepted_terms="2026-1", title="Årsmøte")
    queue = await ingrid.get(village.url("/requests"))
    case = links_of(queue, "/requests/")[0]

    taken = await ingrid.post(f"{case}/assign", {"take": "none", "to": "none"})
    late = await ingrid.post(f"{case}/assign", {"take": str(village.person("manager")), "to": "none"})
    hers = await ingrid.get(village.url("/requests"), whose="own")

    assert "Årsmøte" in text_of(queue)
    assert (taken.status_code, late.status_code) == (303, 303)
    assert "1 request has another officer now." in text_of(await ingrid.get(taken.headers["location"]))
    assert links_of(hers, "/requests/")[0] == case
    let_go = await ingrid.post(
        f"{case}/assign", {"was": str(village.person("officer")), "to": "none", "back": "case"}
    )
    assert let_go.headers["location"].endswith(case)
    assert "Årsmøte" not in text_of(await ingrid.get(village.url("/requests"), whose="own"))


async def test_who_is_too_late_is_told(village: Village, kari: Reader, ingrid: Reader) -> None:
    await kari.book(village.room, accepted_terms="2026-1", title="Årsmøte")
    case = links_of(await ingrid.get(village.url("/requests")), "/requests/")[0]
    await ingrid.post(f"{case}/assign", {"take": "none"})

    late = await ingrid.post(f"{case}/assign", {"was": "none", "to": "none", "back": "case"})
    several = await ingrid.post(
        village.url("/requests/assign"),
        {"case": f"{case.rpartition('/')[2]}:{village.person('citizen')}", "to": "none"},
    )

    assert late.status_code == 409
    assert "Another officer has got this case meanwhile." in text_of(late)
    assert several.status_code == 303


async def test_several_are_given_at_once(village: Village, kari: Reader, ingrid: Reader) -> None:
    await kari.book(village.room, accepted_terms="2026-1", title="Årsmøte")
    queue = await ingrid.get(village.url("/requests"))
    (value,) = re.findall(r'name="case" value="([^"]*)"', queue.text)
    to_whom = str(village.person("officer"))

    nothing = await ingrid.post(village.url("/requests/assign"), {"to": to_whom})
    given = await ingrid.post(
        village.url("/requests/assign"), {"case": value, "to": to_whom, "sort": "deadline"}
    )
    shown = await ingrid.get(given.headers["location"])

    assert nothing.status_code == 422
    assert "sort=deadline" in given.headers["location"]
    assert "1 request has another officer now." in text_of(shown)


async def test_an_officer_notes_when_she_is_away(village: Village, ingrid: Reader) -> None:
    page = village.url("/staff/absences")
    wrong = await ingrid.post(page, {"from_on": "2090-01-02", "until_on": "2090-01-01"})
    noted = await ingrid.post(page, {"from_on": "2090-01-02", "until_on": "2090-01-05", "substitute": ""})
    shown = await ingrid.get(noted.headers["location"])
    (end,) = re.findall(r'action="([^"]*/end)"', shown.text)
    ended = await ingrid.post(end, {})

    assert (wrong.status_code, noted.status_code, ended.status_code) == (422, 303, 303)
    assert "The absence is noted." in text_of(shown)
    assert "No absences." in text_of(await ingrid.get(ended.headers["location"]))
