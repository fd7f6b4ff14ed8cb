"""A refusal as it is told: a problem to programs, in the reader's language, a page to people, secrets to nobody."""

from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.schemas import ApplicationIn
from core.db import refusal_for
from core.errors import Invalid, Refusal
from core.misfit import misfit, read_json
from core.provision import connect
from tests import make
from tests.conftest import Urls
from tests.web.towns import Town

LANGUAGES = [
    ("nb", "Noe av det du sendte, er ikke riktig."),
    ("nn", "Noko av det du sende, er ikkje rett."),
    ("en", "Something in what you sent is not right."),
    ("no;q=0.5, en;q=0.1", "Noe av det du sendte, er ikke riktig."),
    ("de, fr", "Noe av det du sendte, er ikke riktig."),
    (";;;q=,,\xff", "Noe av det du sendte, er ikke riktig."),
]


@pytest.mark.parametrize(("accept", "title"), LANGUAGES)
async def test_a_problem_speaks_the_readers_language(
    http: httpx.AsyncClient, here: Town, accept: str, title: str
) -> None:
    path = f"{here.base}/facilities"
    answer = await http.get(
        path, params={"limit": "0"}, headers={b"Accept-Language": accept.encode("latin-1")}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["title"] == title
    assert (told["type"], told["status"], told["instance"]) == ("/problems/invalid", 422, path)
    assert told["field"] == "limit"


EXPECTED = [
    ("nb", "et tall som ikke er under 1"),
    ("nn", "eit tal som ikkje er under 1"),
    ("en", "a number not below 1"),
]


@pytest.mark.parametrize(("language", "expected"), EXPECTED)
async def test_what_would_be_right_is_said_in_the_readers_language(
    http: httpx.AsyncClient, here: Town, language: str, expected: str
) -> None:
    answer = await http.get(f"{here.base}/facilities", params={"limit": "0", "lang": language})
    assert answer.json()["expected"] == expected


async def test_people_get_a_page_and_programs_a_problem(http: httpx.AsyncClient, here: Town) -> None:
    page = await http.get(f"/{here.tenant.slug}/nothing-here")
    problem = await http.get(f"{here.base}/nothing-here")
    assert page.status_code == problem.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert problem.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("method", "path", "status", "type_"),
    [
        ("GET", "/api/nowhere", 404, "not-found"),
        ("GET", "/api/{m}/facilities/nonsense", 404, "not-found"),
        ("DELETE", "/api/{m}/facilities", 405, "method-not-allowed"),
        ("GET", "/api/{m}/applications", 401, "sign-in-needed"),
    ],
)
async def test_the_frameworks_own_refusals_are_problems_too(
    http: httpx.AsyncClient, here: Town, method: str, path: str, status: int, type_: str
) -> None:
    answer = await http.request(method, path.replace("{m}", here.tenant.slug))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{type_}"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_a_body_that_is_not_json_is_415(http: httpx.AsyncClient, here: Town, kind: str) -> None:
    """Which a form of another site cannot be."""
    answer = await http.post(
        f"{here.base}/quote", content=b"{}", headers={**make.bearer(here.token), "Content-Type": kind}
    )
    assert answer.status_code == 415
    assert answer.json()["field"] == "Content-Type"


async def test_a_fault_of_ours_tells_a_reference_and_nothing_else(
    http: httpx.AsyncClient, here: Town, database_urls: Urls, caplog: pytest.LogCaptureFixture
) -> None:
    program = make_url(database_urls.program).username
    owner = await connect(database_urls.owner)
    await owner.execute(f'REVOKE SELECT ON facility FROM "{program}"')
    try:
        answer = await http.get(f"{here.base}/facilities")
    finally:
        await owner.execute(f'GRANT SELECT ON facility TO "{program}"')
        await owner.close()
    assert answer.status_code == 500
    assert set(answer.json()) == {"type", "title", "status", "instance", "reference"}
    assert "permission denied" not in answer.text
    assert "permission denied" in caplog.text
    assert answer.json()["reference"] in caplog.text


MESSAGES = [
    ("Expected `int`, got `str` - at `$.times[0].quantity`", "times.0.quantity", ["a whole number"]),
    ("Expected `int | null`, got `float` - at `$.people`", "people", ["a whole number"]),
    ("Expected `bool | str | null`, got `int` - at `$.x`", "x", ["true or false", "a text"]),
    ("Expected `str` of length <= 200 - at `$.title`", "title", "at most %(n)s characters"),
    ("Invalid UUID - at `$.a[10].b[2]`", "a.10.b.2", "an id (UUID)"),
    (
        "Expected `str` matching regex '^a' - at `key` in `$.answers`",
        "answers",
        "a text of the form %(pattern)s",
    ),
    ("Expected `object`, got `array`", "body", ["an object"]),
    ("Object missing required field `times`", "times", "a value: this is needed"),
    ("Object missing required field `start` - at `$.times[1]`", "times.1.start", "a value: this is needed"),
]


@pytest.mark.parametrize(("message", "field", "expected"), MESSAGES)
def test_what_does_not_fit_is_named_in_our_words(message: str, field: str, expected: Any) -> None:
    found = misfit(message)
    assert found.facts["field"] == field
    assert found.facts["expected"] == expected


def test_an_unknown_member_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(Invalid) as caught:
        read_json(b'{"repeat": {"bogus": 1}}', ApplicationIn)
    assert caught.value.facts["field"] == "repeat.bogus"
    assert caught.value.facts["words"] == {"names": "every_weeks, rrule, until, except, instead"}


class Broken(Exception):
    """As asyncpg raises it, with SQL's own code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("code", ["22P05", "22021", "22003", "22008", "22001", "22007"])
def test_values_that_no_column_takes_are_refused_not_a_fault(code: str) -> None:
    refusal = refusal_for(DBAPIError("INSERT", None, Broken(code)))
    assert refusal is not None
    assert refusal.status == 422


@pytest.mark.parametrize("code", ["42501", "42704", "22P02", "22012", "XX000"])
def test_a_forgotten_tenant_and_other_faults_stay_faults(code: str) -> None:
    assert refusal_for(DBAPIError("SELECT", None, Broken(code))) is None


@pytest.mark.parametrize("code", ["55P03", "57014", "53300"])
def test_too_much_at_once_is_busy(code: str) -> None:
    refusal = refusal_for(DBAPIError("SELECT", None, Broken(code)))
    assert refusal is not None
    assert refusal.status == 503


def every_refusal(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    return [kind, *(found for sub in kind.__subclasses__() for found in every_refusal(sub))]


def test_every_refusal_has_a_title_and_a_status_that_fits() -> None:
    for kind in every_refusal():
        assert kind.title
        assert 400 <= kind.status < 500 or kind.status == 503
        assert kind.type == kind.type.lower()


def test_constraints_are_told_by_field_not_by_their_own_name() -> None:
    error = Broken("23505")
    error.__cause__ = type("Cause", (Exception,), {"constraint_name": "facility_tenant_id_key_key_102157"})()
    refusal = refusal_for(IntegrityError("INSERT", None, error))
    assert refusal is not None
    assert refusal.facts == {"field": "key"}
