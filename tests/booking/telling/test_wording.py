"""Texts filled in: what is empty is left out, and nothing that people write becomes a header, a field or markup."""

from email import message_from_bytes
from email.policy import SMTP, default
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.telling.kinds import EXAMPLES, FIELDS, KINDS
from booking.telling.letters import letter_html, letter_text
from booking.telling.unsubscribing import ENDABLE
from booking.telling.wording import MOST_LINES, clean, listed, one_line, paragraphs, rest_of, subject, unknown
from core.mail_models import Letter
from core.mail_tasks import mail_of
from core.spans import utc_now
from core.texts import LANGUAGES, texts
from people.contact import NOTICES

LINK = "https://ledig.example/solvik/applications/1"
NASTY = st.text(max_size=400) | st.sampled_from(
    [
        "x\r\nBcc: a@b.no\r\n\r\nHei",
        "<script>alert(1)</script><img src=https://x.no/a.png>",
        "\"'><a href='https://onde.no'>klikk</a>",
        f"{LINK}\n{{link}} {{name}} %(x)s",
        "\u202egnp.exe\u2066\x00\x1b[31m",
        "🏐" * 2500,
        "æ" * 10_000,
        "שלום עליכם",
        "a\u2028Subject: x\x85To: y@z.no",
    ]
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"br", "bdi", "p"}:
            self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src"}]


def read(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    return found


def test_a_paragraph_whose_values_are_all_empty_is_left_out() -> None:
    text = "Hei {name}!\n\nGrunn: {reason}\n\n{text}\n\nSe {link} ({reason})"
    found = paragraphs(text, {"name": "", "reason": "", "text": "", "link": "x"})
    assert found == ["Se x ()"]


def test_values_are_not_read_again() -> None:
    assert paragraphs("{text}", {"text": "{name} og {link}", "name": "Kari", "link": "x"}) == [
        "{name} og {link}"
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Hei {name}", []),
        ("Hei {navn} og {title}, {navn}", ["navn", "title"]),
        ("Hei {name", ["{"]),
        ("Hei name} {}", ["", "}"]),
    ],
)
def test_a_placeholder_that_means_nothing_is_named(text: str, wrong: list[str]) -> None:
    assert unknown(text, ["name", "link"]) == wrong


def test_of_many_lines_the_first_are_shown() -> None:
    lines = [str(number) for number in range(40)]
    assert rest_of(lines) == 40 - MOST_LINES + 1
    assert listed(lines, "og flere").split("\n")[-2:] == [str(MOST_LINES - 2), "og flere"]
    assert rest_of(lines[:MOST_LINES]) == 0
    assert listed(lines[:2], "") == "0\n1"


def test_a_smile_stays_whole_and_what_turns_text_around_goes() -> None:
    assert clean("👩‍👩‍👧 \u202eabc\u2069") == "👩‍👩‍👧 abc"
    assert one_line("a\r\nb\tc\u2028d") == "a b c d"
    assert len(clean("x" * 9000)) == 4000


@given(value=NASTY)
def test_nothing_that_people_write_becomes_a_header(value: str) -> None:
    line = subject("Received: {title}", {"title": value})
    assert len(line.splitlines()) == 1
    letter = Letter(
        id=uuid4(),
        address="kari@example.org",
        language="nb",
        subject=line,
        text=letter_text(paragraphs("{title}", {"title": value}), value, texts("nb"), end_url=None),
        html=letter_html(line, [value], value, texts("nb"), link=LINK, end_url=None),
        calendar=None,
        unsubscribe_url="https://ledig.example/solvik/unsubscribe/x",
        created_at=utc_now(),
    )
    mail = message_from_bytes(mail_of(letter, "ledig@ledig.example").as_bytes(policy=SMTP), policy=default)
    assert sorted(name.lower() for name in mail) == sorted(
        [
            *("from", "to", "subject", "date", "message-id", "auto-submitted", "content-language"),
            *("list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type"),
        ]
    )
    assert [address.addr_spec for address in mail["To"].addresses] == ["kari@example.org"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@given(value=NASTY)
def test_nothing_that_people_write_becomes_markup(value: str) -> None:
    end = "https://ledig.example/solvik/unsubscribe/x"
    parts = ["{title}", "Les mer:\n{link}"]
    values = {"title": clean(value), "link": LINK}
    filled = [each for part in parts for each in paragraphs(part, values)]
    found = read(letter_html(one_line(value), filled, "Solvik", texts("en"), link=LINK, end_url=end))
    harmless = read(
        letter_html("x", ["x", f"Les mer:\n{LINK}"], "Solvik", texts("en"), link=LINK, end_url=end)
    )
    assert set(found.tags) == set(harmless.tags)
    assert set(found.links) == {LINK, end}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_only_what_it_knows_in_every_language(kind: str, language: str) -> None:
    told = KINDS[kind]
    words = texts(language)
    for text in (words.gettext(told.subject), words.gettext(told.text)):
        assert unknown(text, told.known) == []
    assert "{link}" in words.gettext(told.text)
    assert told.known, "each knows something"


def test_every_field_is_explained_and_every_wish_is_one() -> None:
    named = {name for kind in KINDS.values() for name in kind.known}
    assert named == set(FIELDS)
    assert {kind.wish for kind in KINDS.values()} <= set(NOTICES)
    assert {kind.wish for kind in KINDS.values() if kind.may_end} == set(ENDABLE)
    assert set(EXAMPLES) <= set(FIELDS)
    assert not any(kind.must and kind.may_end for kind in KINDS.values())
