"""What the rules need to know of many resources, in one statement."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.json import Decoder
from sqlalchemy import ARRAY, Date, DateTime, Text, TextClause, Uuid, and_, any_, bindparam, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import DAY, Span, local_date, merge
from resources.facts import Bookable, LimitFacts, ResourceFacts, UnitFacts, Wanted
from resources.holidays import days_of, public_holidays_between
from resources.models import BookingLimit
from resources.opening import LOOK_BACK, OpeningHours, WeeklyOpening
from resources.policies import Policy
from resources.wording import sought_words

# One statement of plain SQL, because every search and every booking begins with it: as ORM statements these are seven
# round trips. It carries `tenant_id = :tenant_id` like all others where a municipality asks, and only there; the
# public role reads all municipalities. Its parts are put together here and not by a join: the planner takes row
# security for far choosier than it is, and then joins 2,000 resources by nested loops (3.6 s instead of 0.05).
FACTS = """
    r.tenant_id, r.id, r.facility_id, f.name AS facility_name, r.key, r.name, r.kind, r.activities, r.equipment,
    r.accessibility || f.accessibility AS accessibility, r.people, f.latitude, f.longitude,
    r.interval_minutes, r.min_minutes, r.max_minutes, r.setup_minutes, r.cleanup_minutes,
    r.notice_minutes, r.notice_days, r.horizon_days, r.horizon_opens_minute,
    greatest(r.published_from, f.published_from) AS published_from,
    least(r.published_until, f.published_until) AS published_until,
    r.decision, r.request_holds, r.hold_minutes, r.change_deadline_minutes, r.association_only,
    r.terms ->> 'version' AS terms_version, r.decision_kind, r.answer_days, r.questions, r.version,
    t.zone, f.closed_on_public_holidays, f.closed_in_school_holidays
"""
LINES = """string_agg(
    concat_ws(' ', weekday, opens_minute, closes_minute, coalesce(valid_from::text, '-'),
        coalesce(valid_until::text, '-')),
    ';' ORDER BY weekday, opens_minute, closes_minute, valid_from, valid_until)"""
# Only fixed texts are put into the statement; what comes from outside is a parameter.
BOOKABLE = f"""
WITH picked AS MATERIALIZED (
    SELECT {FACTS}
    FROM resource r
    JOIN facility f ON f.tenant_id = r.tenant_id AND f.id = r.facility_id
    JOIN tenant t ON t.id = r.tenant_id
    WHERE {{wanted}}
)
SELECT 'resource' AS part, tenant_id, id AS owner, row_to_json(picked)::text AS texts,
    CAST(NULL AS uuid[]) AS ids, CAST(NULL AS int[]) AS numbers,
    CAST(NULL AS timestamptz[]) AS starts, CAST(NULL AS timestamptz[]) AS ends
FROM picked
UNION ALL
SELECT 'units', ru.tenant_id, ru.resource_id, NULL,
    array_agg(u.id ORDER BY u.id), array_agg(u.capacity ORDER BY u.id), NULL, NULL
FROM resource_unit ru JOIN unit u ON u.tenant_id = ru.tenant_id AND u.id = ru.unit_id
WHERE {{ru_tenant}} ru.resource_id IN (SELECT id FROM picked) GROUP BY ru.tenant_id, ru.resource_id
UNION ALL
SELECT 'lines', o.tenant_id, o.resource_id, {LINES}, NULL, NULL, NULL, NULL
FROM opening o
WHERE {{o_tenant}} o.resource_id IN (SELECT id FROM picked) GROUP BY o.tenant_id, o.resource_id
UNION ALL
SELECT 'lines', o.tenant_id, o.facility_id, {LINES}, NULL, NULL, NULL, NULL
FROM opening o
WHERE {{o_tenant}} o.facility_id IN (SELECT facility_id FROM picked) GROUP BY o.tenant_id, o.facility_id
UNION ALL
SELECT 'extra', e.tenant_id, coalesce(e.resource_id, e.facility_id), NULL, NULL, NULL,
    array_agg(e.starts_at), array_agg(e.ends_at)
FROM extra_opening e
WHERE {{e_tenant}} e.ends_at > :since AND e.starts_at < :until GROUP BY 2, 3
UNION ALL
SELECT 'closed', ru.tenant_id, ru.resource_id, NULL, NULL, NULL, array_agg(c.starts_at), array_agg(c.ends_at)
FROM claim c JOIN resource_unit ru ON ru.tenant_id = c.tenant_id AND ru.unit_id = c.unit_id
WHERE {{c_tenant}} c.closing AND c.ends_at > :since AND c.starts_at < :until
    AND c.ends_at < CAST(:until AS timestamptz) + interval '24 hours'
    AND ru.resource_id IN (SELECT id FROM picked)
GROUP BY ru.tenant_id, ru.resource_id
UNION ALL
SELECT 'school', s.tenant_id, s.tenant_id, string_agg(concat_ws(' ', s.from_on, s.until_on), ';' ORDER BY s.from_on),
    NULL, NULL, NULL, NULL
FROM school_holiday s
WHERE {{s_tenant}} s.until_on >= :first AND s.from_on <= :last GROUP BY s.tenant_id
UNION ALL
SELECT 'policies', p.tenant_id, p.resource_id,
    json_agg(json_build_object('decision', p.decision, 'weekdays', p.weekdays, 'from_minute', p.from_minute,
        'until_minute', p.until_minute, 'min_minutes', p.min_minutes, 'max_minutes', p.max_minutes,
        'customer_groups', p.customer_groups, 'max_people', p.max_people) ORDER BY p.position)::text,
    NULL, NULL, NULL, NULL
FROM decision_policy p
WHERE {{p_tenant}} p.resource_id IN (SELECT id FROM picked) GROUP BY p.tenant_id, p.resource_id
"""  # noqa: S608  # see above
TENANT = {
    f"{alias}_tenant": f"{alias}.tenant_id = :tenant_id AND" for alias in ("ru", "o", "e", "s", "c", "p")
}
ANY_TENANT = dict.fromkeys(TENANT, "")
TYPES = {
    "since": DateTime(timezone=True),
    "until": DateTime(timezone=True),
    "first": Date(),
    "last": Date(),
    "tenant_id": Uuid(),
    "resource_ids": ARRAY(Uuid),
    "facility_ids": ARRAY(Uuid),
    "equipment": ARRAY(Text),
    "accessible": ARRAY(Text),
    "published_at": DateTime(timezone=True),
}


PARTS = ("resource", "units", "lines", "extra", "closed", "school", "policies")


class _Part(NamedTuple):
    """A row of the statement, without what it is found by."""

    texts: str
    ids: Sequence[UUID]
    numbers: Sequence[int | None]
    starts: Sequence[datetime]
    ends: Sequence[datetime]


Parts = dict[str, dict[tuple[UUID, UUID], _Part]]
"""Part → (tenant, whose it is) → row. Each part fills its own columns; the others are None."""


class _Found(ResourceFacts, frozen=True, kw_only=True):
    """With what of the row only the opening hours need."""

    zone: str
    closed_on_public_holidays: bool
    closed_in_school_holidays: bool


READ_FOUND = Decoder(_Found)
READ_POLICIES = Decoder(tuple[Policy, ...])


class _Days(NamedTuple):
    """The local dates that the window touches on, LOOK_BACK included."""

    zone: ZoneInfo
    first: date
    last: date


async def bookable(db: AsyncSession, wanted: Wanted, window: Span) -> list[Bookable]:
    """The wanted resources with what decides when they can be booked in the window, by name.

    One statement, however many. In a municipality's transaction its own; in `Database.public()` those of all.
    """
    since = window.start - LOOK_BACK
    values: dict[str, Any] = {
        "since": since,
        "until": window.end,
        "first": (since - DAY).date(),
        "last": (window.end + DAY).date(),
    }
    conditions, tenants = _conditions(wanted, values), ANY_TENANT
    if db.info.get("tenant_id") is not None:
        values["tenant_id"] = db.info["tenant_id"]
        conditions = ["r.tenant_id = :tenant_id", "f.tenant_id = :tenant_id", *conditions]
        tenants = TENANT
    statement = _statement(BOOKABLE.format(wanted=" AND ".join(conditions) or "true", **tenants))
    parts: Parts = {part: {} for part in PARTS}
    for part, tenant_id, owner, *rest in await db.execute(statement, values):
        parts[part][tenant_id, owner] = _Part(*rest)
    days: dict[str, _Days] = {}
    found: list[Bookable] = []
    for mine, row in parts["resource"].items():
        facts = _found(row.texts)
        if facts.zone not in days:
            zone = ZoneInfo(facts.zone)
            days[facts.zone] = _Days(zone, local_date(zone, since), local_date(zone, window.end))
        found.append(_bookable(mine, facts, parts, days[facts.zone]))
    return sorted(found, key=lambda each: (each.facts.name, each.facts.id))


async def bookable_by_id(
    db: AsyncSession, resource_ids: Sequence[UUID], window: Span
) -> dict[UUID, Bookable]:
    """Id → what is known; ids that do not exist here are left out."""
    found = await bookable(db, Wanted(resource_ids=tuple(resource_ids)), window)
    return {each.facts.id: each for each in found}


limit = BookingLimit.__table__.c
# Made once and of its table, for every wish asks it.
LIMITS_AT = (
    select(limit.id, limit.facility_id, limit.resource_id, limit.holder, limit.kind, limit.value)
    .where(
        limit.tenant_id == bindparam("tenant_id"),
        or_(
            and_(limit.facility_id.is_(None), limit.resource_id.is_(None)),
            limit.facility_id == any_(bindparam("facility_ids", type_=ARRAY(Uuid))),
            limit.resource_id == any_(bindparam("resource_ids", type_=ARRAY(Uuid))),
        ),
    )
    .order_by(limit.id)
)


async def limits_at(db: AsyncSession, resources: Iterable[ResourceFacts]) -> list[LimitFacts]:
    """Limits that concern any of the resources: of the municipality, of their facilities and their own."""
    asked = list(resources)
    values = {
        "tenant_id": db.info["tenant_id"],
        "facility_ids": sorted({each.facility_id for each in asked}),
        "resource_ids": sorted({each.id for each in asked}),
    }
    return [LimitFacts(*row) for row in await db.execute(LIMITS_AT, values)]


@lru_cache(maxsize=256)
def _statement(sql: str) -> TextClause:
    clause = text(sql)
    known = [bindparam(name, type_=kind) for name, kind in TYPES.items() if f":{name}" in sql]
    return clause.bindparams(*known)


ASKED = {
    "resource_ids": "r.id = ANY(:resource_ids)",
    "facility_ids": "r.facility_id = ANY(:facility_ids)",
    "activity": "CAST(:activity AS text) = ANY(r.activities)",
    "equipment": "r.equipment @> :equipment",
    "accessible": "r.accessibility || f.accessibility @> :accessible",
    "people": "r.people >= CAST(:people AS int)",
    "kind": "r.kind = CAST(:kind AS text)",
    "published_at": """coalesce(r.published_from, :published_at) <= :published_at
        AND coalesce(f.published_from, :published_at) <= :published_at
        AND coalesce(r.published_until, 'infinity') > :published_at
        AND coalesce(f.published_until, 'infinity') > :published_at""",
}
"""Field of `Wanted` → its condition, whose parameter bears the field's name."""


def _conditions(wanted: Wanted, values: dict[str, Any]) -> list[str]:
    """The conditions of what is wanted; their parameters are added to `values`."""
    conditions: list[str] = []
    for field, condition in ASKED.items():
        value: Any = getattr(wanted, field)
        if value is None or (value == () and field in {"equipment", "accessible"}):
            continue
        values[field] = value
        conditions.append(condition)
    for number, (word, stem) in enumerate(sought_words(wanted.text or "")):
        values |= {f"word{number}": word, f"stem{number}": stem}
        conditions.append(
            f"(r.search_text LIKE '%' || CAST(:stem{number} AS text) || '%'"
            f" OR r.search_words @@ plainto_tsquery('norwegian', CAST(:word{number} AS text))"
            f" OR word_similarity(CAST(:word{number} AS text), r.search_text) >= 0.6)"
        )
    return conditions


def _bookable(mine: tuple[UUID, UUID], facts: _Found, parts: Parts, days: _Days) -> Bookable:
    tenant_id, facilitys = mine[0], (mine[0], facts.facility_id)
    closed_days = (
        public_holidays_between(days.first, days.last)
        if facts.closed_on_public_holidays
        else frozenset[date]()
    )
    if facts.closed_in_school_holidays:
        school = parts["school"].get((tenant_id, tenant_id))
        if school is not None:
            closed_days |= _school_days(school.texts, days.first, days.last)
    units, own, inherited = parts["units"].get(mine), parts["lines"].get(mine), parts["lines"].get(facilitys)
    policies = parts["policies"].get(mine)
    return Bookable(
        facts,
        units=() if units is None else tuple(map(UnitFacts, units.ids, units.numbers)),
        hours=_hours(
            days.zone,
            None if own is None else own.texts,
            None if inherited is None else inherited.texts,
            closed_days,
            extra=(*_spans(parts["extra"].get(mine)), *_spans(parts["extra"].get(facilitys))),
            closures=_spans(parts["closed"].get(mine)),
        ),
        policies=() if policies is None else _policies(policies.texts),
    )


# What was read before is known again by its text. Equal texts mean the same, so nothing that is kept here grows old.


@lru_cache(maxsize=8192)
def _found(facts_json: str) -> _Found:
    return READ_FOUND.decode(facts_json)


@lru_cache(maxsize=8192)
def _policies(policies_json: str) -> tuple[Policy, ...]:
    return READ_POLICIES.decode(policies_json)


@lru_cache(maxsize=8192)
def _hours(
    zone: ZoneInfo,
    own: str | None,
    inherited: str | None,
    closed_days: frozenset[date],
    *,
    extra: tuple[Span, ...],
    closures: tuple[Span, ...],
) -> OpeningHours:
    """Equal hours become one object, which is what the engine keeps its open spans by."""
    return OpeningHours(
        zone,
        own=() if own is None else _lines(own),
        inherited=() if inherited is None else _lines(inherited),
        closed_days=closed_days,
        extra=extra,
        closures=tuple(merge(closures)) if closures else (),
    )


@lru_cache(maxsize=16_384)
def _lines(aggregated: str) -> tuple[WeeklyOpening, ...]:
    """Equal timetables become one object, which is what the engine keeps its weeks by."""
    lines = (line.split(" ") for line in aggregated.split(";"))
    return tuple(
        WeeklyOpening(int(weekday), int(opens), int(closes), _date(valid_from), _date(valid_until))
        for weekday, opens, closes, valid_from, valid_until in lines
    )


def _date(iso: str) -> date | None:
    return None if iso == "-" else date.fromisoformat(iso)


@lru_cache(maxsize=1024)
def _school_days(aggregated: str, first: date, last: date) -> frozenset[date]:
    periods = (period.split(" ") for period in aggregated.split(";"))
    return days_of(
        ((date.fromisoformat(start), date.fromisoformat(end)) for start, end in periods), first, last
    )


def _spans(row: _Part | None) -> tuple[Span, ...]:
    return () if row is None else tuple(map(Span, row.starts, row.ends))
