"""The table of how much each client has asked lately."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class RateBucket(Base):
    """One client and one kind of request. Not logged: what is lost in a crash is only who asked a lot before it."""

    __tablename__ = "rate_bucket"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """A keyed hash of the kind and the client's address."""
    full_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When it will have all its requests again (the theoretical arrival time of GCRA)."""
    lent: Mapped[int] = mapped_column(SmallInteger)
    """How many requests the last worker that asked got."""

    __table_args__ = {"prefixes": ["UNLOGGED"]}
