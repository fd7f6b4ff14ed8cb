"""Weekly times that staff give an association outright, laid as bookings: from an import, for a season gone before.

An officer's word stands over grid, length and notice; never over what is taken or closed.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.claims import booking_claims, window_of
from booking.guard import locked_board
from booking.models import Application, Booking
from core.audit import note
from core.errors import Invalid
from core.ids import new_id
from core.spans import DAY, Span, clock_reaches, merge
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor
from people.queries import associations_by_name
from people.rules import demand, demand_person
from resources.importing import WeeklyTime
from resources.queries import bookable_by_id


class Left(NamedTuple):
    """A time that was not laid, and what is in its way."""

    time: WeeklyTime
    day: date
    conflicts: list[Span]


async def lay_weekly(
    db: AsyncSession, actor: Actor, tenant: Tenant, times: Sequence[WeeklyTime], now: datetime
) -> list[Left]:
    """A confirmed booking for each week that is still to come; answers what was left out. Raises Invalid, Forbidden."""
    if not times:
        return []
    person_id = demand_person(actor)
    demand(actor, "booking.change_any")
    known = await associations_by_name(db, sorted({time.association for time in times}))
    spans = {number: _occurrences(time, tenant, now) for number, time in enumerate(times)}
    every = [span for found in spans.values() for _, span in found]
    if not every:
        return []
    around = Span(min(s.start for s in every), max(s.end for s in every))
    bookables = await bookable_by_id(db, sorted({time.resource_id for time in times}), around)
    board = await locked_board(
        db, [unit.id for b in bookables.values() for unit in b.units], window_of(every, bookables), now
    )
    left: list[Left] = []
    for number, time in enumerate(times):
        if time.association not in known:
            raise Invalid(
                field="association", expected=N_("an association that is here"), given=time.association
            )
        bookable = bookables[time.resource_id]
        facts = bookable.facts
        application = Application(
            id=new_id(),
            person_id=person_id,
            association_id=known[time.association],
            title=time.title,
            public=True,
            activity=time.activity,
            created_at=now,
        )
        laid: list[Booking] = []
        for day, span in spans[number]:
            conflicts = [closure for closure in merge(bookable.hours.closures) if closure.meets(span)]
            conflicts += board.conflicts(bookable.units, span, facts.setup_minutes, facts.cleanup_minutes, 1)
            if conflicts:
                left.append(Left(time, day, merge(conflicts)))
                continue
            booking = _booking(application, time.resource_id, span, now)
            booking.setup_minutes, booking.cleanup_minutes = facts.setup_minutes, facts.cleanup_minutes
            claims = booking_claims(
                booking.id,
                bookable.units,
                span,
                setup_minutes=facts.setup_minutes,
                cleanup_minutes=facts.cleanup_minutes,
                quantity=1,
            )
            board.add(claims)
            laid.append(booking)
            db.add_all(claims)
        if laid:
            db.add(application)
            db.add_all(laid)
            note(db, person_id, "laid", table="application", row_id=application.id, now=now)
    await db.flush()  # claim_no_overlap answers here
    return left


def _occurrences(time: WeeklyTime, tenant: Tenant, now: datetime) -> list[tuple[date, Span]]:
    """Each week's span that has not begun. A clock time that is skipped in spring is the instant after the gap."""
    day = time.from_on + timedelta(days=(time.weekday - time.from_on.isoweekday()) % 7)
    found: list[tuple[date, Span]] = []
    while day <= time.until_on:
        start = clock_reaches(tenant.zone, day, time.opens_minute)
        end = clock_reaches(tenant.zone, day, time.closes_minute)
        if now <= start < end:
            found.append((day, Span(start, end)))
        day += 7 * DAY
    return found


def _booking(application: Application, resource_id: UUID, span: Span, now: datetime) -> Booking:
    return Booking(
        id=new_id(),
        application_id=application.id,
        resource_id=resource_id,
        person_id=application.person_id,
        association_id=application.association_id,
        starts_at=span.start,
        ends_at=span.end,
        quantity=1,
        state="confirmed",
        version=1,
        price={},
        decided_at=now,
        decided_by=application.person_id,
        created_at=now,
        updated_at=now,
    )
