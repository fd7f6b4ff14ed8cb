"""Tables of the room: persons, associations, teams, who may act for whom, roles, tokens and logins.

Who somebody is over all municipalities stands in identity_models.py, what is asked of and written about associations
in association_models.py, what privacy needs in privacy_models.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow
from people.identity_models import Identity


class Person(TenantRow, Base):
    """A person as this municipality knows her."""

    __tablename__ = "person"

    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey(Identity.id, name="person_identity_id_fkey"))
    """Who she is over all municipalities. None: a program, a figure of the demo, or one who has been forgotten."""
    name: Mapped[str] = mapped_column(Text)
    """Empty until she has told it: ID-porten does not."""
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    notices: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{email,reminder,waiting,digest}")
    """How she wants to be told, of people.contact.NOTICES."""
    customer_group: Mapped[str] = mapped_column(Text, server_default="resident")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When she last signed in."""
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    __table_args__ = (
        UniqueConstraint("tenant_id", "identity_id"),
        Index(None, "identity_id"),
        Index(None, "tenant_id", "name", "id"),
    )


class Association(TenantRow, Base):
    """Lag eller forening."""

    __tablename__ = "association"

    name: Mapped[str] = mapped_column(Text)
    organisation_number: Mapped[str | None] = mapped_column(Text)
    activities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    customer_group: Mapped[str] = mapped_column(Text, server_default="association")
    """Follows from what is known of it (people.groups.group_of), unless an officer has set it."""
    group_is_set: Mapped[bool] = mapped_column(Boolean, server_default="false")
    youth_percent: Mapped[int | None] = mapped_column(SmallInteger)
    """How many of its members are under 20, as its leader says."""
    organisation_form: Mapped[str | None] = mapped_column(Text)
    """The register's code: FLI, AS, KOMM …"""
    address: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    is_voluntary: Mapped[bool] = mapped_column(Boolean, server_default="false")
    """Stands in Frivillighetsregisteret."""
    register_state: Mapped[str | None] = mapped_column(Text)
    """What Enhetsregisteret said when it was last read; None: not read yet."""
    register_read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    __table_args__ = (
        UniqueConstraint("tenant_id", "organisation_number"),
        CheckConstraint(
            "register_state IN ('active', 'dissolving', 'bankrupt', 'deleted', 'unknown')",
            name="register_state_known",
        ),
        CheckConstraint("youth_percent BETWEEN 0 AND 100", name="youth_percent_sane"),
        Index(None, "tenant_id", "name", "id"),
    )


class Team(TenantRow, Base):
    """A group within an association, such as "Jenter 14"."""

    __tablename__ = "team"

    association_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(Text)
    age_group: Mapped[str | None] = mapped_column(Text)
    activity: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

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
        Index(None, "tenant_id", "association_id"),
        CheckConstraint("role IN ('leader', 'booker', 'treasurer')", name="role_known"),
    )


class RoleGrant(TenantRow, Base):
    """A staff role, over the whole municipality or one facility or one resource."""

    __tablename__ = "role_grant"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    role: Mapped[str] = mapped_column(Text)
    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    granted_by: Mapped[UUID | None] = mapped_column(Uuid)
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
        Index(
            "role_grant_live_key",
            *("tenant_id", "person_id", "role", "facility_id", "resource_id"),
            unique=True,
            postgresql_where="ended_at IS NULL",
            postgresql_nulls_not_distinct=True,
        ),
    )


class Token(TenantRow, Base):
    """A secret by which a program acts for a person. Only its SHA-256 is kept."""

    __tablename__ = "token"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Of people.rules.SCOPES: what the person may do, or less."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Give or take people.rules.USE_NOTED_EVERY."""
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "hash"),
        Index(None, "tenant_id", "person_id"),
    )


class Login(TenantRow, Base):
    """A browser that has signed in. The cookie holds a secret; only its SHA-256 is kept."""

    __tablename__ = "login"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey(Identity.id, name="login_identity_id_fkey"))
    """So that she can end it from any municipality."""
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    provider: Mapped[str | None] = mapped_column(Text)
    """Key of the provider she signed in with. None: chosen in the demo."""
    acr: Mapped[str | None] = mapped_column(Text)
    """How surely the provider knows her, in its own words."""
    is_strong: Mapped[bool] = mapped_column(Boolean, server_default="true")
    """Whether that is sure enough for staff roles."""
    subject_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    sid_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the provider calls her and her sign-in, hashed: by these it ends logins (back-channel logout)."""
    id_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed; the provider wants it when she signs out there too."""
    represents: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Organisation numbers that the provider says she may sign for."""
    agent: Mapped[str | None] = mapped_column(Text)
    """Browser and system in a few words, so that she knows it again."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """Give or take people.rules.USE_NOTED_EVERY; too long ago, and it has ended."""
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "hash"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "identity_id"),
        Index("login_sid_idx", "tenant_id", "sid_hash", postgresql_where="sid_hash IS NOT NULL"),
        Index("login_subject_idx", "tenant_id", "subject_hash", postgresql_where="subject_hash IS NOT NULL"),
    )
