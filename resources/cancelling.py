"""What is kept of the price when a booking is cancelled? Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from core.spans import MINUTE
from resources.prices import Price
from resources.tariffs import Tier

Rule = Literal["no_tiers", "tier", "late", "started"]
"""Because of what: nothing is kept where no tiers are set; a tier; later than the last tier; or it had begun."""


class Fee(Struct, frozen=True, kw_only=True):
    """What is kept, and why."""

    fee_ore: int
    percent: int
    rule: Rule
    minutes_before: int | None = None
    """Of the tier that held; of `late`, of the tier that was missed."""


def fee(price: Price, tiers: Sequence[Tier], *, starts_at: datetime, now: datetime) -> Fee:
    """What the municipality keeps of the price of a booking that is cancelled at `now`.

    The tier with the longest time that is still left holds. Who is later than all tiers pays all, and so does who
    cancels what has begun; where there are no tiers it is free until then. Deposits are always given back, and what
    is kept is rounded down to whole øre.
    """
    whole = price.gross_ore - price.deposit_ore
    if now >= starts_at:
        return Fee(fee_ore=whole, percent=100, rule="started")
    if not tiers:
        return Fee(fee_ore=0, percent=0, rule="no_tiers")
    in_time = [tier for tier in tiers if starts_at - now >= tier.minutes_before * MINUTE]
    if not in_time:
        nearest = min(tier.minutes_before for tier in tiers)
        return Fee(fee_ore=whole, percent=100, rule="late", minutes_before=nearest)
    tier = max(in_time, key=lambda each: each.minutes_before)
    return Fee(
        fee_ore=whole * tier.fee_percent // 100,
        percent=tier.fee_percent,
        rule="tier",
        minutes_before=tier.minutes_before,
    )
