"""The code of the door stands in the reminder, and nowhere else that is kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from booking.door_models import DoorCode, DoorLock
from booking.telling import tasks
from booking.telling_models import NoticeText
from core.ids import new_id
from core.mail import HIDDEN
from core.mail_tasks import mail_of
from core.settings import Settings
from core.spans import utc_now
from core.vault import Vault, vault_of
from tests import make
from tests.booking.conftest import Town
from tests.booking.telling.reading import SETTINGS, letters, notices, person
from tests.booking.telling.test_reminding import THE_DAY_BEFORE, remind

AT_SIX = make.at(make.next_weekday(2, weeks=2), 18)
AT_EIGHT = make.at(make.next_weekday(2, weeks=2), 20)
VAULT = vault_of(SETTINGS)
OTHER_KEY = Settings(keys=("B" * 43,))


async def locked(
    town: Town, resource_id: UUID, codes: dict[str, tuple[str, str]], vault: Vault = VAULT
) -> None:
    """A lock at the resource with codes: booking → (code, state)."""
    async with town.database.transaction(town.tenant.id) as db:
        lock = DoorLock(
            id=new_id(), resource_id=resource_id, address="https://lock.example", secret=vault.seal("s"),
            under=vault.newest, minutes_before=0, minutes_after=0, created_at=utc_now(),
        )  # fmt: skip
        db.add(lock)
        await db.flush()
        for booking_id, (code, state) in codes.items():
            db.add(
                DoorCode(
                    id=new_id(), lock_id=lock.id, booking_id=UUID(booking_id), code=vault.seal(code),
                    under=vault.newest, valid_from=AT_SIX.start, valid_until=AT_EIGHT.end, state=state,
                )
            )  # fmt: skip


def both(mail: Any) -> list[str]:
    """Plain text and HTML."""
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]


async def test_the_code_is_in_the_letter_as_it_is_sent_and_in_nothing_that_is_kept(town: Town) -> None:
    assert tasks.__name__
    hall = await town.hall()
    kari, token = await person(town)
    first, second, third = [
        await town.booked(token, hall.parts[0], span)
        for span in (AT_SIX, AT_EIGHT, make.at(make.next_weekday(2, weeks=2), 21))
    ]
    await locked(
        town,
        hall.parts[0],
        {first: ("012345", "placed"), second: ("678901", "wanted"), third: ("555555", "failed")},
    )
    assert await remind(town, THE_DAY_BEFORE) == 3
    letter = (await letters(town, kari))[-1]
    assert letter.text.count(HIDDEN) == 2
    for shown in both(mail_of(letter, SETTINGS.mail_from, VAULT)):
        assert "The code for the door:" in shown
        assert shown.index("En tredel, Idrettshallen: 012345") < shown.index("Idrettshallen: 678901")
        assert HIDDEN not in shown
        assert "555555" not in shown
    assert "012345" not in "".join(both(mail_of(letter, SETTINGS.mail_from)))
    assert "012345" not in "".join(both(mail_of(letter, SETTINGS.mail_from, vault_of(OTHER_KEY))))
    (notice,) = [each for each in await notices(town, kari) if each.kind == "reminder"]
    assert "door" not in notice.text
    async with town.database.transaction(town.tenant.id) as db:
        for table in ("letter", "notice", "text_message", "outbox", "audit_entry"):
            kept = (await db.scalars(text(f"SELECT {table}::text FROM {table}"))).all()
            assert not any("012345" in each or "678901" in each for each in kept)


async def test_without_a_lock_nothing_is_said_of_doors(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    await town.booked(token, hall.whole, AT_SIX)
    assert await remind(town, THE_DAY_BEFORE) == 1
    letter = (await letters(town, kari))[-1]
    assert (letter.hidden, "door" in letter.text, HIDDEN in letter.text) == (None, False, False)


async def test_words_of_the_municipality_do_not_lose_the_code(town: Town) -> None:
    hall = await town.hall()
    kari, token = await person(town)
    booking = await town.booked(token, hall.whole, AT_SIX, title=f"Dots {HIDDEN}")
    await locked(town, hall.whole, {booking: ("012345", "placed")})
    writer, _ = await person(town)
    async with town.database.transaction(town.tenant.id) as db:
        db.add(
            NoticeText(
                kind="reminder", language="en", subject="{title}", text="Welcome to {title}.", version=1,
                changed_at=utc_now(), changed_by=writer,
            )
        )  # fmt: skip
    assert await remind(town, AT_SIX.start - timedelta(hours=23)) == 1
    letter = (await letters(town, kari))[-1]
    (plain, html) = both(mail_of(letter, SETTINGS.mail_from, VAULT))
    assert plain.count("012345") == html.count("012345") == 1
    async with town.database.transaction(town.tenant.id) as db:
        assert (await db.scalars(select(NoticeText.kind))).all() == ["reminder"]
