"""Who is to have a case, as a table."""

from datetime import date
from uuid import UUID

import pytest

from booking.cases.duty import Away, Routes, officer_for, on_duty
from people.actors import Place

ANNE, BIRGIT, CARL, DAG = (UUID(int=n) for n in range(1, 5))
HALL, POOL, SAUNA = (UUID(int=n) for n in range(11, 14))
FIRST, LAST = date(2026, 10, 24), date(2026, 10, 26)
"""Over the night in which the clocks are set back."""
BEFORE, AFTER = date(2026, 10, 23), date(2026, 10, 27)


def away(substitute: UUID | None) -> list[Away]:
    return [Away(FIRST, LAST, substitute)]


@pytest.mark.parametrize(
    ("absences", "today", "expected"),
    [
        ({}, FIRST, ANNE),
        ({ANNE: away(BIRGIT)}, BEFORE, ANNE),
        ({ANNE: away(BIRGIT)}, FIRST, BIRGIT),
        ({ANNE: away(BIRGIT)}, LAST, BIRGIT),
        ({ANNE: away(BIRGIT)}, AFTER, ANNE),
        ({ANNE: away(None)}, FIRST, None),
        ({ANNE: [*away(None), *away(CARL)]}, FIRST, CARL),
        ({ANNE: away(BIRGIT), BIRGIT: away(CARL)}, FIRST, CARL),
        ({ANNE: away(BIRGIT), BIRGIT: away(ANNE)}, FIRST, None),
        ({ANNE: away(BIRGIT), BIRGIT: away(None)}, FIRST, None),
    ],
)
def test_who_stands_in(absences: dict[UUID, list[Away]], today: date, expected: UUID | None) -> None:
    assert on_duty(ANNE, absences, today) == expected


ROUTES = Routes({HALL: ANNE}, {SAUNA: BIRGIT})


@pytest.mark.parametrize(
    ("places", "absences", "barred", "expected"),
    [
        ([Place(HALL, POOL)], {}, (), ANNE),
        ([Place(HALL, SAUNA)], {}, (), BIRGIT),
        ([Place(HALL, SAUNA), Place(HALL, POOL)], {}, (), BIRGIT),
        ([Place(HALL, POOL), Place(HALL, SAUNA)], {}, (), ANNE),
        ([Place(HALL, SAUNA)], {BIRGIT: away(CARL)}, (), CARL),
        ([Place(HALL, SAUNA)], {BIRGIT: away(None)}, (), ANNE),
        ([Place(HALL, SAUNA)], {BIRGIT: away(None), ANNE: away(None)}, (), None),
        ([Place(HALL, SAUNA)], {}, (BIRGIT,), ANNE),
        ([Place(HALL, SAUNA)], {BIRGIT: away(CARL)}, (CARL, ANNE), None),
        ([Place(DAG, POOL)], {}, (), None),
        ([Place(DAG, POOL), Place(HALL, POOL)], {}, (), ANNE),
        ([], {}, (), None),
    ],
)
def test_the_resource_comes_before_the_facility_and_the_first_time_wins(
    places: list[Place], absences: dict[UUID, list[Away]], barred: tuple[UUID, ...], expected: UUID | None
) -> None:
    chosen = officer_for(places, ROUTES, absences, FIRST, lambda officer_id, _: officer_id not in barred)
    assert chosen == expected
