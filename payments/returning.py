"""How it stands with a payment for whoever comes back from the provider. Pure."""

from typing import Literal

from payments.provider import SessionState
from payments.reading_schemas import Full

Outcome = Literal["paid", "partly", "lost", "waiting", "unclear", "unpaid", "over"]
"""paid: all of it is hers; partly: some of the times were gone; lost: all were; waiting: the bank has not said;
unclear: we could not ask; unpaid: it can still be paid; over: it cannot any more.
"""


def outcome_of(order: Full, session: SessionState | None, *, was_asked: bool) -> Outcome:
    """`session` as the provider has it now; `was_asked` False: it did not answer."""
    if order.state == "issued":
        lost = sum(each.amount_ore for each in order.refunds if each.why == "lost")
        if not lost:
            return "paid"
        return "lost" if lost >= order.gross_ore else "partly"
    if order.payments:  # money came for what nobody can have: it goes back
        return "lost"
    if session == "processing":
        return "waiting"
    if not was_asked:
        return "unclear"
    return "unpaid" if is_payable(order) else "over"


def is_payable(order: Full) -> bool:
    """Whether something of it still waits to be paid."""
    return any(line.booking_state == "awaiting_payment" for line in order.lines)
