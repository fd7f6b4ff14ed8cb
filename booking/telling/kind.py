"""What a kind of news is: its words, what may stand in them, and by which of a person's wishes it goes. Pure."""

from collections.abc import Mapping
from typing import Final

import msgspec

from core.texts import N_
from people.contact import Notice

FIELDS: Final[Mapping[str, str]] = {
    "name": N_("What the reader is called"),
    "title": N_("What the booking is called"),
    "times": N_("Times and places, a line each"),
    "before": N_("Times and places as they were before, a line each"),
    "approved": N_("Times that are approved, a line each"),
    "rejected": N_("Times that are not approved, a line each"),
    "reason": N_("Why"),
    "text": N_("What the case officer wrote"),
    "who": N_("Who wrote it"),
    "deadline": N_("Until when something must be done"),
    "pay_by": N_("Until when it must be paid; empty when nothing is"),
    "day": N_("A day"),
    "count": N_("How many"),
    "late": N_("How many of them are late; empty when none is"),
    "own": N_("How many of them are the reader's own; empty when none is"),
    "codes": N_("Codes that open doors, a line each; in letters alone"),
    "amount": N_("An amount of money"),
    "money": N_("What is given back of what was paid, and what is owed; empty for what costs nothing"),
    "document": N_("What the receipt, invoice or credit note is called, with its number"),
    "municipality": N_("The municipality's name"),
    "link": N_("Where to read more and answer"),
}
"""What may stand in a text, between braces → what it is."""
OF_ALL: Final = ("name", "municipality", "link")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that people are told of, in our words."""

    title: str
    """How the municipality's page calls it."""
    subject: str
    text: str
    fields: tuple[str, ...]
    """Of FIELDS, besides those of all kinds."""
    must: bool = False
    """The law, or fairness, wants it sent by e-mail whatever the reader has chosen."""
    wish: Notice = "email"
    """Of people.contact.NOTICES: who has this gets it by e-mail."""
    texted: bool = False
    """Worth a text message for those who want such."""

    @property
    def known(self) -> tuple[str, ...]:
        """All that may stand in it."""
        return (*OF_ALL, *self.fields)

    @property
    def may_end(self) -> bool:
        """Whether one click ends letters of this kind: those that she has chosen, and nothing rests on."""
        return self.wish != "email"
