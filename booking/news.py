"""Every change of a booking becomes news here: one message for each application, in the transaction that makes it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged, Change, Changed, Repriced, Settled
from booking.models import Booking
from booking.owing import Refund
from core.outbox import publish

TOLD: Final[Mapping[str, Change]] = {
    "confirmed": "confirmed",
    "awaiting_payment": "payable",
    "requested": "requested",
}
"""State of a booking that was just asked for, or taken → what its holder is told."""
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
    refunds: Mapping[UUID, Refund] | None = None,
    prices: Mapping[UUID, Repriced] | None = None,
    reason: str | None = None,
) -> None:
    """Publish what has become of the bookings, as they stand now. `freed`: those whose claims are gone with it;
    `refunds`: what became of their money, of those that end; `prices`: of those that
    were moved.
    """
    lost, before, money = set(freed), was or {}, refunds or {}
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
                pay_by=each.held_until if each.state == "awaiting_payment" else None,
                unpaid=change == "lapsed" and bool(each.payment == "online" and each.decided_at),
                freed=each.id in lost,
                settled=_settled(each, money.get(each.id)),
                repriced=prices.get(each.id) if prices else None,
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


def _settled(booking: Booking, refund: Refund | None) -> Settled | None:
    if refund is None or booking.payment is None:
        return None
    return Settled(
        refund_ore=refund.amount_ore,
        kept_ore=refund.kept_ore,
        due_ore=refund.due_ore,
        spared_ore=refund.spared_ore,
        is_internal=booking.payment == "internal",
    )
