"""The change log: a row for each change of a booking or closure, added in the transaction that makes it.

Feeds, CalDAV, partners and webhooks read it forward. Nothing else may add to it: bookings are logged as they are
flushed, so that no use case can forget to.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Text,
    Uuid,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, UOWTransaction, mapped_column

from booking.models import Booking
from core.db import Base, TenantRow, TenantSession
from core.ids import new_id
from people.models import Association, Delegate, Person, Team
from resources.models import Facility, Resource, ResourceUnit, Unit

XID = "(pg_current_xact_id()::text)::bigint"
EDGE = "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"


class ChangeLog(TenantRow, Base):
    """That something changed, and whose calendars it stands in. Read it in the order of `xid`, then `id`, and only
    below the oldest transaction still under way: then nothing is ever missed (docs/decisions/0010).
    """

    __tablename__ = "change_log"

    xid: Mapped[int] = mapped_column(BigInteger, server_default=text(XID))
    """Of the transaction that made the change, as PostgreSQL counts them."""
    edge: Mapped[int] = mapped_column(BigInteger, server_default=text(EDGE))
    """The oldest transaction that was under way then: all before it had ended, one way or the other."""
    kind: Mapped[str] = mapped_column(Text)
    """booking or closure; calendar: what it is called, or whose bookings stand in it."""
    thing_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer)
    """Of the booking after the change; of a closure 1, and 2 when it is lifted."""
    state: Mapped[str] = mapped_column(Text)
    """Of the booking after the change, `elsewhere` for the resource it was moved from; closed or lifted; of a calendar
    renamed or regrouped.
    """
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    """None: a change of an association's, a team's or a person's calendar that is about no place."""
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    team_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind IN ('booking', 'closure', 'calendar')", name="kind_known"),
        CheckConstraint("resource_id IS NOT NULL OR kind = 'calendar'", name="of_a_place"),
        Index(None, "tenant_id", "xid", "id"),
        Index(None, "tenant_id", "thing_id"),
        Index(None, "tenant_id", "resource_id", "xid", "id"),
        Index(None, "tenant_id", "person_id", "xid", "id"),
        Index(
            "change_log_association_idx",
            *("tenant_id", "association_id", "xid", "id"),
            postgresql_where=text("association_id IS NOT NULL"),
        ),
        Index(
            "change_log_team_idx",
            *("tenant_id", "team_id", "xid", "id"),
            postgresql_where=text("team_id IS NOT NULL"),
        ),
    )


@event.listens_for(TenantSession, "before_flush", insert=True)
def _log_bookings(session: TenantSession, _context: UOWTransaction, _instances: Any) -> None:
    """Those that are new, or have another version than before. Runs before rows are given their municipality."""
    changed = [row for row in session.new if isinstance(row, Booking)]
    entries = [_entry(row, row.resource_id, row.state) for row in changed]
    for row in session.dirty:
        if isinstance(row, Booking) and inspect(row).attrs.version.history.has_changes():
            entries.append(_entry(row, row.resource_id, row.state))
            entries += [
                _entry(row, earlier, "elsewhere")
                for earlier in inspect(row).attrs.resource_id.history.deleted or ()
            ]
    session.add_all(entries)


def _entry(booking: Booking, resource_id: UUID, state: str) -> ChangeLog:
    when = {"at": booking.updated_at} if booking.updated_at else {}
    return ChangeLog(
        id=new_id(),
        kind="booking",
        thing_id=booking.id,
        version=booking.version or 1,
        state=state,
        resource_id=resource_id,
        association_id=booking.association_id,
        team_id=booking.team_id,
        person_id=booking.person_id,
        **when,
    )


# What calendars say of a booking besides itself: where it is, and for whom.

NAMED: Final[Mapping[type[Any], frozenset[str]]] = {
    Facility: frozenset({"name", "address", "postcode", "town"}),
    Resource: frozenset({"name"}),
    Unit: frozenset({"name"}),
    Association: frozenset({"name"}),
    Team: frozenset({"name"}),
    Person: frozenset({"name", "phone"}),
}
TOLD_FOR: Final = timedelta(days=120)
"""Bookings that were over before are in no calendar any more (calendar_feeds.scopes)."""
QUIET: Final = {"synchronize_session": False}
Statement = Any


@event.listens_for(TenantSession, "after_flush")
def _log_names(session: TenantSession, _context: UOWTransaction) -> None:
    """Whatever has another name than before, and whoever sees the bookings of other associations than before."""
    row: Any
    for row in session.dirty:
        named = NAMED.get(cast("type[Any]", type(row)), frozenset[str]())
        if any(inspect(row).attrs[name].history.has_changes() for name in named):
            for statement in _renamed(row):
                session.execute(statement, execution_options=QUIET)
    for row in [*session.new, *session.dirty]:
        if isinstance(row, Delegate) and inspect(row).attrs.ended_at.history.has_changes():
            session.execute(
                calendar_changes(Delegate, Delegate.id == row.id, "regrouped", person_id=Delegate.person_id)
            )


def _renamed(row: Any) -> Iterator[Statement]:
    match row:
        case Facility():
            here = Resource.facility_id == row.id
            yield from text_changes(Booking.resource_id.in_(select(Resource.id).where(here)) & _is_told())
            yield calendar_changes(Resource, here, "renamed", resource_id=Resource.id)
        case Resource():
            yield from text_changes((Booking.resource_id == row.id) & _is_told())
            yield calendar_changes(Resource, Resource.id == row.id, "renamed", resource_id=Resource.id)
        case Unit():
            yield unit_changes(ResourceUnit.unit_id == row.id, "renamed")
        case Association():
            yield from text_changes((Booking.association_id == row.id) & _is_told())
            yield calendar_changes(
                Association, Association.id == row.id, "renamed", association_id=Association.id
            )
            teams = Team.association_id == row.id
            yield calendar_changes(Team, teams, "renamed", team_id=Team.id)
        case Person():
            yield from text_changes((Booking.person_id == row.id) & _is_told())
        case _:
            yield from text_changes((Booking.team_id == row.id) & _is_told())
            yield calendar_changes(Team, Team.id == row.id, "renamed", team_id=Team.id)


def _is_told() -> ColumnElement[bool]:
    return Booking.ends_at > func.now() - TOLD_FOR


def text_changes(
    which: ColumnElement[bool], at: ColumnElement[Any] | None = None
) -> tuple[Statement, Statement]:
    """What is told of the bookings is counted on, and logged. To be executed in this order."""
    columns = {
        "tenant_id": Booking.tenant_id,
        "id": func.gen_random_uuid(),
        "kind": literal("booking"),
        "thing_id": Booking.id,
        "version": Booking.version,
        "state": Booking.state,
        "resource_id": Booking.resource_id,
        "association_id": Booking.association_id,
        "team_id": Booking.team_id,
        "person_id": Booking.person_id,
        "at": func.now() if at is None else at,
    }
    return (
        update(Booking).where(which).values(text_version=Booking.text_version + 1),
        insert(ChangeLog).from_select(list(columns), select(*columns.values()).where(which)),
    )


def calendar_changes(
    table: type[Any], which: ColumnElement[bool], state: Literal["renamed", "regrouped"], **whose: Any
) -> Statement:
    """An entry for each row, about the calendar in one of the log's columns."""
    columns = {
        "tenant_id": table.tenant_id,
        "id": func.gen_random_uuid(),
        "kind": literal("calendar"),
        "thing_id": table.id,
        "version": literal(1),
        "state": literal(state),
        **whose,
    }
    return insert(ChangeLog).from_select(list(columns), select(*columns.values()).where(which))


def unit_changes(which: ColumnElement[bool], state: Literal["renamed", "regrouped"]) -> Statement:
    """The same for resources, by what they take."""
    return calendar_changes(ResourceUnit, which, state, resource_id=ResourceUnit.resource_id)
