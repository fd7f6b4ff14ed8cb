"""What the program asks of whoever takes the money: one interface, so that a second provider can be added.

Everything is asked on the municipality's own account with the provider. Nothing of it is called inside a transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

SessionState = Literal["open", "processing", "paid", "ended"]
"""processing: she has done her part, and the provider does not know yet whether the money comes."""
RefundState = Literal["sent", "done", "failed"]
AccountState = Literal["onboarding", "active", "restricted"]
NoticeKind = Literal["session", "payment", "refund", "account", "other"]
"""What sort of thing has changed; other: nothing that is of interest here."""


class Unclear(Exception):
    """No answer, or one that says nothing: it may have happened or not. The same call with the same key tells."""


class Declined(Exception):
    """The provider says no, for good. `code` is its word for why; it bears nothing of a person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Shown(msgspec.Struct, frozen=True):
    """A line as the provider's page shows it."""

    text: str
    amount_ore: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paid, and where she comes back to."""

    key: str
    """The idempotency key: the same key and wish are the same session."""
    order_id: UUID
    checkout_id: UUID
    municipality_id: UUID
    lines: Sequence[Shown]
    return_url: str
    """After paying."""
    cancel_url: str
    """When she turns back."""
    expires_at: datetime
    language: str
    email: str | None = None

    @property
    def amount_ore(self) -> int:
        return sum(line.amount_ore for line in self.lines)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the provider's where one order can be paid, as it stands there now."""

    ref: str
    state: SessionState
    amount_ore: int
    currency: str
    url: str | None = None
    expires_at: datetime | None = None
    payment_ref: str | None = None
    """Of what is paid."""
    paid_at: datetime | None = None
    order_id: UUID | None = None
    checkout_id: UUID | None = None
    """Ours, as the provider keeps them."""


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back."""

    ref: str
    state: RefundState
    amount_ore: int
    payment_ref: str
    refund_id: UUID | None = None
    """Ours, as the provider keeps it."""
    error: str = ""


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the provider's books have it, with what is given back of it."""

    ref: str
    amount_ore: int
    currency: str
    captured_at: datetime
    order_id: UUID | None = None
    refunds: Sequence[Refunded] = ()
    dispute: str = ""
    """The state of a dispute about it; empty: there is none."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The municipality's account with the provider."""

    ref: str
    state: AccountState
    wants: Sequence[str] = ()
    """What it still asks the municipality for."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the provider has told. Nothing in it is believed but that something has happened."""

    ref: str
    kind: NoticeKind
    account: str | None
    about: str
    """The provider's id of what has changed."""
    at: datetime


class Provider(Protocol):
    """Raises Unclear and Declined, and nothing else; answers within its own time limit."""

    @property
    def name(self) -> str: ...

    async def open_session(self, account: str, wish: Wish) -> Session: ...

    async def session(self, account: str, ref: str) -> Session: ...

    async def end_session(self, account: str, ref: str) -> Session:
        """Nobody can pay it from now on, unless somebody has: the answer says which."""
        ...

    async def refund(
        self, account: str, *, key: str, payment_ref: str, amount_ore: int, refund_id: UUID
    ) -> Refunded: ...

    async def refunded(self, account: str, ref: str) -> Refunded: ...

    async def captured(self, account: str, ref: str) -> Captured: ...

    async def captured_between(self, account: str, since: datetime, until: datetime) -> Sequence[Captured]:
        """Captured in that time, and older ones of which something was given back in that time."""
        ...

    async def make_account(self, *, key: str, name: str, email: str | None) -> Account: ...

    async def account(self, ref: str) -> Account: ...

    async def onboarding(self, ref: str, *, return_url: str, refresh_url: str) -> str:
        """An address where the municipality tells the provider who it is. For one use, and soon."""
        ...

    def read_notice(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """A notice whose signature is right and not old. Raises Declined."""
        ...
