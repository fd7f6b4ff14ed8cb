"""How a person is called and reached: what is a name, an e-mail address, a telephone number, a postcode? Pure."""

import re
from collections.abc import Mapping
from typing import Literal

from core.errors import Invalid
from core.texts import N_
from people.addresses import check_email, check_phone

Notice = Literal["email", "sms", "reminder", "waiting", "digest"]
NOTICES: Mapping[Notice, str] = {
    "email": N_("Letters by e-mail about what happens with your bookings"),
    "sms": N_("A short text message (SMS) besides, about what cannot wait"),
    "reminder": N_("A reminder the day before"),
    "waiting": N_("A letter when something you wait for becomes free"),
    "digest": N_("A letter each weekday morning about the requests that wait for staff"),
}
"""How a person may be told → what it is. Decisions are sent whatever she has chosen: the law wants that."""

OF_STAFF: frozenset[Notice] = frozenset({"digest"})
"""Those that mean something to staff alone."""

POSTCODE = re.compile(r"[0-9]{4}")
LONGEST_NAME = 200


def name_of(text: str) -> str:
    """On one line, blanks made single. Raises Invalid for one that is empty, too long or holds signs nobody sees."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(field="name", expected=N_("your name, on one line"))
    return name


def email_of(text: str) -> str | None:
    """The address; None for nothing. Raises Invalid."""
    address = text.strip()
    return check_email(address) if address else None


def phone_of(text: str) -> str | None:
    """As people.addresses.check_phone writes it; None for nothing. Raises Invalid."""
    return check_phone(text) if text.strip() else None


def postcode_of(text: str) -> str | None:
    """Four figures; None for nothing. Raises Invalid."""
    postcode = text.strip()
    if not postcode:
        return None
    if not POSTCODE.fullmatch(postcode):
        raise Invalid(field="postcode", expected=N_("a postcode of four figures, such as 4006"))
    return postcode
