"""A hundred people act at random on one facility for a month; whatever they do, what must hold holds."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from booking import tasks
from booking.telling import tasks as telling
from core.db import Database
from tests.booking.month import AT_ONCE, KINDS, MONTH, Month, Try
from tests.conftest import Urls, add_tenant

assert tasks.HOUSES, "they have told the outbox of themselves"
assert telling.tell_bookings, "whoever is concerned is told"


def machine_of(urls: Urls, done: Counter[str]) -> type[RuleBasedStateMachine]:
    """Its months live in the database of this test process; `done` counts what was tried in all of them."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.runner = asyncio.Runner()
            self.database = Database(urls.program, pool_size=2 * AT_ONCE)
            self.month = Month(self.database, self.run(add_tenant(urls)))
            self.run(self.month.prepare())

        def run(self, work: Coroutine[Any, Any, Any]) -> Any:
            return self.runner.run(work)

        @rule(seed=st.integers(0, 2**32))
        def they_act_at_once(self, seed: int) -> None:
            """Hypothesis would try the same few things again and again: it chooses the seed, chance the rest."""
            chance = random.Random(seed)
            numbers = (0, 9999)
            tries = [
                Try(
                    chance.choice(KINDS),
                    chance.randint(*numbers),
                    chance.randint(*numbers),
                    chance.randint(*numbers),
                )
                for _ in range(chance.randint(1, AT_ONCE))
            ]
            self.run(self.month.together(tries))

        @rule(hours=st.sampled_from([1, 5, 12, 24, 48]))
        def time_passes(self, hours: int) -> None:
            if self.month.now < self.month.began_at + MONTH:
                self.month.now += timedelta(hours=hours)

        @rule()
        def messages_are_delivered(self) -> None:
            self.run(self.month.deliver_due())

        @invariant()
        def nothing_is_broken(self) -> None:
            self.run(self.month.check())

        def teardown(self) -> None:
            try:
                self.run(self.month.check_news())
                self.run(self.month.check())
                done.update(self.month.did)
            finally:
                self.run(self.database.close())
                self.runner.close()

    return Machine


def test_a_month_of_a_hundred_people(database_urls: Urls) -> None:
    done: Counter[str] = Counter()

    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]  # hypothesis leaves it open
        machine_of(database_urls, done),
        settings=settings(
            max_examples=8,
            stateful_step_count=60,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # to shrink a race says nothing, and takes for ever
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ],
        ),
    )

    assert set(KINDS) <= done.keys(), f"too little was tried to prove anything: {done}"
