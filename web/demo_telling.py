"""What of telling the demo shows from the start: figures who want text messages, and words of a municipality's own."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling.kinds import KINDS
from booking.telling.own_words import save
from core.texts import texts
from people import person_queries
from web.demo_people import Municipality, actor_of, demo_id

PHONES = {"citizen": "+4790000001", "delegate": "+4790000002"}
"""Made-up, and in the demo nothing is sent."""
OWN_WORDS = "confirmed"


async def lay_wishes(db: AsyncSession, each: Municipality, now: datetime) -> None:
    """Letters themselves are written by the workers, as everywhere, once what they tell of is in the outbox."""
    for part, phone in PHONES.items():
        person = await person_queries.locked(db, demo_id(each.slug, "person", part))
        if person is not None:
            person.phone, person.notices = phone, ["email", "sms", "reminder", "waiting"]
    words, kind = texts(each.first_language), KINDS[OWN_WORDS]
    wish = words.gettext("Have a good time!")
    await save(
        db,
        actor_of(each, "admin"),
        OWN_WORDS,
        each.first_language,
        line=words.gettext(kind.subject),
        text=f"{words.gettext(kind.text)}\n\n{wish}",
        version=0,
        now=now,
    )
