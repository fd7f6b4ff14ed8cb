"""What becomes of the money of what was cancelled, displaced or moved, in words. Pure.

Nothing is reckoned here: what is told was written down with the end or the move of each booking
(`booking.messages.Settled`, `Repriced`).
"""

from collections.abc import Sequence

from booking.messages import Repriced, Settled
from booking.told import price_text
from core.texts import Texts


def money_text(every: Sequence[Settled], words: Texts) -> str:
    """Of bookings that end together, in sums: what goes back, what was kept and what is owed; "" of what is free.

    The money itself goes back a little later, and is told then with its credit note.
    """
    if not every:
        return ""
    refund_ore, kept_ore = sum(each.refund_ore for each in every), sum(each.kept_ore for each in every)
    told = _paid(refund_ore, kept_ore, words)
    billed = [each for each in every if not each.is_internal]
    due_ore, spared_ore = sum(each.due_ore for each in billed), sum(each.spared_ore for each in billed)
    told += _owed(due_ore, spared_ore, words, some_paid=bool(told))
    internal_ore = sum(each.due_ore for each in every if each.is_internal)
    if internal_ore:
        told.append(
            words.gettext(
                "The fee for cancelling is %(amount)s. It is settled between the municipality's own accounts.",
                amount=words.money(internal_ore),
            )
        )
    return " ".join(told) or words.gettext("You owe nothing for it.")


def moved_text(every: Sequence[Repriced], words: Texts) -> str:
    """Of bookings that are moved together, in sums; "" where the price is the same."""
    was_ore, price_ore = sum(each.was_ore for each in every), sum(each.price_ore for each in every)
    if was_ore == price_ore:
        return ""
    back_ore, due_ore = sum(each.given_back_ore for each in every), sum(each.on_invoice_ore for each in every)
    return price_text(was_ore, price_ore, back_ore, due_ore, words)


def _paid(refund_ore: int, kept_ore: int, words: Texts) -> list[str]:
    """Of what was paid online."""
    told: list[str] = []
    if kept_ore:
        kept = words.money(kept_ore)
        told.append(
            words.gettext("Of what was paid, %(amount)s is kept as the fee for cancelling.", amount=kept)
        )
        if not refund_ore:
            told.append(words.gettext("Nothing is given back."))
    if refund_ore:
        back = words.money(refund_ore)
        told.append(words.gettext("%(amount)s is given back, the same way as it was paid.", amount=back))
        told.append(words.gettext("We write again, with a credit note, when the money is on its way."))
    return told


def _owed(due_ore: int, spared_ore: int, words: Texts, *, some_paid: bool) -> list[str]:
    """Of what was not."""
    told: list[str] = []
    if due_ore:
        due = words.money(due_ore)
        told.append(words.gettext("You owe %(amount)s as the fee for cancelling, on an invoice.", amount=due))
        if spared_ore:
            told.append(words.gettext("If you have got an invoice for more, you get a credit note."))
    elif spared_ore:
        if some_paid:
            told.append(words.gettext("You owe nothing for what was not paid."))
        else:
            told.append(words.gettext("You owe nothing for it."))
        told.append(words.gettext("If you have got an invoice for it, you get a credit note."))
    return told
