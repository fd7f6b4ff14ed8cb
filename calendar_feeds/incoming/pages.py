"""HTML routes of calendars in: which are attached and how they are, attaching one, seeing to one, letting go of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.closure_pages import place_pairs, under_view
from booking.displacing_queries import places
from booking.own_pages import sent
from booking.views import View
from calendar_feeds.incoming import queries, service
from calendar_feeds.incoming.api import settings_at, tried
from calendar_feeds.incoming.form import EVERY, Filled, empty, read_change, read_new
from calendar_feeds.incoming.health import WHY
from calendar_feeds.incoming.occurrence import PROBLEMS
from calendar_feeds.incoming.schemas import (
    ImportEventOut,
    ImportOut,
    ImportPatch,
    ResolveIn,
    TriedOut,
)
from core.db import AnyRow
from core.errors import Invalid, TimeTaken
from core.paging import Page
from core.spans import Span
from core.texts import N_, Texts
from core.wire import id_in
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere

A_PAGE = 50
DONE: Mapping[str, str] = {
    "attached": N_("The calendar is attached. What it holds comes in a moment."),
    "changed": N_("The change is saved."),
    "fetching": N_("The calendar is being fetched. Look again in a moment."),
    "paused": N_("The calendar is not fetched until you go on."),
    "removed": N_("The calendar is no longer attached."),
    "laid": N_("It is done."),
    "collides": N_("It could not be laid: something is in the way still."),
    "left": N_("It is left out."),
}
"""What the address says was just done → how it is told."""
EVENT_WHY: Mapping[str, str] = {
    "taken": N_("Somebody has booked then."),
    "closed": N_("It is closed then."),
    "left": N_("Left out by staff."),
    "changed": N_("Changed or cancelled here: it is no longer ours to move."),
}


def _done(desk: Desk) -> str | None:
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


@get("/staff/imports")
async def list_imports(desk: AtDesk) -> Response[str]:
    """All at the reader's places, or those of one resource; the failing first."""
    query = desk.request.query_params
    cursor, resource_id = query.get("cursor"), id_in(query.get("resource"))
    page = await desk.read(
        lambda db, actor: service.imports(
            db, actor, desk.tenant, resource_id=resource_id, cursor=cursor, limit=A_PAGE, now=desk.now
        )
    )
    return desk.page(
        "calendar_feeds/imports.html",
        notice=_done(desk),
        imports=[_view(desk, each) for each in page.items],
        new_url=desk.url("/staff/imports/new", resource=resource_id),
        previous_url=desk.url("/staff/imports", resource=resource_id) if cursor else None,
        next_url=desk.url("/staff/imports", resource=resource_id, cursor=page.next) if page.next else None,
    )


def _view(desk: Desk, out: ImportOut) -> View:
    texts = desk.texts
    return {
        "label": out.label,
        "place": f"{out.resource_name}, {out.facility_name}",
        "host": out.host,
        "kind": out.kind,
        "state": out.state,
        "wrong": None if out.why is None else texts.gettext(WHY[out.why]),
        "is_held": out.is_held,
        "every": texts.gettext(EVERY[str(out.every_minutes)]) if str(out.every_minutes) in EVERY else None,
        "fetched_at": out.fetched_at,
        "changed_at": out.changed_at,
        "failed_at": out.failed_at if out.why is not None else None,
        "applied": out.applied,
        "colliding": out.colliding,
        "ignored": out.ignored,
        "shows_title": out.shows_title,
        "problems": _problems(out.problems, texts),
        "url": desk.url(f"/staff/imports/{out.id}"),
        "resource_url": desk.url(f"/resources/{out.resource_id}"),
        "version": out.version,
    }


def _problems(problems: Mapping[str, int], texts: Texts) -> list[tuple[str, int]]:
    return [
        (texts.gettext(PROBLEMS[kind]), count)  # type: ignore[index]  # of an older version: left out
        for kind, count in problems.items()
        if kind in PROBLEMS
    ]


@get("/staff/imports/new")
async def ask_import(desk: AtDesk) -> Response[str]:
    """An empty form."""
    resource_id = id_in(desk.request.query_params.get("resource"))
    return await _new_page(desk, empty(f"resource:{resource_id}" if resource_id else ""))


@post("/staff/imports/new", status_code=200)
async def add_import(desk: AtDesk) -> Response[Any]:
    """First what would come of it; then, when it is sent with `add`, the calendar is attached."""
    values = await sent(desk)
    filled = read_new(values, desk.texts)
    if filled.errors:
        return await _new_page(desk, filled, status=422)
    form = filled.wanted()
    try:
        if values.get("step") != "add":
            return await _new_page(desk, filled, found=await tried(desk, form))
        made = await desk.change(
            lambda db, actor: service.add(
                db, actor, desk.tenant, form, settings=settings_at(desk), now=desk.now
            )
        )
    except Invalid as refusal:
        name = {"resource_id": "place"}.get(refusal.facts["field"], refusal.facts["field"])
        if name not in filled.form:
            raise
        filled.errors[name] = _expected(desk, refusal)
        return await _new_page(desk, filled, status=refusal.status)
    return Redirect(desk.url(f"/staff/imports/{made.id}", done="attached"), status_code=303)


def _expected(desk: Desk, refusal: Invalid) -> str:
    wanted: str = refusal.facts["expected"]
    return desk.texts.gettext(wanted)


async def _new_page(
    desk: Desk, filled: Filled, *, found: TriedOut | None = None, status: int = 200
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[list[Any], Sequence[AnyRow]]:
        demand_somewhere(actor, service.MANAGE)
        return await places(db, with_units=False), await queries.association_names(db)

    rows, associations = await desk.read(work)
    texts = desk.texts
    return desk.page(
        "calendar_feeds/import_new.html",
        status=status,
        places=[pair for pair in place_pairs(desk, rows, service.MANAGE) if pair[0].startswith("resource:")],
        associations=[(str(row.id), row.name) for row in associations],
        every=[(code, texts.gettext(name)) for code, name in EVERY.items()],
        form=filled.form,
        errors=filled.errors,
        found=None if found is None else _found(found, texts),
        post_url=desk.url("/staff/imports/new"),
        back_url=desk.url("/staff/imports"),
    )


def _found(found: TriedOut, texts: Texts) -> View:
    return {
        "wrong": None if found.why is None else texts.gettext(WHY[found.why]),
        "name": found.name,
        "count": found.count,
        "colliding": found.colliding,
        "problems": _problems(found.problems, texts),
        "events": [
            {
                "span": Span(each.start, each.end),
                "title": each.title,
                "in_the_way": each.in_the_way,
                "is_closed": each.is_closed,
            }
            for each in found.events
        ],
    }


@get("/staff/imports/{import_id:uuid}")
async def show_import(desk: AtDesk, import_id: FromPath[UUID]) -> Response[str]:
    """How it is, and what waits for somebody to decide."""
    return await _import_page(desk, import_id)


async def _import_page(
    desk: Desk,
    import_id: UUID,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor")

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[ImportOut, Page[ImportEventOut], Page[ImportEventOut]]:
        out = await service.one(db, actor, desk.tenant, import_id, now=desk.now)
        colliding = await service.events(
            db, actor, desk.tenant, import_id, state="collides", cursor=cursor, limit=A_PAGE, now=desk.now
        )
        ignored = await service.events(
            db, actor, desk.tenant, import_id, state="ignored", cursor=None, limit=A_PAGE, now=desk.now
        )
        return out, colliding, ignored

    out, colliding, ignored = await desk.read(work)
    path = desk.url(f"/staff/imports/{import_id}")
    every = {**EVERY, str(out.every_minutes): EVERY.get(str(out.every_minutes), N_("as now"))}
    return desk.page(
        "calendar_feeds/import.html",
        status=status,
        notice=_done(desk),
        calendar=_view(desk, out),
        colliding=[_event(desk, import_id, each) for each in colliding.items],
        ignored=[_event(desk, import_id, each) for each in ignored.items],
        every=[(code, desk.texts.gettext(name)) for code, name in every.items()],
        form=form or {"address": "", "label": out.label, "every_minutes": str(out.every_minutes)},
        errors=errors or {},
        path=path,
        back_url=desk.url("/staff/imports"),
        previous_url=path if cursor else None,
        next_url=desk.url(f"/staff/imports/{import_id}", cursor=colliding.next) if colliding.next else None,
    )


def _event(desk: Desk, import_id: UUID, each: ImportEventOut) -> View:
    return {
        "span": Span(each.start, each.end),
        "title": each.title,
        "why": None if each.why is None else desk.texts.gettext(EVENT_WHY[each.why]),
        "can_displace": bool(each.in_the_way),
        "is_changed": each.why == "changed",
        "url": desk.url(f"/staff/imports/{import_id}/events/{each.id}"),
    }


@post("/staff/imports/{import_id:uuid}", status_code=200)
async def change_import(desk: AtDesk, import_id: FromPath[UUID]) -> Response[Any]:
    """Another label, rhythm or address."""
    form, errors, change = read_change(await sent(desk), desk.texts)
    if errors:
        return await _import_page(desk, import_id, form=form, errors=errors, status=422)
    try:
        await _changed(desk, import_id, change)
    except Invalid as refusal:
        told = {refusal.facts["field"]: _expected(desk, refusal)}
        return await _import_page(desk, import_id, form=form, errors=told, status=refusal.status)
    return _back(desk, import_id, "changed")


async def _changed(desk: Desk, import_id: UUID, change: ImportPatch) -> None:
    await desk.change(
        lambda db, actor: service.change(
            db,
            actor,
            desk.tenant,
            import_id,
            change,
            version=None,
            settings=settings_at(desk),
            now=desk.now,
        )
    )


def _back(desk: Desk, import_id: UUID, done: str) -> Redirect:
    return Redirect(desk.url(f"/staff/imports/{import_id}", done=done), status_code=303)


@post("/staff/imports/{import_id:uuid}/fetch", status_code=200)
async def fetch_import(desk: AtDesk, import_id: FromPath[UUID]) -> Redirect:
    """At once; with `sure`, though much would go."""
    is_sure = (await sent(desk)).get("sure") == "yes"
    await desk.change(
        lambda db, actor: service.fetch_now(db, actor, desk.tenant, import_id, is_sure=is_sure, now=desk.now)
    )
    return _back(desk, import_id, "fetching")


@post("/staff/imports/{import_id:uuid}/pause", status_code=200)
async def pause_import(desk: AtDesk, import_id: FromPath[UUID]) -> Redirect:
    """Or, with `on`, go on."""
    goes_on = (await sent(desk)).get("on") == "yes"
    await _changed(desk, import_id, ImportPatch(state="on" if goes_on else "paused"))
    return _back(desk, import_id, "fetching" if goes_on else "paused")


@get("/staff/imports/{import_id:uuid}/remove")
async def ask_remove(desk: AtDesk, import_id: FromPath[UUID]) -> Response[str]:
    """And what shall become of what it brought?"""
    out = await desk.read(lambda db, actor: service.one(db, actor, desk.tenant, import_id, now=desk.now))
    path = desk.url(f"/staff/imports/{import_id}")
    return desk.page(
        "calendar_feeds/import_remove.html",
        calendar=_view(desk, out),
        form={"brought": "keep"},
        errors={},
        post_url=f"{path}/remove",
        back_url=path,
    )


@post("/staff/imports/{import_id:uuid}/remove", status_code=200)
async def remove_import(desk: AtDesk, import_id: FromPath[UUID]) -> Redirect:
    """Let go of it."""
    withdraws = (await sent(desk)).get("brought") == "withdraw"
    await desk.change(
        lambda db, actor: service.remove(db, actor, import_id, withdraws=withdraws, now=desk.now)
    )
    return Redirect(desk.url("/staff/imports", done="removed"), status_code=303)


@post("/staff/imports/{import_id:uuid}/events/{event_id:uuid}", status_code=200)
async def resolve_event(desk: AtDesk, import_id: FromPath[UUID], event_id: FromPath[UUID]) -> Response[Any]:
    """Leave it out, try it again, or take the others' time: first who they are, then, when that was seen, done."""
    values = await sent(desk)
    action, seen = values.get("action"), values.get("seen")
    if action == "ignore":
        form = ResolveIn(action="ignore")
    elif action == "displace":
        if not seen:
            return await _under_page(desk, import_id, event_id)
        form = ResolveIn(action="displace", seen=seen)
    else:
        form = ResolveIn(action="try")
    try:
        event = await desk.change(
            lambda db, actor: service.resolve(
                db, actor, desk.tenant, import_id, event_id, form=form, now=desk.now
            )
        )
    except TimeTaken:
        return await _under_page(desk, import_id, event_id)
    return _back(desk, import_id, {"applied": "laid", "ignored": "left"}.get(event.state, "collides"))


async def _under_page(desk: Desk, import_id: UUID, event_id: UUID) -> Response[str]:
    """The bookings that would be displaced, and the question whether that is meant."""
    event, count, seen, rows = await desk.change(
        lambda db, actor: service.under(db, actor, import_id, event_id, desk.now)
    )
    path = desk.url(f"/staff/imports/{import_id}")
    return desk.page(
        "booking/displace.html",
        status=200 if count else TimeTaken.status,
        heading=desk.texts.gettext("Somebody has booked here"),
        lead=desk.texts.gettext(
            "The attached calendar takes their time away. They are told, and offered other times."
        ),
        span=Span(event.starts_at, event.ends_at),
        count=count,
        bookings=[under_view(desk, row) for row in rows],
        kept=[("action", "displace"), ("seen", seen)],
        button=desk.texts.gettext("Displace them"),
        post_url=f"{path}/events/{event_id}",
        back_url=path,
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[
        list_imports,
        ask_import,
        add_import,
        show_import,
        change_import,
        fetch_import,
        pause_import,
        ask_remove,
        remove_import,
        resolve_event,
    ],
)
