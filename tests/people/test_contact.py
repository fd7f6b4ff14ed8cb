"""What is a name, an e-mail address, a telephone number, a postcode; everything else is refused by its field."""

from collections.abc import Callable

import pytest

from core.errors import Invalid
from people.contact import email_of, name_of, phone_of, postcode_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("51973000", "+4751973000"),
        (" 51 97 30 00 ", "+4751973000"),
        ("912 34 567", "+4791234567"),
        ("+47 912 34 567", "+4791234567"),
        ("0047 91234567", "+4791234567"),
        ("+46 (0)8-123 456", "+4608123456"),
        ("+44 20 7946 0958", "+442079460958"),
        ("", None),
        (" ", None),
    ],
)
def test_a_number_is_kept_with_its_country_which_is_norway_unless_said(text: str, number: str | None) -> None:
    assert phone_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "1234567",
        "123456789",
        "12345678",
        "02800",
        "+47 1234567",
        "+471234567890",
        "+0 12345678",
        "++4791234567",
        "+1234",
        "+12345678901234567",
        "91 23 45 6a",
        "٩١٢٣٤٥٦٧",
        "91234567\0",
        "ring meg",
    ],
)
def test_what_nobody_could_call_is_refused(text: str) -> None:
    refused(phone_of, "phone", text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kari@example.no", "kari@example.no"),
        (" Kari.Nordmann+hall@post.example.no ", "Kari.Nordmann+hall@post.example.no"),
        ("", None),
    ],
)
def test_an_address_is_kept_as_written(text: str, address: str | None) -> None:
    assert email_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "kari",
        "kari@",
        "@example.no",
        "kari@example",
        "kari@@example.no",
        "kari nordmann@example.no",
        "kari@example.no\nBcc: alle@example.no",
        "kari@example.no\r\n",
        "kari@-example.no",
        "kari..n@example.no",
        "kåre@example.no",
        "kari@example.no, ola@example.no",
        "x" * 65 + "@example.no",
        "kari@" + "x." * 130 + "no",
        "kari@example.no\0",
    ],
)
def test_what_no_letter_could_be_sent_to_is_refused(text: str) -> None:
    stripped = text.strip()
    if stripped == "kari@example.no":  # a line's end behind it is a slip of the hand, and goes
        assert email_of(text) == stripped
    else:
        refused(email_of, "email", text)


def test_a_postcode_has_four_figures() -> None:
    assert postcode_of(" 4006 ") == "4006"
    assert postcode_of("") is None
    for text in ("400", "40066", "4o06", "٤٠٠٦", "N-4006"):
        refused(postcode_of, "postcode", text)


def test_a_name_stands_on_one_line() -> None:
    assert name_of("  Kari \n Nordmann ") == "Kari Nordmann"
    assert name_of("Åse Ødegård-Ærø") == "Åse Ødegård-Ærø"
    for text in ("", " \n", "x" * 201, "Kari\0", "Kari\u202e"):
        refused(name_of, "name", text)


def refused(check: Callable[[str], str | None], field: str, text: str) -> None:
    with pytest.raises(Invalid) as found:
        check(text)
    assert found.value.facts["field"] == field
    assert found.value.facts["expected"]
