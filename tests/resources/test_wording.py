"""Words of a search, folded and cut to what tells something."""

import pytest

from resources.wording import LONGEST, fold, place_text, search_text, sought_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hå", "ha"),
        ("SVØMMEHALL", "svommehall"),
        ("Tysvær", "tysvaer"),
        ("Ha\u030a", "ha"),
        ("idé, café & kø!", "ide cafe ko"),
        ("20 × 40 m", "20 40 m"),
        ("  Sal–A\n\t(nord) ", "sal a nord"),
        ("Čáhppesjávri", "cahppesjavri"),
        ("%_\\'", ""),
        ("", ""),
    ],
)
def test_text_is_folded_to_plain_lower_case_words(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_a_word_is_kept_once_and_in_its_place() -> None:
    assert search_text(["Hall 1", "Store hall", "hall sal"]) == "hall 1 store sal"


def test_search_text_has_a_longest_length() -> None:
    assert len(search_text(f"ord{number}" for number in range(5000))) == LONGEST


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("haller", [("haller", "hall")]),
        ("Svømmehallen i Sandnes", [("svommehallen", "svommehall"), ("sandnes", "sandnes")]),
        ("hallene", [("hallene", "hall")]),
        ("sal", [("sal", "sal")]),
        ("en i på", [("en", "en"), ("i", "i"), ("pa", "pa")]),
        ("hall hall", [("hall", "hall")]),
        ("!!!", []),
    ],
)
def test_a_search_looks_for_telling_words_and_their_stems(text: str, words: list[tuple[str, str]]) -> None:
    assert sought_words(text) == words


def test_a_search_has_at_most_eight_words() -> None:
    assert len(sought_words(" ".join(f"ord{number}" for number in range(100)))) == 8


def test_a_resource_is_found_by_names_place_kind_and_use_in_all_languages() -> None:
    words = place_text(
        ["Sal A", "Austråtthallen", "Sandnes"],
        kind="pool",
        activities=["swimming", "no-longer-known"],
        equipment=["piano"],
        descriptions=["Symjebasseng med sklie", "By the lake"],
    ).split()

    assert words[:3] == ["sal", "a", "austratthallen"]
    for word in ("sandnes", "swimming", "svomming", "symjing", "basseng", "flygel", "sklie", "lake", "known"):
        assert word in words, word
