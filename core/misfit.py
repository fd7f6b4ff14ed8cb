"""What is wrong with JSON that does not fit its type: which field, and what would be right."""

import json
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from core.errors import Invalid, Malformed
from core.texts import N_
from core.wire import NO_NUL

T = TypeVar("T")

KINDS = {
    "int": N_("a whole number"),
    "float": N_("a number"),
    "str": N_("a text"),
    "bool": N_("true or false"),
    "null": N_("null"),
    "array": N_("a list"),
    "object": N_("an object"),
    "uuid": N_("an id (UUID)"),
    "datetime": N_("a time with its offset from UTC (RFC 3339)"),
    "date": N_("a date such as 2026-11-24"),
}
"""msgspec's name of a type, and ours."""

PLAIN = {
    "Invalid UUID": KINDS["uuid"],
    "Invalid RFC3339 encoded datetime": KINDS["datetime"],
    "Invalid RFC3339 encoded date": KINDS["date"],
    "Expected `datetime` with a timezone component": KINDS["datetime"],
    "Number out of range": N_("a smaller number"),
    "Integer value out of range": N_("a smaller number"),
}
BOUNDS: tuple[tuple[str, str], ...] = (
    (r"Expected `str` of length >= (?P<n>\d+)", N_("at least %(n)s characters")),
    (r"Expected `str` of length <= (?P<n>\d+)", N_("at most %(n)s characters")),
    (r"Expected `array` of length >= (?P<n>\d+)", N_("at least %(n)s in the list")),
    (r"Expected `array` of length <= (?P<n>\d+)", N_("at most %(n)s in the list")),
    (r"Expected `object` of length <= (?P<n>\d+)", N_("at most %(n)s members")),
    (r"Expected `(?:int|float)` >= (?P<n>\S+)", N_("a number not below %(n)s")),
    (r"Expected `(?:int|float)` <= (?P<n>\S+)", N_("a number not above %(n)s")),
    (r"Expected `str` matching regex '(?P<pattern>.*)'", N_("a text of the form %(pattern)s")),
)
NO_NUL_AS_TOLD = repr(NO_NUL)[1:-1]
PLACE = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*?)`$", re.DOTALL)


def read_json(body: bytes, kind: type[T] | Any) -> T:
    """The body as the type, to the letter: no number in quotes, no member twice, none unknown.

    Raises Malformed for what is no JSON, Invalid with the field for what does not fit.
    """
    try:
        value = msgspec.json.decode(body, type=kind)
        json.loads(body, object_pairs_hook=_each_once)
    except msgspec.ValidationError as error:
        raise misfit(str(error), kind) from error
    except (ValueError, RecursionError) as error:
        raise Malformed(field="body", expected=N_("JSON in UTF-8 (RFC 8259)")) from error
    return value


def _each_once(pairs: Sequence[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(field=name, expected=N_("each member once"))


def misfit(message: str, kind: Any = None) -> Invalid:
    """The refusal for msgspec's message about a value that was to be of the kind."""
    place = PLACE.search(message)
    path = _dotted(place["path"]) if place else ""
    told = message[: place.start()] if place else message
    if missing := re.fullmatch(r"Object missing required field `(.+)`", told, re.DOTALL):
        return Invalid(field=_join(path, missing[1]), expected=N_("a value: this is needed"))
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", told, re.DOTALL):
        return Invalid(
            field=_join(path, unknown[1])[:200],
            expected=N_("one of the members %(names)s"),
            words={"names": ", ".join(_members(kind, path))},
        )
    if told.startswith("Invalid enum value"):
        choices = ", ".join(str(choice) for choice in _choices(kind, path))
        return Invalid(field=path or "body", expected=N_("one of %(choices)s"), words={"choices": choices})
    expected, words = _expected(told)
    return Invalid(field=path or "body", expected=expected, words=words)


def _expected(told: str) -> tuple[str | list[str], dict[str, str]]:
    if told in PLAIN:
        return PLAIN[told], {}
    for pattern, text in BOUNDS:
        if found := re.fullmatch(pattern, told, re.DOTALL):
            words = found.groupdict()
            if words.get("pattern") == NO_NUL_AS_TOLD:
                return N_("a text without NUL"), {}
            return text, {name: word.replace(r"(?!\\n)$", "$") for name, word in words.items()}
    if kinds := re.match(r"Expected `([^`]+)`", told):
        return [KINDS.get(word, word) for word in kinds[1].split(" | ") if word != "null"], {}
    return told, {}


def _dotted(path: str) -> str:
    """`times[0].quantity` as `times.0.quantity`; a member whose name msgspec does not tell is left out."""
    return re.sub(r"\[(\d+)\]", r".\1", path).replace("[...]", "").lstrip(".")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _types_at(kind: Any, path: str) -> list[inspect.Type]:
    """All types that the value at the path may have."""
    found: list[inspect.Type] = [inspect.type_info(kind)] if kind is not None else []
    for step in [part for part in path.split(".") if part]:
        found = [inner for each in _open(found) for inner in _step(each, step)]
    return _open(found)


def _open(kinds: Sequence[inspect.Type]) -> list[inspect.Type]:
    """The same with unions taken apart and annotations taken off."""
    result: list[inspect.Type] = []
    for kind in kinds:
        if isinstance(kind, inspect.UnionType):
            result += _open(kind.types)
        elif isinstance(kind, inspect.Metadata):
            result += _open([kind.type])
        else:
            result.append(kind)
    return result


def _step(kind: inspect.Type, step: str) -> list[inspect.Type]:
    if isinstance(kind, inspect.ListType):
        return [kind.item_type]
    if isinstance(kind, inspect.StructType):
        return [field.type for field in kind.fields if field.encode_name == step]
    return []


def _members(kind: Any, path: str) -> list[str]:
    structs = [each for each in _types_at(kind, path) if isinstance(each, inspect.StructType)]
    return [field.encode_name for each in structs for field in each.fields]


def _choices(kind: Any, path: str) -> list[Any]:
    literals = [each for each in _types_at(kind, path) if isinstance(each, inspect.LiteralType)]
    return [value for each in literals for value in each.values]
