"""Each way in which a translation can be wrong is found."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts.check_translations import faults, said

ROOT = Path(__file__).resolve().parent.parent.parent


def catalogue(**texts: str) -> Catalog:
    made = Catalog(locale="nb")
    for text, translation in texts.items():
        made.add(text, translation)
    return made


def test_a_whole_translation_has_no_fault() -> None:
    assert not list(faults(catalogue(hall=""), catalogue(hall="hall")))


@pytest.mark.parametrize(
    ("wanted", "translated", "fault"),
    [
        (catalogue(hall=""), catalogue(), "missing: 'hall'"),
        (catalogue(hall=""), catalogue(hall=""), "not translated: 'hall'"),
        (catalogue(), catalogue(hall="hall"), "no longer said: 'hall'"),
        (
            catalogue(**{"%(n)s left": ""}),
            catalogue(**{"%(n)s left": "igjen"}),
            "other placeholders than in English",
        ),
    ],
)
def test_a_fault_is_told_with_its_text(wanted: Catalog, translated: Catalog, fault: str) -> None:
    (told,) = faults(wanted, translated)
    assert told.startswith(fault)


def test_an_unsure_translation_is_a_fault() -> None:
    unsure = Catalog(locale="nb")
    unsure.add("hall", "hal", flags=["fuzzy"])
    assert list(faults(catalogue(hall=""), unsure)) == ["fuzzy: 'hall'"]


def test_every_form_of_a_plural_is_wanted() -> None:
    wanted, translated = Catalog(locale="nb"), Catalog(locale="nb")
    wanted.add(("%(n)d hour", "%(n)d hours"), ("", ""))
    translated.add(("%(n)d hour", "%(n)d hours"), ("%(n)d time", ""))
    assert [fault.partition(":")[0] for fault in faults(wanted, translated)] == ["not translated"]


def test_texts_are_found_in_code_and_templates() -> None:
    found = said(ROOT)
    assert found.get("The time is taken.")
    assert found.get("Skip to the content")
