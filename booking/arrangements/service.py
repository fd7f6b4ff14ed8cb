"""Arrangements: public events, laid over what is booked like a closure, and told of to everybody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries
from booking import queries as bookings
from booking.arrangement_models import Arrangement
from booking.arrangements import queries
from booking.arrangements.reading import arrangement_out
from booking.arrangements.schemas import (
    ArrangementIn,
    ArrangementMade,
    ArrangementOut,
    ArrangementPatch,
    ArrangementTimeIn,
)
from booking.claims import Board, booking_claims, padded, window_of
from booking.displacing import displace, listed, tell_displaced
from booking.displacing_queries import Ground
from booking.guard import board_of, end
from booking.models import LIVE, Application, Booking
from booking.news import tell_changed
from booking.occurrences import wish_span
from booking.offers import check_free
from core import files
from core.audit import note
from core.db import AnyRow
from core.errors import ChangedMeanwhile, NotFound, TooSoon, WrongState
from core.files import Checked
from core.ids import new_id
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import demand, demand_person
from resources.facts import Bookable
from resources.queries import bookable_by_id


class Picture(Struct, frozen=True):
    """What goes with an arrangement: a file, and what it shows, by language."""

    file: Checked | None
    alt: dict[str, str]


class _Wished(Struct, frozen=True):
    """The times, and what is known of their places."""

    times: Sequence[tuple[UUID, Span]]
    bookables: dict[UUID, Bookable]

    @property
    def spans(self) -> list[Span]:
        return [span for _, span in self.times]

    @property
    def grounds(self) -> list[Ground]:
        return [
            Ground(
                [unit.id for unit in bookable.units],
                padded(span, bookable.facts.setup_minutes, bookable.facts.cleanup_minutes),
                span,
            )
            for bookable, span in ((self.bookables[id_], span) for id_, span in self.times)
        ]


async def arrange(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    form: ArrangementIn,
    *,
    picture: Picture | None = None,
    seen: str | None = None,
    now: datetime,
) -> ArrangementMade:
    """Lay an arrangement. An officer's word stands over grid, length, notice and hours; never over what is closed.

    Raises SignInNeeded, Forbidden, NotFound, Invalid, TooSoon, Closed; TimeTaken with the bookings under it unless
    `displace`, or when they are others than were `seen`.
    """
    person_id = demand_person(actor)
    wished = await _wished(db, actor, tenant, form.times, now)
    window = window_of(wished.spans, wished.bookables)
    await board_of(db, wished.bookables, window, now)
    displaced = await displace(
        db, actor, wished.grounds, reason=form.title, displace=form.displace, seen=seen, now=now
    )
    units = {unit.id for bookable in wished.bookables.values() for unit in bookable.units}
    board = Board(await claim_queries.claims_between(db, units, window), now)
    application = Application(
        id=new_id(), person_id=person_id, title=form.title, public=True, created_at=now, version=1
    )
    laid = _lay(db, application, wished, board, now)
    row = Arrangement(
        id=new_id(),
        application_id=application.id,
        description=form.description,
        organiser=form.organiser,
        website=form.website,
        picture_id=None,
        picture_alt=picture.alt if picture else {},
        created_at=now,
        created_by=person_id,
        cancelled_at=None,
        version=1,
    )
    db.add(application)
    if picture is not None and picture.file is not None:
        row.picture_id = files.store(db, picture.file, None)
    await db.flush()  # claim_no_overlap answers here
    db.add(row)
    note(db, person_id, "arranged", table="arrangement", row_id=row.id, now=now)
    await db.flush()
    tell_displaced(db, displaced, actor, form.title)
    tell_changed(db, "confirmed", laid, person_id)
    told = await _told(db, row, form.title, tenant)
    return ArrangementMade(**structs.asdict(told), displaced=displaced.ids)


async def under(
    db: AsyncSession, actor: Actor, tenant: Tenant, times: Sequence[ArrangementTimeIn], now: datetime
) -> tuple[int, str, Sequence[AnyRow]]:
    """What it would displace (see `displacing.listed`). Raises as `arrange`."""
    wished = await _wished(db, actor, tenant, times, now)
    return await listed(db, actor, wished.grounds, now)


async def _wished(
    db: AsyncSession, actor: Actor, tenant: Tenant, times: Sequence[ArrangementTimeIn], now: datetime
) -> _Wished:
    spans = [
        (time.resource_id, wish_span(time, tenant, f"times.{number}.")) for number, time in enumerate(times)
    ]
    around = Span(min(span.start for _, span in spans), max(span.end for _, span in spans))
    bookables = await bookable_by_id(db, sorted({id_ for id_, _ in spans}), around)
    for number, (resource_id, span) in enumerate(spans):
        bookable = bookables.get(resource_id)
        if bookable is None or not bookable.units:
            demand(actor, "arrangement.manage")
            raise NotFound(what="resource", field=f"times.{number}.resource_id", id=resource_id)
        demand(actor, "arrangement.manage", Place(bookable.facts.facility_id, resource_id))
        if span.end <= now:
            raise TooSoon(earliest_at=now, field=f"times.{number}.end")
    return _Wished(spans, bookables)


def _lay(
    db: AsyncSession, application: Application, wished: _Wished, board: Board, now: datetime
) -> list[Booking]:
    """A confirmed booking with claims for each of the times."""
    laid: list[Booking] = []
    for resource_id, span in wished.times:
        bookable = wished.bookables[resource_id]
        facts = bookable.facts
        quantity = min((unit.capacity for unit in bookable.units if unit.capacity is not None), default=1)
        check_free(bookable, span, facts.setup_minutes, facts.cleanup_minutes, quantity, board=board)
        booking = Booking(
            id=new_id(),
            application_id=application.id,
            resource_id=resource_id,
            person_id=application.person_id,
            starts_at=span.start,
            ends_at=span.end,
            setup_minutes=facts.setup_minutes,
            cleanup_minutes=facts.cleanup_minutes,
            quantity=quantity,
            state="confirmed",
            price={},
            decided_at=now,
            decided_by=application.person_id,
            sequence=0,
            version=1,
            created_at=now,
            updated_at=now,
        )
        claims = booking_claims(
            booking.id,
            bookable.units,
            span,
            setup_minutes=facts.setup_minutes,
            cleanup_minutes=facts.cleanup_minutes,
            quantity=quantity,
        )
        board.add(claims)
        db.add(booking)
        db.add_all(claims)
        note(db, application.person_id, "confirmed", table="booking", row_id=booking.id, now=now)
        laid.append(booking)
    return laid


async def change(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    arrangement_id: UUID,
    patch: ArrangementPatch,
    *,
    picture: Checked | None = None,
    version: int | None,
    now: datetime,
) -> ArrangementOut:
    """What is told of it, and its picture. Raises SignInNeeded, Forbidden, NotFound, ChangedMeanwhile, WrongState."""
    row, application = await _managed(db, actor, arrangement_id)
    if version is not None and version != row.version:
        raise ChangedMeanwhile(version=row.version)
    if patch.title is not UNSET:
        application.title = patch.title
        application.version += 1
    for name in ("description", "organiser", "website", "picture_alt"):
        value = getattr(patch, name)
        if value is not UNSET:
            setattr(row, name, value)
    before = row.picture_id
    if picture is not None:
        row.picture_id = files.store(db, picture, None)
    row.version += 1
    note(db, actor.person_id, "arrangement.changed", table="arrangement", row_id=row.id, now=now)
    await db.flush()
    if picture is not None and before is not None:
        await queries.drop_file(db, before)
    return await _told(db, row, application.title, tenant)


async def cancel(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    arrangement_id: UUID,
    *,
    version: int | None,
    now: datetime,
) -> ArrangementOut:
    """It does not take place: its times that are not over are free at once; what was displaced for it stays so.

    Raises SignInNeeded, Forbidden, NotFound, ChangedMeanwhile, WrongState.
    """
    row, application = await _managed(db, actor, arrangement_id)
    if version is not None and version != row.version:
        raise ChangedMeanwhile(version=row.version)
    coming = [
        each
        for each in await bookings.lock_bookings(db, application_id=application.id)
        if each.state in LIVE and each.ends_at > now
    ]
    for each in coming:
        end(db, each, "cancelled", actor.person_id, now=now, reason=None)
    await bookings.release(db, [each.id for each in coming])
    row.cancelled_at = now
    row.version += 1
    application.version += 1
    note(db, actor.person_id, "arrangement.cancelled", table="arrangement", row_id=row.id, now=now)
    await db.flush()
    tell_changed(db, "cancelled", coming, actor.person_id, freed=[each.id for each in coming])
    return await _told(db, row, application.title, tenant)


async def _managed(db: AsyncSession, actor: Actor, arrangement_id: UUID) -> tuple[Arrangement, Application]:
    """Both locked, for who manages arrangements at all its places, while it is not cancelled."""
    demand_person(actor)
    known = await queries.arrangement(db, arrangement_id)
    if known is None:
        raise NotFound(what="arrangement")
    for place in await queries.places_of(db, known.Arrangement.application_id):
        demand(actor, "arrangement.manage", Place(place.facility_id, place.resource_id))
    application = await bookings.lock_application(db, known.Arrangement.application_id)
    row = await queries.lock_arrangement(db, arrangement_id)
    assert application is not None, "nothing is deleted"
    assert row is not None, "nothing is deleted"
    if row.cancelled_at is not None:
        raise WrongState(state="cancelled")
    return row, application


async def to_manage(db: AsyncSession, actor: Actor, tenant: Tenant, arrangement_id: UUID) -> ArrangementOut:
    """As it stands, before it is changed. Raises SignInNeeded, Forbidden, NotFound."""
    demand_person(actor)
    known = await queries.arrangement(db, arrangement_id)
    if known is None:
        raise NotFound(what="arrangement")
    for place in await queries.places_of(db, known.Arrangement.application_id):
        demand(actor, "arrangement.manage", Place(place.facility_id, place.resource_id))
    return await _told(db, known.Arrangement, known.title, tenant)


async def _told(db: AsyncSession, row: Arrangement, title: str, tenant: Tenant) -> ArrangementOut:
    times = await queries.times_of(db, [row.application_id], published_at=None)
    return arrangement_out(row, title, times, tenant)
