"""Tables of who somebody is over all municipalities, and of signing in. Why so: docs/decisions/0007."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, LargeBinary, Text, UniqueConstraint, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow
from core.ids import new_id


class Identity(Base):
    """One person, whatever municipalities know her. What they know is theirs (people.models.Person)."""

    __tablename__ = "identity"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class IdentityKey(Base):
    """Something she is known by: her national number, or what a provider calls her. Sealed; found by its hash alone."""

    __tablename__ = "identity_key"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """core.vault.Vault.hash(kind, value)."""
    identity_id: Mapped[UUID] = mapped_column(
        ForeignKey("identity.id", name="identity_key_identity_id_fkey"), index=True
    )
    kind: Mapped[str] = mapped_column(Text)
    """`national_number`, or `subject`: issuer, a space, and the provider's name for her."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    under: Mapped[str] = mapped_column(Text)
    """Which key sealed and hashed it (core.vault.Vault.newest)."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SignInAttempt(TenantRow, Base):
    """Somebody on her way to a provider and back. Taken up once, by the browser that began it."""

    __tablename__ = "sign_in_attempt"

    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the state that the provider hands back."""
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the cookie that the browser got when it set out."""
    provider: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Nonce and PKCE verifier."""
    wants_strong: Mapped[bool] = mapped_column(Boolean)
    next_path: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("tenant_id", "hash"),)


class SpentToken(TenantRow, Base):
    """A provider's message that a sign-in there has ended, taken once: whoever sends it again is not heard."""

    __tablename__ = "spent_token"

    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """core.vault.Vault.hash("jti", issuer and number of the message)."""
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """From then on it is too old to be believed anyway."""

    __table_args__ = (UniqueConstraint("tenant_id", "hash"),)
