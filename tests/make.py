"""Things to test with, made as rows: a hall, its parts, who may book it. What is not said is harmless."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from core.ids import new_id
from core.spans import Span, local_date, local_instant, utc_now
from people.models import Association, Delegate, Person, RoleGrant, Team
from people.service import issue_token
from resources.models import Facility, Opening, Resource, ResourceUnit, Unit

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Hall:
    """A facility with units a, b and c, a resource of all three, and one of each."""

    facility_id: UUID
    units: tuple[UUID, ...]
    whole: UUID
    parts: tuple[UUID, ...]


async def facility(db: AsyncSession, **columns: Any) -> UUID:
    row_id = new_id()
    values = {"key": f"f{row_id.hex}", "name": "Idrettshallen", "closed_on_public_holidays": False}
    db.add(Facility(id=row_id, **{**values, **columns}))
    await db.flush()
    return row_id


async def unit(db: AsyncSession, facility_id: UUID, *, capacity: int | None = None) -> UUID:
    row_id = new_id()
    db.add(Unit(id=row_id, facility_id=facility_id, key=f"u{row_id.hex}", name="Del", capacity=capacity))
    await db.flush()
    return row_id


async def resource(db: AsyncSession, facility_id: UUID, unit_ids: Sequence[UUID], **columns: Any) -> UUID:
    """Decided automatically, in steps of 30 minutes, unless said otherwise. Hours come from its facility."""
    row_id = new_id()
    values = {
        "key": f"r{row_id.hex}",
        "name": "Sal",
        "kind": "hall",
        "decision": "automatic",
        "search_text": "sal idrettshallen",
    }
    db.add(Resource(id=row_id, facility_id=facility_id, **{**values, **columns}))
    await db.flush()
    db.add_all(ResourceUnit(resource_id=row_id, unit_id=unit_id) for unit_id in unit_ids)
    await db.flush()
    return row_id


async def change_resource(db: AsyncSession, resource_id: UUID, **columns: Any) -> None:
    """Without asking whether that is wise."""
    await db.execute(update(Resource).where(Resource.id == resource_id).values(**columns))


async def open_daily(db: AsyncSession, facility_id: UUID, opens: int = 8 * 60, closes: int = 22 * 60) -> None:
    """Every day of the week, from and to local minutes of the day."""
    db.add_all(
        Opening(facility_id=facility_id, weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekday in range(1, 8)
    )
    await db.flush()


async def hall(db: AsyncSession, **columns: Any) -> Hall:
    """Open 8 to 22 every day."""
    facility_id = await facility(db)
    await open_daily(db, facility_id)
    units = tuple([await unit(db, facility_id) for _ in range(3)])
    whole = await resource(db, facility_id, units, name="Hele hallen", **columns)
    parts = tuple([await resource(db, facility_id, [u], name="En tredel", **columns) for u in units])
    return Hall(facility_id, units, whole, parts)


async def pool(db: AsyncSession, *, lanes: int = 6, **columns: Any) -> tuple[UUID, UUID]:
    """A pool and its one pooled unit: (resource, unit)."""
    facility_id = await facility(db, name="Svømmehallen")
    await open_daily(db, facility_id)
    unit_id = await unit(db, facility_id, capacity=lanes)
    return await resource(db, facility_id, [unit_id], name="Basseng", kind="pool", **columns), unit_id


async def person(
    db: AsyncSession,
    *,
    role: str | None = None,
    facility_id: UUID | None = None,
    resource_id: UUID | None = None,
    scopes: Sequence[str] = ("read", "write", "staff"),
    name: str | None = None,
) -> tuple[UUID, str]:
    """A person, with a staff role if said, and a token: (id, secret)."""
    row_id = new_id()
    db.add(Person(id=row_id, name=name or f"Kari {row_id.hex[-4:]}"))
    await db.flush()
    if role is not None:
        db.add(RoleGrant(person_id=row_id, role=role, facility_id=facility_id, resource_id=resource_id))
    secret = issue_token(db, row_id, "test", list(scopes))
    await db.flush()
    return row_id, secret


def token(db: AsyncSession, person_id: UUID, *scopes: str) -> str:
    """One more secret of hers."""
    return issue_token(db, person_id, "test", list(scopes))


async def association(db: AsyncSession, *members: UUID, name: str = "Viking") -> tuple[UUID, UUID]:
    """A club that the members may book for, with a team: (association, team)."""
    row_id, team_id = new_id(), new_id()
    db.add(Association(id=row_id, name=name))
    await db.flush()
    db.add(Team(id=team_id, association_id=row_id, name="Jenter 14"))
    db.add_all(Delegate(person_id=member, association_id=row_id, role="booker") for member in members)
    await db.flush()
    return row_id, team_id


def next_weekday(weekday: int = 2, *, weeks: int = 1) -> date:
    """A local date with that ISO weekday, at least so many weeks ahead."""
    today = local_date(OSLO, utc_now()) + timedelta(weeks=weeks)
    return today + timedelta(days=(weekday - today.isoweekday()) % 7)


def at(day: date, hour: float, hours: float = 1) -> Span:
    """From an hour of the local day, for so many hours."""
    start = local_instant(OSLO, day, round(hour * 60))
    return Span(start, start + timedelta(hours=hours))


def iso(instant: datetime) -> str:
    return instant.isoformat()


def wish(resource_id: UUID, span: Span, **more: Any) -> dict[str, Any]:
    """As it stands in the body of an application."""
    return {"resource_id": str(resource_id), "start": iso(span.start), "end": iso(span.end), **more}


def application(*times: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "Trening", "times": list(times), **more}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def span_of(told: dict[str, str]) -> Span:
    """As the program tells it."""
    return Span(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))


async def booking_row(db: AsyncSession, booking_id: UUID) -> Booking:
    return (await db.scalars(select(Booking).where(Booking.id == booking_id))).one()


async def unit_row(db: AsyncSession, unit_id: UUID) -> Unit:
    return (await db.scalars(select(Unit).where(Unit.id == unit_id))).one()
