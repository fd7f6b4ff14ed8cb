"""The letter of a decision in words: the same for the page and for the PDF, in the language it was decided in.

What people have written is data to the typesetter, never markup.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from booking.cases.case_schemas import DecisionOut
from core.pdf import written
from core.spans import Span
from core.texts import Texts

SOURCE: Final = (Path(__file__).parent / "letter.typ").read_bytes()


class Line(msgspec.Struct, frozen=True):
    """One time and what came of it."""

    when: str
    where: str
    outcome: str


class Part(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: str
    paragraphs: Sequence[str]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """All that the letter says, in its order."""

    language: str
    title: str
    municipality: str
    facts: Sequence[tuple[str, str]]
    columns: tuple[str, str, str]
    lines: Sequence[Line]
    parts: Sequence[Part]
    decided_at: datetime


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the letter says of the case."""

    municipality: str
    reference: str
    title: str
    applicant: str
    association: str | None
    asked_at: datetime


def paper_of(decision: DecisionOut, about: About, texts: Texts) -> Paper:
    """`texts` speak the decision's language."""
    is_vedtak = decision.kind == "vedtak"
    title = texts.gettext("Administrative decision") if is_vedtak else texts.gettext("Answer to your request")
    facts = [
        (texts.gettext("Case"), f"{about.title} ({about.reference})" if about.title else about.reference),
        (texts.gettext("Applicant"), about.applicant),
        (texts.gettext("On behalf of"), about.association or ""),
        (texts.gettext("Asked"), texts.instant(about.asked_at, year=True)),
        (texts.gettext("Decided"), texts.instant(decision.decided_at, year=True)),
        (texts.gettext("Decided by"), decision.officer or texts.gettext("Decided automatically")),
        (texts.gettext("Decision number"), str(decision.number)),
    ]
    return Paper(
        language=decision.language,
        title=title,
        municipality=about.municipality,
        facts=[(term, told) for term, told in facts if told],
        columns=(texts.gettext("Time"), texts.gettext("Place"), texts.gettext("Answer")),
        lines=[_line(each, texts) for each in decision.outcomes],
        parts=[*_why(decision, texts), *_rules(decision, texts), *_rights(decision, about, texts)],
        decided_at=decision.decided_at,
    )


def _line(outcome: Mapping[str, Any], texts: Texts) -> Line:
    told = {
        "approved": texts.gettext("Granted"),
        "rejected": texts.gettext("Not granted"),
        "offered": texts.gettext("Another time is offered"),
    }[outcome["outcome"]]
    offer: Mapping[str, Any] | None = outcome.get("offer")
    if offer is not None:
        told = texts.gettext(
            "Another time is offered: %(time)s, %(place)s. Answer by %(deadline)s.",
            time=texts.span(_span(offer), year=True),
            place=_place(offer),
            deadline=texts.instant(datetime.fromisoformat(offer["answer_by"])),
        )
    return Line(texts.span(_span(outcome), year=True), _place(outcome), told)


def _span(told: Mapping[str, Any]) -> Span:
    return Span(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))


def _place(told: Mapping[str, Any]) -> str:
    return f"{told['resource']}, {told['facility']}"


def _why(decision: DecisionOut, texts: Texts) -> list[Part]:
    said = [text for text in (decision.reason, decision.text) if text]
    return [Part(texts.gettext("Reason"), said)] if said else []


def _rules(decision: DecisionOut, texts: Texts) -> list[Part]:
    said = [
        texts.gettext(
            "Rules of %(place)s, version %(version)s.", place=each["name"], version=str(each["version"])
        )
        for each in decision.rules.get("resources") or ()
    ]
    terms: Sequence[str] = decision.rules.get("terms") or ()
    if terms:
        said.append(
            texts.gettext("Terms of hire that were accepted: %(versions)s.", versions=", ".join(terms))
        )
    if decision.kind == "vedtak":
        said.append(texts.gettext("Decided by the Public Administration Act (forvaltningsloven)."))
    return [Part(texts.gettext("What it was decided by"), said)] if said else []


def _rights(decision: DecisionOut, about: About, texts: Texts) -> list[Part]:
    if decision.appeal_until is None:
        return []
    return [
        Part(
            texts.gettext("Right of appeal"),
            [
                texts.gettext(
                    "You may appeal this decision (forvaltningsloven § 28). Appeal by %(day)s: three weeks from the "
                    "day the notice was sent to you.",
                    day=texts.day(decision.appeal_until, year=True),
                ),
                texts.gettext(
                    "Send the appeal to %(municipality)s, on the page of this decision or by letter. Say what you "
                    "appeal, why, and which change you want. The municipality looks at it anew and, if it keeps its "
                    "decision, sends it on to the body that decides appeals.",
                    municipality=about.municipality,
                ),
                texts.gettext(
                    "You may ask that the decision is not carried out before the appeal is decided "
                    "(forvaltningsloven § 42)."
                ),
            ],
        ),
        Part(
            texts.gettext("Right to see the documents"),
            [
                texts.gettext(
                    "You have the right to see the documents of the case (forvaltningsloven §§ 18 and 19). You find "
                    "them on the page of the case, or may ask the municipality for them."
                )
            ],
        ),
    ]


def pdf(paper: Paper) -> bytes:
    """The same as PDF. Call it in a thread."""
    return written(SOURCE, "letter", paper, paper.decided_at)
