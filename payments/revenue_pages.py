"""HTML routes of revenue: as bars, as a table, and as a file for a spreadsheet."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid
from core.sheets import csv_of
from core.spans import local_date
from core.texts import N_, Texts
from core.wire import id_in
from payments import revenue as service
from payments.plots import bars
from payments.revenue_schemas import BY, LINES, By, Revenue, RevenueRow, Wanted
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.groups import CUSTOMER_GROUPS

SHOWN: Final = 15
"""So many bars at most: the largest; all stand in the table."""
HEADER: Final = (N_("Without VAT"), N_("VAT"), N_("With VAT"), N_("Documents"))


class Read(Struct, frozen=True):
    """What the address asks for, and what of it cannot be understood."""

    wanted: Wanted
    form: Mapping[str, str]
    errors: Mapping[str, str]


def _read(desk: Desk) -> Read:
    query = desk.request.query_params
    today = local_date(desk.tenant.zone, desk.now)
    form = {
        "by": query.get("by") or "month",
        "from": (query.get("from") or "").strip() or str(today.replace(month=1, day=1)),
        "until": (query.get("until") or "").strip() or str(today),
        "facility": query.get("facility") or "",
    }
    errors: dict[str, str] = {}
    days: dict[str, date] = {"from": today, "until": today}
    for name in ("from", "until"):
        try:
            day = date.fromisoformat(form[name])
        except ValueError:
            day = None
        if day is None or not 2000 <= day.year <= 2100:
            errors[name] = desk.texts.gettext("Write a day that exists.")
        else:
            days[name] = day
    known: list[By] = [each for each in BY if each == form["by"]]
    by = known[0] if known else "month"
    wanted = Wanted(by=by, from_on=days["from"], until_on=days["until"], facility_id=id_in(form["facility"]))
    if not errors:
        try:
            service.period_of(desk.tenant, wanted.from_on, wanted.until_on)
        except Invalid as invalid:
            field = str(invalid.facts["field"])
            errors[field] = desk.texts.gettext("Write %(what)s.", what=invalid.expected(desk.texts.gettext))
    return Read(wanted, {**form, "by": by}, errors)


@get("/staff/revenue")
async def revenue(desk: AtDesk) -> Response[str]:
    """As the address narrows it; without it, this year by month."""
    read = _read(desk)

    async def work(db: AsyncSession, actor: Actor) -> tuple[list[tuple[UUID, str]], Revenue]:
        places = await service.facilities(db, actor)
        if read.errors:
            return places, Revenue(wanted=read.wanted, rows=[])
        return places, await service.revenue(db, actor, desk.tenant, read.wanted)

    places, found = await desk.read(work)
    words = desk.texts
    shown = found.rows if read.wanted.by == "month" else found.rows[:SHOWN]
    title = words.gettext("Revenue without VAT by %(what)s", what=words.gettext(BY[read.wanted.by]).lower())
    return desk.page(
        "payments/revenue.html",
        status=422 if read.errors else 200,
        form=read.form,
        errors=read.errors,
        ways=[(code, words.gettext(text)) for code, text in BY.items()],
        facilities=[(str(key), name) for key, name in places],
        title=title,
        period=words.days(read.wanted.from_on, read.wanted.until_on),
        heading=words.gettext(BY[read.wanted.by]),
        plot=bars([(name_of(row, found, words), row.net_ore, words.money(row.net_ore)) for row in shown]),
        rows=[_view(row, found, words) for row in found.rows],
        total=_told(found, words),
        action_url=desk.url("/staff/revenue"),
        sheet_url=None if read.errors else desk.url("/staff/revenue.csv", **_query(read.form)),
    )


def _query(form: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if value}


def name_of(row: RevenueRow, found: Revenue, words: Texts) -> str:
    """What is grouped by, as it is called."""
    by, none = found.wanted.by, words.gettext("None of these")
    if by == "month":
        return words.month(date.fromisoformat(f"{row.key}-01"))
    if by == "customer_group":
        known = {str(code): text for code, text in CUSTOMER_GROUPS.items()}
        return words.gettext(known[row.key]) if row.key in known else row.key or none
    if by == "article" and row.key in LINES:
        return words.gettext(LINES[row.key])
    return row.name or row.key or none


def _view(row: RevenueRow, found: Revenue, words: Texts) -> dict[str, Any]:
    return {"name": name_of(row, found, words), "documents": row.documents, **_told(row, words)}


def _told(sums: RevenueRow | Revenue, words: Texts) -> dict[str, Any]:
    return {
        "net": words.amount(sums.net_ore),
        "vat": words.amount(sums.vat_ore),
        "gross": words.amount(sums.gross_ore),
    }


@get("/staff/revenue.csv")
async def sheet(desk: AtDesk) -> Response[bytes]:
    """The table. Raises Invalid."""
    read = _read(desk)
    if read.errors:
        raise Invalid(field=next(iter(read.errors)), expected=N_("a day, such as 2026-11-24"))
    found = await desk.read(lambda db, actor: service.revenue(db, actor, desk.tenant, read.wanted))
    words = desk.texts
    header = [words.gettext(BY[read.wanted.by]), *(words.gettext(text) for text in HEADER)]
    rows = [
        [
            name_of(row, found, words),
            *(Decimal(ore) / 100 for ore in (row.net_ore, row.vat_ore, row.gross_ore)),
            row.documents,
        ]
        for row in found.rows
    ]
    headers = {
        "Content-Disposition": f'attachment; filename="revenue-{read.wanted.by}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(csv_of(header, rows), media_type="text/csv; charset=utf-8", headers=headers)


handlers = [revenue, sheet]
