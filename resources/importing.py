"""How a municipality's places are loaded from files: all of it, or nothing and a list of what is wrong."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import Invalid
from core.ids import new_id
from people.actors import Actor
from people.rules import demand
from resources import place_queries
from resources.hours import line_row
from resources.hours import weekly as weekly_opening
from resources.import_files import (
    ImportRefused,
    LimitRow,
    OpeningRow,
    Plan,
    Problem,
    Record,
    ResourceRow,
    WeeklyRow,
    read_files,
    weekdays,
)
from resources.lease_terms import keep_all_terms
from resources.models import (
    BookingLimit,
    Facility,
    Opening,
    Resource,
    ResourceUnit,
    SchoolHoliday,
    Unit,
)
from resources.opening import WeeklyOpening
from resources.place_queries import Everything
from resources.schemas import OpeningLine
from resources.service import check_publication, check_rules, columns_of, resource_text
from resources.weekly import WeeklyTime, weekly_times

T = TypeVar("T", bound=Struct)
Scope = tuple[UUID | None, UUID | None]
"""Facility or resource; both None: the municipality."""


class Imported(Struct):
    """What was written, by table; nothing at all when the files say what stands already."""

    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    weekly: list[WeeklyTime] = []


async def import_files(
    db: AsyncSession,
    actor: Actor,
    files: Mapping[str, bytes],
    *,
    zone: ZoneInfo,
    now: datetime,
    id_of: Callable[[str, str], UUID] = lambda _table, _key: new_id(),
) -> Imported:
    """All that the files (name → content) say, found again by `key`. Raises ImportRefused, Forbidden.

    Follow it with `booking.new_units.cover`: new units of a closed facility are closed by claims of the room above.

    `id_of` gives the id of a new row from its table and its key (`hall`, `hall/a`).
    """
    demand(actor, "resource.manage")
    plan = read_files(files)
    loading = Loading(db, actor, await place_queries.everything(db), zone, now, id_of)
    await loading.carry_out(plan)
    if loading.problems:
        raise ImportRefused(sorted(loading.problems))
    await db.flush()
    await keep_all_terms(db, loading.resources.values(), now)
    return loading.imported


class Loading:
    """One import under way."""

    def __init__(
        self,
        db: AsyncSession,
        actor: Actor,
        stands: Everything,
        zone: ZoneInfo,
        now: datetime,
        id_of: Callable[[str, str], UUID],
    ) -> None:
        self.db, self.actor, self.zone, self.now, self.id_of = db, actor, zone, now, id_of
        self.facilities: dict[str, Facility] = {row.key: row for row in stands.facilities}
        keys = {row.id: row.key for row in stands.facilities}
        self.units = {(keys[row.facility_id], row.key): row for row in stands.units}
        self.resources = {(keys[row.facility_id], row.key): row for row in stands.resources}
        self.units_of: dict[UUID, set[UUID]] = {}
        for taken in stands.resource_units:
            self.units_of.setdefault(taken.resource_id, set()).add(taken.unit_id)
        self.lines: dict[Scope, list[Opening]] = {}
        for line in stands.openings:
            self.lines.setdefault((line.facility_id, line.resource_id), []).append(line)
        self.holidays, self.limits = stands.school_holidays, stands.limits
        self.problems: list[Problem] = []
        self.imported = Imported()
        self.touched: set[UUID] = set()
        """Facilities and resources whose search text is to be written anew."""

    async def carry_out(self, plan: Plan) -> None:
        """In the order in which rows refer to each other."""
        self._refuse_twice(plan)
        for record in plan.facilities:
            self._facility(record)
        await self._flush()
        for record in plan.units:
            await self._unit(record)
        for record in plan.resources:
            self._resource(record)
        self._write_search_texts()
        await self._flush()
        for record in plan.resources:
            self._take_units(record)
        await self._openings(plan)
        await self._school_holidays(plan)
        for record in plan.limits:
            self._limit(record)
        self.imported.weekly = [time for record in plan.weekly for time in self._weekly(record)]

    async def _flush(self) -> None:
        if not self.problems:
            await self.db.flush()

    def _refuse_twice(self, plan: Plan) -> None:
        for records in (plan.facilities, plan.units, plan.resources):
            seen: set[tuple[str | None, str]] = set()
            for record in records:
                place = (getattr(record.row, "facility", None), record.row.key)
                if place in seen:
                    self.problems.append(
                        record.problem("key", f"each key once ({record.row.key} is here twice)")
                    )
                seen.add(place)

    def _facility(self, record: Record[Any]) -> None:
        columns = self._columns(record)
        row = self.facilities.get(record.row.key)
        is_new = row is None
        if row is None:
            row = Facility(id=self.id_of("facility", record.row.key))
            self.facilities[record.row.key] = row
        self._write(record, row, columns, is_new=is_new, check=check_publication)

    async def _unit(self, record: Record[Any]) -> None:
        facility = self._facility_of(record)
        if facility is None:
            return
        place = (facility.key, record.row.key)
        row = self.units.get(place)
        columns = {"key": record.row.key, "name": record.row.name}
        if row is None:
            row = Unit(id=self.id_of("unit", "/".join(place)), facility_id=facility.id)
            self.units[place] = row
            columns["capacity"] = record.row.capacity
            self._write(record, row, columns, is_new=True)
            return
        if "capacity" in record.given and record.row.capacity != row.capacity:
            if await place_queries.has_claims(self.db, row.id, self.now):
                self.problems.append(
                    record.problem("capacity", f"{row.capacity}, while somebody has the unit")
                )
            columns["capacity"] = record.row.capacity
        self._write(record, row, columns, is_new=False)

    def _resource(self, record: Record[ResourceRow]) -> None:
        facility = self._facility_of(record)
        columns = self._columns(record)
        if facility is None:
            return
        place = (facility.key, record.row.key)
        row = self.resources.get(place)
        is_new = row is None
        if row is None:
            row = Resource(id=self.id_of("resource", "/".join(place)), facility_id=facility.id)
            self.resources[place] = row
        self._write(record, row, columns, is_new=is_new, check=check_rules)

    def _take_units(self, record: Record[ResourceRow]) -> None:
        resource = self.resources.get((record.row.facility, record.row.key))
        if resource is None:
            return
        unit_ids: set[UUID] = set()
        for place, key in enumerate(record.row.units):
            unit = self.units.get((record.row.facility, key))
            if unit is None:
                expected = f"a unit of facility {record.row.facility} ({key} is none)"
                self.problems.append(record.problem("units", f"{expected}; number {place + 1} in the list"))
            else:
                unit_ids.add(unit.id)
        has = self.units_of.get(resource.id)
        if has is None:
            self.db.add_all(
                ResourceUnit(id=new_id(), resource_id=resource.id, unit_id=unit_id)
                for unit_id in sorted(unit_ids)
            )
        elif has != unit_ids:
            keys = sorted(unit.key for unit in self.units.values() if unit.id in has)
            expected = f"the units it has ({'|'.join(keys)}): an import does not move bookings"
            self.problems.append(record.problem("units", expected))

    async def _openings(self, plan: Plan) -> None:
        wanted: dict[Scope, list[WeeklyOpening]] = {}
        for record in plan.openings:
            scope = self._scope(record)
            if scope is not None:
                wanted.setdefault(scope, []).extend(self._lines(record))
        for facility_key, resource_key in plan.closed_always:
            if resource_key is None:
                wanted.setdefault((self.facilities[facility_key].id, None), [])
            elif (resource := self.resources.get((facility_key, resource_key))) is not None:
                wanted.setdefault((None, resource.id), [])
        for (facility_id, resource_id), lines in wanted.items():
            stands = self.lines.get((facility_id, resource_id), [])
            if set(lines) == {_line(row) for row in stands}:
                continue
            if stands:
                await place_queries.drop_lines(self.db, facility_id=facility_id, resource_id=resource_id)
            self.db.add_all(
                line_row(line, facility_id=facility_id, resource_id=resource_id)
                for line in dict.fromkeys(lines)
            )
            self._count("changed" if stands else "added", "opening", len(lines))
            audit.note(
                self.db,
                self.actor.person_id,
                "opening.imported",
                table="facility" if resource_id is None else "resource",
                row_id=facility_id or resource_id or UUID(int=0),
                now=self.now,
                change={"opening": ([_line(row) for row in stands], lines)},
            )

    def _lines(self, record: Record[OpeningRow]) -> Iterable[WeeklyOpening]:
        row = record.row
        for weekday in weekdays(row.weekday):
            line = OpeningLine(
                weekday=weekday,
                opens=row.opens,
                closes=row.closes,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            try:
                yield weekly_opening(line, "row")
            except Invalid as refusal:
                field = str(refusal.facts["field"]).rpartition(".")[2]
                self.problems.append(record.problem(field, refusal.expected()))

    async def _school_holidays(self, plan: Plan) -> None:
        stands = {(row.name, row.from_on, row.until_on) for row in self.holidays}
        for record in plan.school_holidays:
            row = record.row
            if row.until_on < row.from_on:
                self.problems.append(record.problem("until_on", "a date not before from_on"))
            elif (row.name, row.from_on, row.until_on) not in stands:
                stands.add((row.name, row.from_on, row.until_on))
                made = SchoolHoliday(id=new_id(), name=row.name, from_on=row.from_on, until_on=row.until_on)
                self.db.add(made)
                self._count("added", "school_holiday")
                self._note("school_holiday.imported", made, {"row": (None, row)})

    def _limit(self, record: Record[LimitRow]) -> None:
        row = record.row
        scope: Scope | None = (None, None)
        if row.facility is not None:
            scope = self._scope(record)
        elif row.resource is not None:
            self.problems.append(record.problem("facility", "the facility of the resource"))
            return
        if scope is None:
            return
        for stands in self.limits:
            if (stands.facility_id, stands.resource_id, stands.holder, stands.kind) == (
                *scope,
                row.holder,
                row.kind,
            ):
                self._write(record, stands, {"value": row.value}, is_new=False)
                return
        made = BookingLimit(
            id=new_id(), facility_id=scope[0], resource_id=scope[1], holder=row.holder, kind=row.kind
        )
        self._write(record, made, {"value": row.value}, is_new=True)
        self.limits = [*self.limits, made]

    def _weekly(self, record: Record[WeeklyRow]) -> list[WeeklyTime]:
        scope = self._scope(record)
        if scope is None or scope[1] is None:
            return []
        if record.row.until_on < record.row.from_on:
            self.problems.append(record.problem("until_on", "a date not before from_on"))
            return []
        return weekly_times(record.row, scope[1])

    def _scope(self, record: Record[Any]) -> Scope | None:
        """Where the row belongs; None when that is not to be found, which is reported."""
        facility = self._facility_of(record)
        if facility is None:
            return None
        if record.row.resource is None:
            return facility.id, None
        resource = self.resources.get((facility.key, record.row.resource))
        if resource is None:
            self.problems.append(record.problem("resource", f"a resource of facility {facility.key}"))
            return None
        return None, resource.id

    def _facility_of(self, record: Record[Any]) -> Facility | None:
        facility = self.facilities.get(record.row.facility)
        if facility is None:
            self.problems.append(record.problem("facility", "a facility of the files or of the municipality"))
        return facility

    def _columns(self, record: Record[Any]) -> dict[str, Any]:
        try:
            columns = columns_of(record.row, self.zone)
        except Invalid as refusal:
            self._report(record, refusal)
            return {}
        columns.pop("facility", None)
        return columns

    def _write(
        self,
        record: Record[Any],
        row: Any,
        columns: Mapping[str, Any],
        *,
        is_new: bool,
        check: Callable[[Any], None] | None = None,
    ) -> None:
        """New: all columns; else those that the file gives and that differ."""
        given = {"horizon_opens_minute" if name == "horizon_opens" else name for name in record.given}
        change: dict[str, tuple[Any, Any]] = {}
        for name, value in columns.items():
            before = None if is_new else getattr(row, name)
            if is_new or (name in given and before != value):
                setattr(row, name, value)
                change[name] = (before, value)
        if change and check is not None:
            try:
                check(row)
            except Invalid as refusal:
                self._report(record, refusal)
        if not change or self.problems:
            return
        if is_new:
            self.db.add(row)
        elif hasattr(row, "version"):
            row.version += 1
        self.touched.add(row.id)
        self._count("added" if is_new else "changed", row.__tablename__)
        self._note(f"{row.__tablename__}.imported", row, change)

    def _write_search_texts(self) -> None:
        if self.problems:
            return
        facilities = {row.id: row for row in self.facilities.values()}
        for row in self.resources.values():
            if row.id in self.touched or row.facility_id in self.touched:
                row.search_text = resource_text(row, facilities[row.facility_id])

    def _report(self, record: Record[Any], refusal: Invalid) -> None:
        field = str(refusal.facts["field"]).partition(".")[0]
        self.problems.append(record.problem(field, refusal.expected()))

    def _count(self, what: str, table: str, rows: int = 1) -> None:
        counts: dict[str, int] = getattr(self.imported, what)
        counts[table] = counts.get(table, 0) + rows

    def _note(self, action: str, row: Any, change: dict[str, tuple[Any, Any]]) -> None:
        audit.note(
            self.db,
            self.actor.person_id,
            action,
            table=row.__tablename__,
            row_id=row.id,
            now=self.now,
            change=change,
        )


def _line(row: Opening) -> WeeklyOpening:
    return WeeklyOpening(row.weekday, row.opens_minute, row.closes_minute, row.valid_from, row.valid_until)
