"""Bad input on every field of every JSON route: a 4xx problem that names the field, nothing written, never a fault.

What is bad is worked out from the API's own document: each member of a body that the route accepts is replaced, left
out or joined by one that does not belong, each parameter of the address likewise.
"""

import json
import re

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from tests import make
from tests.web.towns import PARAMETERS, QUERIES, Town, bodies, contents, routes_of
from tests.web.wrongs import Json, changed, full, members, refused, resolve, with_bodies, wrongs
from web.document import document
from web.problems import BODY_LIMIT


async def test_every_member_of_every_body(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town
) -> None:
    """Thousands of bodies, each wrong in one place."""
    told = document(app)
    headers = {**make.bearer(here.token), "Content-Type": "application/json"}
    before = await contents(database, here.tenant)
    tried = 0
    for route in with_bodies(app):
        operation = told["paths"][re.sub(r":\w+", "", route.template)][route.method.lower()]
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
        operation = told["paths"][re.sub(r":\w+", "", route.template)][route.method.lower()]
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
    others = {route.path(here) for route in routes_of(app) if route.in_document}
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
            if str(answer.request.url.path) in others:
                continue  # clients walk `..` themselves, and it leads to another route
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
        operation = told["paths"][re.sub(r":\w+", "", route.template)][route.method.lower()]
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
