"""KID by the banks' rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.invoicing.kid import KidFull, is_kid, kid, mod11, serial_digits


def test_known_check_digits() -> None:
    assert kid(2345676, prefix="", length=8, check="mod10") == "23456767"
    assert kid(12345678, prefix="", length=9, check="mod11") == "123456785"


def test_mod11_writes_ten_as_a_dash() -> None:
    assert "-" in {mod11(str(number)) for number in range(100)}


def test_the_number_is_filled_up_behind_the_prefix() -> None:
    told = kid(17, prefix="42", length=10, check="mod10")
    assert told[:-1] == "420000017"
    assert is_kid(told, "mod10")


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(KidFull):
        kid(10_000, prefix="12345", length=10, check="mod10")


@given(
    number=st.integers(1, 10**9),
    prefix=st.text("0123456789", max_size=10),
    length=st.integers(4, 25),
    check=st.sampled_from(["mod10", "mod11"]),
)
def test_every_kid_has_its_length_and_a_right_check_digit(
    number: int, prefix: str, length: int, check: Any
) -> None:
    if len(str(number)) > serial_digits(prefix, length):
        with pytest.raises(KidFull):
            kid(number, prefix=prefix, length=length, check=check)
        return
    told = kid(number, prefix=prefix, length=length, check=check)
    assert len(told) == length
    assert is_kid(told, check)
    assert int(told[len(prefix) : -1]) == number


@given(number=st.integers(1, 10**6), place=st.integers(0, 8), other=st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: int, place: int, other: int) -> None:
    told = kid(number, prefix="7", length=10, check="mod10")
    wrong = told[:place] + str((int(told[place]) + other) % 10) + told[place + 1 :]
    assert not is_kid(wrong, "mod10")
