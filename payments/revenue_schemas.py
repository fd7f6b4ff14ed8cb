"""What is asked of revenue, and what is answered."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from core.texts import N_

By = Literal["facility", "resource", "month", "customer_group", "article"]
BY: Final[dict[By, str]] = {
    "month": N_("Month"),
    "facility": N_("Facility"),
    "resource": N_("Resource"),
    "customer_group": N_("Customer group"),
    "article": N_("What was sold"),
}
LONGEST: Final = timedelta(days=400)
"""A period is no longer than that."""
LINES: Final[dict[str, str]] = {
    "hire": N_("Hire"),
    "supplement": N_("Supplements"),
    "minimum": N_("Up to the minimum price"),
    "ceiling": N_("Down to the highest price"),
    "discount": N_("Discounts"),
    "fee": N_("Fees for cancelling"),
    "difference": N_("Differences after moving"),
}
"""Kind of a line that is no article → how it is told."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Issued on local days from one to the other, both included."""

    by: By
    from_on: date
    until_on: date
    facility_id: UUID | None = None


class RevenueRow(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one of them: issued minus credited."""

    key: str
    """Id, month as 2026-11, group, key of an article or kind of a line; empty: of none."""
    name: str
    """As it is called in the database; empty where words are the program's own."""
    net_ore: int
    vat_ore: int
    gross_ore: int
    documents: int


class Revenue(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it."""

    wanted: Wanted
    rows: Sequence[RevenueRow]

    @property
    def net_ore(self) -> int:
        return sum(row.net_ore for row in self.rows)

    @property
    def vat_ore(self) -> int:
        return sum(row.vat_ore for row in self.rows)

    @property
    def gross_ore(self) -> int:
        return sum(row.gross_ore for row in self.rows)
