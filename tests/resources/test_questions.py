"""A resource's own questions: which can be asked, and which answers are answers."""

from typing import Any

import msgspec
import pytest

from core.errors import Invalid
from resources.questions import Question, check_answers, check_questions, merged

LABEL = {"nb": "Hvor mange?"}
OPTIONS = [{"key": "half", "label": {"nb": "Halve"}}, {"key": "all", "label": {"nb": "Hele"}}]


def asked(*questions: dict[str, Any]) -> list[Question]:
    return msgspec.convert([{"label": LABEL, **each} for each in questions], list[Question])


ALL = asked(
    {"key": "note", "kind": "text"},
    {"key": "more", "kind": "long_text"},
    {"key": "stand", "kind": "yes_no"},
    {"key": "goals", "kind": "number", "required": True},
    {"key": "part", "kind": "choice", "options": OPTIONS},
)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"goals": 2}, None),
        ({"goals": 0, "note": "Ja", "more": "x" * 2000, "stand": False, "part": "half"}, None),
        ({}, "answers.goals"),
        ({"goals": "2"}, "answers.goals"),
        ({"goals": True}, "answers.goals"),
        ({"goals": 2, "stand": "yes"}, "answers.stand"),
        ({"goals": 2, "part": "third"}, "answers.part"),
        ({"goals": 2, "note": 4}, "answers.note"),
        ({"goals": 2, "note": "x" * 201}, "answers.note"),
        ({"goals": 2, "colour": "red"}, "answers.colour"),
    ],
)
def test_answers(answers: dict[str, Any], field: str | None) -> None:
    if field is None:
        assert check_answers(ALL, answers) == answers
        return
    with pytest.raises(Invalid) as refused:
        check_answers(ALL, answers)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        (asked({"key": "a", "kind": "text"}, {"key": "a", "kind": "text"}), "questions.1.key"),
        (asked({"key": "a", "kind": "text", "label": {}}), "questions.0.label"),
        (asked({"key": "a", "kind": "choice"}), "questions.0.options"),
        (asked({"key": "a", "kind": "text", "options": OPTIONS}), "questions.0.options"),
        (asked({"key": "a", "kind": "choice", "options": [OPTIONS[0]] * 2}), "questions.0.options"),
    ],
)
def test_questions_that_cannot_be_asked(questions: list[Question], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_questions(questions)
    assert refused.value.facts["field"] == field


def test_what_several_resources_ask_alike_is_asked_once() -> None:
    same, other = asked({"key": "goals", "kind": "number"}), asked({"key": "note", "kind": "text"})
    assert [each.key for each in merged([same, same, other])] == ["goals", "note"]
    with pytest.raises(Invalid) as refused:
        merged([same, asked({"key": "goals", "kind": "text"})])
    assert refused.value.facts["field"] == "times"
