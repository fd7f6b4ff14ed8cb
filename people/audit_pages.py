"""HTML route of the audit trail."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from litestar import Response, get

from core.paging import Page
from core.spans import local_day
from core.texts import N_
from people.audit_api import ACTION
from people.audit_schemas import AuditOut, AuditWish
from people.audit_trail import entries
from people.desk import AtDesk, Desk

A_PAGE: Final = 50
LONGEST_CHANGE: Final = 300
TABLES: Final[Mapping[str, str]] = {
    "application": N_("Application"),
    "association": N_("Association"),
    "association_contact": N_("Contact of an association"),
    "booking": N_("Booking"),
    "booking_limit": N_("Limit"),
    "closure": N_("Closure"),
    "delegate": N_("Delegate of an association"),
    "extra_opening": N_("Extra opening"),
    "facility": N_("Facility"),
    "invitation": N_("Invitation"),
    "leader_claim": N_("Claim to lead an association"),
    "person": N_("Person"),
    "resource": N_("What can be booked"),
    "retention_rule": N_("How long data is kept"),
    "role_grant": N_("Role"),
    "school_holiday": N_("School holiday"),
    "team": N_("Team"),
    "token": N_("Token"),
    "unit": N_("Part"),
}
"""Table → what a row of it is called."""
FIELDS: Final = ("person_id", "table", "row_id", "action", "from_on", "to_on")


@get("/staff/audit")
async def audit(desk: AtDesk) -> Response[str]:
    """For administrators, newest first, as the address narrows it."""
    query = desk.request.query_params
    cursor = query.get("cursor")
    form = {name: (query.get(name) or "").strip() for name in FIELDS}
    wish, errors = _wish(desk, form)
    found = await desk.read(
        lambda db, actor: entries(db, actor, wish, now=desk.now, cursor=cursor, limit=A_PAGE)
    )
    if errors:
        found = Page[AuditOut]([], None)
    kept = {name: value for name, value in form.items() if value}
    return desk.page(
        "people/audit.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        tables=[(code, desk.texts.gettext(text)) for code, text in TABLES.items()],
        entries=[_entry(desk, each) for each in found.items],
        action_url=desk.url("/staff/audit"),
        previous_url=desk.url("/staff/audit", **kept) if cursor else None,
        next_url=desk.url("/staff/audit", **kept, cursor=found.next) if found.next else None,
    )


def _wish(desk: Desk, form: Mapping[str, str]) -> tuple[AuditWish, dict[str, str]]:
    """What is asked for, and what of it cannot be understood."""
    errors: dict[str, str] = {}
    read: dict[str, Any] = {}
    for name in ("person_id", "row_id"):
        read[name] = _converted(form[name], UUID)
        if form[name] and read[name] is None:
            errors[name] = desk.texts.gettext("Write a number as it stands in the trail.")
    for name in ("from_on", "to_on"):
        day = _converted(form[name], date)
        read[name] = day if day is not None and 2000 <= day.year <= 2100 else None
        if form[name] and read[name] is None:
            errors[name] = desk.texts.gettext("Write a day that exists.")
    if form["action"] and not re.match(ACTION, form["action"]):
        errors["action"] = desk.texts.gettext("Write small letters, such as role.granted.")
    if form["table"] and form["table"] not in TABLES:
        errors["table"] = desk.texts.gettext("Choose one of those in the list.")
    if errors:
        return AuditWish(), errors
    return AuditWish(
        person_id=read["person_id"],
        table=form["table"] or None,
        row_id=read["row_id"],
        action=form["action"] or None,
        since=_day_start(desk, read["from_on"]),
        until=_day_start(desk, read["to_on"] + timedelta(days=1)) if read["to_on"] else None,
    ), errors


def _converted(text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(text, kind) if text else None
    except msgspec.ValidationError:
        return None


def _day_start(desk: Desk, day: date | None) -> datetime | None:
    return local_day(desk.tenant.zone, day).start if day is not None else None


def _entry(desk: Desk, entry: AuditOut) -> dict[str, Any]:
    by_her = desk.url("/staff/audit", person_id=entry.actor_id) if entry.actor_id is not None else None
    return {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "table": desk.texts.gettext(TABLES.get(entry.table, entry.table)),
        "row_id": str(entry.row_id),
        "changes": [(column, _change(change)) for column, change in entry.change.items()],
        "of_row_url": desk.url(
            "/staff/audit", table=entry.table if entry.table in TABLES else None, row_id=entry.row_id
        ),
        "of_actor_url": by_her,
    }


def _change(change: Any) -> str:
    """`before → after`; what is long is cut."""
    pair = cast("list[Any]", change) if isinstance(change, list) else [change]
    told = [each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in pair]
    return " → ".join(each if len(each) <= LONGEST_CHANGE else each[:LONGEST_CHANGE] + "…" for each in told)


handlers = [audit]
