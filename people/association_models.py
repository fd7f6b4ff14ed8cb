"""Tables around associations and roles: contacts, invitations by e-mail, and those who ask to be the first leader."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow
from core.files_models import StoredFile


class AssociationContact(TenantRow, Base):
    """Whom to reach for what: "Leder i styret", "Materialforvalter"."""

    __tablename__ = "association_contact"

    association_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(Boolean, server_default="false")
    """Whether anybody may see it."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        Index(None, "tenant_id", "association_id"),
    )


class Invitation(TenantRow, Base):
    """A link by e-mail that makes whoever signs in with it a delegate of an association, or staff."""

    __tablename__ = "invitation"

    email: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    """A delegate's role with `association_id`, a staff role without."""
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the secret in the link."""
    invited_by: Mapped[UUID | None] = mapped_column(Uuid)
    """None: the operator, for a new municipality's first administrator."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    accepted_by: Mapped[UUID | None] = mapped_column(Uuid)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        UniqueConstraint("tenant_id", "hash"),
        Index(None, "tenant_id", "association_id"),
        CheckConstraint(
            "CASE WHEN association_id IS NOT NULL"
            " THEN role IN ('leader', 'booker', 'treasurer') AND num_nonnulls(facility_id, resource_id) = 0"
            " ELSE role IN ('administrator', 'facility_manager', 'case_officer', 'finance', 'caretaker', 'reader')"
            " AND num_nonnulls(facility_id, resource_id) < 2 END",
            name="role_known",
        ),
    )


class LeaderClaim(TenantRow, Base):
    """Somebody says that she leads an association which has nobody to ask; an officer finds out."""

    __tablename__ = "leader_claim"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    association_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID | None] = mapped_column(Uuid)
    """What shows it: the minutes of the annual meeting, for example."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    is_approved: Mapped[bool | None] = mapped_column(Boolean)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "file_id"], [StoredFile.tenant_id, StoredFile.id]),
        CheckConstraint("(decided_at IS NULL) = (is_approved IS NULL)", name="decided_whole"),
        Index(
            "leader_claim_open_key",
            "tenant_id",
            "person_id",
            "association_id",
            unique=True,
            postgresql_where="decided_at IS NULL",
        ),
    )
