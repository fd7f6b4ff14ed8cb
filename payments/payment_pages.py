"""HTML route of payments for staff: all orders of their places, searched."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from core.page import link
from core.paging import Page
from core.spans import local_day
from core.wire import has_nul, id_in
from payments import reading
from payments.order_pages import A_PAGE, brief_view
from payments.reading_schemas import KINDS, STATES, Asked, Brief
from people.actors import Actor
from people.desk import AtDesk, Desk

FIELDS: Final = ("number", "who", "booking", "kind", "state", "from", "until")
LONGEST: Final = 100


@get("/staff/payments")
async def payments(desk: AtDesk) -> Response[str]:
    """Newest first, as the address narrows it."""
    query = desk.request.query_params
    cursor = query.get("cursor")
    form = {name: (query.get(name) or "").strip() for name in FIELDS}
    asked, errors = _asked(desk, form)

    async def work(db: AsyncSession, actor: Actor) -> Page[Brief]:
        if errors:
            reading.demand_to_see(actor)
            return Page([], None)
        return await reading.listed(db, actor, asked, cursor=cursor, limit=A_PAGE)

    page = await desk.read(work)
    kept = {name: value for name, value in form.items() if value}
    path = desk.url("/staff/payments")
    words = desk.texts.gettext
    return desk.page(
        "payments/payments.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        kinds=[(code, words(text)) for code, text in KINDS.items()],
        states=[(code, words(text)) for code, text in STATES.items()],
        orders=[brief_view(each, desk) for each in page.items],
        action_url=path,
        previous_url=link(path, **kept) if cursor else None,
        next_url=link(path, **kept, cursor=page.next) if page.next else None,
    )


def _asked(desk: Desk, form: Mapping[str, str]) -> tuple[Asked, dict[str, str]]:
    """What is looked for, and what of it cannot be understood."""
    errors: dict[str, str] = {}
    read: dict[str, Any] = {}
    number = form["number"]
    if number and not (number.isascii() and number.isdecimal() and len(number) <= 15):
        errors["number"] = desk.texts.gettext("Write a whole number.")
    elif number:
        read["number"] = int(number)
    booking_id: UUID | None = id_in(form["booking"])
    if form["booking"] and booking_id is None:
        errors["booking"] = desk.texts.gettext("Write the booking's id as it stands in its address.")
    if len(form["who"]) > LONGEST or has_nul(form["who"]):
        errors["who"] = desk.texts.gettext("Write part of a name.")
    days, wrong = _days(desk, form)
    errors |= wrong
    read |= days
    for name, known in (("kind", KINDS), ("state", STATES)):
        if form[name] in known:
            read[name] = form[name]
    if errors:
        return Asked(), errors
    return Asked(who=form["who"], booking_id=booking_id, **read), errors


def _days(desk: Desk, form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """From and until when, and which of the days are none."""
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, place in (("from", "since"), ("until", "until")):
        if form[name]:
            read[place] = _midnight(desk, form[name], is_end=name == "until")
            if read[place] is None:
                errors[name] = desk.texts.gettext("Write a day that exists.")
    return read, errors


def _midnight(desk: Desk, text: str, *, is_end: bool) -> Any:
    """The beginning of the day, or its end."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= day.year <= 2100:
        return None
    span = local_day(desk.tenant.zone, day)
    return span.end if is_end else span.start


handlers = [payments]
