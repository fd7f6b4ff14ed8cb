"""The form in which staff set how a resource is decided: what stands in it, and what is meant by it. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from core.errors import Invalid
from core.texts import N_, Texts
from core.wire import clock_of
from people.groups import CUSTOMER_GROUPS
from resources.decision_schemas import PoliciesIn, policy_of
from resources.models import Resource
from resources.policies import Policy
from resources.questions import Label, Question, check_questions, label_in
from resources.schemas import ResourcePatch

SPARE_LINES = 2
SPARE_QUESTIONS = 1
MOST_ROWS = 50
LANGUAGES = ("nb", "nn", "en")
FIELD_OF = {"terms.version": "terms_version", "answer_days": "answer_days"}
WRONG_LINE = N_("This rule cannot be understood. Write times such as 16:00, and whole numbers.")
WRONG_QUESTION = N_(
    "This question cannot be asked so. Give it a key of its own, a text, and options if it is a choice."
)
OPTION = re.compile(r"^([a-z][a-z0-9_-]{0,49})\s*=\s*(.+)$")


class PolicyForm(NamedTuple):
    """The form as it stands; `patch` and `lines` are None where it cannot be understood."""

    form: dict[str, str]
    errors: dict[str, str]
    patch: ResourcePatch | None
    lines: PoliciesIn | None


def filled(row: Resource, policies: Sequence[Policy]) -> dict[str, str]:
    """The form of what is in force, with room for more."""
    terms = row.terms or {}
    form = {
        "decision": row.decision,
        "decision_kind": row.decision_kind,
        "answer_days": str(row.answer_days),
        "request_holds": "yes" if row.request_holds else "",
        "terms_version": str(terms.get("version", "")),
        **{f"terms_{code}": str(terms.get(code) or "") for code in LANGUAGES},
    }
    for number, policy in enumerate(policies):
        form |= _line_form(f"line-{number}-", policy)
    for number, question in enumerate(msgspec.convert(row.questions, list[Question])):
        form |= _question_form(f"question-{number}-", question)
    return form


def _line_form(prefix: str, policy: Policy) -> dict[str, str]:
    values = {
        "decision": policy.decision,
        "from": "" if policy.from_minute is None else clock_of(policy.from_minute),
        "until": ""
        if policy.until_minute is None
        else clock_of(policy.until_minute).replace("24:00", "00:00"),
        "min": str(policy.min_minutes or ""),
        "max": str(policy.max_minutes or ""),
        "people": str(policy.max_people or ""),
        **{f"day-{weekday}": "yes" for weekday in policy.weekdays},
        **{f"group-{group}": "yes" for group in policy.customer_groups},
    }
    return {f"{prefix}{name}": value for name, value in values.items()}


def _question_form(prefix: str, question: Question) -> dict[str, str]:
    values = {
        "key": question.key,
        "kind": question.kind,
        "required": "yes" if question.required else "",
        "options": "\n".join(
            f"{option.key} = {' | '.join(_all_of(option.label))}" for option in question.options
        ),
    }
    for code in LANGUAGES:
        values[f"label_{code}"] = getattr(question.label, code) or ""
        values[f"hint_{code}"] = (getattr(question.hint, code) if question.hint else None) or ""
    return {f"{prefix}{name}": value for name, value in values.items()}


def _all_of(label: Label) -> list[str]:
    told = [getattr(label, code) or "" for code in LANGUAGES]
    return [label_in(label, "nb")] if len({text for text in told if text}) == 1 else told


def rows(form: Mapping[str, str], kind: str) -> int:
    """How many rows of that kind stand in the form."""
    found = [int(match[1]) for name in form if (match := re.match(rf"{kind}-([0-9]{{1,2}})-", name))]
    return min(max(found, default=-1) + 1, MOST_ROWS)


def read_policy_form(values: Mapping[str, str], texts: Texts) -> PolicyForm:
    """What was written. A rule without an answer, and a question without a key, are left out."""
    form = {name: value.strip() for name, value in values.items()}
    errors: dict[str, str] = {}
    lines = [
        (number, _line(form, f"line-{number}-"))
        for number in range(rows(form, "line"))
        if form.get(f"line-{number}-decision")
    ]
    read: list[Any] = []
    for place, (number, line) in enumerate(lines):
        try:
            wanted = msgspec.convert({"lines": [line]}, PoliciesIn)
            policy_of(wanted.lines[0], f"lines.{place}")
            read.append(line)
        except (msgspec.ValidationError, Invalid):
            errors[f"line-{number}-decision"] = texts.gettext(WRONG_LINE)
    questions: list[Any] = []
    for number in range(rows(form, "question")):
        if form.get(f"question-{number}-key"):
            questions.append(_question(form, f"question-{number}-"))
            try:
                check_questions(msgspec.convert(questions, list[Question]))
            except (msgspec.ValidationError, Invalid):
                questions.pop()
                errors[f"question-{number}-key"] = texts.gettext(WRONG_QUESTION)
    patch = None
    try:
        patch = msgspec.convert(
            {
                "decision": form.get("decision"),
                "decision_kind": form.get("decision_kind"),
                "answer_days": form.get("answer_days"),
                "request_holds": bool(form.get("request_holds")),
                "questions": questions,
                "terms": _terms(form),
            },
            ResourcePatch,
            strict=False,
        )
    except msgspec.ValidationError as error:
        field = "terms_version" if "terms" in str(error) else "answer_days"
        told = {
            "terms_version": N_(
                "Give the terms a version, such as 2026-1, and write less than 5000 letters."
            ),
            "answer_days": N_("Write a number of days from 1 to 365."),
        }
        errors[field] = texts.gettext(told[field])
    if errors or patch is None:
        return PolicyForm(form, errors, None, None)
    return PolicyForm(form, {}, patch, msgspec.convert({"lines": read}, PoliciesIn))


def _terms(form: Mapping[str, str]) -> dict[str, str] | None:
    told = {code: form.get(f"terms_{code}", "").replace("\r\n", "\n") for code in LANGUAGES}
    if not any(told.values()) and not form.get("terms_version"):
        return None
    return {"version": form.get("terms_version", ""), **{code: text for code, text in told.items() if text}}


def _line(form: Mapping[str, str], prefix: str) -> dict[str, Any]:
    def number(name: str) -> Any:
        text = form.get(f"{prefix}{name}", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text or None

    return {
        "decision": form[f"{prefix}decision"],
        "weekdays": [day for day in range(1, 8) if form.get(f"{prefix}day-{day}")],
        "from_time": form.get(f"{prefix}from", "")[:5] or None,
        "until_time": (form.get(f"{prefix}until", "")[:5] or None),
        "min_minutes": number("min"),
        "max_minutes": number("max"),
        "customer_groups": [group for group in CUSTOMER_GROUPS if form.get(f"{prefix}group-{group}")],
        "max_people": number("people"),
    }


def _question(form: Mapping[str, str], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": form[f"{prefix}key"],
        "kind": form.get(f"{prefix}kind", ""),
        "required": bool(form.get(f"{prefix}required")),
        "label": _label(form, f"{prefix}label_"),
        "options": [_option(line) for line in form.get(f"{prefix}options", "").splitlines() if line.strip()],
    }
    hint = _label(form, f"{prefix}hint_")
    return found | ({"hint": hint} if hint else {})


def _label(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {code: text for code in LANGUAGES if (text := form.get(f"{prefix}{code}", ""))}


def _option(line: str) -> dict[str, Any]:
    """`hall = Hele hallen | Heile hallen | The whole hall`; one text is for all languages."""
    match = OPTION.match(line.strip())
    if match is None:
        return {"key": line.strip(), "label": {}}
    told = [text.strip() for text in match[2].split("|")]
    label = {"nb": told[0]} if len(told) == 1 else dict(zip(LANGUAGES, told, strict=False))
    return {"key": match[1], "label": {code: text for code, text in label.items() if text}}
