"""Months in which people act at random, as hypothesis runs them; what must hold is asked after every step."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from booking import tasks
from booking.telling import tasks as telling
from core.db import Database
from tests.booking.month import AT_ONCE, MONTH, Month, Try
from tests.conftest import Urls, add_tenant

assert tasks.HOUSES, "they have told the outbox of themselves"
assert telling.tell_bookings, "whoever is concerned is told"


def run_months(urls: Urls, months: type[Month], kinds: Sequence[str], *, steps: int) -> Counter[str]:
    """What was tried in all of them, by kind of try, refused (`kind: refusal`) or not. They live in the database of
    this test process.
    """
    done: Counter[str] = Counter()

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.runner = asyncio.Runner()
            self.database = Database(urls.program, pool_size=2 * AT_ONCE)
            self.month = months(self.database, self.run(add_tenant(urls)))
            self.run(self.month.prepare())
            self.left: list[str] = []

        def run(self, work: Coroutine[Any, Any, Any]) -> Any:
            return self.runner.run(work)

        @rule(seed=st.integers(0, 2**32))
        def they_act_at_once(self, seed: int) -> None:
            """Hypothesis would try the same few things again and again: it chooses the seed, chance the rest."""
            chance = random.Random(seed)
            tries: list[Try] = []
            for _ in range(chance.randint(1, AT_ONCE)):
                self.left = self.left or chance.sample(kinds, len(kinds))  # each kind has its turn
                tries.append(Try(self.left.pop(), *(chance.randint(0, 9999) for _ in range(3))))
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

    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]  # hypothesis leaves it open
        Machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=steps,
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
    tried = {each.partition(":")[0] for each in done}
    assert set(kinds) <= tried, f"too little was tried to prove anything: {done}"
    return done
