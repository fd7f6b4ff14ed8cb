"""What the demo's case officer has before her: requests that are routed, late, paused, and an absence to come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import apply
from booking.cases.absences import be_away
from booking.cases.routing import set_route
from booking.schemas import ApplicationIn, WishIn
from core.errors import Refusal
from core.spans import DAY, local_date
from core.tenants import Tenant
from core.wire import LocalTime
from web import setup_queries
from web.demo_people import Municipality, actor_of, demo_id

FACILITIES = {"sandnes": "sandneshallen", "stavanger": "siddishallen"}
"""Whose requests the officer gets."""
RESOURCES = {"sandnes": "sandneshallen/sandneshallen", "stavanger": "siddishallen/siddishallen"}
TRIES = 8
"""Weeks; holidays and the club's cup are in the way of some."""
ASKED = (
    # title, who, days ago, until when it should have been answered (days from today), whether it is paused
    ("Turnstevne", "delegate", 30, -9, False),
    ("Konfirmasjon", "citizen", 18, -4, False),
    ("Dansekveld", "citizen", 12, 2, True),
    ("Loppemarked", "delegate", 3, 11, False),
)


async def lay_queue(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """Only where there is something that an officer decides."""
    if each.slug not in FACILITIES:
        return
    today, admin = local_date(tenant.zone, now), actor_of(each, "admin")
    officer_id = demo_id(each.slug, "person", "officer")
    await set_route(
        db,
        admin,
        facility_id=demo_id(each.slug, "facility", FACILITIES[each.slug]),
        resource_id=None,
        officer_id=officer_id,
        now=now,
    )
    await be_away(
        db,
        admin,
        tenant,
        officer_id=officer_id,
        from_on=today + 30 * DAY,
        until_on=today + 37 * DAY,
        substitute_id=demo_id(each.slug, "person", "manager"),
        now=now,
    )
    for number, (title, part, ago, answer_in, is_paused) in enumerate(ASKED):
        application_id = await _ask(db, each, tenant, part, title=title, number=number, now=now)
        if application_id is None:
            continue
        await setup_queries.age_application(
            db,
            application_id,
            created_at=now - ago * DAY,
            answer_by=now + answer_in * DAY,
            paused_at=now - 2 * DAY if is_paused else None,
            officer_id=officer_id if number % 2 else None,
        )


async def _ask(
    db: AsyncSession, each: Municipality, tenant: Tenant, part: str, *, title: str, number: int, now: datetime
) -> UUID | None:
    """On the first Saturday from three weeks on that can be had; None when there is none."""
    club = demo_id(each.slug, "association", each.clubs[0]) if part == "delegate" else None
    day = local_date(tenant.zone, now) + (21 + 7 * number) * DAY
    saturday = day + (5 - day.weekday()) % 7 * DAY
    for week in range(TRIES):
        wish = WishIn(
            resource_id=demo_id(each.slug, "resource", RESOURCES[each.slug]),
            start=LocalTime(saturday + 7 * week * DAY, "10:00"),
            end=LocalTime(saturday + 7 * week * DAY, "16:00"),
        )
        form = ApplicationIn(times=[wish], association_id=club, title=title, accepted_terms=True)
        try:
            return (await apply(db, actor_of(each, part), tenant, form, now)).id
        except Refusal:  # closed that day, or taken; nothing is written yet
            continue
    return None
