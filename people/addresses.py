"""How people and associations are reached and told apart: e-mail, telephone, web site, organisation number."""

import re
from urllib.parse import urlsplit

from stdnum.no import orgnr

from core.errors import Invalid
from core.texts import N_

EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""An address as it is written in practice (RFC 5321 allows more): one line of ASCII, so that it can be a header."""
E164 = re.compile(r"\+[1-9][0-9]{7,14}")
NORWEGIAN = re.compile(r"\+47[2-9][0-9]{7}")
LONGEST_EMAIL = 254
LONGEST_WEBSITE = 300


def check_email(text: str, field: str = "email") -> str:
    """The address without blanks around it. Raises Invalid."""
    address = text.strip(" ")
    local = address.partition("@")[0]
    if len(address) > LONGEST_EMAIL or len(local) > 64 or not EMAIL.fullmatch(address):
        raise Invalid(field=field, expected=N_("an e-mail address such as name@example.no"))
    return address


def check_phone(text: str, field: str = "phone") -> str:
    """As E.164, such as `+4751973000`; a number without a country is Norwegian. Raises Invalid."""
    number = re.sub(r"[\s().-]", "", text)
    if number.startswith("00"):
        number = "+" + number[2:]
    elif not number.startswith("+"):
        number = "+47" + number
    known = NORWEGIAN if number.startswith("+47") else E164
    if not number.isascii() or not known.fullmatch(number):
        raise Invalid(field=field, expected=N_("a telephone number such as 51 97 30 00 or +47 51 97 30 00"))
    return number


def check_website(text: str, field: str = "website") -> str:
    """An address that a link may lead to; https:// is put before it when nothing is. Raises Invalid."""
    address = text.strip(" ")
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    except ValueError:
        is_web = False
    if not is_web or len(address) > LONGEST_WEBSITE or re.search(r"[\x00-\x20\x7f\\<>\"]|@", address):
        raise Invalid(field=field, expected=N_("the address of a web site, such as https://example.no"))
    return address


def check_number(text: str, field: str = "organisation_number") -> str:
    """Nine digits whose last one fits (modulus 11), blanks left out. Raises Invalid."""
    number = re.sub(r"[ \u00a0]", "", text)
    if not re.fullmatch(r"[0-9]{9}", number) or not orgnr.is_valid(number):
        raise Invalid(
            field=field, expected=N_("an organisation number of nine digits, as the register has it")
        )
    return number


def one_line(text: str) -> str:
    """A name as it goes into a list or a letter's subject: blanks and line ends made single blanks."""
    return " ".join(text.split())
