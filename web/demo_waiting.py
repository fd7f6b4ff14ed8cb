"""Closures, arrangements and the waiting list in the demo from the start, laid by the services that people use."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.arrangements.schemas import ArrangementIn, ArrangementTimeIn
from booking.arrangements.service import Picture, arrange
from booking.closures import close
from booking.schemas import ClosureIn
from booking.waiting.schemas import SavedSearch, WaitIn
from booking.waiting.service import wait
from core.files import check_picture
from core.spans import DAY, local_date
from core.tenants import Tenant
from core.wire import LocalTime
from web.demo_people import DATA, Municipality, actor_of, demo_id

PLAYED_IN = "sandnes"
PITCH, CLIMBING, MAIN_PITCH = (
    "sandnes-stadion/treningsfelt-1",
    "bogafjellhallen/klatrerom",
    "sandnes-stadion/hovedbane-1",
)
PICTURE = "sandnes-arrangement.png"


async def lay_waiting(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """An arrangement that takes a club's Saturday, a room that is being mended, and two who wait."""
    if each.slug != PLAYED_IN:
        return
    today = local_date(tenant.zone, now)
    saturday = today + 7 * DAY
    saturday += (6 - saturday.isoweekday()) % 7 * DAY
    await _arrange(db, each, tenant, saturday, now)
    closed = ClosureIn(
        resource_id=demo_id(each.slug, "resource", CLIMBING),
        start=LocalTime(saturday - 2 * DAY, "08:00"),
        end=LocalTime(saturday - DAY, "00:00"),
        reason="Nye klatretak skrus på",
    )
    await close(db, actor_of(each, "manager"), tenant, closed, now)
    for part, form in (
        (
            "neighbour",
            WaitIn(
                resource_id=demo_id(each.slug, "resource", MAIN_PITCH),
                start=LocalTime(saturday, "12:00"),
                end=LocalTime(saturday, "14:00"),
                title="Bursdagskamp",
            ),
        ),
        (
            "citizen",
            WaitIn(
                search=SavedSearch(from_on=saturday, to_on=saturday + DAY, minutes=120, activity="football")
            ),
        ),
    ):
        await wait(db, actor_of(each, part), tenant, form, now)


async def _arrange(
    db: AsyncSession, each: Municipality, tenant: Tenant, saturday: date, now: datetime
) -> None:
    form = ArrangementIn(
        title="Idrettens dag",
        organiser="Sandnes kommune",
        description={
            "nb": "Prøv fotball, friidrett og innebandy. Lagene viser fram hva de gjør, og det er gratis for alle.",
            "nn": "Prøv fotball, friidrett og innebandy. Laga viser fram kva dei gjer, og det er gratis for alle.",
            "en": "Try football, athletics and floorball. The clubs show what they do, and everybody is welcome.",
        },
        times=[
            ArrangementTimeIn(
                resource_id=demo_id(each.slug, "resource", PITCH),
                start=LocalTime(saturday, "11:00"),
                end=LocalTime(saturday, "15:00"),
            )
        ],
        displace=True,
    )
    picture = Picture(
        check_picture(PICTURE, (DATA / PICTURE).read_bytes()),
        {
            "nb": "En ball på gresset foran et mål",
            "nn": "Ein ball på graset framfor eit mål",
            "en": "A ball on the grass in front of a goal",
        },
    )
    await arrange(db, actor_of(each, "officer"), tenant, form, picture=picture, now=now)
