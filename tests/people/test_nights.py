"""What is forgotten by night, with commits that are real: all of it, batch by batch, whatever fails or is killed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core import privacy
from core.db import Database
from core.mail_models import Letter
from core.outbox_models import OutboxMessage
from core.spans import utc_now
from core.tenants import Tenant
from people import retaining, tasks
from tests.people import holding
from tests.people.holding import DAY, deliver_all


async def old_letters(database: Database, tenant: Tenant, number: int) -> None:
    async with database.transaction(tenant.id) as db:
        db.add_all(
            Letter(
                address="a@example.no",
                language="nb",
                subject="x",
                text="x",
                created_at=utc_now() - 181 * DAY,
            )
            for _ in range(number)
        )


async def letters_in(database: Database, tenant: Tenant) -> int:
    async with database.transaction(tenant.id) as db:
        return await db.scalar(select(func.count()).select_from(Letter)) or 0


async def begin(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as db:
        await tasks.forget_in_time(db, utc_now())


async def test_a_night_forgets_all_of_one_municipality_and_nothing_of_another(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    batch = privacy.retentions()["letter"].batch
    for where in (tenant, stranger):
        await old_letters(database, where, 2 * batch + 1)

    await begin(database, tenant)
    rounds = 0
    while rounds < 9 and await deliver_all(database, tenant, "ForgettingDue"):
        rounds += 1

    assert (await letters_in(database, tenant), rounds) == (0, 3)
    assert await letters_in(database, stranger) == 2 * batch + 1


async def test_an_error_in_one_kind_stops_no_other(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    """A price that no program of ours wrote stops the texts of bookings, and only those, and only there."""
    await old_letters(database, tenant, 3)
    async with database.transaction(tenant.id) as db:
        kari = await holding.person(db, "merke")
        broken = {"gross": {"amount": "hundre"}}
        await holding.application(
            db, kari, await holding.hall(db), "x", ends_at=utc_now() - 400 * DAY, price=broken
        )

    await begin(database, tenant)
    await deliver_all(database, tenant, "ForgettingDue")

    assert await letters_in(database, tenant) == 0
    async with database.transaction(tenant.id) as db:
        left = {row.body["kind"] for row in await db.scalars(select(OutboxMessage))}
    assert "booking_texts" in left
    assert left <= {"booking_texts", "booking_paid", "booking_cases"}
    assert await letters_in(database, stranger) == 0


async def test_killed_in_the_middle_it_goes_on_where_it_was(database: Database, tenant: Tenant) -> None:
    """What a batch had done is undone with it, and done by whoever gets the message next."""
    batch = privacy.retentions()["letter"].batch
    await old_letters(database, tenant, batch + 5)
    async with database.transaction(tenant.id) as db:
        await retaining.forget_batch(db, "letter", utc_now())
    assert await letters_in(database, tenant) == 5

    class Killed(Exception):
        pass

    with pytest.raises(Killed):
        await _killed(database, tenant, Killed())
    assert await letters_in(database, tenant) == 5
    assert await deliver_all(database, tenant, "ForgettingDue") == 1
    assert (await letters_in(database, tenant), await deliver_all(database, tenant, "ForgettingDue")) == (
        0,
        0,
    )


async def _killed(database: Database, tenant: Tenant, by: Exception) -> None:
    async with database.transaction(tenant.id) as db:
        await retaining.forget_batch(db, "letter", utc_now())
        assert not (await db.scalars(select(Letter.id))).all()
        raise by


async def test_what_another_has_in_hand_is_left_for_another_night(database: Database, tenant: Tenant) -> None:
    await old_letters(database, tenant, 2)
    async with database.transaction(tenant.id) as other:
        first = (await other.scalars(select(Letter.id).order_by(Letter.id).limit(1))).one()
        await other.execute(update(Letter).where(Letter.id == first).values(subject="y"))
        async with database.transaction(tenant.id) as db:
            await retaining.forget_batch(db, "letter", utc_now() + timedelta(seconds=1))
    assert await letters_in(database, tenant) == 1
