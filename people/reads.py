"""Staff who read about a person leave a trace that she herself is shown: once an hour for each kind of page."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.texts import N_
from people import privacy_queries
from people.actors import Actor

Read = Literal[
    "person",
    "people",
    "tokens",
    "association",
    "claim",
    "application",
    "queue",
    "booking",
    "bookings",
    "calendar",
    "day",
    "audit",
]
READS: Mapping[Read, str] = {
    "person": N_("Your name and how to reach you"),
    "people": N_("A list of people that you are on"),
    "tokens": N_("Your tokens"),
    "association": N_("An association that you act for"),
    "claim": N_("Your claim to lead an association"),
    "application": N_("An application of yours"),
    "queue": N_("A list of applications with yours on it"),
    "booking": N_("A booking of yours"),
    "bookings": N_("A list of bookings with yours on it"),
    "calendar": N_("A calendar with a booking of yours in it"),
    "day": N_("A list of the day with a booking of yours on it"),
    "audit": N_("What has been changed by you or about you"),
}
"""Kind of page → what she is told of it."""


async def note_reads(
    db: AsyncSession, actor: Actor, person_ids: Iterable[UUID | None], what: Read, now: datetime
) -> None:
    """Note that the actor has read about these persons, in one statement; about herself nothing is noted.

    Call it with those alone whom her staff role showed her: what is hers, or of her association, is no trace.
    """
    others = sorted({id_ for id_ in person_ids if id_ is not None} - {actor.person_id})
    if actor.person_id is not None and others:
        await privacy_queries.note_reads(db, actor.person_id, others, what=what, now=now)
