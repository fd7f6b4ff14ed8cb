"""A municipality may have any colour; its pages stay readable."""

from hypothesis import given
from hypothesis import strategies as st

from core.colours import (
    DARK_PAGE,
    GROUNDS,
    WHITE,
    contrast,
    parse,
    readable,
    shades,
    stylesheet,
    text_on,
    written,
)

colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#123456", "#123456") == 1


def test_a_colour_that_is_dark_enough_stays_as_it_is() -> None:
    assert readable("#0062ba", WHITE) == "#0062ba"


def test_yellow_is_darkened_until_it_reads_on_white() -> None:
    assert contrast("#ffd500", WHITE) < 4.5 <= contrast(readable("#ffd500", WHITE), WHITE)


def test_what_is_no_colour_becomes_the_fallback() -> None:
    assert parse("red; } body { display: none") == parse("#0062ba")


@given(colours)
def test_writing_undoes_parsing(colour: str) -> None:
    assert written(parse(colour)) == colour


@given(colours)
def test_text_on_any_colour_reads(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= 4.5


@given(colours)
def test_every_use_of_every_shade_has_its_contrast(colour: str) -> None:
    for dark, page in ((False, WHITE), (True, DARK_PAGE)):
        shade = shades(colour, dark=dark)
        for ground in GROUNDS:
            assert contrast(shade["text-subtle"], shade[ground]) >= 4.5
            assert contrast(shade["text-default"], shade[ground]) >= 7
        assert contrast(shade["base-contrast-default"], shade["base-default"]) >= 4.5
        assert contrast(shade["base-contrast-default"], shade["base-hover"]) >= 4.5
        assert contrast(shade["base-contrast-default"], shade["base-active"]) >= 4.5
        assert contrast(shade["border-default"], page) >= 3


def test_the_stylesheet_holds_both_schemes() -> None:
    sheet = stylesheet("#7a1f2b")
    assert "--ds-color-accent-base-default:#7a1f2b" in sheet
    assert "prefers-color-scheme:dark" in sheet
