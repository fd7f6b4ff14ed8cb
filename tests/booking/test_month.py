"""A hundred people act at random on one facility for a month; whatever they do, what must hold holds."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from booking import tasks
from core.db import Database
from tests.booking.month import AT_ONCE, KINDS, MONTH, Month, Try
from tests.conftest import Urls, add_tenant

assert tasks.__name__, "its subscribers have told the outbox of themselves"
TRIES = st.lists(
    st.builds(Try, st.sampled_from(KINDS), st.integers(0, 99), st.integers(0, 9999), st.integers(0, 9999)),
    min_size=1,
    max_size=AT_ONCE,
)


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

        @rule(tries=TRIES)
        def they_act_at_once(self, tries: list[Try]) -> None:
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
            max_examples=15,
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
