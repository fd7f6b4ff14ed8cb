"""The API's own document is true: every route in it, everything answered is in it, and schemathesis finds no fault."""

import json
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update

from core.db import Database
from core.errors import Refusal
from core.spans import utc_now
from payments.models import Order
from scripts.write_api_document import GOLDEN, written
from tests import make
from tests.conftest import Urls
from tests.web.served import serving
from tests.web.towns import PARAMETERS, QUERIES, Town, routes_of
from web.document import document
from web.problems import FRAMEWORK

Json = dict[str, Any]
ASKING = {"quote", "try_import", "try_tariff"}
"""Posts that write nothing."""


@pytest.fixture(scope="module")
def told(app: Litestar) -> Json:
    return document(app)


def operations(told: Json) -> Generator[tuple[str, str, Json], None, None]:
    """Method, path, and what is said of it."""
    for path, item in told["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_the_document_is_the_one_in_docs() -> None:
    """A change of the API is seen: if it was meant, `python -m scripts.write_api_document`, and say so in CHANGELOG."""
    assert json.loads(GOLDEN.read_text()) == json.loads(written())


async def test_the_document_is_served(http: httpx.AsyncClient, told: Json) -> None:
    answer = await http.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
    assert answer.json() == told


def test_every_json_route_is_in_it_and_no_page(app: Litestar, told: Json) -> None:
    routes = routes_of(app)
    by_machine = ("/api/", "/health/")
    shown = {(r.method, re.sub(r":\w+", "", r.template)) for r in routes if r.template.startswith(by_machine)}
    shown.discard(("GET", "/api/openapi.json"))
    assert {(method.upper(), path) for method, path, _ in operations(told)} == shown
    assert not [route for route in routes if route.in_document and not route.template.startswith(by_machine)]


def test_operations_have_names_of_their_own_words_and_tags(told: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(told)]
    assert len(names) == len(set(names))
    for method, path, operation in operations(told):
        assert operation["summary"], f"{method} {path}"
        assert operation["tags"], f"{method} {path}"


def test_every_operation_tells_what_it_may_refuse(told: Json) -> None:
    """As problem+json, which every client can read alike."""
    for method, path, operation in operations(told):
        statuses = set(operation["responses"])
        assert "500" not in statuses
        if not path.startswith("/api/"):
            continue
        assert statuses >= {"400", "422", "503"}, f"{method} {path}"
        if "{m}" in path:
            assert statuses >= {"401", "404"}, f"{method} {path}"
        if method != "get" and operation["operationId"] not in ASKING:
            assert statuses >= {"403", "409"}, f"{method} {path}"
        assert ("requestBody" in operation) <= (statuses >= {"413", "415"}), f"{method} {path}"
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], f"{method} {path} {status}"


def test_headers_that_are_understood_are_told(told: Json) -> None:
    for method, path, operation in operations(told):
        headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        assert ("If-Match" in headers) is ("412" in operation["responses"]), f"{method} {path}"
        is_change = method == "post" and operation["operationId"] not in ASKING
        assert ("Idempotency-Key" in headers) is is_change, f"{method} {path}"


def test_every_reference_leads_somewhere(told: Json) -> None:
    names = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(told))
    assert set(names) == set(told["components"]["schemas"])


def test_patterns_mean_the_same_in_python_and_javascript(told: Json) -> None:
    """No class that Python reads wider, nothing that ends at a line instead of at the end of the text."""
    patterns: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            members = cast("Json", value)
            if isinstance(members.get("pattern"), str):
                patterns.add(members["pattern"])
            for inner in members.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in cast("list[Any]", value):
                walk(inner)

    walk(told["components"])
    for _, _, operation in operations(told):
        walk([each["schema"] for each in operation["parameters"] if each["in"] != "header"])
    assert patterns
    for pattern in patterns:
        assert not re.search(r"\\[dDwWsSbBAZ]", pattern), pattern
        assert pattern.startswith("^"), pattern
        assert pattern.endswith((r"(?!\n)$", r"[^\u0000]*$")), pattern


async def test_an_etag_is_sent_where_it_is_told(
    http: httpx.AsyncClient, database: Database, told: Json, here: Town
) -> None:
    await issued(database, here)
    for method, path, operation in operations(told):
        if method != "get" or not set(re.findall(r"\{(\w+)\}", path)) <= {"m", *PARAMETERS}:
            continue
        filled = re.sub(
            r"\{(\w+)\}",
            lambda name: here.tenant.slug if name[1] == "m" else str(here.ids[PARAMETERS[name[1]]]),
            path,
        )
        query = QUERIES.get(operation["operationId"])
        answer = await http.get(filled, params=query, headers=make.bearer(here.token))
        assert answer.status_code == 200, path
        headers = operation["responses"]["200"].get("headers", {})
        assert ("ETag" in headers) is ("ETag" in answer.headers), path


async def issued(database: Database, town: Town) -> None:
    """The town's order, which is open, gets a number, and a paper with it."""
    own = update(Order).where(Order.id == town.ids["pay_order"])
    async with database.transaction(town.tenant.id) as db:
        await db.execute(own.values(state="issued", number=1, issued_at=utc_now()))


async def test_head_is_get_without_its_body(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    for route in routes_of(app):
        if route.method != "GET" or not set(route.parameters) <= set(PARAMETERS):
            continue
        headers = make.bearer(here.token)
        get = await http.get(route.path(here), params=QUERIES.get(route.name), headers=headers)
        head = await http.head(route.path(here), params=QUERIES.get(route.name), headers=headers)
        assert head.status_code == get.status_code, str(route)
        assert head.content == b""
        assert head.headers["content-type"] == get.headers["content-type"]


async def test_allow_names_exactly_the_methods_there_are(
    app: Litestar, http: httpx.AsyncClient, here: Town
) -> None:
    """To OPTIONS, and in the refusal of any other method, which is a problem like all others."""
    methods: dict[str, set[str]] = {}
    for route in routes_of(app):
        if route.in_document:
            methods.setdefault(route.path(here), {"OPTIONS"}).update(
                {"GET", "HEAD"} if route.method == "GET" else {route.method}
            )
    for path, expected in methods.items():
        options = await http.options(path)
        assert options.status_code == 204
        assert set(options.headers["allow"].split(", ")) == expected, path
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - expected:
            refused = await http.request(method, path)
            assert refused.status_code == 405, f"{method} {path}"
            assert set(refused.headers["allow"].split(", ")) == expected, f"{method} {path}"
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["type"] == "/problems/method-not-allowed"


CONFIG = """
[checks.positive_data_acceptance]
# 422: rules between fields, of the clock and of what exists here, which no schema can say (end after start, an hour
# that is skipped in spring, a unit of the same facility, an Idempotency-Key that was used). 412: an If-Match made up.
expected-statuses = ["2xx", "401", "403", "404", "409", "412", "422"]

[parameters]
"""


async def test_schemathesis_finds_no_fault(here: Town, database_urls: Urls, tmp_path: Path) -> None:
    """All checks on, over HTTP, as an administrator of a municipality that has a row in every table."""
    ids = {name: here.ids[table] for name, table in PARAMETERS.items() if name.endswith("_id")}
    lines = [f'"path.m" = "{here.tenant.slug}"', *(f'"path.{name}" = "{id_}"' for name, id_ in ids.items())]
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG + "\n".join(lines))
    with serving(database_urls, tmp_path / "program.log") as address:
        command = [Path(sys.executable).parent / "schemathesis", "--config-file", config]
        command += ["run", f"{address}/api/openapi.json", "--checks", "all", "--seed", "1"]
        # One worker: CPython 3.11 counts the depth of ast for all threads together, and hypothesis reads lambdas.
        command += ["--max-examples", "2", "--workers", "1", "--continue-on-failure"]
        command += ["--header", f"Authorization: Bearer {here.token}"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-20000:]
    assert re.search(r"(\d{4,}) generated, \1 passed", run.stdout), run.stdout[-3000:]


def test_the_guide_tells_of_every_refusal_and_of_no_other() -> None:
    guide = (GOLDEN.parent / "api.md").read_text()
    table = "\n".join(line for line in guide.splitlines() if re.match(r"\| \d", line))
    framework = {type_ for type_, _, _ in FRAMEWORK.values()} | {"internal-error"}
    spoken = {kind.type for kind in every_refusal()} - {Refusal.type} | framework
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", table)) - {
        "conflicts",
        "field",
        "expected",
        "reference",
        "article",
        "left",
        "missing",
        "price",
        "was",
    }
    assert named == spoken


def every_refusal(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    """The tree of core/errors.py, flat."""
    return [kind, *(found for sub in kind.__subclasses__() for found in every_refusal(sub))]


def test_the_guide_asks_only_what_can_be_asked(told: Json) -> None:
    guide = (GOLDEN.parent / "api.md").read_text()
    paths = {re.sub(r"\{[^}]+\}", "X", path) for path in told["paths"]} | {"/api/openapi.json"}
    for asked in re.findall(r"(?<!sandnes\.example)(/api/[^\s'`?\"]+)", guide):
        assert re.sub("01a2…", "X", asked.replace("/sandnes", "/X", 1)) in paths, asked
