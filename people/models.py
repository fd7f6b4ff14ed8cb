"""Tables of the room: persons, associations, teams, who may act for whom, roles, tokens and logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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

CUSTOMER_GROUPS = ("children_youth", "association", "commercial", "resident", "internal", "other")
"""Who pays what; tariffs choose by it."""


class Person(TenantRow, Base):
    """A person as this municipality knows her."""

    __tablename__ = "person"

    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    customer_group: Mapped[str] = mapped_column(Text, server_default="resident")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Association(TenantRow, Base):
    """Lag eller forening."""

    __tablename__ = "association"

    name: Mapped[str] = mapped_column(Text)
    organisation_number: Mapped[str | None] = mapped_column(Text)
    activities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    customer_group: Mapped[str] = mapped_column(Text, server_default="association")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "organisation_number"),)


class Team(TenantRow, Base):
    """A group within an association, such as "Jenter 14"."""

    __tablename__ = "team"

    association_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(Text)
    age_group: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        UniqueConstraint("tenant_id", "association_id", "name"),
    )


class Delegate(TenantRow, Base):
    """A person who may act for an association."""

    __tablename__ = "delegate"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    association_id: Mapped[UUID] = mapped_column(Uuid)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        UniqueConstraint("tenant_id", "person_id", "association_id"),
        CheckConstraint("role IN ('leader', 'booker', 'treasurer')", name="role_known"),
    )


class RoleGrant(TenantRow, Base):
    """A staff role, over the whole municipality or one facility or one resource."""

    __tablename__ = "role_grant"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    role: Mapped[str] = mapped_column(Text)
    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint(
            "role IN ('administrator', 'facility_manager', 'case_officer', 'finance', 'caretaker', 'reader')",
            name="role_known",
        ),
        CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name="one_scope"),
        Index(None, "tenant_id", "person_id"),
    )


class Token(TenantRow, Base):
    """A secret by which a program acts for a person. Only its SHA-256 is kept."""

    __tablename__ = "token"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """`read`, `write`: what the person may do, or less."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "hash"),
    )


class Login(TenantRow, Base):
    """A browser that has signed in. The cookie holds a secret; only its SHA-256 is kept."""

    __tablename__ = "login"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "hash"),
    )
