"""Tables of the room: secret addresses of feeds, and each booking as calendars have it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
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
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Feed(TenantRow, Base):
    """A secret address by which a calendar program reads. Only the secret's SHA-256 is kept."""

    __tablename__ = "feed"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    """Who made it: it shows what she may see, and nothing once she may not."""
    kind: Mapped[str] = mapped_column(Text)
    thing_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Of the kind; None: the person's own, or the whole municipality."""
    variant: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    """Where she uses it, in her own words."""
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Give or take an hour."""
    used_by: Mapped[str | None] = mapped_column(Text)
    """The calendar program, as it names itself."""
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "hash"),
        Index(None, "tenant_id", "person_id"),
        CheckConstraint(
            "kind IN ('resource', 'facility', 'association', 'team', 'person', 'municipality')",
            name="kind_known",
        ),
        CheckConstraint("variant IN ('public', 'busy', 'full', 'staff')", name="variant_known"),
        CheckConstraint("(thing_id IS NULL) = (kind IN ('person', 'municipality'))", name="of_something"),
    )


class FeedEvent(TenantRow, Base):
    """A booking as feeds have it, under the booking's id: iCalendar lines, folded and ended, written when it changes.

    `head` (BEGIN and UID), `times`, what the variant shows of the rest, and its END: that is the event.
    """

    __tablename__ = "feed_event"

    version: Mapped[int] = mapped_column(Integer)
    text_version: Mapped[int] = mapped_column(Integer)
    """Of the booking when this was written: with others it is out of date, and written anew."""
    is_shown: Mapped[bool] = mapped_column(Boolean)
    """False: never more than a hold, and no news to any calendar."""
    is_public: Mapped[bool] = mapped_column(Boolean)
    """Whether everybody may know who it is for."""
    head: Mapped[str] = mapped_column(Text)
    times: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    public: Mapped[str] = mapped_column(Text)
    """What everybody may know."""
    full: Mapped[str] = mapped_column(Text)
    """What its holders may know."""

    __table_args__ = (ForeignKeyConstraint(["tenant_id", "id"], ["booking.tenant_id", "booking.id"]),)


class FeedSecret(TenantRow, Base):
    """The municipality's key for UIDs that tell nobody which booking they stand for. Its id is the municipality's."""

    __tablename__ = "feed_secret"

    key: Mapped[bytes] = mapped_column(LargeBinary)
