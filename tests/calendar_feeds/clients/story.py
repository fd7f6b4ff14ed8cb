"""A story told to a real server: what people do, and after each step all calendars that there are of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscriptions
from calendar_feeds.feed_schemas import FeedIn
from calendar_feeds.scopes import Kind, Variant
from core.spans import DAY, Span, utc_now
from core.tenants import tenant_here
from people.service import actor_of_token
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.clients.shown import Shown, as_it_is, differences, without_uids
from tests.calendar_feeds.clients.wanted import Closure, Club, Fact, Facts, House, Person, Place, Wanted

HOUR: Final = timedelta(hours=1)
TUESDAY: Final = make.next_weekday(2)
SERIES: Final = 13
"""Every four weeks: over both changes of the clock."""
HOSTILE: Final = (
    "Fest\r\nATTENDEE:mailto:ola@example.org\r\nBEGIN:VALARM",
    "END:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR",
    "\\;,\n:\"' C:\\new\\Nord\\, \\\\;",
    "🏐👩\u200d👩\u200d👧 " + "ø" * 60 + "🏐" * 40,
    "\u202eevil\u2066 שלום مرحبا",
    "{title} %s \x01\x0b\x85\u2028 \ufeffx",
    "a" * 74 + "å" + "b" * 120,
    "SUMMARY:Lån;TZID=Europe/Oslo:20270101T000000",
)


class Read(NamedTuple):
    """A calendar of the server, just read, and what is to be seen in it."""

    wanted: Wanted
    url: str
    raw: bytes

    def unlike(self, found: Sequence[Shown], as_read: Callable[[Shown], Shown] = as_it_is) -> str:
        """In what a program's events differ from what it should show, in words."""
        wanted = [as_read(event) for event in self.wanted.events]
        if not self.wanted.hides_uids:
            return differences(wanted, found)
        assert not any("booking-" in event.uid or "closure-" in event.uid for event in found)
        return differences(wanted, without_uids(found))


Watch = Callable[[str, Sequence[Read]], Awaitable[None]]
"""What happens after each step of the story: its name, and all calendars."""


@dataclass(frozen=True)
class Cast:
    """Who and what the story is about."""

    hall: Sequence[Place]
    """The whole, and its three parts."""
    slow: Sequence[Place]
    """Where an officer decides, and a request holds the time."""
    race: Sequence[Place]
    """Where it does not: many may ask for the same."""
    club: Club
    kari: Person
    """Books for the club, too."""
    ola: Person
    officer: Person
    secrets: dict[str, str]
    """Paths of secret addresses."""


@dataclass(frozen=True)
class Story:
    town: Town
    watch: Watch
    facts: Facts
    cast: Cast

    async def look(self, step: str) -> None:
        await self.watch(step, [await self._read(wanted) for wanted in self.calendars()])

    async def _read(self, wanted: Wanted) -> Read:
        answer = await self.town.http.get(wanted.path)
        assert answer.status_code == 200, answer.text
        return Read(wanted, str(answer.request.url), answer.content)

    def calendars(self) -> list[Wanted]:
        """All kinds that there are, in all variants."""
        facts, cast, base = self.facts, self.cast, f"/ical/{self.town.tenant.slug}"
        whole, busy = cast.hall[0], "?variant=busy"
        at_hall = facts.whole(lambda fact: fact.place.facility is whole.facility, shut=True)
        hers = facts.whole(lambda fact: fact.person is cast.kari)
        hers_taken = facts.whole(lambda fact: fact.person is cast.kari and fact.takes_time)
        of_club = facts.whole(lambda fact: fact.club is cast.club)
        found = [
            Wanted(f"resource{number}", f"{base}/resources/{place.id}.ics", facts.resource(place))
            for number, place in enumerate([*cast.hall, cast.slow[1], cast.race[0]])
        ]
        return [
            *found,
            Wanted(
                "busy", f"{base}/resources/{whole.id}.ics{busy}", facts.busy(found[0].events), hides_uids=True
            ),
            Wanted("facility", f"{base}/facilities/{whole.facility.id}.ics", facts.facility(whole.facility)),
            Wanted("association", f"{base}/associations/{cast.club.id}.ics", facts.club(cast.club)),
            Wanted("team", f"{base}/teams/{cast.club.team_id}.ics", facts.club(cast.club)),
            Wanted("municipality", f"{base}/municipality.ics", facts.municipality()),
            Wanted("hers", cast.secrets["hers"], hers),
            Wanted("hersbusy", cast.secrets["hersbusy"], facts.busy(hers_taken), hides_uids=True),
            Wanted("club", cast.secrets["club"], of_club),
            Wanted("inside", cast.secrets["inside"], at_hall),
            Wanted("staff", cast.secrets["staff"], facts.with_contacts(at_hall)),
        ]

    async def book(self, fact: Fact) -> str:
        booking_id = await self.town.booked(
            fact.person.token,
            fact.place.id,
            fact.span,
            title=fact.title,
            public=fact.is_public,
            **_for(fact.club),
        )
        self.facts.bookings[booking_id] = fact
        return booking_id

    async def ask(self, fact: Fact) -> dict[str, Any]:
        """For what an officer decides: the application."""
        asked = await self.town.book(
            fact.person.token, fact.place.id, fact.span, title=fact.title, public=fact.is_public
        )
        (booking,) = asked["bookings"]
        assert booking["state"] == "requested"
        self.facts.bookings[booking["id"]] = replace(fact, state="requested")
        return asked

    async def decide(self, asked: dict[str, Any], *, approve: bool) -> None:
        reason: dict[str, Any] = {} if approve else {"reason": "Nei"}
        answer = await self.town.decide(self.cast.officer.token, asked, approve=approve, **reason)
        assert answer.status_code == 200, answer.text
        self.becomes(
            asked["bookings"][0]["id"], state="confirmed" if approve else "rejected", takes_time=approve
        )

    async def move(self, booking_id: str, span: Span, place: Place | None = None) -> None:
        token = self.facts.bookings[booking_id].person.token
        answer = await self.town.move(token, booking_id, span, place.id if place else None)
        assert answer.status_code == 200, answer.text
        self.becomes(booking_id, span=span, **({"place": place} if place else {}))

    async def cancel(self, booking_id: str) -> None:
        token = self.facts.bookings[booking_id].person.token
        answer = await self.town.post(f"/bookings/{booking_id}/cancel", token, {})
        assert answer.status_code == 200, answer.text
        self.becomes(booking_id, state="cancelled")

    async def close(self, house: House, span: Span, reason: str) -> None:
        """Whatever is there at the time is displaced."""
        body: dict[str, Any] = {"facility_id": str(house.id), "displace": True, "reason": reason}
        answer = await self.town.close(self.cast.officer.token, span, **body)
        assert answer.status_code == 201, answer.text
        displaced = [
            booking_id
            for booking_id, fact in self.facts.bookings.items()
            if fact.state == "confirmed" and fact.place.facility is house and fact.span.meets(span)
        ]
        assert displaced, "a story without them proves nothing"
        for booking_id in displaced:
            self.becomes(booking_id, state="displaced")
        self.facts.closures[answer.json()["id"]] = Closure(house, span, reason)

    async def rename(self, path: str, name: str) -> None:
        answer = await self.town.ask("PATCH", path, self.cast.officer.token, body={"name": name})
        assert answer.status_code == 200, answer.text

    def becomes(self, booking_id: str, **changes: Any) -> None:
        self.facts.bookings[booking_id] = replace(self.facts.bookings[booking_id], **changes)


def _for(club: Club | None) -> dict[str, str]:
    return {} if club is None else {"association_id": str(club.id), "team_id": str(club.team_id)}


async def play(town: Town, watch: Watch) -> None:
    """From empty calendars to such with everything in them. Whoever watches is asked after each step."""
    story = Story(town, watch, Facts(town.tenant), await town.have(_cast))
    cast = story.cast
    hall, kari, ola = cast.hall, cast.kari, cast.ola
    await story.look("nothing is booked")

    first = await story.book(Fact(hall[1], make.at(TUESDAY, 18), "Trening", kari, club=cast.club))
    secret = await story.book(Fact(hall[2], make.at(TUESDAY, 18, 2), "Bursdag for Åse", ola, is_public=False))
    await story.book(Fact(hall[2], make.at(TUESDAY, 8), "Styremøte", kari, is_public=False, club=cast.club))
    await story.look("booked")

    asked = [await story.ask(Fact(cast.slow[1], make.at(TUESDAY, hour), "Øving", kari)) for hour in (10, 12)]
    rival = Fact(cast.race[0], make.at(TUESDAY, 10), "Konsert", kari, takes_time=False)
    rivals = [await story.ask(replace(rival, person=each)) for each in (kari, ola)]
    await story.look("asked for")
    await story.decide(asked[0], approve=True)
    await story.decide(asked[1], approve=False)
    await story.decide(rivals[0], approve=True)
    await story.look("decided")

    await story.move(first, make.at(TUESDAY + DAY, 7, 3))
    await story.look("moved to another time")
    await story.move(secret, make.at(TUESDAY + DAY, 8), hall[3])
    await story.look("moved to another place")
    await story.cancel(first)
    await story.look("cancelled")

    for change in (last_sunday(3), last_sunday(10)):
        for part, span in around(change):
            await story.book(Fact(hall[part], span, f"Natt {span.start:%H:%M}", kari))
    await story.look("booked while the clock changes")
    await _series(story)
    await story.close(hall[0].facility, make.at(TUESDAY + DAY, 0, 24), "Vask; og \\N bonevask")
    await story.look("displaced")
    for number, text in enumerate(HOSTILE):
        club = cast.club if number % 2 else None
        await story.book(Fact(hall[1], make.at(TUESDAY + 3 * DAY, 8 + number), text, kari, club=club))
    await story.look("with texts of all kinds")
    await _renamed(story)


async def _series(story: Story) -> None:
    place, kari = story.cast.hall[2], story.cast.kari
    times = [make.at(TUESDAY + 4 * n * 7 * DAY, 20) for n in range(SERIES)]
    until = (TUESDAY + 4 * (SERIES - 1) * 7 * DAY).isoformat()
    series = await story.town.book(
        kari.token, place.id, times[0], title="Serie", public=True, repeat={"every_weeks": 4, "until": until}
    )
    assert len(series["bookings"]) == SERIES
    for span, booking in zip(times, series["bookings"], strict=True):
        story.facts.bookings[booking["id"]] = Fact(place, span, "Serie", kari)
    await story.look("a series")
    await story.move(series["bookings"][3]["id"], make.at(TUESDAY + 85 * DAY, 12, 1.5))
    await story.cancel(series["bookings"][5]["id"])
    await story.look("one of a series moved, one cancelled")


async def _renamed(story: Story) -> None:
    hall, club = story.cast.hall, story.cast.club
    hall[1].name, hall[1].facility.name = "Sal\\, nord; \r\nUID:1", "Idrettens\\nhus 🏐 " + "ø" * 90
    club.name, club.team = "BEGIN:VEVENT", "Jenter\\;\n 14"
    await story.rename(f"/resources/{hall[1].id}", hall[1].name)
    await story.rename(f"/facilities/{hall[1].facility.id}", hall[1].facility.name)
    await story.rename(f"/associations/{club.id}", club.name)
    await story.rename(f"/teams/{club.team_id}", club.team)
    await story.look("renamed")


async def _cast(db: AsyncSession) -> Cast:
    (kari, ola, officer) = [
        Person(*await make.person(db, name=name, role=role), name)
        for name, role in (("Kari Nordmann", None), ("Ola, Jr.", None), ("Berit", "administrator"))
    ]
    club_id, team_id = await make.association(db, kari.id)
    hall = await _places(db, "Idrettshallen")
    cast = Cast(
        hall=hall,
        slow=await _places(db, "Kulturhuset", decision="case_officer"),
        race=await _places(db, "Scenen", decision="case_officer", request_holds=False),
        club=Club(club_id, "Viking", team_id, "Jenter 14"),
        kari=kari,
        ola=ola,
        officer=officer,
        secrets={},
    )
    house = hall[0].facility.id
    cast.secrets["hers"] = await _secret(db, kari, kind="person", variant="full")
    cast.secrets["hersbusy"] = await _secret(db, kari, kind="person", variant="busy")
    cast.secrets["club"] = await _secret(db, kari, kind="association", thing_id=club_id, variant="full")
    cast.secrets["inside"] = await _secret(db, officer, kind="facility", thing_id=house, variant="full")
    cast.secrets["staff"] = await _secret(db, officer, kind="facility", thing_id=house, variant="staff")
    return cast


async def _secret(
    db: AsyncSession, person: Person, *, kind: Kind, variant: Variant, thing_id: UUID | None = None
) -> str:
    """A secret address of hers: its path."""
    now = utc_now()
    actor = await actor_of_token(db, person.token, now)
    form = FeedIn(kind=kind, thing_id=thing_id, variant=variant, label="Telefonen")
    made = await subscriptions.subscribe(db, actor, form, now=now)
    tenant = await tenant_here(db)
    return f"/ical/t/{tenant.slug}.{made.secret}.ics"


async def _places(db: AsyncSession, name: str, **columns: Any) -> list[Place]:
    """A hall that never closes, and its three parts."""
    house = House(await make.facility(db, name=name), name)
    await make.open_daily(db, house.id, 0, 24 * 60)
    units = [await make.unit(db, house.id) for _ in range(3)]
    found: list[Place] = []
    for number, taken in enumerate([units, *([unit] for unit in units)]):
        called = f"Del {number}" if number else "Hele hallen"
        made = await make.resource(db, house.id, taken, name=called, **columns)
        found.append(Place(made, called, house, frozenset(taken)))
    return found


def last_sunday(month: int) -> datetime:
    """When the clock changes next in that month: 01:00 UTC, in all of Europe at once."""
    for year in (TUESDAY.year, TUESDAY.year + 1):
        last = date(year, month, 31)
        change = last - ((last.isoweekday() % 7) * DAY)
        if change > TUESDAY + 2 * DAY:
            return datetime(change.year, change.month, change.day, 1, tzinfo=UTC)
    raise AssertionError("a year has both changes")


def around(change: datetime) -> list[tuple[int, Span]]:
    """(part, times) that begin, end, or lie in what the change of the clock does."""
    half = timedelta(minutes=30)
    return [
        (1, Span(change - HOUR, change)),
        (1, Span(change, change + HOUR)),
        (1, Span(change + HOUR, change + 2 * HOUR)),
        (1, Span(change - 7 * HOUR, change - 6 * HOUR)),
        (1, Span(change + 17 * HOUR, change + 18 * HOUR)),
        (2, Span(change - half, change + half)),
        (2, Span(change - 2 * HOUR, change - HOUR)),
        (3, Span(change - 4 * HOUR, change + 4 * HOUR)),
    ]
