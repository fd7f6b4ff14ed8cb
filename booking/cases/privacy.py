"""What the queue tells about officers: which cases are theirs, what is sent to them, and when they are away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.cases import privacy_queries as privacy
from core.privacy import Effect, erases, holds, retains
from core.texts import N_

holds("case_officer", N_("Requests that you see to as staff"))(privacy.cases)
holds("routing", N_("Places whose requests are sent to you"))(privacy.routings)
holds("absence", N_("When you are or were away, and whom you stand in for"))(privacy.absences)


@erases("case_officer")
async def let_go(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """Her open cases become nobody's, nothing new is sent to her, and her absences are forgotten."""
    open_cases = await privacy.count_open(db, person_id)
    routed = await privacy.count_routed(db, person_id)
    away = await privacy.count_away(db, person_id)
    if not dry_run:
        await privacy.let_go_open(db, person_id)
        await privacy.end_routed(db, person_id, now)
        await privacy.forget_away(db, person_id)
    return [
        Effect(what=N_("That you see to requests that are not answered"), count=open_cases, fate="erased"),
        Effect(what=N_("That requests for a place are sent to you"), count=routed, fate="erased"),
        Effect(what=N_("When you are or were away"), count=away, fate="erased"),
    ]


@retains(
    "absence",
    N_("When officers were away"),
    90,
    reason=N_("So that one can see why a request went where it did."),
)
async def forget_absences(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when the last day was over."""
    del now
    return await privacy.forget_absences(db, before, limit)
