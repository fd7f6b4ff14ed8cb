"""HTML routes of what one has: my bookings, cancelling, moving."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking import series, series_moving, showing
from booking.alternatives import Alternative, alternatives
from booking.booking_form import (
    TIMES,
    BookingForm,
    demand_all,
    move_of,
    read_booking_form,
    times_of,
)
from booking.own_money import OwnMoney, money_of
from booking.price_views import cancel_views
from booking.schemas import BookingOut, CancelIn, FateOut, MoveIn
from booking.told import refusal_view, title_of
from booking.views import View, booking_view, mine_view, span_of
from core.errors import Conflict, Forbidden, NotFound, PriceChanged, Refusal, SignInNeeded
from core.money import Money
from core.page import link
from core.paging import Page
from core.spans import EVER, Span, span_between
from core.texts import N_, Texts
from core.wire import when
from people import queries as people
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources.form_fields import version_of as version_of

PAST = timedelta(days=60)
A_PAGE = 50
DONE: Mapping[str, str] = {
    "cancelled": N_("The booking is cancelled."),
    "moved": N_("The booking is moved."),
    "asked": N_("The booking is moved. The municipality reads the new time and answers you."),
    "all_cancelled": N_("The bookings are cancelled."),
    "all_moved": N_("The bookings are moved."),
    "all_asked": N_("The bookings are moved. The municipality reads the new times and answers you."),
}
"""What the address says was just done → how it is told."""


@get("/bookings")
async def mine(desk: AtDesk) -> Response[str]:
    """The reader's own and those of her associations: to come, and lately past."""
    cursor = desk.request.query_params.get("cursor")

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[Page[BookingOut], list[BookingOut], dict[UUID, str], Mapping[UUID, OwnMoney]]:
        coming = await showing.bookings(
            db,
            actor,
            desk.tenant,
            mine=True,
            span=Span(desk.now, EVER.end),
            cursor=cursor,
            limit=A_PAGE,
            now=desk.now,
        )
        past: list[BookingOut] = []
        if cursor is None:
            lately = Span(desk.now - PAST, desk.now)
            found = await showing.bookings(
                db,
                actor,
                desk.tenant,
                mine=True,
                span=lately,
                cursor=None,
                limit=A_PAGE * 4,
                now=desk.now,
            )
            past = [each for each in found.items if each.end <= desk.now]
        names = await people.associations(db, actor.knows)
        money = await money_of(db, actor, [each.id for each in (*coming.items, *past)], desk.now)
        return coming, past, {each.id: each.name for each in names}, money

    page, earlier, names, money = await desk.read(work)

    def views(outs: Iterable[BookingOut]) -> tuple[list[View], list[View]]:
        return mine_view(outs, names, desk.actor, base=desk.base, now=desk.now, texts=desk.texts, money=money)

    coming, ended = views(page.items)
    _, past = views(reversed(earlier))
    done = DONE.get(desk.request.query_params.get("done") or "")
    left = desk.request.query_params.get("left", "")
    notice = None if done is None else desk.texts.gettext(done)
    if notice is not None and left.isascii() and left.isdecimal() and len(left) < 5:
        kept = desk.texts.ngettext(
            "%(n)d time could not be changed and stays as it was.",
            "%(n)d times could not be changed and stay as they were.",
            int(left),
        )
        notice = f"{notice} {kept}"
    return desk.page(
        "booking/mine.html",
        notice=notice,
        coming=coming,
        past=[*ended, *past],
        previous_url=desk.url("/bookings") if cursor else None,
        next_url=desk.url("/bookings", cursor=page.next) if page.next else None,
    )


async def _own(desk: Desk, booking_id: UUID) -> series.Counted:
    return await desk.read(lambda db, actor: series.counted(db, actor, desk.tenant, booking_id, desk.now))


def _chosen(values: Mapping[str, str]) -> dict[str, str]:
    """Which of a series, and what of those that are refused; as the form has it from the start."""
    which = values.get("which", "")
    return {
        "which": which if which in {"following", "all"} else "one",
        "if_refused": "skip" if values.get("if_refused") == "skip" else "fail",
    }


def _series_view(found: series.Counted) -> View | None:
    """How many go with it; nothing when it is on its own."""
    return {"following": found.following, "all": found.all} if found.all > 1 else None


def _fates(refusal: Refusal, texts: Texts) -> list[View]:
    """Which of a series were refused, and why."""
    views: list[View] = []
    for each in refusal.facts.get("refused", ()):
        types = [str(type_).removeprefix("/problems/") for type_ in each["problems"]]
        title = title_of(types[0]) or ""
        views.append({"span": each["span"], "title": texts.gettext(title)})
    return views


def _done(desk: Desk, done: str, fates: Sequence[FateOut]) -> Redirect:
    left = sum(bool(each.problems) for each in fates)
    return Redirect(desk.url("/bookings", done=done, left=left or None), status_code=303)


async def sent(desk: Desk) -> dict[str, str]:
    """The fields of the form that was posted."""
    form = await desk.request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@get("/bookings/{booking_id:uuid}/cancel")
async def ask_cancel(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[str]:
    """Sure?"""
    return await _cancel_page(desk, booking_id, {})


@post("/bookings/{booking_id:uuid}/cancel", status_code=200)
async def cancel(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[Any]:
    """Free at once."""
    values = await sent(desk)
    version, reason = version_of(values), values.get("reason", "").strip()
    try:
        body = msgspec.convert({"reason": reason, **_chosen(values)}, CancelIn)
    except msgspec.ValidationError:
        errors = {"reason": desk.texts.gettext("Write at most 200 letters.")}
        return await _cancel_page(desk, booking_id, values, errors=errors, status=422)
    try:
        done = await desk.change(
            lambda db, actor: series.cancel(
                db, actor, desk.tenant, booking_id, body, now=desk.now, version=version
            )
        )
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        return await _cancel_page(
            desk, booking_id, values, refusals=views, fates=_fates(refusal, desk.texts), status=refusal.status
        )
    return _done(desk, "cancelled" if body.which == "one" else "all_cancelled", done.series)


async def _cancel_page(
    desk: Desk,
    booking_id: UUID,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[View] = (),
    fates: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[series.Counted, Mapping[UUID, OwnMoney]]:
        counted = await series.counted(db, actor, desk.tenant, booking_id, desk.now)
        return counted, await money_of(db, actor, counted.all_ids, desk.now)

    found, money = await desk.read(work)
    out = found.out
    path = desk.url(f"/bookings/{out.id}")
    return desk.page(
        "booking/cancel.html",
        status=status,
        booking=booking_view(out, base=desk.base, now=desk.now, may_change=True),
        form={"reason": values.get("reason", "").strip(), **_chosen(values)},
        series=_series_view(found),
        fates=list(fates),
        errors=errors or {},
        refusals=refusals,
        costs=cancel_views(_choices(desk, found, money), desk.texts),
        post_url=f"{path}/cancel",
        back_url=desk.url("/bookings"),
    )


def _choices(
    desk: Desk, found: series.Counted, money: Mapping[UUID, OwnMoney]
) -> list[tuple[str, list[OwnMoney]]]:
    """What can be cancelled at once, as the form lets one choose, with the money of each."""
    texts = desk.texts
    choices = [(texts.gettext("Only this one") if found.all > 1 else "", [found.out.id])]
    if found.all > 1:
        choices += [
            (texts.gettext("This and the following"), found.following_ids),
            (texts.gettext("All that are to come"), found.all_ids),
        ]
    return [(name, [money[each] for each in ids if each in money]) for name, ids in choices]


@get("/bookings/{booking_id:uuid}/move")
async def ask_move(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[str]:
    """Filled in with the time it has, or the one in the address."""
    found = await _own(desk, booking_id)
    span, zone = span_of(found.out), desk.tenant.zone
    query = desk.request.query_params
    start, end = query.get("start"), query.get("end")
    if start and end:
        span = span_between(when(start, zone, "start"), when(end, zone, "end"))
    read = read_booking_form(times_of(span, zone), desk.texts, fields=TIMES)
    return _move_page(desk, found, read, query)


@post("/bookings/{booking_id:uuid}/move", status_code=200)
async def move(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[Any]:
    """The old time is kept until the new one is hers."""
    values = await sent(desk)
    version = version_of(values)
    read = read_booking_form(values, desk.texts, fields=TIMES)
    demand_all(read, desk.texts)
    if read.errors or read.span is None:
        return _move_page(desk, await _own(desk, booking_id), read, values, status=422)
    span = read.span
    chosen = {**msgspec.structs.asdict(move_of(read)), **_chosen(values)}
    body = msgspec.convert({**chosen, "price": await _agreed(desk, booking_id, values)}, MoveIn)
    try:
        moved = await desk.change(
            lambda db, actor: series_moving.move(
                db, actor, desk.tenant, booking_id, body, now=desk.now, version=version
            )
        )
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        counted = await _own(desk, booking_id)
        out = counted.out
        others: list[Alternative] = []
        if body.which == "one" and (isinstance(refusal, Conflict) or refusal.status == 422):
            found = await desk.read(
                lambda db, actor: alternatives(db, actor, desk.tenant, out.resource_id, span, desk.now)
            )
            others = [each for each in found if not each.is_elsewhere]
        path = desk.url(f"/bookings/{booking_id}/move")
        views: list[View] = [
            {
                "name": None,
                "span": each.span,
                "url": link(path, start=each.span.start.isoformat(), end=each.span.end.isoformat()),
            }
            for each in others
        ]
        refusals = [refusal_view(refusal, desk.texts, views)]
        return _move_page(
            desk,
            counted,
            read,
            values,
            refusals=refusals,
            fates=_fates(refusal, desk.texts),
            status=refusal.status,
            price=refusal.facts["price"]["amount"] if isinstance(refusal, PriceChanged) else None,
        )
    done = "asked" if moved.state == "requested" else "moved"
    return _done(desk, done if body.which == "one" else f"all_{done}", moved.series)


async def _agreed(desk: Desk, booking_id: UUID, values: Mapping[str, str]) -> Money:
    """The price that she was told; before she was told any, that of what she has."""
    told = values.get("price_ore", "")
    if told.isascii() and told.isdecimal() and len(told) < 14:
        return Money(int(told))

    async def work(db: AsyncSession, actor: Actor) -> int:
        found = await series.counted(db, actor, desk.tenant, booking_id, desk.now)
        ids = {"one": [booking_id], "following": found.following_ids, "all": found.all_ids}
        money = await money_of(db, actor, ids[_chosen(values)["which"]], desk.now)
        return sum(each.price.gross_ore for each in money.values())

    return Money(await desk.read(work))


def _move_page(
    desk: Desk,
    found: series.Counted,
    read: BookingForm,
    values: Mapping[str, str],
    *,
    refusals: Sequence[View] = (),
    fates: Sequence[View] = (),
    status: int = 200,
    price: int | None = None,
) -> Response[str]:
    out = found.out
    return desk.page(
        "booking/move.html",
        status=status,
        booking=booking_view(out, base=desk.base, now=desk.now, may_change=True),
        form={**read.form, **_chosen(values)},
        series=_series_view(found),
        fates=list(fates),
        is_ambiguous=read.is_ambiguous,
        errors=read.errors,
        refusals=refusals,
        price_ore=price,
        post_url=desk.url(f"/bookings/{out.id}/move"),
        back_url=desk.url("/bookings"),
    )


handlers = [mine, ask_cancel, cancel, ask_move, move]
