"""How a letter looks: paragraphs, the municipality's name, and how to get no more of the kind. Pure but for Jinja."""

from collections.abc import Sequence

from booking.telling.wording import clean, one_line, plain
from core.page import environment
from core.texts import Texts


def letter_text(parts: Sequence[str], municipality: str, words: Texts, *, end_url: str | None) -> str:
    """For programs that show plain text alone."""
    tail = [one_line(municipality)]
    if end_url is not None:
        tail.append(words.gettext("No more letters of this kind:") + "\n" + end_url)
    return plain([*parts, *tail])


def letter_html(
    heading: str, parts: Sequence[str], municipality: str, words: Texts, *, link: str, end_url: str | None
) -> str:
    """The same with headings and links. Only our own address becomes a link, whatever people wrote."""
    template = environment(words.language, words.zone.key).get_template("booking/_letter.html")
    return template.render(
        language=words.language,
        heading=heading,
        paragraphs=[_lines(part, link) for part in parts],
        municipality=one_line(municipality),
        link=link,
        end_url=end_url,
    )


def _lines(part: str, link: str) -> list[tuple[str, bool]]:
    """(text, whether it is our address) of each line."""
    return [(line, line.strip() == link) for line in clean(part, most=len(part) + 1).split("\n")]
