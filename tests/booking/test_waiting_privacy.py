"""What waiting tells about persons goes when they ask and in time; pictures of arrangements stay with them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from booking.waiting.privacy import erase_waits, forget_waits
from core.files_models import StoredFile
from core.ids import new_id
from core.spans import DAY, utc_now
from people.retention_queries import files
from tests.booking.conftest import Town
from tests.booking.delivering import happen
from tests.booking.waits import EVENING, cancel, ended, offers, persons, waits


async def count(town: Town, table: str) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_she_is_told_what_goes_and_it_goes_while_the_offer_stays(town: Town) -> None:
    hall = await town.hall()
    (kari,), ((ola, token), (_, other)) = await town.people(1), await persons(town, 2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    await waits(town, token, hall.parts[0], EVENING)
    await waits(town, other, hall.parts[0], EVENING)
    await cancel(town, kari, booked)
    await happen(town)

    for dry_run in (True, False):
        async with town.database.transaction(town.tenant.id) as db:
            (effect,) = await erase_waits(db, ola, utc_now(), dry_run=dry_run)
        assert (effect.count, effect.fate) == (1, "erased")
        assert await count(town, "wait") == (2 if dry_run else 1)
    assert [person for _, person, _, _ in await offers(town)] == [ola]


async def test_what_ended_long_ago_is_forgotten(town: Town) -> None:
    hall = await town.hall()
    (kari, ola, nils) = await town.people(3)
    await town.book(kari, hall.parts[0], EVENING)
    old, new = [await waits(town, who, hall.parts[0], EVENING) for who in (ola, nils)]
    await town.ask("DELETE", f"/waiting/{old}", ola)

    async with town.database.transaction(town.tenant.id) as db:
        assert await forget_waits(db, utc_now() - DAY, utc_now(), 10) == 0
        assert await forget_waits(db, utc_now() + DAY, utc_now(), 10) == 1

    assert await count(town, "wait") == 1
    assert await ended(town, new) is None


async def test_pictures_are_not_forgotten_with_what_people_sent(town: Town) -> None:
    person: UUID = (await persons(town, 1))[0][0]
    async with town.database.transaction(town.tenant.id) as db:
        for owner in (None, person):
            db.add(
                StoredFile(
                    id=new_id(),
                    person_id=owner,
                    name="bilde.png",
                    media_type="image/png",
                    size=4,
                    content=b"\x89PNG",
                    created_at=utc_now() - timedelta(days=4000),
                )
            )
        await db.flush()
        assert await files(db, utc_now(), 10) == 1
    assert await count(town, "stored_file") == 1
