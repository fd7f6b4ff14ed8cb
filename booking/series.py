"""Changing a series: one of its bookings, this and the following, or all that is to come.

A series is the live bookings of one application that repeats, at one resource. What has begun or ended is no longer
part of it, and an occurrence that was taken elsewhere is on its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import change, offer_queries, queries, showing, shown_queries
from booking.models import LIVE, Application, Booking
from booking.news import tell_changed
from booking.rules import check_change_deadline
from booking.schemas import BookingOut, CancelIn, CancelledOut, FateOut, Which
from core.db import AnyRow, Stale
from core.errors import Refusal
from core.money import money
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor
from resources.tariff_queries import priceables


class Series(NamedTuple):
    """The picked booking as shown, and those that are to be changed with it, by start; it is one of them."""

    picked: AnyRow
    chosen: Sequence[AnyRow]
    is_staff: bool


class Fate(NamedTuple):
    """What becomes of one of them: `refusals` is empty for what is changed."""

    booking_id: UUID
    span: Span
    refusals: Sequence[Refusal]


class Counted(NamedTuple):
    """A booking before it is changed, and which go with it; it is one of them."""

    out: BookingOut
    following_ids: list[UUID]
    all_ids: list[UUID]

    @property
    def following(self) -> int:
        return len(self.following_ids)

    @property
    def all(self) -> int:
        return len(self.all_ids)


async def counted(db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, now: datetime) -> Counted:
    """Raises SignInNeeded, NotFound, Forbidden."""
    out = await change.to_change(db, actor, tenant, booking_id, now)
    found = await series_of(db, actor, booking_id, "all", now)
    following = [row.id for row in found.chosen if row.starts_at >= found.picked.starts_at]
    return Counted(out, following, [row.id for row in found.chosen])


async def series_of(db: AsyncSession, actor: Actor, booking_id: UUID, which: Which, now: datetime) -> Series:
    """Which bookings are meant. Raises SignInNeeded, NotFound, Forbidden."""
    picked = await change.changeable(db, actor, booking_id)
    chosen: list[AnyRow] = [picked]
    if which != "one" and picked.repeat is not None:
        chosen += [
            row
            for row in await shown_queries.shown_bookings_of(db, [picked.application_id])
            if row.id != booking_id
            and row.resource_id == picked.resource_id
            and row.state in LIVE
            and row.starts_at > now
            and (which == "all" or row.starts_at >= picked.starts_at)
        ]
    # What is offered is taken as it is, or not at all: it goes its own way.
    held = [row.id for row in chosen if row.state == "held" and row.id != booking_id]
    offered = await offer_queries.offered(db, held) if held else set[UUID]()
    chosen = [row for row in chosen if row.id not in offered]
    chosen.sort(key=lambda row: (row.starts_at, row.id))
    return Series(picked, chosen, change.has_staff_right(actor, picked))


async def lock_series(
    db: AsyncSession, series: Series, *, version: int | None, now: datetime
) -> tuple[Application, list[Booking]]:
    """Application and bookings, locked, in the order of the series. Raises ChangedMeanwhile, WrongState, Stale."""
    application = await queries.lock_application(db, series.picked.application_id)
    assert application is not None, "its bookings exist, and nothing is deleted"
    found = {each.id: each for each in await queries.lock_bookings(db, ids=[row.id for row in series.chosen])}
    picked = found[series.picked.id]
    showing.check_version(picked.version, version)
    change.check_live(picked, now)
    for row in series.chosen:
        stands = found[row.id]
        if (stands.starts_at, stands.ends_at, stands.resource_id) != (
            row.starts_at,
            row.ends_at,
            row.resource_id,
        ) or stands.state not in LIVE:
            raise Stale
    return application, [found[row.id] for row in series.chosen]


def too_late(booking: Booking, series: Series, now: datetime) -> list[Refusal]:
    """Why a holder may no longer change this one; staff may."""
    if series.is_staff:
        return []
    try:
        check_change_deadline(booking.starts_at, series.picked.change_deadline_minutes, now)
    except Refusal as refusal:
        return [refusal]
    return []


def demand_wanted(fates: Sequence[Fate], resource_id: UUID, tenant: Tenant, if_refused: str) -> None:
    """Raises the first refusal, with all of them, unless the others are to be changed and there are others."""
    refused = [fate for fate in fates if fate.refusals]
    if not refused or (if_refused == "skip" and len(refused) < len(fates)):
        return
    first = refused[0].refusals[0]
    first.facts["refused"] = [
        {
            "booking_id": fate.booking_id,
            "resource_id": resource_id,
            "day": fate.span.start.astimezone(tenant.zone).date(),
            "span": fate.span,
            "problems": [f"/problems/{reason.type}" for reason in fate.refusals],
        }
        for fate in refused
    ]
    raise first


def fates_out(fates: Sequence[Fate], states: dict[UUID, str], tenant: Tenant) -> list[FateOut]:
    """As the answer tells them."""
    return [
        FateOut(
            booking_id=fate.booking_id,
            state=states[fate.booking_id],
            problems=[showing.problem(reason, tenant) for reason in fate.refusals],
        )
        for fate in fates
    ]


async def cancel(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    booking_id: UUID,
    form: CancelIn,
    *,
    now: datetime,
    version: int | None,
) -> CancelledOut:
    """Give the times up; they are free at once. Raises as `change.cancel`, of the series the first refusal of any."""
    if form.which == "one":
        return await change.cancel(db, actor, tenant, booking_id, form.reason, now=now, version=version)
    series = await series_of(db, actor, booking_id, form.which, now)
    _, bookings = await lock_series(db, series, version=version, now=now)
    fates = [
        Fate(each.id, Span(each.starts_at, each.ends_at), too_late(each, series, now)) for each in bookings
    ]
    demand_wanted(fates, series.picked.resource_id, tenant, form.if_refused)
    staying = {fate.booking_id for fate in fates if fate.refusals}
    ended = [each for each in bookings if each.id not in staying]
    picked = series.picked
    known = (await priceables(db, [picked.resource_id])).get(picked.resource_id)
    refunds = {
        each.id: change.give_up(db, actor, picked, each, known, now=now, reason=form.reason) for each in ended
    }
    gone = [each.id for each in ended]
    await queries.release(db, gone)
    await db.flush()
    tell_changed(db, "cancelled", ended, actor.person_id, freed=gone, refunds=refunds, reason=form.reason)
    shown = await showing.booking(db, actor, tenant, booking_id, now)
    said = next((each.rule for each in refunds.values() if each.rule != "nothing_paid"), "nothing_paid")
    return CancelledOut(
        booking=shown,
        refund=money(sum(each.amount_ore for each in refunds.values())),
        fee=money(sum(each.fee_ore for each in refunds.values())),
        rule=said,
        version=shown.version,
        series=fates_out(fates, {each.id: each.state for each in bookings}, tenant),
    )
