"""What has happened in cases of the demo: written, asked, offered and decided, by the services that people use."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import apply
from booking.cases import reasons, writing
from booking.cases.case_schemas import ReasonIn
from booking.decide import decide
from booking.schemas import ApplicationIn, ApplicationOut, DecisionIn, DecisionOn, OfferIn, WishIn
from core.spans import DAY, local_date
from core.tenants import Tenant
from core.wire import LocalTime
from web import setup_queries
from web.demo_people import Municipality, actor_of, demo_id

DECIDED = {"sandnes": "sandneshallen/sandneshallen", "stavanger": "siddishallen/siddishallen"}
"""Where the cases are."""
REASONS = (
    (
        "taken",
        "Tiden er gitt til en annen søker, etter kommunens kriterier for fordeling.",
        "Tida er gitt til ein annan søkjar, etter kriteria kommunen har for fordeling.",
        "The time is given to another applicant, by the municipality's criteria.",
    ),
    (
        "maintenance",
        "Anlegget skal vedlikeholdes i tiden du søkte om.",
        "Anlegget skal haldast ved like i tida du søkte om.",
        "The place is maintained at the time you asked for.",
    ),
    (
        "unsuited",
        "Aktiviteten passer ikke i dette anlegget.",
        "Aktiviteten passar ikkje i dette anlegget.",
        "The activity does not suit this place.",
    ),
)


async def lay_cases(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """The list of reasons everywhere; in two municipalities a case that waits, and one with a letter."""
    admin = actor_of(each, "admin")
    for position, (key, nb, nn, en) in enumerate(REASONS):
        form = ReasonIn(key=key, texts={"nb": nb, "nn": nn, "en": en}, position=position)
        await reasons.add(db, admin, form, now)
    place = DECIDED.get(each.slug)
    if place is None:
        return
    resource_id = demo_id(each.slug, "resource", place)
    await setup_queries.decide_by_vedtak(db, resource_id)
    day = _sunday(local_date(tenant.zone, now) + 21 * DAY)
    await _waiting(db, each, tenant, resource_id, day, now)
    await _decided(db, each, tenant, resource_id, day + 7 * DAY, now)


def _sunday(day: date) -> date:
    return day + timedelta(days=7 - day.isoweekday())


async def _apply(
    db: AsyncSession, each: Municipality, tenant: Tenant, title: str, times: list[WishIn], now: datetime
) -> ApplicationOut:
    form = ApplicationIn(
        times=times,
        title=title,
        purpose="Et arrangement for hele nærmiljøet",
        audience="0-99",
        people=80,
        accepted_terms=True,
        association_id=demo_id(each.slug, "association", each.clubs[0]),
    )
    return await apply(db, actor_of(each, "delegate"), tenant, form, now)


def _wish(resource_id: UUID, day: date, start: str, end: str) -> WishIn:
    return WishIn(resource_id=resource_id, start=LocalTime(day, start), end=LocalTime(day, end))


async def _waiting(
    db: AsyncSession, each: Municipality, tenant: Tenant, resource_id: UUID, day: date, now: datetime
) -> None:
    """Messages, a question that she has answered, and another time that waits for her answer."""
    club, officer = actor_of(each, "delegate"), actor_of(each, "officer")
    made = await _apply(
        db, each, tenant, "Loppemarked", [_wish(resource_id, day, "10:00", "16:00")], now - 4 * DAY
    )
    said: tuple[tuple[bool, writing.EntryKind, str], ...] = (
        (False, "message", "Vi kan rydde selv, og trenger bord til 40 selgere."),
        (True, "question", "Hvor mange besøkende venter dere, og hvem er brannansvarlig?"),
        (False, "answer", "Rundt 300 i løpet av dagen. Anne Lagleder er brannansvarlig."),
        (True, "note", "Brannvesenet har sagt ja til 350."),
    )
    for number, (by_officer, kind, text) in enumerate(said):
        at = now - 3 * DAY + number * timedelta(hours=5)
        actor = officer if by_officer else club
        await writing.write(db, actor, tenant, made.id, kind=kind, text=text, now=at)
    offer = OfferIn(start=LocalTime(day, "12:00"), end=LocalTime(day, "18:00"))
    form = DecisionIn(
        bookings=[DecisionOn(id=made.bookings[0].id, offer=offer)],
        text="Hallen vaskes på formiddagen. Passer det å begynne klokken 12?",
    )
    await decide(db, officer, tenant, made.id, form, now=now, version=None)


async def _decided(
    db: AsyncSession, each: Municipality, tenant: Tenant, resource_id: UUID, day: date, now: datetime
) -> None:
    """Some granted, some not, with a letter that can be appealed."""
    officer = actor_of(each, "officer")
    times = [_wish(resource_id, day + n * 7 * DAY, "10:00", "14:00") for n in range(3)]
    made = await _apply(db, each, tenant, "Åpen hall", times, now - 6 * DAY)
    choices = [
        DecisionOn(id=booking.id, approve=number < 2, reject=number == 2)
        for number, booking in enumerate(made.bookings)
    ]
    form = DecisionIn(bookings=choices, reason_key="maintenance", text="Velkommen de to første søndagene.")
    await decide(db, officer, tenant, made.id, form, now=now - DAY, version=None)
