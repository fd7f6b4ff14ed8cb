"""What every calendar of a municipality must show, reckoned from what was booked: not asked of the program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final, NamedTuple
from uuid import UUID

from booking.telling.wording import one_line
from calendar_feeds.events import language_of, words_of
from core.settings import Settings
from core.spans import Span
from core.tenants import Tenant, home_of
from tests.calendar_feeds.clients.shown import Shown

STATUS: Final = {"confirmed": "CONFIRMED", "requested": "TENTATIVE"}
"""Of all other states CANCELLED."""


@dataclass
class Place:
    """A resource, and which units its bookings take. Names change."""

    id: UUID
    name: str
    facility: "House"
    units: frozenset[UUID]


@dataclass
class House:
    """A facility."""

    id: UUID
    name: str


@dataclass
class Club:
    """An association with its team."""

    id: UUID
    name: str
    team_id: UUID
    team: str


class Person(NamedTuple):
    id: UUID
    token: str
    name: str


@dataclass(frozen=True)
class Fact:
    """A booking, as the story has it."""

    place: Place
    span: Span
    title: str
    person: Person
    state: str = "confirmed"
    is_public: bool = True
    takes_time: bool = True
    """False: one of many that ask for the same, or one that was never granted: nobody's business but their holders'."""
    club: Club | None = None


class Closure(NamedTuple):
    house: House
    span: Span
    reason: str


class Wanted(NamedTuple):
    """One calendar: where it is, and what is to be seen in it."""

    name: str
    path: str
    events: Sequence[Shown]
    hides_uids: bool = False
    """It names events so that nobody knows which booking they are."""


@dataclass
class Facts:
    """All that is so in a municipality."""

    tenant: Tenant
    bookings: dict[str, Fact] = field(default_factory=dict[str, Fact])
    closures: dict[str, Closure] = field(default_factory=dict[str, Closure])

    def resource(self, place: Place) -> list[Shown]:
        """With all that take a part of it."""
        shut = [each for each, closure in self.closures.items() if closure.house is place.facility]
        return self._public(lambda fact: bool(fact.place.units & place.units), shut)

    def facility(self, house: House) -> list[Shown]:
        shut = [each for each, closure in self.closures.items() if closure.house is house]
        return self._public(lambda fact: fact.place.facility is house, shut)

    def municipality(self) -> list[Shown]:
        return self._public(lambda _: True, self.closures)

    def club(self, club: Club) -> list[Shown]:
        """Without those of which nobody is to know what they are for."""
        return self._public(lambda fact: fact.club is club and fact.is_public, ())

    def whole(self, holds: Callable[[Fact], bool], *, shut: bool = False) -> list[Shown]:
        """As their holders have them: with all titles, and those that nobody else knows of."""
        home = home_of(self.tenant, Settings())
        found = [
            self._shown(each, fact, is_told=True)._replace(description=f"{home}/bookings/{each}")
            for each, fact in self.bookings.items()
            if holds(fact)
        ]
        return sorted([*found, *(self._shut(each) for each in self.closures if shut)])

    def busy(self, events: Sequence[Shown]) -> list[Shown]:
        """The same, of which nothing is told but when."""
        words = words_of(language_of(self.tenant))
        return sorted(
            event._replace(
                uid="",
                location="",
                description="",
                summary=words.cancelled.format(title=words.busy)
                if event.status == "CANCELLED"
                else words.busy,
            )
            for event in events
        )

    def with_contacts(self, events: Sequence[Shown]) -> list[Shown]:
        """The same, with who to ask for before what else is told of a booking. No place of the story is made ready."""
        said = language_of(self.tenant)
        found: list[Shown] = []
        for event in events:
            booking_id = event.uid.removeprefix("booking-").removesuffix("@ledig")
            if booking_id in self.bookings:
                contact = said.gettext("Contact: {who}").format(who=self.bookings[booking_id].person.name)
                found.append(event._replace(description=f"{contact}\n\n{event.description}"))
            else:
                found.append(event)
        return found

    def _public(self, holds: Callable[[Fact], bool], shut: Sequence[str] | dict[str, Closure]) -> list[Shown]:
        found = [
            self._shown(each, fact, is_told=fact.is_public)
            for each, fact in self.bookings.items()
            if holds(fact) and fact.takes_time
        ]
        return sorted([*found, *(self._shut(each) for each in shut)])

    def _shown(self, booking_id: str, fact: Fact, *, is_told: bool) -> Shown:
        words = words_of(language_of(self.tenant))
        club = one_line(f"{fact.club.name} – {fact.club.team}") if fact.club else ""
        title = " – ".join(filter(None, (one_line(fact.title), club))) if is_told else ""
        status = STATUS.get(fact.state, "CANCELLED")
        return Shown(
            fact.span.start.astimezone(UTC),
            fact.span.end.astimezone(UTC),
            f"booking-{booking_id}@ledig",
            status,
            words.cancelled.format(title=title or words.busy)
            if status == "CANCELLED"
            else title or words.busy,
            one_line(f"{fact.place.name}, {fact.place.facility.name}"),
            "",
        )

    def _shut(self, closure_id: str) -> Shown:
        closure = self.closures[closure_id]
        words = words_of(language_of(self.tenant))
        return Shown(
            closure.span.start.astimezone(UTC),
            closure.span.end.astimezone(UTC),
            f"closure-{closure_id}@ledig",
            "CONFIRMED",
            words.closed_for.format(reason=one_line(closure.reason)),
            one_line(closure.house.name),
            "",
        )
