"""Whatever people write comes back from every calendar program as they wrote it, cleaned as the house cleans, and is
never read as anything but a text.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling.wording import one_line
from core.spans import DAY
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.clients.libraries import LIBRARIES
from tests.calendar_feeds.clients.octets import faults, unfolded
from tests.calendar_feeds.clients.programs import Libical, as_node_ical_reads, by_node
from tests.calendar_feeds.clients.shown import Shown, differences
from tests.calendar_feeds.clients.story import HOSTILE, TUESDAY
from tests.calendar_feeds.clients.wanted import Club, Fact, Facts, House, Person, Place

LONG = (
    "ø" * 10_000,
    "🏐" * 2_500,
    "a\\,;b\n" * 1_700,
    "שלום " * 2_000,
    "uten mellomrom" * 700,
    "BEGIN:VEVENT\r\n" * 700,
)
"""Ten thousand octets or more: no form takes them, but an import may leave them in a name."""
SIGNS = st.sampled_from(
    "\\;,:\"'nN \r\n\t\x00\x01\x0b\x1f\x7f\x85\u2028\u202e\u2066\ufeffæ🏐\U000e0001 aאم{}%"
)
TITLES = st.lists(
    st.text(SIGNS, min_size=1, max_size=120) | st.text(min_size=1, max_size=200) | st.sampled_from(HOSTILE),
    min_size=1,
    max_size=6,
)


def unlike(raw: bytes, wanted: Sequence[Shown]) -> str:
    """Where the libraries of Python read something else, in words."""
    assert faults(raw) == []
    told = [differences(map(each.as_read, wanted), each.read(raw)) for each in LIBRARIES.values()]
    return "\n".join(filter(None, told))


class Desk:
    """Somebody who books an hour after the other, under any title."""

    def __init__(self, town: Town, kari: Person, place: Place) -> None:
        self.town, self.kari, self.place = town, kari, place
        self.facts = Facts(town.tenant)

    async def book(self, title: str) -> None:
        """Unless it is refused."""
        day, hour = divmod(len(self.facts.bookings), 24)
        span = make.at(TUESDAY + day * DAY, hour)
        wished = make.wish(self.place.id, span)
        answer = await self.town.apply(self.kari.token, wished, title=title, public=True)
        if answer.status_code in {400, 422}:
            assert "\x00" in title, answer.text
            return
        assert answer.status_code == 201, answer.text
        (booking,) = answer.json()["bookings"]
        self.facts.bookings[booking["id"]] = Fact(self.place, span, title, self.kari)

    async def read(self) -> bytes:
        answer = await self.town.http.get(f"/ical/{self.town.tenant.slug}/resources/{self.place.id}.ics")
        assert answer.status_code == 200, answer.text
        return answer.content


async def _place(db: AsyncSession, house: str, name: str) -> Place:
    facility_id = await make.facility(db, name=house)
    await make.open_daily(db, facility_id, 0, 24 * 60)
    unit = await make.unit(db, facility_id)
    made = await make.resource(db, facility_id, [unit], name=name)
    return Place(made, name, House(facility_id, house), frozenset({unit}))


@pytest.fixture
async def desk(town: Town) -> Desk:
    person_id, token = await town.have(make.person)
    place = await town.have(lambda db: _place(db, "Hallen", "Sal"))
    return Desk(town, Person(person_id, token, ""), place)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(titles=TITLES)
@example(titles=list(HOSTILE))
async def test_every_title_comes_back_as_it_was_written(desk: Desk, titles: list[str]) -> None:
    for title in titles:
        await desk.book(title)
    assert unlike(await desk.read(), desk.facts.resource(desk.place)) == ""


async def _named(town: Town, tmp_path: Path) -> dict[str, tuple[bytes, list[Shown]]]:
    """Calendars of places and clubs with names that no form would take, by file. What they are called is checked."""
    person_id, token = await town.have(make.person)
    kari = Person(person_id, token, "")
    found: dict[str, tuple[bytes, list[Shown]]] = {}
    for number, text in enumerate([*LONG, *HOSTILE]):
        place = await town.have(lambda db, text=text: _place(db, text, text[::-1]))
        club_id, team_id = await town.have(lambda db, text=text: make.association(db, person_id, name=text))
        desk = Desk(town, kari, place)
        fact = Fact(
            place, make.at(TUESDAY, 12), "Trening", kari, club=Club(club_id, text, team_id, "Jenter 14")
        )
        booking_id = await town.booked(
            token,
            place.id,
            fact.span,
            title="Trening",
            public=True,
            association_id=str(club_id),
            team_id=str(team_id),
        )
        desk.facts.bookings[booking_id] = fact
        raw = await desk.read()
        called = one_line(f"{text} – {text[::-1]}")
        names = [line for line in unfolded(raw) if line.startswith(("NAME:", "X-WR-CALNAME:"))]
        assert [re.sub(r"\\(.)", r"\1", each) for each in names] == [
            f"NAME:{called}",
            f"X-WR-CALNAME:{called}",
        ]
        (tmp_path / f"{number}.ics").write_bytes(raw)
        found[str(tmp_path / f"{number}.ics")] = raw, desk.facts.resource(place)
    return found


async def test_names_that_no_form_would_take_do_no_harm(town: Town, tmp_path: Path) -> None:
    named = await _named(town, tmp_path)
    read = await by_node({file: file for file in named})
    for file, (raw, wanted) in named.items():
        assert unlike(raw, wanted) == ""
        assert differences(wanted, read["ical.js"][file]) == ""
        assert differences(map(as_node_ical_reads, wanted), read["node-ical"][file]) == ""


@pytest.mark.libical
async def test_names_that_no_form_would_take_are_read_by_libical(town: Town, tmp_path: Path) -> None:
    libical = Libical(tmp_path)
    for raw, wanted in (await _named(town, tmp_path)).values():
        assert differences(wanted, libical.read(raw)) == ""
