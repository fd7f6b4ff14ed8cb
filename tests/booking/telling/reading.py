"""What people were told in a town: its outbox delivered as workers would, and what stands written afterwards."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from icalendar import Calendar
from sqlalchemy import select, update

from booking.telling import tasks
from booking.telling_models import Notice
from core.delivery import deliver
from core.mail_models import Letter
from core.mail_tasks import mail_of, objects_in
from core.outbox_models import OutboxMessage
from core.pace import STEADY
from core.settings import Settings
from core.sms_models import TextMessage
from core.spans import utc_now
from people.models import Person
from tests import make
from tests.booking.conftest import Town

assert tasks.tell_bookings, "they listen once they are imported"
SETTINGS = Settings(
    public_url="https://ledig.example", mail_from="Ledig <ledig@ledig.example>", keys=("A" * 43,)
)
NEWS = (
    "BookingsChanged",
    "CaseWritten",
    "CaseAssigned",
    "OfferMade",
    "ReplacementsFound",
    "SeenFree",
)


async def spread(town: Town, *, times: int = 1, settings: Settings = SETTINGS) -> int:
    """Every message to be told of, in its order; each delivered so many times at once, and once more after."""
    async with town.database.transaction(town.tenant.id) as db:
        ids = (
            await db.scalars(
                select(OutboxMessage.id)
                .where(OutboxMessage.kind.in_(NEWS))
                .order_by(OutboxMessage.created_at, OutboxMessage.id)
            )
        ).all()
        await db.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(ids))
            .values(sent_at=utc_now(), due_at=utc_now() + timedelta(minutes=1))
        )
    for message_id in ids:
        once = [
            deliver(town.database, town.tenant.id, message_id, now=utc_now(), pace=STEADY, settings=settings)
            for _ in range(times)
        ]
        await asyncio.gather(*once)
    async with town.database.transaction(town.tenant.id) as db:
        left = (await db.scalars(select(OutboxMessage.last_error).where(OutboxMessage.id.in_(ids)))).all()
    assert not left, left
    return len(ids)


async def person(
    town: Town, role: str | None = None, *, scope: dict[str, Any] | None = None, **columns: Any
) -> tuple[UUID, str]:
    """Somebody who can be reached, reading English: (id, token)."""
    async with town.database.transaction(town.tenant.id) as db:
        person_id, token = await make.person(db, role=role, **(scope or {}))
        values = {"email": f"p{person_id.hex[-6:]}@example.org", "language": "en", **columns}
        await db.execute(update(Person).where(Person.id == person_id).values(**values))
    return person_id, token


async def notices(town: Town, person_id: UUID | None = None) -> Sequence[Notice]:
    """The oldest first."""
    async with town.database.transaction(town.tenant.id) as db:
        statement = select(Notice).order_by(Notice.created_at, Notice.id)
        if person_id is not None:
            statement = statement.where(Notice.person_id == person_id)
        return (await db.scalars(statement)).all()


async def letters(town: Town, person_id: UUID | None = None) -> Sequence[Letter]:
    """The oldest first."""
    async with town.database.transaction(town.tenant.id) as db:
        statement = select(Letter).order_by(Letter.created_at, Letter.id)
        if person_id is not None:
            statement = statement.where(Letter.person_id == person_id)
        return (await db.scalars(statement)).all()


async def text_messages(town: Town) -> Sequence[TextMessage]:
    async with town.database.transaction(town.tenant.id) as db:
        return (await db.scalars(select(TextMessage).order_by(TextMessage.created_at))).all()


def as_mail(letter: Letter) -> EmailMessage:
    return mail_of(letter, SETTINGS.mail_from)


def event_in(letter: Letter) -> tuple[str, Any]:
    """(method, event) of a letter with one invitation."""
    assert letter.calendar is not None
    [(method, text)] = objects_in(letter.calendar)
    calendar: Any = Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")
    return method, event


def soon() -> datetime:
    return utc_now() + timedelta(days=3)
