"""HTML routes of the waiting list: what one waits for, beginning to and stopping."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.asking import SearchQuery
from booking.booking_form import TIMES, BookingForm, demand_all, read_booking_form, times_of
from booking.own_pages import sent
from booking.search_form import SearchForm, asked_text, read_search_form
from booking.told import refusal_view
from booking.views import View
from booking.waiting import service
from booking.waiting.schemas import SavedSearch, WaitIn, WaitOut
from core.errors import Forbidden, Invalid, NotFound, ProfileIncomplete, Refusal, SignInNeeded
from core.page import link
from core.paging import Page
from core.spans import Span, span_between
from core.texts import N_, Texts
from core.wire import has_nul, id_in, when
from people import queries as people
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.models import Association
from people.rules import demand_person
from resources import place_queries
from resources.activities import ACTIVITIES
from resources.views import labels

A_PAGE = 50
SEARCHED = tuple(SavedSearch.__struct_fields__)
DONE: Mapping[str, str] = {
    "waiting": N_("You are on the list. We tell you when it becomes free."),
    "stopped": N_("You wait for that no more."),
}
"""What the address says was just done → how it is told."""


@get("/waiting")
async def mine(desk: AtDesk) -> Response[str]:
    """What the reader waits for, and what is offered to her now."""
    query = desk.request.query_params
    cursor = query.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[WaitOut], Sequence[Association]]:
        page = await service.mine(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE)
        return page, await people.associations(db, actor.knows)

    page, clubs = await desk.read(work)
    names = {each.id: each.name for each in clubs}
    done = DONE.get(query.get("done") or "")
    return desk.page(
        "booking/waiting.html",
        notice=None if done is None else desk.texts.gettext(done),
        waits=[_view(desk, each, names) for each in page.items],
        previous_url=desk.url("/waiting") if cursor else None,
        next_url=desk.url("/waiting", cursor=page.next) if page.next else None,
    )


def _view(desk: Desk, out: WaitOut, names: Mapping[UUID, str]) -> View:
    view: View = {
        "place": None if out.resource_name is None else f"{out.resource_name}, {out.facility_name}",
        "span": Span(out.start, out.end),
        "searched": None,
        "url": desk.url(f"/resources/{out.resource_id}"),
        "association": names.get(out.association_id) if out.association_id else None,
        "told_at": out.told_at,
        "answer_by": out.answer_by,
        "offer_url": desk.url(f"/applications/{out.application_id}") if out.answer_by else None,
        "stop_url": desk.url(f"/waiting/{out.id}/stop"),
    }
    if out.search is not None:
        filled = read_search_form({name: str(value) for name, value in out.search.items()}, desk.texts)
        view["searched"] = searched_text(filled, desk)
        view["url"] = link(desk.url("/search"), **filled.form)
    return view


def searched_text(filled: SearchForm, desk: Desk) -> str:
    """What is searched for, on one line: words, activity, people, days."""
    form, texts = filled.form, desk.texts
    told = [form["text"]]
    if form["activity"]:
        told += labels([form["activity"]], ACTIVITIES, texts)
    if form["minutes"].isdecimal():
        told.append(texts.length(int(form["minutes"])))
    if form["people"].isdecimal():
        told.append(texts.ngettext("%(n)d person", "%(n)d people", int(form["people"])))
    if filled.query is not None:
        told.append(asked_text(filled.query.sought(desk.now, desk.tenant.zone), texts))
    return ", ".join(each for each in told if each)


@get("/waiting/new")
async def ask(desk: AtDesk) -> Response[Any]:
    """For a time (`resource`, `start`, `end`) or a search, as the address says. Sign in first."""
    query = desk.request.query_params
    resource_id = id_in(query.get("resource"))
    if resource_id is not None:
        return await _time_page(desk, resource_id, _read_address(desk, query), {})
    filled = read_search_form(query, desk.texts)
    return await _search_page(desk, filled, {})


def _read_address(desk: Desk, query: Mapping[str, str]) -> BookingForm:
    zone = desk.tenant.zone
    start, end = query.get("start"), query.get("end")
    if not start or not end:
        return read_booking_form({}, desk.texts, fields=TIMES)
    try:
        span = span_between(when(start, zone, "start"), when(end, zone, "end"))
    except Invalid:
        return read_booking_form({}, desk.texts, fields=TIMES)
    return read_booking_form(times_of(span, zone), desk.texts, fields=TIMES)


@post("/waiting", status_code=200)
async def wait(desk: AtDesk) -> Response[Any]:
    """On the list, once however often it is sent."""
    values = await sent(desk)
    resource_id = id_in(values.get("resource"))
    if resource_id is None:
        return await _wait_for_search(desk, values)
    times = read_booking_form(values, desk.texts, fields=TIMES)
    demand_all(times, desk.texts)
    errors = dict(times.errors)
    title = values.get("title", "").strip()
    if len(title) > 200 or has_nul(title):
        errors["title"] = desk.texts.gettext("Write less.")
    if errors or times.span is None:
        return await _time_page(desk, resource_id, times, values, errors=errors, status=422)
    form = WaitIn(
        resource_id=resource_id,
        start=times.span.start,
        end=times.span.end,
        association_id=id_in(values.get("association_id")),
        title=title or None,
    )
    try:
        await desk.change(lambda db, actor: service.wait(db, actor, desk.tenant, form, desk.now))
    except ProfileIncomplete:
        back = desk.url(
            "/waiting/new",
            resource=resource_id,
            start=times.span.start.isoformat(),
            end=times.span.end.isoformat(),
        )
        return Redirect(desk.url("/me", next=back), status_code=303)
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        return await _time_page(desk, resource_id, times, values, refusals=views, status=refusal.status)
    return Redirect(desk.url("/waiting", done="waiting"), status_code=303)


async def _time_page(
    desk: Desk,
    resource_id: UUID,
    times: BookingForm,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[place_queries.Kept, Sequence[Association]]:
        demand_person(actor, writes=False)
        found = await place_queries.resources(db, place_queries.sight_of(actor, desk.now), ids=[resource_id])
        if not found:
            raise NotFound(what="resource")
        return found[0], await people.associations(db, actor.associations)

    kept, clubs = await desk.read(work)
    return desk.page(
        "booking/wait_new.html",
        status=status,
        place=f"{kept.resource.name}, {kept.facility.name}",
        resource_id=str(resource_id),
        searched=None,
        kept=[],
        associations=[(str(each.id), each.name) for each in clubs],
        associations_only=kept.resource.association_only,
        form={**times.form, **{name: values.get(name, "") for name in ("title", "association_id")}},
        is_ambiguous=times.is_ambiguous,
        errors=errors or {},
        refusals=refusals,
        post_url=desk.url("/waiting"),
        back_url=desk.url(f"/resources/{resource_id}"),
    )


async def _wait_for_search(desk: Desk, values: Mapping[str, str]) -> Response[Any]:
    filled = read_search_form(values, desk.texts)
    until = values.get("until", "").strip()
    errors: dict[str, str] = dict(filled.errors)
    form: WaitIn | None = None
    try:
        search = saved(filled.query) if filled.query is not None else None
        found = {"search": msgspec.to_builtins(search), **({"until": until} if until else {})}
        form = msgspec.convert(found, WaitIn)
    except msgspec.ValidationError:
        errors["until"] = desk.texts.gettext("Write a day that exists.")
    if errors or form is None or form.search is None:
        return await _search_page(desk, filled, values, errors=errors, status=422)
    asked = form
    try:
        await desk.change(lambda db, actor: service.wait(db, actor, desk.tenant, asked, desk.now))
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except ProfileIncomplete:
        back = link(desk.url("/waiting/new"), **filled.form)
        return Redirect(desk.url("/me", next=back), status_code=303)
    except Invalid as refusal:
        errors["until"] = _day_wrong(refusal, desk.texts)
        return await _search_page(desk, filled, values, errors=errors, status=refusal.status)
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        return await _search_page(desk, filled, values, refusals=views, status=refusal.status)
    return Redirect(desk.url("/waiting", done="waiting"), status_code=303)


def _day_wrong(refusal: Invalid, texts: Texts) -> str:
    if "words" in refusal.facts:
        return texts.gettext("Wait at most 62 days at a time.")
    return texts.gettext("Write a day that is to come, not before the first of the search.")


def saved(query: SearchQuery) -> SavedSearch:
    """The search of the form, to be kept."""
    return SavedSearch(
        text=query.text,
        from_on=query.from_on,
        to_on=query.to_on,
        from_time=None if query.from_time == "00:00" else query.from_time,
        to_time=None if query.to_time == "24:00" else query.to_time,
        minutes=query.minutes,
        people=query.people,
        activity=query.activity,
        accessible=query.accessible[0] if query.accessible else None,
        facility=query.facility,
    )


async def _search_page(
    desk: Desk,
    filled: SearchForm,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    async def work(_db: AsyncSession, actor: Actor) -> None:
        demand_person(actor, writes=False)

    await desk.read(work)
    form = filled.form
    until = values.get("until", "") or form["to_on"] or form["from_on"]
    return desk.page(
        "booking/wait_new.html",
        status=status,
        place=None,
        resource_id="",
        searched=searched_text(filled, desk),
        kept=[(name, value) for name, value in form.items() if value and name in SEARCHED],
        associations=[],
        associations_only=False,
        form={"until": until},
        is_ambiguous=False,
        errors=errors or {},
        refusals=refusals,
        post_url=desk.url("/waiting"),
        back_url=link(desk.url("/search"), **form),
    )


@post("/waiting/{wait_id:uuid}/stop", status_code=200)
async def stop(desk: AtDesk, wait_id: FromPath[UUID]) -> Redirect:
    """Wait no more."""
    await desk.change(lambda db, actor: service.stop(db, actor, wait_id, desk.now))
    return Redirect(desk.url("/waiting", done="stopped"), status_code=303)


handlers = [mine, ask, wait, stop]
