"""Whoever hears of changes alone ends with what she would have read whole: whatever happens, and whenever she asks."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_queries import log_texts
from calendar_feeds.caldav import service
from calendar_feeds.caldav.service import Reading, reading
from calendar_feeds.caldav.sync import changes
from calendar_feeds.feeds import look
from calendar_feeds.scopes import VARIANTS, Scope, Variant
from core.spans import utc_now
from people.models import Association, Delegate
from tests import make
from tests.booking.conftest import Town
from tests.booking.test_walk import TUESDAY, Walk
from tests.calendar_feeds.caldav.asking import Program, program, told
from tests.calendar_feeds.partners.hooks import settled

WEEK = timedelta(weeks=1)
NOON = make.at(TUESDAY, 12).start
EVENING = make.at(TUESDAY, 18)
WEEKS = (
    *(-60, -59, -58, -57, -56, -56, -55, -54),  # it comes into sight: 400 days ahead
    *(-1, 0, 0, 0, 0),
    *(1, 2, 11, 12, 13, 13, 14, 15, 16, 30),  # and is out of sight: 90 days back
)
"""From the Tuesday on which everything is booked, at which the calendar is read, one after the other."""


@dataclass
class Copy:
    """A calendar as a program keeps it, which only hears of changes."""

    scope: Scope
    variant: Variant
    token: str = ""
    etags: dict[str, str] = field(default_factory=dict[str, str])

    async def open(self, town: Town, now: datetime) -> Reading:
        base = "https://ledig.test"
        seen = await look(town.database, town.tenant, self.scope, self.variant, now, base=base)
        return reading(seen, now)

    async def hear(self, town: Town, now: datetime, limit: int | None) -> bool:
        """Once; whether there is more to be heard."""
        found = await self.open(town, now)

        async def ask(db: AsyncSession) -> bool:
            delta = await changes(db, found, self.token, limit)
            if delta is None:
                assert self.token, "nothing but a token can be wrong"
                self.token, self.etags = "", {}
                return True
            self.etags.update({each.member.name: each.member.etag for each in delta.members})
            for name in delta.gone:
                self.etags.pop(name, None)
            self.token = delta.token
            return delta.is_cut

        return await town.database.run(town.tenant.id, ask)

    async def whole(self, town: Town, now: datetime) -> dict[str, str]:
        found = await self.open(town, now)

        async def ask(db: AsyncSession) -> dict[str, str]:
            return {each.member.name: each.member.etag for each in await service.members(db, found)}

        return await town.database.run(town.tenant.id, ask)


async def person_ids(town: Town) -> list[UUID]:
    async with town.database.transaction(town.tenant.id) as db:
        return list(await db.scalars(text("SELECT id FROM person ORDER BY id")))


@pytest.mark.parametrize("seed", range(2))
async def test_hearing_of_changes_is_as_good_as_reading_all(town: Town, seed: int) -> None:
    walk = Walk(town, seed)
    await walk.prepare()
    chance = random.Random(seed)
    places = [*walk.hall.parts, walk.hall.whole]
    scopes = [
        *(Scope("resource", each) for each in places),
        Scope("facility", walk.hall.facility_id),
        Scope("municipality"),
        *(Scope("person", each) for each in await person_ids(town)),
    ]
    copies = [Copy(scope, variant) for scope in scopes for variant in VARIANTS]

    for weeks in WEEKS:
        now = NOON + weeks * WEEK
        for _ in range(chance.randrange(4)):
            await walk.step()
        for copy in chance.sample(copies, 6):
            while await copy.hear(town, now, chance.choice((None, 1, 2, 3))):
                if chance.random() < 0.2:
                    await walk.step()
            while await copy.hear(town, now, None):
                pass
            assert copy.etags == await copy.whole(town, now), (copy.scope, copy.variant, weeks, walk.did)
    assert len(walk.did) >= 6, walk.did


async def test_a_change_that_an_older_transaction_made_and_that_is_seen_later_is_told_later(
    town: Town,
) -> None:
    hall, other = await town.hall(), await town.hall()
    kari, token = await town.have(make.person)
    early = UUID(await town.booked(token, hall.parts[0], EVENING))
    copy, now = Copy(Scope("person", kari), "full"), utc_now()
    await settled(town)
    await copy.hear(town, now, None)

    async with town.database.transaction(town.tenant.id) as slow:
        await log_texts(slow, [early], now)
        late = await town.booked(token, other.parts[0], EVENING)
        await copy.hear(town, now, None)
        assert f"booking-{late}.ics" in copy.etags
        between = copy.token, dict(copy.etags)
        await copy.hear(town, now, None)
        assert copy.token == between[0], "nothing was seen to change meanwhile"
    await copy.hear(town, now, None)

    assert copy.etags == await copy.whole(town, now)
    assert copy.token != between[0]


async def test_a_hold_that_lapsed_was_never_anybodys_news(town: Town) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    reader = await program(town, kari)
    before = told(await reader.sync()).token

    held = await town.apply(token, make.wish(hall.parts[0], EVENING), hold=True)
    await town.post(f"/applications/{held.json()['id']}/withdraw", token)
    heard = told(await reader.sync(before))

    assert (heard.etags, heard.gone) == ({}, set())


async def after_many(town: Town, number: int) -> tuple[Program, list[str]]:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    spans = [make.at(TUESDAY, 8 + index) for index in range(number)]
    booked = [await town.booked(token, hall.parts[0], span) for span in spans]
    reader = await program(town, kari)
    return reader, sorted(f"{reader.calendar}booking-{each}.ics" for each in booked)


async def test_a_long_answer_comes_in_parts_of_the_length_that_was_asked_for(town: Town) -> None:
    reader, hrefs = await after_many(town, 5)
    heard: list[str] = []
    token, lengths = "", list[int]()

    while True:
        part = told(await reader.sync(token, limit=2))
        heard += part.etags
        lengths.append(len(part.etags))
        token = part.token
        if not part.is_cut:
            break

    assert lengths == [2, 2, 1]
    assert heard == hrefs
    assert told(await reader.sync(token)).etags == {}


@pytest.mark.parametrize(
    "token",
    [
        "urn:x-ledig:sync:2:0000000000000000:20261123:0:0000000000000000",
        "http://radicale.org/ns/sync/1",
        "0",
        "urn:x-ledig:sync:2:",
    ],
)
async def test_a_token_that_is_none_of_this_calendar_is_refused_by_name(town: Town, token: str) -> None:
    reader, _ = await after_many(town, 1)

    answer = await reader.sync(token)

    assert answer.status_code == 403
    assert "<d:valid-sync-token/>" in answer.text


async def test_the_token_and_the_tag_change_when_something_does_and_else_not(town: Town) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    reader = await program(town, kari)
    props = "<d:sync-token/><cs:getctag/>"

    async def both() -> set[str]:
        said = (await reader.find(props)).by_href[reader.calendar]
        return {each.text or "" for each in said.props.values()}

    await settled(town)
    (first,) = await both()
    (again,) = await both()
    await town.booked(token, hall.parts[0], EVENING)
    (changed,) = await both()

    assert first == again
    assert changed not in {"", first}
    await settled(town)
    assert await both() == {told(await reader.sync()).token}


async def test_what_changes_while_a_long_answer_is_heard_is_told_after_it(town: Town) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    booked = [await town.booked(token, hall.parts[0], make.at(TUESDAY, 8 + index)) for index in range(3)]
    reader = await program(town, kari)
    await settled(town)
    part = told(await reader.sync(limit=1))
    first = booked[0]
    assert list(part.etags) == [f"{reader.calendar}booking-{first}.ics"]

    await town.post(f"/bookings/{first}/cancel", token, {})
    rest = told(await reader.sync(part.token))
    after = told(await reader.sync(rest.token))

    assert len(rest.etags) == 2
    assert list(after.etags) == [f"{reader.calendar}booking-{first}.ics"]


class Club:
    """An association, whoever acts for it, and what it and they book."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.random = town, random.Random(seed)
        self.booked: list[str] = []
        self.day = TUESDAY

    async def prepare(self) -> None:
        self.hall, self.other = await self.town.hall(), await self.town.hall()
        self.kari, self.token = await self.town.have(make.person)
        self.ola, _ = await self.town.have(make.person)
        self.id, self.team = await self.town.have(lambda db: make.association(db, self.kari, self.ola))

    async def step(self) -> None:
        self.day += timedelta(days=1)
        name = self.random.choice(("book", "book", "book", "cancel", "move", "join_or_leave", "rename"))
        await getattr(self, f"do_{name}")()

    async def do_book(self) -> None:
        whose: dict[str, str] = self.random.choice(
            (
                {},
                {"association_id": str(self.id)},
                {"association_id": str(self.id), "team_id": str(self.team)},
            )
        )
        public = self.random.random() < 0.5
        span = make.at(self.day, 18)
        self.booked.append(
            await self.town.booked(self.token, self.hall.parts[0], span, public=public, **whose)
        )

    async def do_cancel(self) -> None:
        if self.booked:
            await self.town.post(f"/bookings/{self.booked.pop()}/cancel", self.token, {})

    async def do_move(self) -> None:
        if self.booked:
            await self.town.move(
                self.token, self.random.choice(self.booked), make.at(self.day, 12), self.other.parts[0]
            )

    async def do_join_or_leave(self) -> None:
        async def work(db: AsyncSession) -> None:
            row = (await db.scalars(select(Delegate).where(Delegate.person_id == self.ola))).one()
            row.ended_at = utc_now() if row.ended_at is None else None

        await self.town.have(work)

    async def do_rename(self) -> None:
        async def work(db: AsyncSession) -> None:
            row = (await db.scalars(select(Association).where(Association.id == self.id))).one()
            row.name += "!"

        await self.town.have(work)


@pytest.mark.parametrize("seed", range(2))
async def test_the_calendars_of_clubs_and_their_people_are_kept_up_too(town: Town, seed: int) -> None:
    club, now = Club(town, seed), utc_now()
    await club.prepare()
    scopes = [
        *(Scope("association", club.id), Scope("team", club.team)),
        *(Scope("person", club.kari), Scope("person", club.ola)),
    ]
    copies = [Copy(scope, variant) for scope in scopes for variant in ("public", "busy", "full")]

    for _ in range(14):
        await club.step()
        for copy in club.random.sample(copies, 5):
            while await copy.hear(town, now, club.random.choice((None, 1))):
                pass
            assert copy.etags == await copy.whole(town, now), (copy.scope, copy.variant)


async def test_what_a_club_has_for_itself_is_not_even_told_as_gone(town: Town) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    club, _ = await town.have(lambda db: make.association(db, kari))
    reader = await program(town, kari, "association", club, "public")
    before = told(await reader.sync()).token

    booking = await town.booked(token, hall.parts[0], EVENING, association_id=str(club))
    heard = told(await reader.sync(before))
    await town.post(f"/bookings/{booking}/cancel", token, {})
    again = told(await reader.sync(heard.token))

    assert (heard.etags, heard.gone, again.etags, again.gone) == ({}, set(), {}, set())
