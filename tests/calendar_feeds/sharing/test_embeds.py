"""Weeks for other sites: what everybody may know, as on our own pages, in any frame, with no cookie and no script."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from web.edge import POLICY

TUESDAY = make.next_weekday(2)
WEEK = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
EVENING = make.at(TUESDAY, 18)
HIDDEN = datetime(2100, 1, 1, tzinfo=UTC)


class Place:
    """A hall with a private and a public booking of a club's."""

    def __init__(self, hall: make.Hall, club: UUID, kari: str) -> None:
        self.hall, self.club, self.kari = hall, club, kari

    @property
    def paths(self) -> list[str]:
        shown = (
            f"resources/{self.hall.whole}",
            f"facilities/{self.hall.facility_id}",
            f"associations/{self.club}",
        )
        return [f"{path}{tail}" for path in shown for tail in ("", "/fragment")]


@pytest.fixture
async def place(town: Town) -> Place:
    hall = await town.hall()

    async def people(db: AsyncSession) -> tuple[str, UUID]:
        person_id, token = await make.person(db, name="Hemmelige Hansen")
        return token, (await make.association(db, person_id))[0]

    kari, club = await town.have(people)
    for part, hour, title, public in ((0, 10, "Privat fest", False), (1, 18, "Jentekamp", True)):
        at = make.at(TUESDAY, hour)
        await town.booked(kari, hall.parts[part], at, title=title, public=public, association_id=str(club))
    return Place(hall, club, kari)


async def get(
    town: Town, path: str, *, headers: dict[str, str] | None = None, **query: Any
) -> httpx.Response:
    query = {"week": WEEK, "lang": "nb", **query}
    return await town.http.get(f"/{town.tenant.slug}/embed/{path}", params=query, headers=headers)


async def test_every_one_tells_what_everybody_may_know(town: Town, place: Place) -> None:
    """Also to her whose booking it is, should her browser send a cookie or a program her token."""
    for path in place.paths:
        for headers in ({}, make.bearer(place.kari)):
            answer = await get(town, path, headers=headers)
            assert answer.status_code == 200, answer.text
            assert "Jentekamp" in answer.text
            for secret in ("Privat fest", "Hansen"):
                assert secret not in answer.text, path
            assert "set-cookie" not in answer.headers
            assert "<script" not in answer.text
            assert "style=" not in answer.text
            assert answer.headers["content-language"] == "nb"


async def test_any_page_may_frame_them_and_no_other_page_of_ours(town: Town, place: Place) -> None:
    for path in place.paths:
        headers = (await get(town, path)).headers
        assert "frame-ancestors *" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "x-frame-options" not in headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
    page = await town.http.get(f"/{town.tenant.slug}/resources/{place.hall.whole}")
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cross-origin-resource-policy"] == "same-origin"


async def test_the_framed_week_is_the_one_of_our_own_page(town: Town, place: Place) -> None:
    """The same cells, and the same links but for where they open."""
    path = f"resources/{place.hall.parts[1]}"
    ours = await town.http.get(f"/{town.tenant.slug}/{path}", params={"week": WEEK, "lang": "nb"})
    town.http.cookies.clear()
    theirs = await get(town, path)
    tables = [re.search(r"<table.*?</table>", page.text, re.DOTALL) for page in (ours, theirs)]
    assert tables[0]
    assert tables[1]
    wait = r' ?<a class="wait-link".*?</a>'
    assert re.sub(wait, "", tables[0][0]) == tables[1][0].replace(' target="_top" rel="noopener"', "")
    links = re.findall(r"<a [^>]*href=\"([^\"]*)\"([^>]*)>", theirs.text)
    assert len(links) > 20
    for href, rest in links:
        assert ('target="_top"' in rest) is ("/embed/" not in href)
        assert "lang=nb" in href or "/book?" in href


async def test_a_fragments_free_times_are_those_of_the_framed_week(town: Town, place: Place) -> None:
    path = f"resources/{place.hall.parts[0]}"
    framed, fragment = await get(town, path), await get(town, f"{path}/fragment")
    books = [set(re.findall(r'/book\?(start=[^"]*)"', each.text)) for each in (framed, fragment)]
    assert books[0] == books[1]
    assert books[0]
    assert fragment.text.startswith("<section")
    for href in re.findall(r'href="([^"]*)"', fragment.text):
        assert href.startswith("http://")
    for name in re.findall(r'(?:class|id)="([^"]*)"', fragment.text):
        assert all(word.startswith("ledig") for word in name.split())


async def test_the_language_is_the_choice_of_who_made_the_page(town: Town, place: Place) -> None:
    path = f"resources/{place.hall.whole}"
    said = {}
    for language in ("nb", "nn", "en"):
        answer = await get(town, path, lang=language, headers={"Cookie": "language=nn"})
        said[language] = answer.text
        assert f'<html lang="{language}"' in answer.text
        assert f"lang={language}&amp;week=" in answer.text
    first = await town.http.get(f"/{town.tenant.slug}/embed/{path}", headers={"Accept-Language": "en"})
    assert first.headers["content-language"] == "en"
    assert first.headers["vary"].lower().count("accept-language") == 1


async def test_what_is_not_published_or_elsewhere_is_nowhere(
    town: Town, place: Place, stranger: Tenant
) -> None:
    part = place.hall.parts[1]
    await town.have(lambda db: make.change_resource(db, part, name="Skjult sal", published_from=HIDDEN))
    officer = make.bearer(await town.person("administrator"))
    for tail in ("", "/fragment"):
        assert (await get(town, f"resources/{part}{tail}", headers=officer)).status_code == 404
    for path in place.paths:
        assert "Skjult" not in (await get(town, path)).text
    assert "Jentekamp" not in (await get(town, f"associations/{place.club}")).text
    for path in place.paths:
        assert (await town.http.get(f"/{stranger.slug}/embed/{path}")).status_code == 404


async def test_a_closure_is_told_with_its_reason(town: Town, place: Place) -> None:
    keeper = await town.person("facility_manager")
    shut = make.at(TUESDAY + timedelta(days=1), 12, 3)
    await town.close(keeper, shut, facility_id=str(place.hall.facility_id))
    for tail in ("", "/fragment"):
        assert "Vask" in (await get(town, f"facilities/{place.hall.facility_id}{tail}")).text


async def test_it_is_asked_whether_it_has_changed(town: Town, place: Place) -> None:
    for path in place.paths:
        first = await get(town, path)
        same = await get(town, path, headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert first.headers["cache-control"] == "public, no-cache"


async def test_what_people_wrote_stays_text(town: Town, place: Place) -> None:
    evil = "</section><script>alert(1)</script>\"'"
    club = str(place.club)
    await town.booked(
        place.kari, place.hall.parts[2], make.at(TUESDAY, 20), title=evil, public=True, association_id=club
    )
    for path in place.paths:
        text = (await get(town, path)).text
        assert "alert(1)" in text
        assert "<script" not in text
