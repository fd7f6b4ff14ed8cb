"""Every route, tried as every role of two municipalities: who may is answered, nobody else is, and writes nothing.

Who may do what stands in tests/web/rights.py. Those who may ask a program that forgets: it carries everything out and
rolls back, so that one town serves for all. Those who may not ask the real one, and the town is as before.
"""

import pytest

from tests.web.cast import NOBODY, PARTS, Part
from tests.web.entitled import expected, key_of, passes, suggestion
from tests.web.rights import RIGHTS
from tests.web.stage import Stage, asks_nobody
from tests.web.towns import PARAMETERS


async def test_every_route_stands_in_the_table(stage: Stage) -> None:
    """And the table names no route that is gone."""
    known = {key_of(route) for route in stage.routes}
    assert RIGHTS.keys() - known == set(), "no such routes"
    missing: list[str] = []
    for route in stage.routes:
        if key_of(route) in RIGHTS:
            continue
        told = {
            name: (await stage.as_player(stage.rehearsal, route, player)).status_code
            for name, player in stage.players.items()
        }
        missing.append(suggestion(key_of(route), told))
    assert not missing, "\n".join(["", "Read these lines, and put them into tests/web/rights.py:", *missing])


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_who_may_is_answered_and_nobody_else_is(stage: Stage, part: Part) -> None:
    """Exactly as the table says; and what was refused has written nothing."""
    player, before = stage.players[part.name], await stage.contents()
    wrong: list[str] = []
    for route in stage.routes:
        right = RIGHTS.get(key_of(route))
        if right is None:
            continue  # the test above misses it
        wanted = expected(right, part)
        answer = await stage.as_player(stage.rehearsal if wanted is None else stage.real, route, player)
        status = answer.status_code
        if not (passes(right, status) if wanted is None else status == wanted):
            wrong.append(f"{route}: {status} instead of {wanted or right.held or 'success'}")
    assert not wrong, "\n".join(["", *wrong])
    assert await stage.contents() == before, "something was written without a right to"


@pytest.mark.parametrize("part", [part for part in PARTS if part is not NOBODY], ids=str)
async def test_a_role_of_the_other_municipality_is_nobody_here(stage: Stage, part: Part) -> None:
    """Her token is no token, and her cookie, under this municipality's name, is no cookie."""
    stranger, before = stage.strangers[part.name], await stage.contents()
    for route in stage.routes:
        headers = stranger.headers(stage.here, to_page=not route.in_document)
        status, _ = await stage.as_nobody(route)
        answer = await stage.ask(stage.real if status >= 400 else stage.rehearsal, route, headers)
        if "Authorization" in headers and not asks_nobody(route):
            assert answer.status_code == 401, f"{route}: {answer.status_code}"
        else:
            assert await stage.is_as_for_nobody(route, answer), str(route)
    assert await stage.contents() == before, "something was written without a right to"


def test_the_parameters_of_every_route_are_known(stage: Stage) -> None:
    for route in stage.routes:
        assert set(route.parameters) <= set(PARAMETERS), str(route)
