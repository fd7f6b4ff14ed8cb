"""Bad input on every field of every JSON route: a 4xx problem that names the field, nothing written, never a fault.

What is bad is worked out from the API's own document: each member of a body that the route accepts is replaced, left
out or joined by one that does not belong, each parameter of the address likewise.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.wire import NO_NUL
from tests import make
from tests.web.towns import ASKED, PARAMETERS, QUERIES, Town, bodies, contents, routes_of
from web.document import document
from web.problems import BODY_LIMIT

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


def with_bodies(app: Litestar) -> list[Any]:
    return [route for route in routes_of(app) if route.in_document and route.has_body]


async def test_every_member_of_every_body(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town
) -> None:
    """Thousands of bodies, each wrong in one place."""
    told = document(app)
    headers = {**make.bearer(here.token), "Content-Type": "application/json"}
    before = await contents(database, here.tenant)
    tried = 0
    for route in with_bodies(app):
        operation = told["paths"][route.template.replace(":str", "").replace(":uuid", "")][
            route.method.lower()
        ]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = full(bodies(here)[route.name], told, schema)
        for path, inner in members(told, schema, body):
            for value in wrongs(told, inner):
                what = f"{route} {path} {str(value)[:40]!r}"
                answer = await http.request(
                    route.method, route.path(here), content=changed(body, path, value), headers=headers
                )
                problem = await refused(answer, what)
                assert answer.status_code in {400, 422}, f"{what}: {answer.text[:300]}"
                field, expected = problem.get("field"), problem.get("expected")
                assert field, what
                assert expected, what
                if answer.status_code == 422:
                    assert field == "body" or field.split(".")[0] == str(path[0]), f"{what}: {field}"
                tried += 1
    assert tried > 2000
    assert await contents(database, here.tenant) == before


async def test_what_is_needed_is_missed_by_name(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    told = document(app)
    for route in with_bodies(app):
        operation = told["paths"][route.template.replace(":str", "").replace(":uuid", "")][
            route.method.lower()
        ]
        schema = resolve(told, operation["requestBody"]["content"]["application/json"]["schema"])
        for name in schema.get("required", []):
            body = {key: value for key, value in bodies(here)[route.name].items() if key != name}
            answer = await http.request(
                route.method, route.path(here), json=body, headers=make.bearer(here.token)
            )
            problem = await refused(answer, f"{route} without {name}")
            assert problem["field"] == name


BODIES = [
    b"",
    b" ",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"1",
    b"{} {}",
    b"\xff\xfe",
    b'{"title": "\xc3\x28"}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b'{"\x00": 1}',
    b'{"bogus": 1}',
    b'{"' + b"b" * 100_000 + b'": 1}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"times":' + b"[" * 100_000,
    b'{"answers":{"a":' + b"[" * 100_000,
    b"x" * 100,
    b"{'title': 1}",
    b'{"title": 01}',
    b"<xml/>",
]


@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:20]) for body in BODIES])
async def test_a_body_that_is_none(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, body: bytes
) -> None:
    """On every route that takes one."""
    before = await contents(database, here.tenant)
    headers = {**make.bearer(here.token), "Content-Type": "application/json"}
    for route in with_bodies(app):
        answer = await http.request(route.method, route.path(here), content=body, headers=headers)
        problem = await refused(answer, str(route))
        assert answer.status_code in {400, 422}, f"{route}: {answer.text[:200]}"
        assert problem["field"]
        assert problem["expected"]
        assert len(answer.content) < 2000
    assert await contents(database, here.tenant) == before


async def test_a_member_twice(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    """Which of the two was meant, nobody knows."""
    headers = {**make.bearer(here.token), "Content-Type": "application/json"}
    for route in with_bodies(app):
        body = bodies(here)[route.name]
        name = next(iter(body))
        written = json.dumps(body)[:-1] + f", {json.dumps(name)}: {json.dumps(body[name])}}}"
        answer = await http.request(route.method, route.path(here), content=written.encode(), headers=headers)
        assert (await refused(answer, str(route)))["field"] == name


PARAMETER_VALUES = [
    "",
    "\0",
    "a\0b",
    "null",
    "x" * 5000,
    "-1",
    "0",
    "99999999999999999999",
    "1.5",
    "1e5",
    "NaN",
    "æ",
    "true ",
    "TRUE",
    "[]",
    "{}",
    "' OR 1=1 --",
    "%",
    "😀",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-11-24T10:00:00",
    "2026-11-24T99:00:00Z",
    "W10",
    "bogus",
    "../..",
    "\n",
    "a\n",
    "١٢:٣٤",
    "24:01",
]


async def test_every_parameter_of_every_address(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town
) -> None:
    """Nonsense is refused by name, or means something harmless; it is never a fault."""
    before = await contents(database, here.tenant)
    told = document(app)
    tried = 0
    for path, item in told["paths"].items():
        if "get" not in item:
            continue
        operation = item["get"]
        filled = path.replace("{m}", here.tenant.slug)
        for name, table in PARAMETERS.items():
            filled = filled.replace(f"{{{name}}}", str(here.ids[table]))
        query = QUERIES.get(operation["operationId"], {})
        for parameter in operation["parameters"]:
            if parameter["in"] != "query":
                continue
            name = parameter["name"]
            for value in PARAMETER_VALUES:
                answer = await http.get(
                    filled, params={**query, name: value}, headers=make.bearer(here.token)
                )
                what = f"{filled}?{name}={value[:30]!r}"
                tried += 1
                if answer.status_code == 200:
                    assert may_be(parameter["schema"], value), what
                    continue
                problem = await refused(answer, what)
                assert problem["field"] in {name, "from", "to", "to_on", "from_on"}, f"{what}: {problem}"
                assert problem["expected"], what
            if parameter["schema"].get("type") != "array":
                twice = await http.get(
                    filled, params=[*query.items(), (name, "1"), (name, "1")], headers=make.bearer(here.token)
                )
                assert (await refused(twice, f"{filled}?{name} twice"))["field"], name
        unknown = await http.get(filled, params={**query, "bogus": "1"}, headers=make.bearer(here.token))
        assert path.startswith("/health") or (await refused(unknown, filled))["field"] == "bogus"
    assert tried > 1000
    assert await contents(database, here.tenant) == before


def may_be(schema: Json, value: str) -> bool:
    """Whether the value is one that the parameter may have."""
    schema = schema.get("items", schema)
    match schema:
        case {"type": "integer"}:
            return value.lstrip("-").isascii() and value.lstrip("-").isdigit()
        case {"type": "boolean"}:
            return value in {"true", "false"}
        case {"format": "uuid"}:
            return len(value) == 36
        case {"format": "date"}:
            return len(value) == 10
        case _:
            return "\0" not in value


@pytest.mark.parametrize(
    "query",
    ["%00", "a=%00", "=&=&", "&&&", "%", "%zz=%zz", "limit=%FF", "limit=1;limit=2", "[]=1", "limit[]=1"],
)
async def test_an_address_that_is_badly_written(http: httpx.AsyncClient, here: Town, query: str) -> None:
    answer = await http.get(f"{here.base}/facilities?{query}")
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert (await refused(answer, query))["field"] is not None


IDS = [
    "nonsense",
    "0",
    "%00",
    "0" * 36,
    "{0190b3c4-0000-7000-8000-000000000000}",
    "..",
    "%2e%2e",
    "null",
    "é",
    "x" * 3000,
    "0190b3c4-0000-7000-8000-00000000000g",
    "1' OR '1'='1",
    "00000000-0000-0000-0000-000000000000",
]


@pytest.mark.parametrize("id_", IDS)
async def test_an_id_that_is_none_is_not_found(
    app: Litestar, http: httpx.AsyncClient, here: Town, id_: str
) -> None:
    for route in routes_of(app):
        if not route.in_document:
            continue
        for name in route.parameters:
            path = route.path(here, **{name: id_})
            answer = await http.request(
                route.method,
                path,
                json=bodies(here).get(route.name),
                params=QUERIES.get(route.name),
                headers=make.bearer(here.token),
            )
            assert answer.status_code in {404, 405, 422}, f"{route} {id_}: {answer.text[:200]}"
            await refused(answer, str(route))


HEADERS = [
    (
        "Authorization",
        [
            "",
            "Bearer",
            "Bearer ",
            "Basic YTpi",
            "bearer x y",
            "Bearer \xff",
            "x" * 8000,
            "Bearer " + "x" * 8000,
        ],
    ),
    ("If-Match", ["1", '"x"', '""', '"1', "'1'", '"99999999999"', '"1", "2"', "W/1", "\xff", "x" * 5000]),
    ("Idempotency-Key", [" ", "x" * 201, "a b", "\xe6", "x" * 8000]),
]


@pytest.mark.parametrize(("header", "values"), HEADERS, ids=[name for name, _ in HEADERS])
async def test_headers_of_nonsense(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, header: str, values: list[str]
) -> None:
    """Refused by name where the document tells of the header; nothing is written."""
    told = document(app)
    before = await contents(database, here.tenant)
    for route in routes_of(app):
        if not route.in_document or "{m:str}" not in route.template:
            continue
        operation = told["paths"][route.template.replace(":str", "").replace(":uuid", "")][
            route.method.lower()
        ]
        understood = {each["name"] for each in operation["parameters"] if each["in"] == "header"} | {
            "Authorization"
        }
        if header not in understood or (
            header == "Authorization" and operation["security"] != [{"token": []}]
        ):
            continue
        for value in values:
            headers = {**make.bearer(here.token), header: value}
            answer = await http.request(
                route.method,
                route.path(here),
                json=bodies(here).get(route.name),
                params=QUERIES.get(route.name),
                headers={name.encode(): text.encode("latin-1") for name, text in headers.items()},
            )
            problem = await refused(answer, f"{route} {header}: {value[:20]}")
            if header == "Authorization":
                assert answer.status_code == 401
            else:
                assert (answer.status_code, problem["field"]) == (422, header), (
                    f"{route} {value[:20]!r}: {answer.text}"
                )
    assert await contents(database, here.tenant) == before


def span(start: Any, end: Any) -> Json:
    return {"start": start, "end": end}


START, END = make.iso(ASKED.start), make.iso(ASKED.end)
CLOCK = {"date": str(ASKED.start.date()), "time": "10:00"}
SPANS: list[tuple[Json, str]] = [
    (span(END, START), "end"),
    (span(START, START), "end"),
    (span(START, "9999-12-31T23:59:59Z"), "end"),
    (span("0001-01-01T00:00:00Z", END), "start"),
    (span("2100-12-31T00:00:00Z", "2101-01-02T00:00:00Z"), "end"),
    (span("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59"), "start"),
    (span("0001-01-01T00:00:00+23:59", END), "start"),
    (span({**CLOCK, "time": "24:01"}, END), "start"),
    (span({**CLOCK, "time": "10:00\n"}, END), "start"),
    (span({**CLOCK, "time": "١٠:٠٠"}, END), "start"),
    (span({**CLOCK, "date": "9999-12-31"}, END), "start"),
    (span({**CLOCK, "date": "0001-01-01"}, END), "start"),
    (span({**CLOCK, "fold": 2}, END), "start"),
    (span({**CLOCK, "zone": "UTC"}, END), "start"),
    (span({"date": "2027-03-28", "time": "02:30"}, "2027-03-28T10:00:00Z"), "start"),
]


@pytest.mark.parametrize(
    ("asked", "field"), SPANS, ids=[f"{each['start']}..{each['end']}" for each, _ in SPANS]
)
async def test_times_that_make_no_sense(
    http: httpx.AsyncClient, database: Database, here: Town, asked: Json, field: str
) -> None:
    """Wherever a time is asked for."""
    before = await contents(database, here.tenant)
    id_ = {"resource_id": str(here.ids["resource"])}
    tries: list[tuple[str, Json]] = [
        ("quote", {**id_, **asked}),
        ("applications", {"title": "x", "times": [{**id_, **asked}]}),
        ("closures", {**id_, **asked, "reason": "x"}),
        ("extra-openings", {**id_, **asked}),
        (f"bookings/{here.ids['booking']}/move", asked),
    ]
    for path, body in tries:
        answer = await http.post(f"{here.base}/{path}", json=body, headers=make.bearer(here.token))
        problem = await refused(answer, path)
        assert answer.status_code == 422, path
        assert problem["field"].removeprefix("times.0.").split(".")[0] == field, f"{path}: {problem}"
    assert await contents(database, here.tenant) == before


REPEATS: list[Json] = [
    {"rrule": "FREQ=SECONDLY"},
    {"rrule": "FREQ=SECONDLY;COUNT=10"},
    {"rrule": "FREQ=MINUTELY;COUNT=10000"},
    {"rrule": "FREQ=DAILY;COUNT=10000"},
    {"rrule": "FREQ=DAILY;COUNT=99999999999999999999"},
    {"rrule": "FREQ=DAILY;INTERVAL=0;COUNT=5"},
    {"rrule": "FREQ=DAILY;INTERVAL=99999999;COUNT=5"},
    {"rrule": "FREQ=DAILY"},
    {"rrule": "FREQ=DAILY;UNTIL=99991231"},
    {"rrule": "FREQ=YEARLY;COUNT=400;BYMONTH=2;BYMONTHDAY=30"},
    {"rrule": "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=500;INTERVAL=12"},
    {"rrule": "FREQ=WEEKLY;BYDAY=XX;COUNT=2"},
    {"rrule": "FREQ=WEEKLY;COUNT=2;COUNT=3"},
    {"rrule": "RRULE:"},
    {"rrule": ";;;;;;"},
    {"rrule": "FREQ=WEEKLY;COUNT=2\n"},
    {"rrule": "FREQ=WEEKLY;COUNT=2", "every_weeks": 1},
    {"every_weeks": 0, "until": "2027-01-01"},
    {"every_weeks": 53, "until": "2027-01-01"},
    {"every_weeks": 1, "until": "9999-12-31"},
    {"every_weeks": 1, "until": "0001-01-01"},
    {"every_weeks": 1, "until": "2027-01-01", "except": ["2026-12-15"] * 401},
    {"every_weeks": 1, "until": "2027-01-01", "except": [None]},
    {"every_weeks": 1},
    {},
]


@pytest.mark.parametrize("repeat", REPEATS, ids=str)
async def test_repeats_that_make_no_sense(
    http: httpx.AsyncClient, database: Database, here: Town, repeat: Json
) -> None:
    before = await contents(database, here.tenant)
    body = {**bodies(here)["apply"], "repeat": repeat}
    answer = await http.post(f"{here.base}/applications", json=body, headers=make.bearer(here.token))
    problem = await refused(answer, str(repeat))
    assert answer.status_code == 422, answer.text[:300]
    assert problem["field"].startswith("repeat"), problem
    assert await contents(database, here.tenant) == before


@pytest.mark.parametrize("times", [0, 101, 10_000])
async def test_too_many_times(http: httpx.AsyncClient, here: Town, times: int) -> None:
    body = {**bodies(here)["apply"], "times": bodies(here)["apply"]["times"] * times}
    answer = await http.post(f"{here.base}/applications", json=body, headers=make.bearer(here.token))
    problem = await refused(answer, str(times))
    assert (answer.status_code, problem["field"]) in {(422, "times"), (413, "body")}


async def test_a_megabyte_of_text(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    """More than any body may be."""
    content = b'{"title": "' + b"x" * 1_000_000 + b'"}'
    assert len(content) > BODY_LIMIT
    headers = {**make.bearer(here.token), "Content-Type": "application/json"}
    for route in with_bodies(app):
        answer = await http.request(route.method, route.path(here), content=content, headers=headers)
        assert answer.status_code == 413, str(route)
        assert (await refused(answer, str(route)))["expected"]


CURSORS = [
    "",
    "x",
    "AAAA",
    "W10",
    "WzFd",
    "Wy0xXQ",
    "W251bGxd",
    "WyJhXHUwMDAwYiIsICIwMTkwYjNjNC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ",
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwIiwgIjAxOTBiM2M0LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwgIjAxOTBiM2M0LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",
    "WzFlNDAwXQ",
    "W1tbW1tbW1tbW1s",
    "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTldd",
    "X" * 500,
]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_cursors_that_were_made_up(http: httpx.AsyncClient, here: Town, cursor: str) -> None:
    for path in (
        "facilities",
        "resources",
        "applications",
        "bookings",
        "closures?from=2026-12-01&to=2026-12-08",
        "search",
    ):
        glue = "&" if "?" in path else "?"
        answer = await http.get(f"{here.base}/{path}{glue}cursor={cursor}", headers=make.bearer(here.token))
        assert answer.status_code in {200, 422}, f"{path}: {answer.text}"
        if answer.status_code == 422:
            assert answer.json()["field"] == "cursor"
