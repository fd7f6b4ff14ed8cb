"""Every invoice and credit note is valid Peppol BIS Billing 3.0, by another's validator, or is told why it is none."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import RATES
from payments.invoicing.ehf import CBC, NotEhf, clean, ehf, kroner, refused
from payments.invoicing.outgoing import Outgoing, OutgoingLine, Party
from tests.payments.invoicing.papers import CUSTOMER, SELLER, credit, line, paper
from tests.payments.invoicing.peer import faults


def check(document: Outgoing) -> bytes:
    xml = ehf(document)
    assert faults(xml) == []
    return xml


MIXED = (
    line(655_00),
    line(1_250_00, "full", text="Rengjøring", unit="occasion", quantity_milli=1000),
    line(333_33, "low", text="Konferanse"),
    line(99_99, "middle", text="Servering", unit="piece", quantity_milli=3000),
    line(100_00, "zero", text="Avgiftsfri", unit="day", quantity_milli=2000),
    line(-50_00, "full", text="Avslag", unit="percent", quantity_milli=1000),
)


@pytest.mark.parametrize("make", [paper, credit])
@pytest.mark.parametrize(
    "lines",
    [
        (line(655_00),),
        (line(100_01, "full"),),
        MIXED,
        (line(0),),
        (line(10_01, "full", unit="quarter", quantity_milli=7000),),
    ],
    ids=["exempt", "full", "mixed", "nothing", "quarters"],
)
def test_invoices_and_credit_notes_are_valid(
    make: Callable[..., Outgoing], lines: tuple[OutgoingLine, ...]
) -> None:
    check(make(*lines))


def test_a_seller_who_is_not_registered_for_vat_writes_none() -> None:
    seller = Party(name="Sola", organisation_number="948243113", bank_account="86011117947", town="Sola")
    check(paper(line(655_00), line(100_00, "zero"), seller=seller))
    with pytest.raises(NotEhf, match="unregistered_vat"):
        ehf(paper(line(100_00, "full"), seller=seller))


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "]]><x/>&amp;&#0;",
        "Ola \x00\x0b\ufffe\ud800 Nordmann\r\n<cbc:ID>9</cbc:ID>",
        '=HYPERLINK("x")',
        "  ",
        'Ærfugl & Søn "A\'S"' * 20,
    ],
)
def test_hostile_names_stay_text(name: str) -> None:
    hostile = Party(name=name, organisation_number="971274042", address=name, town=name, email=name)
    xml = check(paper(line(100_00, text=name, vat_reason=name), customer=hostile, reference=name))
    names = [each.text for each in fromstring(xml).iter(f"{CBC}RegistrationName")]
    assert names[1] == (clean(name) or "971274042")


def test_a_person_gets_no_ehf_and_it_is_told() -> None:
    person = Party(name="Kari Nordmann", postcode="4050")
    assert refused(paper(customer=person)) == "customer_number"
    with pytest.raises(NotEhf, match="customer_number"):
        ehf(paper(customer=person))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"seller": Party(name="x", organisation_number="123456789")}, "seller_number"),
        ({"seller": Party(name="x", organisation_number="948243113")}, "bank_account"),
        ({"payment": "internal"}, "kind"),
        ({"kind": "receipt"}, "kind"),
        ({"customer": Party(name="x", organisation_number="971274043")}, "customer_number"),
    ],
)
def test_what_cannot_be_ehf_says_why(more: dict[str, Any], why: str) -> None:
    assert refused(paper(**more)) == why


def test_the_kid_is_the_payment_id_and_a_credit_note_has_none() -> None:
    assert fromstring(check(paper(kid="1234567"))).find(f".//{CBC}PaymentID").text == "1234567"  # type: ignore[union-attr]
    assert fromstring(check(credit(kid="1234567"))).find(f".//{CBC}PaymentID") is None


@pytest.mark.parametrize(("ore", "told"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56")])
def test_ore_are_written_as_kroner(ore: int, told: str) -> None:
    assert kroner(ore) == told


LINES = st.lists(
    st.builds(
        line,
        st.integers(-10_000_00, 10_000_000_00),
        st.sampled_from(list(RATES)),
        unit=st.sampled_from(
            ["started_hour", "hour", "quarter", "day", "weekend", "occasion", "piece", "percent"]
        ),
        quantity_milli=st.integers(1, 100_000),
        text=st.text(max_size=20),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.vat_code,
)
"""One line of each rate: VAT is rounded once for each rate of an order, and these lines round their own."""


@settings(max_examples=60)
@given(lines=LINES, is_credit=st.booleans())
def test_any_lines_are_valid(lines: list[OutgoingLine], is_credit: bool) -> None:
    check((credit if is_credit else paper)(*lines))


def test_seller_and_customer_of_the_samples_have_real_numbers() -> None:
    assert refused(paper(seller=SELLER, customer=CUSTOMER)) is None
