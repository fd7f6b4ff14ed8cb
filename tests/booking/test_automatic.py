"""What is granted by rule where the municipality decides by vedtak: it is written down like an officer's decision."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING, LATER = make.at(TUESDAY, 18), make.at(TUESDAY, 20)


async def decisions(town: Town) -> list[tuple[Any, ...]]:
    async def work(db: AsyncSession) -> list[tuple[Any, ...]]:
        rows = await db.execute(
            text(
                "SELECT number, kind, decided_by IS NULL, appeal_until IS NOT NULL, jsonb_array_length(outcomes) "
                "FROM decision ORDER BY decided_at, number"
            )
        )
        return [tuple(row) for row in rows]

    return await town.have(work)


async def test_a_vedtak_by_rule_is_written_down_with_its_right_of_appeal(town: Town) -> None:
    vedtak = await town.hall(decision="automatic", decision_kind="vedtak")
    private = await town.hall(decision="automatic")
    (kari,) = await town.people(1)
    await town.book(kari, private.whole, EVENING)
    assert await decisions(town) == []

    await town.book(kari, vedtak.whole, EVENING)

    assert await decisions(town) == [(1, "vedtak", True, True, 1)]


async def test_so_is_a_hold_that_is_submitted_and_a_request_that_is_moved_to_where_nobody_needs_to_decide(
    town: Town,
) -> None:
    vedtak = await town.hall(decision="automatic", decision_kind="vedtak")
    officers = await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    held = await town.book(kari, vedtak.whole, EVENING, hold=True)
    assert await decisions(town) == []
    await town.post(f"/applications/{held['id']}/submit", kari)
    assert len(await decisions(town)) == 1

    asked = await town.booked(kari, officers.whole, EVENING)
    moved = await town.move(kari, asked, LATER, vedtak.whole)

    assert moved.json()["state"] == "confirmed"
    assert await decisions(town) == [(1, "vedtak", True, True, 1)] * 2
