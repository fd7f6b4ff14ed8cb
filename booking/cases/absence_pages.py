"""HTML routes of absences: when officers are away, and who answers for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.cases import absences
from booking.cases.routing_queries import Officer
from booking.own_pages import sent
from core.db import AnyRow
from core.errors import Invalid
from core.page import link
from core.paging import Page
from core.spans import local_date
from core.texts import N_
from core.wire import id_in
from people.actors import Actor
from people.desk import AtDesk, Desk

A_PAGE = 50
FIELDS = ("officer", "from_on", "until_on", "substitute")
DONE: Mapping[str, str] = {"away": N_("The absence is noted."), "back": N_("The absence has ended.")}
"""What the address says was just done → how it is told."""
NOT_THAT_ONE = N_("Choose somebody else who answers requests.")
WRONG: Mapping[str, str] = {
    "officer_id": N_("Choose somebody who answers requests."),
    "until_on": N_("The last day cannot be over, or lie before the first."),
    "substitute_id": NOT_THAT_ONE,
}
"""Field of the service → what is wrong with it."""


@get("/staff/absences")
async def list_absences(desk: AtDesk) -> Response[str]:
    """The reader's own; an administrator sees everybody's."""
    return await _absences_page(desk, {}, {})


async def _absences_page(
    desk: Desk, form: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    query = desk.request.query_params
    cursor = None if form else query.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[AnyRow], dict[UUID, Officer]]:
        page = await absences.absences(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE, now=desk.now)
        return page, await absences.officers(db)

    page, officers = await desk.read(work)
    done = DONE.get(query.get("done") or "")
    today, me, here = (
        local_date(desk.tenant.zone, desk.now),
        desk.actor.person_id,
        desk.url("/staff/absences"),
    )
    keeps_all = absences.keeps_all(desk.actor)
    others = absences.names(officers, but=None if keeps_all else me)
    return desk.page(
        "booking/absences.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        absences=[
            {
                "officer": row.officer,
                "from_on": row.from_on,
                "until_on": row.until_on,
                "substitute": row.substitute,
                "is_now": row.from_on <= today <= row.until_on,
                "end_url": desk.url(f"/staff/absences/{row.id}/end"),
            }
            for row in page.items
        ],
        officers=[(str(person_id), name) for person_id, name in absences.names(officers)]
        if keeps_all
        else [],
        substitutes=[(str(person_id), name) for person_id, name in others],
        form={"officer": str(me), "from_on": today.isoformat(), "until_on": "", "substitute": "", **form},
        errors=errors,
        post_url=here,
        previous_url=here if cursor else None,
        next_url=link(here, cursor=page.next) if page.next else None,
    )


@post("/staff/absences", status_code=200)
async def be_away(desk: AtDesk) -> Response[Any]:
    """From a day until a day, both included."""
    values = await sent(desk)
    form = {name: values.get(name, "").strip() for name in FIELDS}
    texts = desk.texts
    errors: dict[str, str] = {}
    days: dict[str, date] = {}
    for name in ("from_on", "until_on"):
        try:
            days[name] = date.fromisoformat(form[name])
        except ValueError:
            errors[name] = texts.gettext("Choose a day.")
    officer_id, substitute_id = id_in(form["officer"]), id_in(form["substitute"])
    if form["substitute"] and substitute_id is None:
        errors["substitute"] = texts.gettext(NOT_THAT_ONE)

    async def work(db: AsyncSession, actor: Actor) -> None:
        absences.demand_officer(actor)
        if errors:
            return
        await absences.be_away(
            db,
            actor,
            desk.tenant,
            officer_id=officer_id or absences.herself(actor),
            from_on=days["from_on"],
            until_on=days["until_on"],
            substitute_id=substitute_id,
            now=desk.now,
        )

    try:
        await desk.change(work)
    except Invalid as refusal:
        field = str(refusal.facts["field"])
        errors[field.removesuffix("_id")] = texts.gettext(WRONG[field])
    if errors:
        return await _absences_page(desk, form, errors, status=422)
    return Redirect(desk.url("/staff/absences", done="away"), status_code=303)


@post("/staff/absences/{absence_id:uuid}/end", status_code=303)
async def be_back(desk: AtDesk, absence_id: FromPath[UUID]) -> Redirect:
    """From now on."""
    await desk.change(lambda db, actor: absences.be_back(db, actor, absence_id, now=desk.now))
    return Redirect(desk.url("/staff/absences", done="back"), status_code=303)


handlers = [list_absences, be_away, be_back]
