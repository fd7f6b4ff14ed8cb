"""What no field takes, worked out from the API's own document: values for each member of each body."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx
from litestar import Litestar

from core.wire import NO_NUL
from tests import make
from tests.web.towns import ASKED, Route, routes_of

Json = dict[str, Any]
Path = tuple[str | int, ...]
LONG = "x" * 300_000
"""Longer than any text may be, and still within the limit of a body."""


class Raw(str):
    """JSON written as it stands, which no JSON library would write."""

    __slots__ = ()


NUL = "a\0b"
STRANGE: dict[str, list[Any]] = {
    "string": [None, 1, True, [], {}, NUL, LONG, Raw('"\\ud800"'), Raw('"\\udc00x"')],
    "code": ["", "UPPER", "æ", "a b", "a\n", "x" * 51, "١"],
    "uuid": ["", "nonsense", "0", "{" + "0" * 36 + "}", "0190b3c4-0000-7000-8000-00000000000g"],
    "date-time": [
        "2026-11-24T10:00:00",
        "2026-11-24",
        "24.11.2026 10:00",
        "0000-11-24T10:00:00Z",
        "0001-01-01T00:00:00Z",
        "1999-12-31T10:00:00Z",
        "9999-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-11-24T25:00:00Z",
        "2026-11-24T10:00:00+99:00",
        "1e5",
    ],
    "date": ["2026-02-30", "2026-1-1", "24.11.2026", "0000-01-01", "10000-01-01", "2026-11-24T10:00:00Z", ""],
    "integer": [
        "1",
        1.5,
        Raw("1e400"),
        Raw("NaN"),
        Raw("Infinity"),
        2**31,
        2**63,
        2**200,
        -(2**63) - 1,
        True,
    ],
    "number": ["1", Raw("1e400"), Raw("NaN"), Raw("-Infinity"), 1e300, -1e300, True],
    "boolean": ["true", 0, 1, "yes", [], {}],
    "array": [{}, "x", 1, True, [None], [[[]]]],
    "object": [[], "x", 1, True, {"bogus": 1}],
}
"""What no member of the kind takes."""


def resolve(told: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def options(told: Json, schema: Json) -> list[Json]:
    """The kinds that a member may be of."""
    schema = resolve(told, schema)
    return [resolve(told, each) for each in schema["anyOf"]] if "anyOf" in schema else [schema]


def kinds(told: Json, schema: Json) -> set[str]:
    """As words of STRANGE, with `null` where it is allowed."""
    found: set[str] = set()
    for each in options(told, schema):
        if "enum" in each:
            found |= {"null"} if None in each["enum"] else {"string"}
            continue
        found.add(each.get("format") or each["type"])
        if each.get("pattern", "").startswith("^[a-z]"):
            found.add("code")
    return found


NAMES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def fits(told: Json, schema: Json, value: Any) -> bool:
    """Whether the member may after all be this, by any of its kinds."""
    name = NAMES.get(cast("type[Any]", type(value)))
    return any(
        fits_kind(each, value)
        for each in options(told, schema)
        if each.get("type") == name or (each.get("type") == "number" and name == "integer")
    )


def fits_kind(kind: Json, value: Any) -> bool:
    """The same for one kind, of the right type."""
    match value:
        case None | bool():
            return True
        case int():
            return kind.get("minimum", value) <= value <= kind.get("maximum", value)
        case float():
            return "maximum" not in kind
        case str():
            is_text = "enum" not in kind and "format" not in kind and "\0" not in value
            is_open = kind.get("pattern", NO_NUL) == NO_NUL
            return (
                is_text and is_open and kind.get("minLength", 0) <= len(value) <= kind.get("maxLength", 1e9)
            )
        case list():
            return not value and not kind.get("minItems")
        case _:
            return kind.get("additionalProperties", True) is not False or not (value or kind.get("required"))


def wrongs(told: Json, schema: Json) -> Iterator[Any]:
    """Values that the member must not take."""
    found = kinds(told, schema)
    tried: list[Any] = [None] + [value for kind in sorted(found - {"null"}) for value in STRANGE[kind]]
    if found & {"uuid", "date-time", "date", "code"}:
        tried += STRANGE["string"]
    for each in options(told, schema):
        tried += just_outside(each)
    for value in tried:
        if not fits(told, schema, value):
            yield value


def just_outside(kind: Json) -> list[Any]:
    """Just past each bound."""
    bounds: dict[str, Callable[[Any], Any]] = {
        "enum": lambda _: "bogus",
        "maxLength": lambda most: "x" * (most + 1),
        "minLength": lambda least: "x" * (least - 1),
        "maximum": lambda most: most + 1,
        "minimum": lambda least: least - 1,
        "maxItems": lambda most: [None] * (most + 1),
    }
    return [beyond(kind[name]) for name, beyond in bounds.items() if name in kind]


def members(told: Json, schema: Json, value: Any, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every member that the schema knows, with its path; inner ones where the value has them."""
    for each in options(told, schema):
        if each.get("type") == "object" and isinstance(value, dict):
            there = cast("Json", value)
            other = each.get("additionalProperties")
            others: Json = dict.fromkeys(there, cast("Any", other)) if isinstance(other, dict) else {}
            for name, inner in cast("Json", {**others, **each.get("properties", {})}).items():
                yield (*path, name), inner
                if name in there:
                    yield from members(told, inner, there[name], (*path, name))
        if each.get("type") == "array" and isinstance(value, list):
            for place, inner in enumerate(cast("list[Any]", value)[:1]):
                yield (*path, place), each["items"]
                yield from members(told, each["items"], inner, (*path, place))


def changed(body: Any, path: Path, value: Any) -> bytes:
    """The body with another value there, as bytes."""
    made = copy.deepcopy(body)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = "@@" if isinstance(value, Raw) else value
    written = json.dumps(made)
    return (written.replace('"@@"', value) if isinstance(value, Raw) else written).encode()


def full(body: Any, told: Json, schema: Json) -> Any:
    """The body with something in every part that may hold more, so that inner members are reached."""
    span = {"start": make.iso(ASKED.start), "end": make.iso(ASKED.end)}
    extra: dict[str, Any] = {
        "repeat": {"every_weeks": 1, "until": str(ASKED.end.date())},
        "articles": [{"article": "ball", "quantity": 1}],
        "answers": {"shoes": True},
        "pictures": [{"url": "https://example.test/a.jpg", "alt": {"nb": "a"}}],
        "terms": {"version": "1", "nb": "x"},
        "description": {"nb": "x"},
    }
    properties = resolve(told, schema).get("properties", {})
    grown = {**{name: value for name, value in extra.items() if name in properties}, **body}
    assert set(span) - set(properties) in (set(), set(span))
    return grown


async def refused(answer: httpx.Response, what: str) -> Json:
    """It is a problem like all others, and says what is wrong."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json", what
    told: Json = answer.json()
    assert set(told) >= {"type", "title", "status", "instance"}, what
    assert told["status"] == answer.status_code
    return told


def with_bodies(app: Litestar) -> list[Route]:
    """Routes that take a body."""
    return [route for route in routes_of(app) if route.in_document and route.has_body]
