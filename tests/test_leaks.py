"""Whoever looks for national numbers finds them, and takes nothing else for one."""

from uuid import UUID

import httpx
import pytest

from core.ids import new_id
from core.provision import connect
from core.tenants import Tenant
from tests.conftest import Urls
from tests.leaks import national_numbers, numbers_in_tables, read_answer
from tests.people.signing.numbers import synthetic

NUMBERS = [synthetic(0), synthetic(7, add=40), "41817010049"]
"""Of Tenor's and NAV's; and a D-number."""
AROUND = [
    "{}",
    "pid={}&x",
    '{{"pid":"{}"}}',
    "({}, 3)",
    "nr. {}.",
    "\n{}\n",
    "https://a.b/people/{}",
    "<td>{}</td>",
]


@pytest.mark.parametrize("around", AROUND)
def test_numbers_are_found(around: str) -> None:
    for number in NUMBERS:
        assert national_numbers(around.format(number)) == {number}
        assert national_numbers(around.format(f"{number[:6]} {number[6:]}")) == {number}


def test_numbers_in_addresses_are_found() -> None:
    assert national_numbers(f"/search?text=nr%20{NUMBERS[0]}") == {NUMBERS[0]}


@pytest.mark.parametrize("around", ["1{}", "{}1", "a{}", "{}f", "+{}", "{}-4b1d", "0.{}", "{}.5", "_{}"])
def test_other_figures_are_not_taken_for_one(around: str) -> None:
    assert not national_numbers(around.format(NUMBERS[0]))


def test_nothing_else_is_taken_for_one() -> None:
    wrong = NUMBERS[0][:-1] + str((int(NUMBERS[0][-1]) + 1) % 10)
    others = f"{wrong} {UUID(int=3)} 2026-11-24T10:00:00.123456+00:00 +4790000000 964965137 1795562000123 99999999999"
    assert not national_numbers(others)


LETTER = """
INSERT INTO letter (tenant_id, id, address, language, subject, text) VALUES ($1, $2, 'a@b.example', 'nb', 'Hei', $3)
"""
MESSAGE = """
INSERT INTO outbox (tenant_id, id, kind, body) VALUES ($1, $2, 'x', jsonb_build_object('note', 'nr. ' || $3::text))
"""
KEPT_ANSWER = """
INSERT INTO idempotency_key (tenant_id, id, person_id, key, request_hash, answer)
VALUES ($1, $2, $2, 'k', '', convert_to($3, 'UTF8'))
"""


@pytest.mark.parametrize(
    ("statement", "table"), [(LETTER, "letter"), (MESSAGE, "outbox"), (KEPT_ANSWER, "idempotency_key")]
)
async def test_a_number_in_any_column_of_any_table_is_found(
    database_urls: Urls, tenant: Tenant, statement: str, table: str
) -> None:
    connection = await connect(database_urls.owner)
    try:
        undone = connection.transaction()
        await undone.start()
        await connection.execute(f"SET LOCAL app.tenant_id = '{tenant.id}'")
        before = await numbers_in_tables(connection)
        await connection.execute(statement, tenant.id, new_id(), NUMBERS[0])
        after = await numbers_in_tables(connection)
        await undone.rollback()
    finally:
        await connection.close()
    assert after == {**before, table: before.get(table, 0) + 1}


@pytest.mark.parametrize("part", ["url", "header", "body"])
async def test_an_answer_with_a_number_fails_its_test(part: str) -> None:
    asked = httpx.Request("GET", f"http://a.test/?q={NUMBERS[0] if part == 'url' else ''}")
    headers = {"Location": f"/{NUMBERS[0]}"} if part == "header" else {}
    text = NUMBERS[0] if part == "body" else ""
    with pytest.raises(AssertionError, match="a national number"):
        await read_answer(httpx.Response(200, headers=headers, text=text, request=asked))


@pytest.mark.parametrize(("number", "code"), [(NUMBERS[0], 1), ("12345678901", 0)])
def test_a_run_that_logs_a_number_fails(pytester: pytest.Pytester, number: str, code: int) -> None:
    """However well the test itself went."""
    pytester.makepyfile(
        f"import logging\ndef test_talks(): logging.getLogger('ledig').warning('signed in: %s', {number!r})"
    )
    answer = pytester.runpytest_subprocess("-p", "tests.leaks", "-p", "no:asyncio")
    assert answer.ret == code
    if code:
        answer.stdout.fnmatch_lines(["*1 logged a national number*", "*::test_talks: Captured log call"])
