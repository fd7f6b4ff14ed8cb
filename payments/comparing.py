"""The provider's books against ours, a payment at a time: in what they differ. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.money import CURRENCY
from payments.provider import Captured

Kind = Literal["payment_unknown", "payment_missing", "amount", "refund_unknown", "refund_missing", "disputed"]
KINDS: Final[tuple[Kind, ...]] = (
    "payment_unknown",
    "payment_missing",
    "amount",
    "refund_unknown",
    "refund_missing",
    "disputed",
)
"""What is found here, and is settled here when it no longer is."""
OVER: Final = frozenset({"", "won", "warning_closed", "prevented"})
"""States of a dispute that cost nothing (https://docs.stripe.com/disputes/how-disputes-work); none is one of them."""
PATIENCE: Final = timedelta(days=1)
"""A refund may be on its way to the provider for so long."""


class OurRefund(msgspec.Struct, frozen=True, kw_only=True):
    """As in our books."""

    id: UUID
    ref: str | None
    amount_ore: int
    state: str
    created_at: datetime

    @property
    def name(self) -> str:
        return self.ref or str(self.id)


class OurPayment(msgspec.Struct, frozen=True, kw_only=True):
    """The same."""

    ref: str
    order_id: UUID
    order_ore: int
    """What the order came to."""
    amount_ore: int
    refunded_ore: int
    refunds: Sequence[OurRefund] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A difference."""

    kind: Kind
    ref: str
    ours_ore: int = 0
    theirs_ore: int = 0


def compare(ours: OurPayment | None, theirs: Captured | None, now: datetime) -> list[Found]:
    """What differs about one payment; one of the two is there."""
    if ours is None:
        assert theirs is not None, "somebody knows of it"
        return [Found(kind="payment_unknown", ref=theirs.ref, theirs_ore=theirs.amount_ore)]
    if theirs is None:
        return [Found(kind="payment_missing", ref=ours.ref, ours_ore=ours.amount_ore)]
    found: list[Found] = []
    if theirs.amount_ore != ours.amount_ore or theirs.currency != CURRENCY:
        found.append(
            Found(kind="amount", ref=ours.ref, ours_ore=ours.amount_ore, theirs_ore=theirs.amount_ore)
        )
    elif ours.amount_ore != ours.order_ore and ours.refunded_ore < ours.amount_ore:
        found.append(
            Found(kind="amount", ref=ours.ref, ours_ore=ours.order_ore, theirs_ore=theirs.amount_ore)
        )
    found += _refunds(ours, theirs, now)
    if theirs.dispute not in OVER:
        found.append(
            Found(kind="disputed", ref=ours.ref, ours_ore=ours.amount_ore, theirs_ore=theirs.amount_ore)
        )
    return found


def _refunds(ours: OurPayment, theirs: Captured, now: datetime) -> Iterator[Found]:
    """What failed has moved no money: it counts on neither side."""
    there = {each.ref: each for each in theirs.refunds if each.state != "failed"}
    left = dict(there)
    by_id = {each.refund_id: each for each in there.values() if each.refund_id is not None}
    for each in ours.refunds:
        same = there.get(each.ref or "") or by_id.get(each.id)
        if same is not None:
            left.pop(same.ref, None)
        if each.state == "failed":
            if same is not None:  # they gave it back after all
                yield Found(kind="refund_unknown", ref=same.ref, theirs_ore=same.amount_ore)
        elif same is None and (each.state != "wanted" or now - each.created_at > PATIENCE):
            yield Found(kind="refund_missing", ref=each.name, ours_ore=each.amount_ore)
        elif same is not None and same.amount_ore != each.amount_ore:
            yield Found(
                kind="refund_missing", ref=each.name, ours_ore=each.amount_ore, theirs_ore=same.amount_ore
            )
    for each in left.values():
        yield Found(kind="refund_unknown", ref=each.ref, theirs_ore=each.amount_ore)


def names(ours: OurPayment | None, theirs: Captured | None) -> Collection[str]:
    """Everything that a difference about this payment may be called by."""
    found: set[str] = set()
    if ours is not None:
        found |= {ours.ref, *(each.name for each in ours.refunds), *(str(each.id) for each in ours.refunds)}
    if theirs is not None:
        found |= {theirs.ref, *(each.ref for each in theirs.refunds)}
    return found
