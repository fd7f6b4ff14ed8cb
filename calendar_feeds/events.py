"""Each booking is written as an event once, when it has changed: by the news of it, or by the first feed to need it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import event_queries as queries
from calendar_feeds.ical import ENDED, Lines, Shown, Words, lines
from core.db import AnyRow
from core.tenants import Tenant
from core.texts import Texts, texts

AT_ONCE = 500
"""So many are written by one statement."""


def words_of(said: Texts) -> Words:
    """A feed speaks the municipality's first language."""
    return Words(
        busy=said.gettext("Taken"),
        cancelled=said.gettext("Cancelled: {title}"),
        closed=said.gettext("Closed"),
        closed_for=said.gettext("Closed: {reason}"),
    )


def language_of(tenant: Tenant) -> Texts:
    return texts(tenant.languages[0], tenant.zone_name)


async def write_events(db: AsyncSession, tenant: Tenant, base: str, booking_ids: Sequence[UUID]) -> None:
    """Write them as they stand now. `base`: what the addresses of the municipality's pages begin with."""
    said = language_of(tenant)
    words = words_of(said)
    ids = sorted(set(booking_ids))
    for first in range(0, len(ids), AT_ONCE):
        rows = await queries.to_write(db, ids[first : first + AT_ONCE])
        await queries.keep_events(db, [_event(row, tenant, base, said=said, words=words) for row in rows])


def _event(row: AnyRow, tenant: Tenant, base: str, *, said: Texts, words: Words) -> dict[str, Any]:
    found = lines(shown(row, base, said), words, tenant.zone)
    return {
        "id": row.id,
        "version": row.version,
        "text_version": row.text_version,
        "is_shown": row.state != "held" and (row.state not in ENDED or row.was_shown),
        "is_public": row.public,
        **{name: getattr(found, name) for name in Lines.__struct_fields__},
    }


def shown(row: AnyRow, base: str, said: Texts) -> Shown:
    """As its holders may know it."""
    facts: list[str] = []
    if row.people is not None:
        facts.append(said.ngettext("{n} person", "{n} people", row.people).format(n=row.people))
    if row.quantity > 1:
        facts.append(said.gettext("Quantity: {n}").format(n=row.quantity))
    town = " ".join(filter(None, (row.postcode, row.town)))
    return Shown(
        id=row.id,
        sequence=row.sequence,
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.updated_at,
        title=row.title,
        is_public=row.public,
        association=row.association,
        team=row.team,
        place=f"{row.resource_name}, {row.facility_name}",
        address=", ".join(filter(None, (row.address, town))),
        url=f"{base}/bookings/{row.id}",
        text="\n".join(facts),
    )
