"""HTML routes of closures: what is closed, closing a place (in two steps when somebody is there), opening it again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import closures, displacing_queries, showing
from booking.booking_form import TIMES, BookingForm, demand_all, read_booking_form
from booking.displacing_queries import PlaceRow
from booking.own_pages import sent
from booking.schemas import ClosureIn, ClosureOut
from booking.told import refusal_view
from booking.views import View
from core.alphabet import alphabetical
from core.db import AnyRow
from core.errors import Forbidden, NotFound, Refusal, SignInNeeded, TimeTaken
from core.paging import Page
from core.spans import EVER, Span
from core.texts import N_, Texts
from core.wire import has_nul
from people.actors import Actor, Place
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere, may

A_PAGE = 50
DONE: Mapping[str, str] = {
    "closed": N_("The place is closed. Whoever was displaced is told."),
    "lifted": N_("The place is open again."),
}
"""What the address says was just done → how it is told."""


class Filled(Struct, frozen=True):
    """The form as it was sent."""

    values: dict[str, str]
    times: BookingForm
    place: Mapping[str, UUID] | None
    errors: dict[str, str]

    @property
    def closure(self) -> ClosureIn:
        assert self.place is not None, "asked only when there are no errors"
        assert self.times.span is not None, "the same"
        return ClosureIn(
            **self.place,
            start=self.times.span.start,
            end=self.times.span.end,
            reason=self.values["reason"],
            displace=self.values["displace"] == "yes",
        )


@get("/staff/closures")
async def list_closures(desk: AtDesk) -> Response[str]:
    """Those that are not over and not lifted, by start."""
    query = desk.request.query_params
    cursor = query.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[ClosureOut], list[PlaceRow]]:
        demand_somewhere(actor, "closure.manage")
        page = await closures.closures(db, desk.tenant, Span(desk.now, EVER.end), cursor=cursor, limit=A_PAGE)
        return page, await displacing_queries.places(db, with_units=True)

    page, places = await desk.read(work)
    done = DONE.get(query.get("done") or "")
    path = desk.url("/staff/closures")
    names = {_id_of(row): row for row in places}
    return desk.page(
        "booking/closures.html",
        notice=None if done is None else desk.texts.gettext(done),
        closures=[_shown(desk, each, names) for each in page.items],
        new_url=f"{path}/new",
        previous_url=path if cursor else None,
        next_url=desk.url("/staff/closures", cursor=page.next) if page.next else None,
    )


def _shown(desk: Desk, each: ClosureOut, names: Mapping[UUID, PlaceRow]) -> View:
    ids = (each.unit_id, each.resource_id, each.facility_id)
    row = next((names[id_] for id_ in ids if id_ is not None and id_ in names), None)
    is_hers = row is not None and may(desk.actor, "closure.manage", Place(row.facility_id, row.resource_id))
    return {
        "place": place_name(row, desk.texts) if row else "",
        "span": Span(each.start, each.end),
        "reason": each.reason,
        "lift_url": desk.url(f"/staff/closures/{each.id}/lift") if is_hers else None,
    }


def _id_of(row: PlaceRow) -> UUID:
    return row.unit_id or row.resource_id or row.facility_id


def place_name(row: PlaceRow, texts: Texts) -> str:
    """`Sandneshallen: Hall A`."""
    if row.resource is not None:
        return f"{row.facility}: {row.resource}"
    if row.unit is not None:
        return texts.gettext("%(facility)s: %(unit)s (a part)", facility=row.facility, unit=row.unit)
    return texts.gettext("%(facility)s: all of it", facility=row.facility)


def place_pairs(desk: Desk, places: Sequence[PlaceRow], action: str) -> list[tuple[str, str]]:
    """The choices of where, of those where the reader may: facilities first, then what lies in each."""
    kinds = {0: "facility", 1: "resource", 2: "unit"}
    hers = [
        (2 if row.unit_id else 1 if row.resource_id else 0, row)
        for row in places
        if may(desk.actor, action, Place(row.facility_id, row.resource_id))
    ]
    named = [(f"{kinds[kind]}:{_id_of(row)}", place_name(row, desk.texts), kind, row) for kind, row in hers]
    named.sort(key=lambda each: (alphabetical(each[3].facility), each[2], alphabetical(each[1])))
    return [(code, name) for code, name, _, _ in named]


@get("/staff/closures/new")
async def ask_close(desk: AtDesk) -> Response[str]:
    """An empty form."""
    return await _form_page(desk, _filled({}, desk.texts))


@post("/staff/closures/new", status_code=200)
async def close(desk: AtDesk) -> Response[Any]:
    """First what lies there, if anything does; then, with `displace`, the closure."""
    values = await sent(desk)
    filled = _filled(values, desk.texts)
    demand_all(filled.times, desk.texts)
    filled.errors.update(filled.times.errors)
    if filled.errors:
        return await _form_page(desk, filled, status=422)
    seen = values.get("seen", "") if filled.closure.displace else None
    try:
        await desk.change(
            lambda db, actor: closures.close(db, actor, desk.tenant, filled.closure, desk.now, seen=seen)
        )
    except (SignInNeeded, Forbidden, NotFound):
        raise
    except TimeTaken:
        return await _under_page(desk, filled)
    except Refusal as refusal:
        refused = [refusal_view(refusal, desk.texts)]
        return await _form_page(desk, filled, refusals=refused, status=refusal.status)
    return Redirect(desk.url("/staff/closures", done="closed"), status_code=303)


def _filled(values: Mapping[str, str], texts: Texts) -> Filled:
    times = read_booking_form(values, texts, fields=TIMES)
    names = ("place", "reason", "displace")
    form = {name: values.get(name, "").strip() for name in names}
    errors: dict[str, str] = {}
    place = _place(form["place"])
    if values and place is None:
        errors["place"] = texts.gettext("Choose where.")
    if values and not form["reason"]:
        errors["reason"] = texts.gettext("Write why. Everybody can read it.")
    elif len(form["reason"]) > 200 or has_nul(form["reason"]):
        errors["reason"] = texts.gettext("Write at most 200 letters.")
    return Filled(form, times, place, errors)


def _place(code: str) -> dict[str, UUID] | None:
    kind, _, text = code.partition(":")
    try:
        id_ = UUID(text)
    except ValueError:
        return None
    return {f"{kind}_id": id_} if kind in {"facility", "resource", "unit"} else None


async def _form_page(
    desk: Desk, filled: Filled, *, refusals: Sequence[View] = (), status: int = 200
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> list[PlaceRow]:
        demand_somewhere(actor, "closure.manage")
        return await displacing_queries.places(db, with_units=True)

    places = await desk.read(work)
    return desk.page(
        "booking/closure_new.html",
        status=status,
        places=place_pairs(desk, places, "closure.manage"),
        form={**filled.times.form, **filled.values},
        is_ambiguous=filled.times.is_ambiguous,
        errors=filled.errors,
        refusals=refusals,
        post_url=desk.url("/staff/closures/new"),
        back_url=desk.url("/staff/closures"),
    )


async def _under_page(desk: Desk, filled: Filled) -> Response[str]:
    """The bookings that would be displaced, and the question whether that is meant."""
    count, seen, rows = await desk.change(
        lambda db, actor: closures.under(db, actor, desk.tenant, filled.closure, desk.now)
    )
    kept = {**filled.times.form, **filled.values, "displace": "yes", "seen": seen}
    return desk.page(
        "booking/displace.html",
        status=TimeTaken.status,
        heading=desk.texts.gettext("Somebody has booked here"),
        lead=desk.texts.gettext("The closure takes their time away. They are told, and offered other times."),
        span=filled.times.span,
        count=count,
        bookings=[under_view(desk, row) for row in rows],
        kept=[(name, value) for name, value in kept.items() if value],
        button=desk.texts.gettext("Close and displace them"),
        post_url=desk.url("/staff/closures/new"),
        back_url=desk.url("/staff/closures"),
    )


def under_view(desk: Desk, row: AnyRow) -> View:
    """Who, only where the reader may read bookings."""
    knows = showing.may_read(desk.actor, row)
    who = f"{row.association or row.applicant}: {row.title}" if knows else desk.texts.gettext("Somebody else")
    return {
        "who": who,
        "span": Span(row.starts_at, row.ends_at),
        "resource": row.resource,
        "state": row.state,
    }


@post("/staff/closures/{closure_id:uuid}/lift", status_code=200)
async def lift(desk: AtDesk, closure_id: FromPath[UUID]) -> Redirect:
    """Open again at once."""
    await desk.change(lambda db, actor: closures.lift(db, actor, closure_id, desk.now))
    return Redirect(desk.url("/staff/closures", done="lifted"), status_code=303)


handlers = [list_closures, ask_close, close, lift]
