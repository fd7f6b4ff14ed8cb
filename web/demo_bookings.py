"""What is booked and closed in the demo from the start, laid by the services that people use."""

import csv
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import msgspec
from dateutil.easter import easter
from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import apply
from booking.closures import close
from booking.schemas import ApplicationIn, ClosureIn, RepeatIn, WishIn
from core.spans import DAY, local_date
from core.tenants import Tenant
from core.wire import LocalTime
from resources.import_files import WEEKDAYS, weekdays
from web.demo_people import DATA, Municipality, actor_of, demo_id

WEEKS = 8
"""For how long clubs train; more would only make the start slower."""


class Training(msgspec.Struct, frozen=True, order=True):
    """A line of demo_data/{slug}-training.csv: real hours, as the municipality published them."""

    association: str
    title: str
    activity: str
    facility: str
    resource: str
    weekday: str
    start: str
    end: str


CLUB_HOURS = (
    ("idrettshallen/idrettshall-a", "mon", "17:00", "19:00"),
    ("idrettshallen/idrettshall-b", "thu", "18:00", "20:00"),
    ("randaberghallen/idrettshall-2-a", "wed", "17:00", "18:30"),
    ("sola-arena/hall-2-a", "mon", "17:00", "19:00"),
    ("hetlandshallen/hetlandshallen-a", "mon", "17:00", "19:00"),
    ("tasta-idrettshall/tasta-idrettshall", "tue", "18:00", "20:00"),
)
"""Of the municipality's first club, where there is such a resource and it decides by itself."""
REQUESTED = {"sandnes": "sandneshallen/sandneshallen", "stavanger": "siddishallen/siddishallen"}
"""What the club has asked for and the case officer has not answered."""


async def lay_bookings(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """Club training from tomorrow, a request or two that wait for an answer, and the days a hall keeps shut."""
    today = local_date(tenant.zone, now)
    if each.slug == "randaberg":
        await _close_randaberghallen(db, each, tenant, now)
    trainings = _trainings(each)
    for association, of_club in groupby(sorted(trainings), key=attrgetter("association")):
        times = [wish for training in of_club for wish in _wishes(each, training, today)]
        await _apply(db, each, tenant, association, times=times, now=now)
    requested = REQUESTED.get(each.slug)
    if requested is not None:
        day = _next(today + 14 * DAY, 6)
        wish = _wish(demo_id(each.slug, "resource", requested), day, "10:00", "16:00")
        await _apply(db, each, tenant, each.clubs[0], times=[wish], now=now, title="Klubbcup")


def _trainings(each: Municipality) -> list[Training]:
    file = DATA / f"{each.slug}-training.csv"
    if file.exists():
        with file.open(encoding="utf-8", newline="") as lines:
            return msgspec.convert(list(csv.DictReader(lines)), list[Training])
    places = msgspec.json.decode((DATA / f"{each.slug}.json").read_bytes())
    known = {
        f"{facility['key']}/{resource['key']}"
        for facility in places["facilities"]
        for resource in facility["resources"]
        if resource["decision"] == "automatic"
    }
    return [
        Training(
            association=each.clubs[0],
            title=each.clubs[0],
            activity="handball",
            facility=place.partition("/")[0],
            resource=place.partition("/")[2],
            weekday=weekday,
            start=start,
            end=end,
        )
        for place, weekday, start, end in CLUB_HOURS
        if place in known
    ]


def _wishes(each: Municipality, training: Training, today: date) -> list[WishIn]:
    resource_id = demo_id(each.slug, "resource", f"{training.facility}/{training.resource}")
    return [
        _wish(resource_id, _next(today + DAY, weekday), training.start, training.end)
        for weekday in weekdays(training.weekday)
    ]


def _wish(resource_id: UUID, day: date, start: str, end: str) -> WishIn:
    return WishIn(resource_id=resource_id, start=LocalTime(day, start), end=LocalTime(day, end))


def _next(day: date, weekday: int) -> date:
    """The first day from `day` on with that ISO weekday."""
    return day + timedelta(days=(weekday - day.isoweekday()) % len(WEEKDAYS))


async def _apply(
    db: AsyncSession,
    each: Municipality,
    tenant: Tenant,
    association: str,
    *,
    times: list[WishIn],
    now: datetime,
    title: str | None = None,
) -> None:
    """Every week when no title says that it is a thing of its own. What cannot be had is left out."""
    part = "delegate" if association == each.clubs[0] else "coach"
    until = local_date(tenant.zone, now) + timedelta(weeks=WEEKS)
    form = ApplicationIn(
        times=times,
        repeat=RepeatIn(every_weeks=1, until=until) if title is None else None,
        if_refused="skip",
        association_id=demo_id(each.slug, "association", association),
        title=title or association,
        public=True,
        purpose="Trening" if title is None else "Klubbcup for barn og unge",
        audience="0-19",
        accepted_terms=True,
    )
    await apply(db, actor_of(each, part), tenant, form, now)


async def _close_randaberghallen(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """Christmas Eve to 26 December, New Year's Eve and Day, Easter: as the hall says on its own pages."""
    year = local_date(tenant.zone, now).year
    periods: list[tuple[date, date, str]] = []
    for y in (year, year + 1):
        periods += [
            (easter(y) - 3 * DAY, easter(y) + 2 * DAY, "Påskestengt"),
            (date(y, 12, 24), date(y, 12, 27), "Julestengt"),
            (date(y, 12, 31), date(y + 1, 1, 2), "Nyttårsstengt"),
        ]
    for first, end, reason in periods:
        if end > local_date(tenant.zone, now):
            form = ClosureIn(
                facility_id=demo_id(each.slug, "facility", "randaberghallen"),
                start=LocalTime(first, "00:00"),
                end=LocalTime(end, "00:00"),
                reason=reason,
            )
            await close(db, actor_of(each, "manager"), tenant, form, now)
