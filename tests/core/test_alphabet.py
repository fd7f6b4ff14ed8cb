"""Names stand in the order in which a Norwegian reader looks for them."""

import random

from core.alphabet import alphabetical


def test_the_last_letters_come_last_and_in_their_order() -> None:
    ordered = ["Bokn", "Eigersund", "Hjelmeland", "Hå", "Zion", "Ærlig", "Øvre", "Ås", "Aasen"]
    mixed = random.Random(3).sample(ordered, len(ordered))
    assert sorted(mixed, key=alphabetical) == ordered


def test_accents_and_case_matter_only_where_nothing_else_differs() -> None:
    assert sorted(["ide", "Idé 2", "Idé"], key=alphabetical) == ["Idé", "ide", "Idé 2"]
    assert alphabetical("Ö")[0] == alphabetical("Ø")[0]
    assert alphabetical("A\u030as")[0] == alphabetical("Ås")[0]
