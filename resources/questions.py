"""A resource's own questions to who applies: are they sound, and is what was answered an answer? Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from core.errors import Invalid
from core.texts import N_
from core.wire import Code, OptionalText

MOST_QUESTIONS = 20
LONGEST = {"text": 200, "long_text": 2000}
Kind = Literal["text", "long_text", "yes_no", "number", "choice"]
EXPECTED: Mapping[Kind, str] = {
    "text": N_("a text of at most 200 letters"),
    "long_text": N_("a text of at most 2000 letters"),
    "yes_no": N_("true or false"),
    "number": N_("a whole number"),
    "choice": N_("the key of one of the options"),
}


class Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line of text in bokmål, nynorsk and English, or in some of them."""

    nb: OptionalText | None = None
    nn: OptionalText | None = None
    en: OptionalText | None = None


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the answers to choose from."""

    key: Code
    label: Label


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is asked, and how it is answered."""

    key: Code
    kind: Kind
    label: Label
    hint: Label | None = None
    required: bool = False
    options: tuple[Option, ...] = msgspec.field(default_factory=tuple)


Questions = Annotated[list[Question], msgspec.Meta(max_length=MOST_QUESTIONS)]


def check_questions(questions: Sequence[Question]) -> None:
    """Raises Invalid naming the question that cannot be asked."""
    seen: set[str] = set()
    for place, question in enumerate(questions):
        field = f"questions.{place}"
        if question.key in seen:
            raise Invalid(field=f"{field}.key", expected=N_("a key that no other question has"))
        seen.add(question.key)
        if not _is_told(question.label):
            raise Invalid(field=f"{field}.label", expected=N_("a text in at least one language"))
        keys = [option.key for option in question.options]
        is_choice = question.kind == "choice"
        if is_choice and len(keys) < 2:
            raise Invalid(field=f"{field}.options", expected=N_("at least two options to choose from"))
        if keys and not is_choice:
            raise Invalid(field=f"{field}.options", expected=N_("no options, unless it is a choice"))
        if len(set(keys)) < len(keys):
            raise Invalid(field=f"{field}.options", expected=N_("each key once"))
        if not all(_is_told(option.label) for option in question.options):
            raise Invalid(field=f"{field}.options", expected=N_("a text in at least one language"))


def _is_told(label: Label) -> bool:
    return any((label.nb, label.nn, label.en))


def merged(asked: Iterable[Sequence[Question]]) -> list[Question]:
    """The questions of several resources in one application: each key is asked once.

    Where resources ask differently under one key, they cannot be applied for together. Raises Invalid with the field
    `times`.
    """
    found: dict[str, Question] = {}
    for questions in asked:
        for question in questions:
            if found.setdefault(question.key, question) != question:
                raise Invalid(
                    field="times",
                    expected=N_("resources that ask the same, or one application for each"),
                    question=question.key,
                )
    return list(found.values())


def check_answers(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that say something, in the order of the questions. Raises Invalid with the field `answers.<key>`."""
    known = {question.key: question for question in questions}
    for key in answers:
        if key not in known:
            raise Invalid(field=f"answers.{key}", expected=N_("a question that is asked here"))
    found: dict[str, Any] = {}
    for key, question in known.items():
        answer = answers.get(key)
        if answer is None or (isinstance(answer, str) and not answer.strip()):
            if question.required:
                raise Invalid(field=f"answers.{key}", expected=EXPECTED[question.kind], missing=True)
            continue
        if not _is_answer(question, answer):
            raise Invalid(field=f"answers.{key}", expected=EXPECTED[question.kind])
        found[key] = answer
    return found


def _is_answer(question: Question, answer: object) -> bool:
    if question.kind == "yes_no":
        return isinstance(answer, bool)
    if question.kind == "number":
        return isinstance(answer, int) and not isinstance(answer, bool)
    if not isinstance(answer, str):
        return False
    if question.kind == "choice":
        return any(option.key == answer for option in question.options)
    return len(answer) <= LONGEST[question.kind]


def label_in(label: Label | None, language: str) -> str:
    """The text in the language, else in the first that there is: nynorsk for bokmål and the other way first."""
    if label is None:
        return ""
    order = {"nb": ("nb", "nn", "en"), "nn": ("nn", "nb", "en")}.get(language, ("en", "nb", "nn"))
    return next((text for code in order if (text := getattr(label, code))), "")


def answered(
    questions: Sequence[Question], answers: Mapping[str, Any], language: str, *, yes: str, no: str
) -> list[tuple[str, str]]:
    """Question and answer as people read them. What is no longer asked is told by its key."""
    known = {question.key: question for question in questions}
    found: list[tuple[str, str]] = []
    for key in [*(key for key in known if key in answers), *(key for key in answers if key not in known)]:
        answer, question = answers[key], known.get(key)
        shown = str(answer)
        if isinstance(answer, bool):
            shown = yes if answer else no
        elif question is not None:
            labels = {option.key: label_in(option.label, language) for option in question.options}
            shown = labels.get(shown, shown)
        found.append((label_in(question.label, language) if question else key, shown))
    return found
