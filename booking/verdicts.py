"""Who decides a wish, and until when it is answered: asked by applying, submitting, moving, quoting and previewing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import DAY, Span, local_date, local_day
from people.actors import Actor
from people.service import group_of_holder
from resources.facts import Bookable, ResourceFacts
from resources.policies import Verdict, asks_group, decided


def verdict_for(bookable: Bookable, span: Span, *, group: str, people: int | None) -> Verdict:
    """By the resource's policy, for who books."""
    return decided(
        bookable.policies,
        bookable.facts.decision,
        span=span,
        zone=bookable.zone,
        customer_group=group,
        people=people,
    )


async def holder_group(
    db: AsyncSession,
    actor: Actor,
    bookables: Mapping[UUID, Bookable],
    *,
    person_id: UUID | None,
    association_id: UUID | None,
    is_priced: bool = False,
) -> str:
    """The customer group of who has it: the association's, else the person's. Read only where a policy or a price
    asks for it.
    """
    if not is_priced and not any(asks_group(bookable.policies) for bookable in bookables.values()):
        return actor.customer_group
    return await group_of_holder(db, actor, person_id, association_id)


def answer_by(requested: Iterable[ResourceFacts], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Until when the municipality means to have answered: the end of the local day, by the quickest resource.

    None when nothing is requested.
    """
    days = min((facts.answer_days for facts in requested), default=None)
    if days is None:
        return None
    return local_day(zone, local_date(zone, now) + days * DAY).end
