"""Every template renders in every language, with all it names given, and says nothing it should have translated."""

import re
from html.parser import HTMLParser

import pytest

from core.page import ROOT, environment
from core.texts import LANGUAGES
from tests.web.contexts import Sample
from tests.web.preview import html_of
from tests.web.samples import SAMPLES

ALL = [pytest.param(sample, id=sample.name) for sample in SAMPLES]


class Reader(HTMLParser):
    """The tags and attributes of a page, as far as the tests ask."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}: {attrs}"
        if tag not in {"meta", "link", "input", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", ALL)
def test_every_template_is_whole_html_in_its_language(sample: Sample, language: str) -> None:
    tags = read(html_of(sample, language)).tags
    assert ("html", {"lang": language, "data-color-scheme": "auto"}) in tags
    assert [tag for tag, _ in tags].count("h1") == 1
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in tags:
        pointed = " ".join(
            attributes.get(name) or "" for name in ("aria-describedby", "aria-labelledby", "for")
        )
        assert set(pointed.split()) <= set(ids)
        assert not any(name == "style" or name.startswith("on") for name in attributes)


def test_no_template_says_anything_that_is_not_translated() -> None:
    for path in ROOT.glob("*/templates/*.html"):
        source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r'(aria-label|placeholder|alt|title)="[^"]*[A-Za-z]', source), path
        assert not re.search(r"[A-Za-z]", re.sub(r'<[^>]*>|aria-\w+="[^"]*"', "", source)), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_templates_have_the_same_title(language: str) -> None:
    titles = {
        (sample.template, re.findall("<title>(.*?)</title>", html_of(sample, language))[0])
        for sample in SAMPLES
    }
    assert len({title for _, title in titles}) == len(titles)


def test_every_template_of_every_room_has_a_sample() -> None:
    written = {
        f"{path.parent.parent.name}/{path.name}"
        for path in ROOT.glob("*/templates/*.html")
        if not path.name.startswith("_") and path.name not in {"base.html", "macros.html"}
    }
    assert written == {sample.template for sample in SAMPLES}


def test_every_template_says_at_its_head_what_it_takes() -> None:
    for path in ROOT.glob("*/templates/*.html"):
        assert path.read_text(encoding="utf-8").startswith("{#"), path


def test_free_cells_are_links_that_say_where_and_when() -> None:
    html = html_of(next(sample for sample in SAMPLES if sample.name == "resource"), "nb")
    text = re.sub(r"<[^>]+>", "", html)
    assert "Ledig – Sal A tirsdag 24. november kl. 18–19" in text
    assert "start=2026-11-24T17%3A00%3A00%2B00%3A00" in html


def test_what_people_write_is_escaped() -> None:
    sample = next(sample for sample in SAMPLES if sample.name == "mine")
    nasty = {**sample.context["coming"][0], "title": "<script>alert(1)</script>"}
    context = {**sample.context, "coming": [nasty]}
    html = html_of(Sample(name="x", template=sample.template, context=context), "nb")
    assert "<script>alert" not in html


def test_a_name_that_is_not_given_is_an_error() -> None:
    assert environment("nb", "Europe/Oslo").undefined.__name__ == "StrictUndefined"
