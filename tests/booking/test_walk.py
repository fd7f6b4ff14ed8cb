"""Several people do at one hall whatever they like; a model of a few lines must know every answer beforehand."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from booking.messages import HoldLapsed
from booking.tasks import lapse_hold
from core.spans import Span, merge, utc_now
from tests import make
from tests.booking import invariants
from tests.booking.conftest import Town
from tests.booking.racing import run_out

TUESDAY = make.next_weekday(2)
DAY = make.at(TUESDAY, 8, 14)
HALF_HOUR = timedelta(minutes=30)
CLEANUP = timedelta(minutes=30)
STEPS = 70

OFFICER, COMPETING = "case_officer", "competing"


@dataclass
class Have:
    """A booking, as the model knows it."""

    id: str
    case: dict[str, Any]
    who: str
    resource: UUID
    span: Span
    state: str
    holds: bool


@dataclass
class Shut:
    """A closure of a unit or of a resource."""

    id: str
    span: Span
    unit: UUID | None = None
    resource: UUID | None = None


@dataclass
class Model:
    """What is so, kept by hand."""

    units: dict[UUID, frozenset[UUID]]
    rule: dict[UUID, str]
    bookings: list[Have] = field(default_factory=list[Have])
    closures: list[Shut] = field(default_factory=list[Shut])

    def closed_units(self, shut: Shut) -> frozenset[UUID]:
        return self.units[shut.resource] if shut.resource else frozenset({shut.unit} if shut.unit else ())

    def in_way(self, units: frozenset[UUID], span: Span, but: Have | None = None) -> bool:
        """Somebody's time would meet another's, or the clean-up after it; or a closure."""
        after = Span(span.start, span.end + CLEANUP)
        return any(
            units & self.units[other.resource]
            and other is not but
            and other.holds
            and (span.meets(Span(other.span.start, other.span.end + CLEANUP)) or after.meets(other.span))
            for other in self.bookings
        ) or any(units & self.closed_units(shut) and span.meets(shut.span) for shut in self.closures)

    def free(self, resource: UUID) -> list[Span]:
        """Half hours in which somebody could begin and end."""
        starts = [DAY.start + HALF_HOUR * n for n in range(28)]
        cells = [Span(start, start + HALF_HOUR) for start in starts]
        return merge(cell for cell in cells if not self.in_way(self.units[resource], cell))

    def end(self, booking: Have) -> None:
        self.bookings.remove(booking)

    def settle(self, booking: Have) -> None:
        """What a wish for its resource becomes."""
        rule = self.rule[booking.resource]
        booking.state = "confirmed" if rule == "automatic" else "requested"
        booking.holds = rule != COMPETING


class Walk:
    """One hall, three people, an officer and a manager; every step asks the program and the model the same."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.random = town, random.Random(seed)
        self.did = Counter[str]()

    async def prepare(self) -> None:
        self.hall = hall = await self.town.hall(cleanup_minutes=30)
        async with self.town.database.transaction(self.town.tenant.id) as db:
            await make.change_resource(db, hall.parts[1], decision=OFFICER)
            await make.change_resource(db, hall.parts[2], decision=OFFICER, request_holds=False)
        self.people = await self.town.people(3)
        self.officer = await self.town.person("case_officer")
        self.manager = await self.town.person("facility_manager")
        self.model = Model(
            units={
                hall.whole: frozenset(hall.units),
                **{part: frozenset({unit}) for part, unit in zip(hall.parts, hall.units, strict=True)},
            },
            rule={
                hall.whole: "automatic",
                hall.parts[0]: "automatic",
                hall.parts[1]: OFFICER,
                hall.parts[2]: COMPETING,
            },
        )

    def some_span(self) -> Span:
        start = DAY.start + HALF_HOUR * self.random.randrange(26)
        return Span(start, min(start + HALF_HOUR * self.random.randint(1, 5), DAY.end))

    def some_resource(self) -> UUID:
        return self.random.choice(list(self.model.units))

    def one(self, *states: str) -> Have | None:
        found = [each for each in self.model.bookings if each.state in states]
        return self.random.choice(found) if found else None

    async def step(self) -> None:
        names = ["apply"] * 6 + ["submit", "cancel", "move", "move", "decide", "decide", "withdraw", "close"]
        name = self.random.choice([*names, "lift", "set_units", "run_out"])
        done = await getattr(self, f"do_{name}")()
        if done is not None:
            self.did[f"{name} {done}"] += 1

    async def do_apply(self) -> int:
        who, resource, span = self.random.choice(self.people), self.some_resource(), self.some_span()
        hold, model = self.random.random() < 0.3, self.model
        answer = await self.town.apply(who, make.wish(resource, span), hold=hold)
        assert answer.status_code == (409 if model.in_way(model.units[resource], span) else 201), answer.text
        if answer.status_code == 201:
            made = Have(
                answer.json()["bookings"][0]["id"], answer.json(), who, resource, span, "held", holds=True
            )
            if not hold:
                model.settle(made)
            model.bookings.append(made)
        return answer.status_code

    async def do_submit(self) -> int | None:
        if (it := self.one("held")) is None:
            return None
        answer = await self.town.post(f"/applications/{it.case['id']}/submit", it.who)
        assert answer.status_code == 200, answer.text
        self.model.settle(it)
        return 200

    async def do_cancel(self) -> int | None:
        if (it := self.one("held", "requested", "confirmed")) is None:
            return None
        answer = await self.town.post(f"/bookings/{it.id}/cancel", it.who, {})
        assert answer.status_code == 200, answer.text
        self.model.end(it)
        return 200

    async def do_withdraw(self) -> int | None:
        if (it := self.one("held", "requested", "confirmed")) is None:
            return None
        answer = await self.town.post(f"/applications/{it.case['id']}/withdraw", it.who)
        assert answer.status_code == (409 if it.state == "confirmed" else 200), answer.text
        if answer.status_code == 200:
            self.model.end(it)
        return answer.status_code

    async def do_move(self) -> int | None:
        if (it := self.one("held", "requested", "confirmed")) is None:
            return None
        span, resource, model = self.some_span(), self.some_resource(), self.model
        answer = await self.town.move(it.who, it.id, span, resource)
        expected = 409 if model.in_way(model.units[resource], span, but=it) else 200
        assert answer.status_code == expected, answer.text
        if expected == 200:
            before, it.span, it.resource = it.state, span, resource
            if before != "held":
                model.settle(it)
                it.holds = it.holds or before == "confirmed"
            assert answer.json()["state"] == it.state
        return expected

    async def do_decide(self) -> int | None:
        if (it := self.one("requested")) is None:
            return None
        approve, model = self.random.random() < 0.7, self.model
        answer = await self.town.decide(self.officer, it.case, approve=approve)
        taken = approve and not it.holds and model.in_way(model.units[it.resource], it.span, but=it)
        assert answer.status_code == (409 if taken else 200), answer.text
        if not approve:
            model.end(it)
        elif not taken:
            it.state, it.holds = "confirmed", True
        return answer.status_code

    async def do_close(self) -> int:
        shut = Shut("", self.some_span())
        if self.random.random() < 0.5:
            shut.unit = self.random.choice(self.hall.units)
            place = {"unit_id": str(shut.unit)}
        else:
            shut.resource = self.some_resource()
            place = {"resource_id": str(shut.resource)}
        displace, model = self.random.random() < 0.5, self.model
        under = [
            each
            for each in model.bookings
            if each.holds
            and model.units[each.resource] & model.closed_units(shut)
            and each.span.meets(shut.span)
        ]
        answer = await self.town.close(self.manager, shut.span, displace=displace, **place)
        assert answer.status_code == (409 if under and not displace else 201), answer.text
        if answer.status_code == 201:
            assert sorted(answer.json()["displaced"]) == sorted(each.id for each in under)
            for each in under:
                model.end(each)
            shut.id = answer.json()["id"]
            model.closures.append(shut)
        return answer.status_code

    async def do_lift(self) -> int | None:
        if not self.model.closures:
            return None
        shut = self.random.choice(self.model.closures)
        answer = await self.town.ask("DELETE", f"/closures/{shut.id}", self.manager)
        assert answer.status_code == 204, answer.text
        self.model.closures.remove(shut)
        return 204

    async def do_set_units(self) -> int:
        resource, model = self.random.choice(self.hall.parts), self.model
        wanted = frozenset(self.random.sample(self.hall.units, self.random.randint(1, 2)))
        mine = [each for each in model.bookings if each.resource == resource and each.holds]
        without = Model(
            {place: frozenset() if place == resource else units for place, units in model.units.items()},
            model.rule,
            model.bookings,
            model.closures,
        )
        shut = [each for each in model.closures if each.resource == resource]
        others = [each for each in model.bookings if each.holds and each not in mine]
        in_way = any(without.in_way(wanted, each.span) for each in mine) or any(
            without.units[each.resource] & wanted and each.span.meets(closure.span)
            for closure in shut
            for each in others
        )
        body = {"unit_ids": [str(unit) for unit in wanted]}
        answer = await self.town.ask("PUT", f"/resources/{resource}/units", self.manager, body=body)
        assert answer.status_code == (409 if in_way else 200), answer.text
        if not in_way:
            model.units[resource] = wanted
        return answer.status_code

    async def do_run_out(self) -> int | None:
        """A hold's deadline passes; its task comes at once, or so late that others find the hold first."""
        if (it := self.one("held")) is None:
            return None
        await run_out(self.town, it.case)
        if self.random.random() < 0.5:
            async with self.town.database.transaction(self.town.tenant.id) as db:
                await lapse_hold(db, HoldLapsed(UUID(it.id)), utc_now())
        self.model.end(it)
        return 200

    async def compare(self) -> None:
        await invariants.check(self.town.database, self.town.tenant.id)
        for resource in self.model.units:
            shown = [Span(*each) for each in await self.town.free(resource, DAY)]
            assert shown == self.model.free(resource)
        for booking in self.model.bookings:
            assert await self.town.state(booking.id) == booking.state


@pytest.mark.parametrize("seed", range(4))
async def test_a_walk(town: Town, seed: int) -> None:
    walk = Walk(town, seed)
    await walk.prepare()
    for number in range(STEPS):
        await walk.step()
        try:
            await walk.compare()
        except AssertionError as error:
            error.add_note(f"after step {number} of walk {seed}: {walk.did}")
            raise
    assert len(walk.did) >= 12, walk.did
