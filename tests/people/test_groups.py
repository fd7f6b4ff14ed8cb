"""Which customer group follows from what is known of an association."""

import pytest

from people.groups import CUSTOMER_GROUPS, Known, group_of

TABLE: list[tuple[str | None, bool, int | None, str]] = [
    # form, in Frivillighetsregisteret, per cent under 20, group
    (None, False, None, "association"),
    (None, False, 49, "association"),
    (None, False, 50, "children_youth"),
    ("FLI", False, None, "association"),
    ("FLI", False, 0, "association"),
    ("FLI", True, 49, "association"),
    ("FLI", True, 50, "children_youth"),
    ("FLI", True, 100, "children_youth"),
    ("STI", True, 80, "children_youth"),
    ("STI", True, None, "association"),
    ("STI", False, 80, "other"),
    ("KIRK", False, None, "other"),
    ("STAT", False, None, "other"),
    ("XYZ", False, 90, "other"),
    ("AS", False, None, "commercial"),
    ("AS", False, 100, "commercial"),
    ("AS", True, 60, "children_youth"),
    ("ASA", False, None, "commercial"),
    ("ENK", False, None, "commercial"),
    ("DA", False, None, "commercial"),
    ("ANS", False, None, "commercial"),
    ("NUF", False, None, "commercial"),
    ("SA", False, None, "commercial"),
    ("KOMM", False, None, "internal"),
    ("ORGL", False, 100, "internal"),
    ("ORGL", True, None, "internal"),
    ("KF", False, None, "internal"),
]


@pytest.mark.parametrize(("form", "is_voluntary", "youth_percent", "group"), TABLE)
def test_the_group_follows_from_form_register_and_youth(
    form: str | None, is_voluntary: bool, youth_percent: int | None, group: str
) -> None:
    known = Known(organisation_form=form, is_voluntary=is_voluntary, youth_percent=youth_percent)
    assert group_of(known) == group
    assert group in CUSTOMER_GROUPS
