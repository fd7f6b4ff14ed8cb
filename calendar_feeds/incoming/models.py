"""Tables of calendars in: which calendars are attached to resources, and what each has brought."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class CalendarImport(TenantRow, Base):
    """A calendar at an address outside, attached to a resource: what stands in it is closed or booked here."""

    __tablename__ = "calendar_import"

    resource_id: Mapped[UUID] = mapped_column(Uuid)
    address: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed by core.vault: whoever knows it may read the calendar."""
    under: Mapped[str] = mapped_column(Text)
    """Which key it is sealed with (Vault.newest)."""
    host: Mapped[str] = mapped_column(Text)
    """What of the address may be shown."""
    label: Mapped[str] = mapped_column(Text)
    """What everybody reads as the reason of the closures and the title of the bookings."""
    kind: Mapped[str] = mapped_column(Text)
    """closures or bookings."""
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Whose the bookings are."""
    shows_title: Mapped[bool] = mapped_column(Boolean)
    """Whether the events' own titles, which may name persons, are kept and shown instead of the label."""
    every_minutes: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    """on; paused by an officer; gone: there has been no calendar at the address for days."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    """Counts what officers change, not fetches."""

    # What the calendar's own server said.
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    body_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the body that was last carried out."""
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When that body was read: time goes by, and events far ahead come within reach, though it be the same."""

    # When it is fetched, and how that went.
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Somebody is at it until then."""
    fetched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was last heard from in good order."""
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When something was last added, moved or taken away."""
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    why: Mapped[str | None] = mapped_column(Text)
    """What is wrong with it now, a word of health.Why; None: nothing."""
    failures: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """In a row."""
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When staff were told that it fails; once, until it works again."""
    problems: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Kind of what could not be read in it → how often."""
    held_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of a body that would take so much away that an officer is asked first."""
    sure_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the body that an officer said shall be carried out all the same."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "created_by"], ["person.tenant_id", "person.id"]),
        CheckConstraint("kind IN ('closures', 'bookings')", name="kind_known"),
        CheckConstraint("(association_id IS NULL) = (kind = 'closures')", name="bookings_are_somebodys"),
        CheckConstraint("state IN ('on', 'paused', 'gone')", name="state_known"),
        CheckConstraint("every_minutes >= 15", name="not_too_often"),
        Index(None, "tenant_id", "resource_id"),
        Index("calendar_import_due_idx", "tenant_id", "due_at", postgresql_where=text("state <> 'paused'")),
    )


class ImportedEvent(TenantRow, Base):
    """One occurrence of an attached calendar, and what has become of it here."""

    __tablename__ = "imported_event"

    import_id: Mapped[UUID] = mapped_column(Uuid)
    key: Mapped[str] = mapped_column(Text)
    """Of occurrence.Occurrence: the same at each fetch."""
    digest: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str] = mapped_column(Text)
    """What everybody reads of it: the label, or its own where the import shows titles."""
    closure_id: Mapped[UUID | None] = mapped_column(Uuid)
    booking_id: Mapped[UUID | None] = mapped_column(Uuid)
    """What was laid, also when it is withdrawn again."""
    state: Mapped[str] = mapped_column(Text)
    """Of diff.EventState."""
    why: Mapped[str | None] = mapped_column(Text)
    """Of one that collides: taken or closed. Of one that is ignored: left (an officer said so) or changed (somebody has
    changed what was laid)."""
    in_the_way: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    """Bookings that it collides with, at most 100."""
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "import_id"], ["calendar_import.tenant_id", "calendar_import.id"]),
        ForeignKeyConstraint(["tenant_id", "closure_id"], ["closure.tenant_id", "closure.id"]),
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        CheckConstraint("state IN ('applied', 'collides', 'ignored', 'withdrawn')", name="state_known"),
        CheckConstraint("num_nonnulls(closure_id, booking_id) <= 1", name="one_thing"),
        CheckConstraint(
            "state <> 'applied' OR num_nonnulls(closure_id, booking_id) = 1", name="applied_is_laid"
        ),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
        UniqueConstraint("tenant_id", "import_id", "key"),
        Index(None, "tenant_id", "import_id", "starts_at"),
        Index(None, "tenant_id", "ends_at"),
    )
