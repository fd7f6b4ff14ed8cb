"""Two municipalities of the same shape, with a row in every table and a mark in every text, and how to ask them."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, LargeBinary, Table, Text, Uuid, insert, text
from sqlalchemy.dialects.postgresql import JSONB

from core.db import Base, Database
from core.ids import new_id
from core.spans import local_date, utc_now
from core.tenants import Tenant
from people.service import hash_of
from tests import make
from tests.web import (
    bodies_articles,
    bodies_associations,
    bodies_boards,
    bodies_caldav,
    bodies_cases,
    bodies_doors,
    bodies_feeds,
    bodies_incoming,
    bodies_invoices,
    bodies_me,
    bodies_moneypages,
    bodies_orders,
    bodies_partners,
    bodies_policies,
    bodies_queue,
    bodies_sharing,
    bodies_staff,
    bodies_tariffs,
    bodies_telling,
    bodies_waiting,
)
from tests.web.said import ASKED as ASKED
from tests.web.said import BY_NAME, SAID
from tests.web.said import DAY as DAY
from web.tables import MODULES

assert MODULES, "they have told the metadata of themselves"
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in Base.metadata.sorted_tables
    if "tenant_id" in table.c and table.name != "tenant_host"
}
SHARED_TABLES = {table.name for table in Base.metadata.sorted_tables} - set(TABLES)


@dataclass
class Town:
    """A municipality, the id of its row in every table, and the secrets of its one person."""

    tenant: Tenant
    ids: dict[str, UUID]
    token: str
    login: str
    seen: str
    """A mark in every text that anybody may read."""
    hidden: str
    """A mark in every other text."""
    answers: list[httpx.Response] = field(default_factory=list[httpx.Response])

    @property
    def base(self) -> str:
        return f"/api/{self.tenant.slug}"

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"ledig_{self.tenant.slug}={self.login}"}


Form = Callable[[Town], dict[str, str]]
"""Fills in a form of a page for the town."""


async def found(
    database: Database,
    tenant: Tenant,
    public: Mapping[str, set[str]],
    *,
    ids: Mapping[str, UUID] | None = None,
) -> Town:
    """Fills the municipality. With `ids` of another: the same ids in every table."""
    token, login = f"ledig_{secrets.token_urlsafe(32)}", secrets.token_urlsafe(32)
    all_ids = dict(ids or {name: new_id() for name in TABLES})
    for name in TABLES:
        if f"{name}.id" in SAID:  # a row under the id of another
            all_ids[name] = all_ids[SAID[f"{name}.id"]]
    town = Town(
        tenant,
        all_ids,
        token,
        login,
        f"synlig{secrets.token_hex(5)}",
        f"hemmelig{secrets.token_hex(5)}",
    )
    async with database.transaction(tenant.id) as db:
        for name, table in TABLES.items():
            values = {
                column.name: _value(town, column, public.get(name, set()))
                for column in table.c
                if column.computed is None
            }
            if name in {"token", "login"}:
                values["hash"] = hash_of(token if name == "token" else login)
            await db.execute(insert(table).values(values))
    return town


def _value(town: Town, column: Column[Any], public: set[str]) -> Any:
    key = f"{column.table.name}.{column.name}"
    if column.name == "tenant_id":
        return town.tenant.id
    if column.name == "id":
        return town.ids[column.table.name]
    if key in SAID:
        said = SAID[key]
        if key == "case_entry.file_ids":
            return [town.ids[table] for table in said]
        return town.ids[said] if isinstance(column.type, Uuid) and said is not None else said
    if column.name in BY_NAME:
        return BY_NAME[column.name]
    for foreign in column.foreign_keys:
        return town.ids[foreign.column.table.name]
    return _made_up(column, town.seen if column.name in public else town.hidden)


def _made_up(column: Column[Any], mark: str) -> Any:
    made: dict[type[Any], Callable[[], Any]] = {
        ARRAY: lambda: [mark],
        JSONB: lambda: [] if column.name in {"pictures", "articles"} else {"nb": mark},
        Text: lambda: mark,
        LargeBinary: mark.encode,
        Uuid: new_id,
        Boolean: lambda: False,
        DateTime: lambda: utc_now() - timedelta(minutes=5),
        Date: lambda: local_date(make.OSLO, utc_now()),
    }
    for kind, value in made.items():
        if isinstance(column.type, kind):
            return value()
    return 1


async def public_columns(database: Database) -> dict[str, set[str]]:
    """Table → columns that the public role may read, by PostgreSQL's own books."""
    async with database.shared() as db:
        rows = await db.execute(
            text(
                "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped"
                " AND has_column_privilege(:role, pg_class.oid, attnum, 'SELECT')"
            ),
            {"role": database.roles.public},
        )
        columns: dict[str, set[str]] = {}
        for table, column in rows:
            columns.setdefault(table, set()).add(column)
        return columns


async def contents(database: Database, tenant: Tenant) -> dict[str, tuple[int, str]]:
    """Table → how many rows, and a fingerprint of all of them."""
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), md5(coalesce(string_agg(t::text, '' ORDER BY t.id), ''))"
        f" FROM {name} t WHERE tenant_id = '{tenant.id}'"
        for name in TABLES
    )
    async with database.transaction(tenant.id) as db:
        return {name: (count, print_) for name, count, print_ in await db.execute(text(query))}


PARAMETERS = {
    "facility_id": "facility",
    "resource_id": "resource",
    "unit_id": "unit",
    "unit_ids": "unit",
    "extra_id": "extra_opening",
    "holiday_id": "school_holiday",
    "limit_id": "booking_limit",
    "application_id": "application",
    "booking_id": "booking",
    "closure_id": "closure",
    "association_id": "association",
    "team_id": "team",
    "person_id": "person",
    "facility": "facility",
    "login_id": "login",
    **bodies_associations.PARAMETERS,
    **bodies_me.PARAMETERS,
    **bodies_staff.PARAMETERS,
    **bodies_queue.PARAMETERS,
    **bodies_cases.PARAMETERS,
    **bodies_telling.PARAMETERS,
    **bodies_policies.PARAMETERS,
    **bodies_waiting.PARAMETERS,
    **bodies_boards.PARAMETERS,
    **bodies_feeds.PARAMETERS,
    **bodies_sharing.PARAMETERS,
    **bodies_caldav.PARAMETERS,
    **bodies_incoming.PARAMETERS,
    **bodies_partners.PARAMETERS,
    **bodies_doors.PARAMETERS,
    **bodies_articles.PARAMETERS,
    **bodies_tariffs.PARAMETERS,
    **bodies_invoices.PARAMETERS,
    **bodies_moneypages.PARAMETERS,
    **bodies_orders.PARAMETERS,
}
"""What an id in a path, an address or a body stands for, by its name there."""
NUMBERS = {"number": "1"}
"""What is counted inside a thing of the town, by its name in a path; every town has the first."""


def bodies(town: Town) -> dict[str, Any]:
    """Operation → a body that the town itself accepts."""
    ids = {name: str(id_) for name, id_ in town.ids.items()}
    asked = {"start": make.iso(ASKED.start), "end": make.iso(ASKED.end)}
    late = make.at(DAY, 20)
    translated = {"nb": "Tekst", "nn": "Tekst", "en": "Text"}
    return {
        "add_facility": {"key": "ny", "name": "Ny hall", "description": translated},
        "change_facility": {"name": "Nytt navn"},
        "add_resource": {
            "key": "ny",
            "name": "Ny sal",
            "kind": "sports_hall",
            "facility_id": ids["facility"],
            "units": [ids["unit"]],
        },
        "change_resource": {"name": "Nytt navn"},
        "add_unit": {"key": "ny", "name": "Ny del"},
        "change_unit": {"name": "Ny del"},
        "set_facility_opening": {"lines": [{"weekday": 2, "opens": "08:00", "closes": "24:00"}]},
        "set_resource_opening": {"lines": [{"weekday": 2, "opens": "08:00", "closes": "24:00"}]},
        "open_for_once": {"resource_id": ids["resource"], **asked},
        "add_school_holiday": {"name": "Ferie", "from_on": "2080-02-01", "until_on": "2080-02-08"},
        "add_limit": {
            "holder": "person",
            "kind": "active_bookings",
            "value": 50,
            "resource_id": ids["resource"],
        },
        "change_limit": {"value": 60},
        "quote": {"resource_id": ids["resource"], **asked, "association_id": ids["association"]},
        "apply": {
            "times": [{"resource_id": ids["resource"], **asked}],
            "title": "Trening",
            "association_id": ids["association"],
            "team_id": ids["team"],
        },
        "decide_application": {"bookings": [{"id": ids["booking"], "approve": True}]},
        "cancel": {"reason": "Syk"},
        "move": {"start": make.iso(late.start), "end": make.iso(late.end), "resource_id": ids["resource"]},
        "close": {"resource_id": ids["resource"], **asked, "reason": "Vask"},
        "set_units": {"unit_ids": [ids["unit"]]},
        **bodies_associations.bodies(ids),
        **bodies_me.bodies(ids),
        **bodies_staff.bodies(ids),
        **bodies_queue.bodies(ids),
        **bodies_cases.bodies(ids),
        **bodies_telling.bodies(ids),
        **bodies_policies.bodies(ids),
        **bodies_waiting.bodies(ids),
        **bodies_boards.bodies(ids),
        **bodies_feeds.bodies(ids),
        **bodies_sharing.bodies(ids),
        **bodies_caldav.bodies(ids),
        **bodies_incoming.bodies(ids),
        **bodies_partners.bodies(ids),
        **bodies_doors.bodies(ids),
        **bodies_articles.bodies(ids),
        **bodies_tariffs.bodies(ids),
        **bodies_invoices.bodies(ids),
        **bodies_moneypages.bodies(ids),
        **bodies_orders.bodies(ids),
    }


def form(town: Town) -> dict[str, str]:
    """Fields that the forms of pages ask for before they look at ids."""
    return {"version": "1", "reason": "Syk", "action": "book", f"decision-{town.ids['booking']}": "approve"}


QUERIES: dict[str, dict[str, str]] = {
    "free": {"from": "2026-12-01", "to": "2026-12-08"},
    "calendar": {"from": str(DAY), "to": str(DAY + timedelta(days=7))},
    "list_closures": {"from": str(DAY), "to": str(DAY + timedelta(days=7))},
    "search": {"from_on": str(DAY)},
    "search_all": {"from_on": str(DAY)},
    **bodies_associations.QUERIES,
    **bodies_me.QUERIES,
    **bodies_staff.QUERIES,
    **bodies_queue.QUERIES,
    **bodies_cases.QUERIES,
    **bodies_telling.QUERIES,
    **bodies_policies.QUERIES,
    **bodies_waiting.QUERIES,
    **bodies_boards.QUERIES,
    **bodies_feeds.QUERIES,
    **bodies_sharing.QUERIES,
    **bodies_caldav.QUERIES,
    **bodies_incoming.QUERIES,
    **bodies_partners.QUERIES,
    **bodies_doors.QUERIES,
    **bodies_articles.QUERIES,
    **bodies_tariffs.QUERIES,
    **bodies_invoices.QUERIES,
    **bodies_moneypages.QUERIES,
}
"""Operation → what must stand behind the question mark."""


@dataclass(frozen=True)
class Route:
    """One method of one path of the program."""

    method: str
    template: str
    name: str
    has_body: bool
    in_document: bool
    query: tuple[str, ...] = ()

    @property
    def bought(self) -> str | None:
        """What must have been bought for the route to be answered with success."""
        return bodies_orders.BOUGHT.get(self.template.partition("{m:str}")[2])

    def id_in(self, town: Town, name: str) -> UUID:
        """Of the town, what an id of that name in the path stands for."""
        return town.ids.get(self.bought or "") or town.ids[PARAMETERS[name]]

    def path(self, town: Town, **instead: UUID | str) -> str:
        """With the town's slug and ids, or those given instead."""

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name in NUMBERS:
                return NUMBERS[name]
            return str(instead.get(name) or (town.tenant.slug if name == "m" else self.id_in(town, name)))

        return re.sub(r"\{(\w+)(?::\w+)?\}", fill, self.template)

    @property
    def parameters(self) -> list[str]:
        """Names of the ids in its path."""
        return [
            name for name in re.findall(r"\{(\w+)(?::\w+)?\}", self.template) if name not in {"m", *NUMBERS}
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def routes_of(app: Litestar) -> list[Route]:
    """Every route that a municipality answers, and the shared ones, from the program itself."""
    found: list[Route] = []
    for route in app.routes:
        for method, (handler, model) in getattr(route, "route_handler_map", {}).items():
            if method in {"OPTIONS", "HEAD"}:
                continue
            found.append(
                Route(
                    method,
                    route.path,
                    handler.handler_name.rpartition(".")[2],
                    handler.parsed_data_field is not None,
                    handler.resolve_include_in_schema(),
                    tuple(sorted(parameter.field_alias for parameter in model.expected_query_params)),
                )
            )
    return found


def plain(answer: httpx.Response) -> tuple[int, str]:
    """What an answer tells, but for the ids that the asker put in and the references that we made up."""
    shown = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", answer.text)
    shown = re.sub(r'name="idempotency_key" value="[^"]*"', "", shown)
    return answer.status_code, shown
