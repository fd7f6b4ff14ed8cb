"""Every change of a booking becomes news here: one message for each application, in the transaction that makes it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged, Change, Changed
from booking.models import Booking
from core.outbox import publish

Earlier = tuple[datetime, datetime, UUID]
"""Start, end and resource before a move."""


def tell_changed(
    db: AsyncSession,
    change: Change,
    bookings: Iterable[Booking],
    by_id: UUID | None,
    *,
    freed: Iterable[UUID] = (),
    was: Mapping[UUID, Earlier] | None = None,
    reason: str | None = None,
) -> None:
    """Publish what has become of the bookings, as they stand now. `freed`: those whose claims are gone with it."""
    lost, before = set(freed), was or {}
    by_application: dict[UUID, list[Changed]] = {}
    for each in sorted(bookings, key=lambda booking: (booking.starts_at, booking.id)):
        by_application.setdefault(each.application_id, []).append(
            Changed(
                id=each.id,
                state=each.state,
                sequence=each.sequence,
                resource_id=each.resource_id,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                was=before.get(each.id),
                freed=each.id in lost,
            )
        )
    for application_id, changed in sorted(by_application.items()):
        publish(
            db,
            BookingsChanged(
                application_id=application_id,
                change=change,
                bookings=changed,
                by_id=by_id,
                reason=reason or "",
            ),
        )
