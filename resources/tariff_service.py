"""How staff make, change, renew and end tariffs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import AlreadyExists, HasEnded, Invalid, NotFound
from core.ids import new_id
from core.money import WHOLE, divided
from core.spans import DAY
from core.tenants import Tenant
from core.texts import N_, Texts
from people.actors import Actor, Place
from people.rules import demand, demand_person, demand_somewhere
from resources import tariff_queries as queries
from resources import tariff_reading as reading
from resources.schemas import ShortTranslated
from resources.service import check_version
from resources.tariff_models import Tariff, TariffLine, TariffPlace
from resources.tariff_reading import RIGHT
from resources.tariff_schemas import (
    MOST_LINES,
    PlaceIn,
    PlaceOut,
    RenewIn,
    RoundTo,
    TariffIn,
    TariffLineIn,
    TariffOut,
    TariffPatch,
    facts_of,
    ordinary_of,
)
from resources.tariffs import TariffFacts, TariffLineFacts

STEPS: Final[Mapping[RoundTo, int]] = {"krone": 100, "ore": 1}
DEAREST: Final = 10**11
TOO_MANY: Final = N_("a tariff of fewer lines: take away those that are over")
Changes = dict[str, tuple[Any, Any]]


async def add(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: TariffIn, *, texts: Texts, now: datetime
) -> TariffOut:
    """A new tariff. Without places only who sees to all of the municipality may.

    Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, AlreadyExists.
    """
    demand_somewhere(actor, RIGHT)
    facilities = await _facilities(db, form.places)
    _demand_at(actor, form.places, facilities)
    if await queries.key_exists(db, form.key):
        raise AlreadyExists(field="key")
    row = Tariff(
        id=new_id(),
        key=form.key,
        name=_name(form.name),
        ordinary_hours=msgspec.to_builtins(ordinary_of(form.ordinary_hours)),
        ended_at=None,
        version=1,
    )
    lines = [facts_of(line, f"lines.{place}", new_id()) for place, line in enumerate(form.lines)]
    db.add(row)
    await db.flush()
    await _demand_free(db, row.id, form.places)
    await _set_places(db, row.id, form.places)
    await _write_lines(db, row.id, lines)
    change = {name: (None, getattr(form, name)) for name in form.__struct_fields__}
    _note(db, actor, "tariff.added", row.id, now, change)
    return await reading.out(db, row, tenant, texts, now)


async def change(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    tariff_id: UUID,
    *,
    patch: TariffPatch,
    version: int | None,
    texts: Texts,
    now: datetime,
) -> TariffOut:
    """Only what is given. What is booked keeps the price that it was told.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, ChangedMeanwhile, HasEnded, Invalid, AlreadyExists.
    """
    row = await _mine(db, actor, tariff_id, version)
    wanted = await _wanted(db, actor, row, patch)
    changed = wanted.changed
    for name in ("name", "ordinary_hours"):
        if name in changed:
            setattr(row, name, changed[name][1])
    if patch.places is not UNSET and _is_different(changed["places"]):
        await _set_places(db, row.id, patch.places)
    if patch.lines is not UNSET and _is_different(changed["lines"]):
        await _write_lines(db, row.id, wanted.lines)
    await _noted(db, actor, "tariff.changed", row, now, changed)
    return await reading.out(db, row, tenant, texts, now)


async def proposed(
    db: AsyncSession, actor: Actor, tariff_id: UUID, *, patch: TariffPatch, version: int | None
) -> TariffFacts:
    """The tariff as the change would make it, for whoever may make it. Writes nothing.

    Raises what `change` raises.
    """
    row = await _mine(db, actor, tariff_id, version)
    wanted = await _wanted(db, actor, row, patch)
    facts = await reading.facts_of_row(db, row)
    if patch.ordinary_hours is not UNSET:
        facts = replace(facts, ordinary_hours=ordinary_of(patch.ordinary_hours))
    return facts if patch.lines is UNSET else replace(facts, lines=tuple(wanted.lines))


async def renew(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    tariff_id: UUID,
    *,
    form: RenewIn,
    version: int | None,
    texts: Texts,
    now: datetime,
) -> TariffOut:
    """New prices from a day on: each line that holds until then and beyond ends the day before, and goes on at its
    new price. Lines that begin later stay as they are.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, ChangedMeanwhile, HasEnded, Invalid.
    """
    row = await _mine(db, actor, tariff_id, version)
    old = await reading.line_facts(db, row.id)
    lines: list[TariffLineFacts] = []
    for line in old:
        if not _goes_on(line, form.valid_from):
            lines.append(line)
            continue
        lines += [
            replace(line, valid_until=form.valid_from - DAY),
            replace(_repriced(line, form), id=new_id(), valid_from=form.valid_from),
        ]
    if len(lines) == len(old):
        raise Invalid(field="valid_from", expected=N_("a day before which and from which on some line holds"))
    if len(lines) > MOST_LINES:
        raise Invalid(field="valid_from", expected=TOO_MANY)
    await _write_lines(db, row.id, lines)
    await _noted(db, actor, "tariff.renewed", row, now, {"lines": (_plain(old), _plain(lines))})
    return await reading.out(db, row, tenant, texts, now)


async def end(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    tariff_id: UUID,
    *,
    version: int | None,
    texts: Texts,
    now: datetime,
) -> TariffOut:
    """It holds nowhere any more, and is kept as it was. What is booked keeps its price.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, ChangedMeanwhile, HasEnded.
    """
    row = await _mine(db, actor, tariff_id, version)
    before = sorted(map(_place_id, await reading.places_of(db, row.id)))
    await queries.drop_places(db, row.id)
    row.ended_at = now
    await _noted(
        db, actor, "tariff.ended", row, now, {"ended_at": (None, now.isoformat()), "places": (before, [])}
    )
    return await reading.out(db, row, tenant, texts, now)


# --- what would be different


class _Wanted(NamedTuple):
    """What a change asks for, when nothing speaks against it."""

    changed: Changes
    lines: list[TariffLineFacts]
    """As they shall be, where the change names them."""


async def _wanted(db: AsyncSession, actor: Actor, row: Tariff, patch: TariffPatch) -> _Wanted:
    """Raises Forbidden, Invalid, AlreadyExists."""
    changed: Changes = {}
    lines: list[TariffLineFacts] = []
    if patch.name is not UNSET:
        changed["name"] = (row.name, _name(patch.name))
    if patch.ordinary_hours is not UNSET:
        after = msgspec.to_builtins(ordinary_of(patch.ordinary_hours))
        changed["ordinary_hours"] = (row.ordinary_hours, after)
    if patch.places is not UNSET:
        _demand_at(actor, patch.places, await _facilities(db, patch.places))
        before = sorted(map(_place_id, await reading.places_of(db, row.id)))
        changed["places"] = (before, sorted(map(_place_id, patch.places)))
        await _demand_free(db, row.id, patch.places)
    if patch.lines is not UNSET:
        if len(patch.lines) > MOST_LINES:
            raise Invalid(field="lines", expected=TOO_MANY)
        old = await reading.line_facts(db, row.id)
        lines = _kept_ids(old, patch.lines)
        changed["lines"] = (_plain(old), _plain(lines))
    return _Wanted(changed, lines)


def _is_different(pair: tuple[Any, Any]) -> bool:
    return bool(pair[0] != pair[1])


# --- who may, and where


async def _mine(db: AsyncSession, actor: Actor, tariff_id: UUID, version: int | None) -> Tariff:
    """Locked, for who sees to every place where it holds."""
    demand_somewhere(actor, RIGHT)
    row = await queries.tariff(db, tariff_id, locked=True)
    if row is None:
        raise NotFound(what="tariff")
    found = await queries.places(db, [tariff_id])
    _demand_each(actor, [Place(place.facility_id, place.resource_id) for place in found])
    check_version(row.version, version)
    if row.ended_at is not None:
        raise HasEnded
    return row


async def _facilities(db: AsyncSession, places: Sequence[PlaceIn]) -> dict[UUID, UUID]:
    """Place → its facility. Raises Invalid for what is not one place of this municipality, or named twice."""
    for number, place in enumerate(places):
        if (place.facility_id is None) == (place.resource_id is None):
            raise Invalid(field=f"places.{number}", expected=N_("either facility_id or resource_id"))
    found = await queries.facilities_of(
        db,
        [place.facility_id for place in places if place.facility_id is not None],
        [place.resource_id for place in places if place.resource_id is not None],
    )
    seen: set[str] = set()
    for number, place in enumerate(places):
        name = "facility_id" if place.resource_id is None else "resource_id"
        if (place.resource_id or place.facility_id) not in found:
            raise Invalid(
                field=f"places.{number}.{name}", expected=N_("something that exists in this municipality")
            )
        if _place_id(place) in seen:
            raise Invalid(field=f"places.{number}.{name}", expected=N_("each place once"))
        seen.add(_place_id(place))
    return found


def _demand_at(actor: Actor, places: Sequence[PlaceIn], facilities: Mapping[UUID, UUID]) -> None:
    _demand_each(
        actor,
        [Place(place.facility_id or facilities[place.resource_id], place.resource_id) for place in places],  # type: ignore[index]  # one of them
    )


def _demand_each(actor: Actor, places: Sequence[Place]) -> None:
    demand_person(actor)
    for place in places:
        demand(actor, RIGHT, place)
    if not places:
        demand(actor, RIGHT)


# --- rows


async def _write_lines(db: AsyncSession, tariff_id: UUID, lines: Sequence[TariffLineFacts]) -> None:
    await queries.drop_lines(db, tariff_id)
    for position, line in enumerate(lines):
        values: dict[str, Any] = asdict(line)
        for name in ("customer_groups", "usages", "weekdays"):
            values[name] = list(values[name])
        db.add(TariffLine(tariff_id=tariff_id, position=position, **values))
    await db.flush()


def _kept_ids(old: Sequence[TariffLineFacts], lines: Sequence[TariffLineIn]) -> list[TariffLineFacts]:
    """The lines as they shall be. One that stands as it stood keeps its id, by which prices told know it."""
    known: dict[bytes, list[UUID]] = {}
    for line in old:
        known.setdefault(_contents(line), []).append(line.id)
    made: list[TariffLineFacts] = []
    for place, given in enumerate(lines):
        line = facts_of(given, f"lines.{place}", new_id())
        ids = known.get(_contents(line))
        made.append(replace(line, id=ids.pop(0)) if ids else line)
    return made


def _contents(line: TariffLineFacts) -> bytes:
    return msgspec.json.encode(replace(line, id=UUID(int=0)), order="deterministic")


def _plain(lines: Sequence[TariffLineFacts]) -> Any:
    return msgspec.to_builtins(lines)


def _goes_on(line: TariffLineFacts, day: date) -> bool:
    return (line.valid_from is None or line.valid_from < day) and (
        line.valid_until is None or line.valid_until >= day
    )


def _repriced(line: TariffLineFacts, form: RenewIn) -> TariffLineFacts:
    def changed(ore: int | None) -> int | None:
        if ore is None:
            return None
        step = STEPS[form.round_to]
        return divided(ore * (WHOLE + form.change), WHOLE * step) * step

    amounts = {name: changed(getattr(line, name)) for name in ("price_ore", "minimum_ore", "most_ore")}
    if any(ore is not None and ore > DEAREST for ore in amounts.values()):
        raise Invalid(field="change", expected=N_("less: no price is that high"))
    return replace(line, **amounts)


async def _set_places(db: AsyncSession, tariff_id: UUID, places: Sequence[PlaceIn]) -> None:
    """These instead of those it had."""
    await queries.drop_places(db, tariff_id)
    db.add_all(
        TariffPlace(tariff_id=tariff_id, facility_id=place.facility_id, resource_id=place.resource_id)
        for place in places
    )
    await db.flush()


async def _demand_free(db: AsyncSession, tariff_id: UUID, places: Sequence[PlaceIn]) -> None:
    """Raises AlreadyExists with the key of the other tariff that holds there."""
    taken = await queries.taken(
        db,
        [place.facility_id for place in places if place.facility_id is not None],
        [place.resource_id for place in places if place.resource_id is not None],
        but=tariff_id,
    )
    for number, place in enumerate(places):
        other = taken.get(place.resource_id or place.facility_id)  # type: ignore[arg-type]  # one of them
        if other is not None:
            raise AlreadyExists(field=f"places.{number}", tariff=other)


def _place_id(place: PlaceIn | PlaceOut) -> str:
    return str(place.resource_id or place.facility_id)


def _name(name: ShortTranslated) -> dict[str, str]:
    told: dict[str, str] = {code: text for code, text in msgspec.to_builtins(name).items() if text}
    if not told:
        raise Invalid(field="name", expected=N_("a text in at least one language"))
    return told


async def _noted(
    db: AsyncSession, actor: Actor, action: str, row: Tariff, now: datetime, changed: Changes
) -> None:
    """A new version and a note of it, where anything is different."""
    different = {name: pair for name, pair in changed.items() if _is_different(pair)}
    if different:
        row.version += 1
        _note(db, actor, action, row.id, now, different)
    await db.flush()


def _note(db: AsyncSession, actor: Actor, action: str, row_id: UUID, now: datetime, changed: Changes) -> None:
    audit.note(db, actor.person_id, action, table="tariff", row_id=row_id, now=now, change=changed)
