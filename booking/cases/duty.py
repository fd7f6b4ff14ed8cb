"""Who is to have a case: by resource before facility, and her substitute while she is away. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from people.actors import Place


class Away(NamedTuple):
    """An absence, both days included."""

    from_on: date
    until_on: date
    substitute_id: UUID | None


class Routes(NamedTuple):
    """Who gets the cases of which place."""

    of_facility: Mapping[UUID, UUID]
    of_resource: Mapping[UUID, UUID]


def on_duty(officer_id: UUID, away: Mapping[UUID, Sequence[Away]], today: date) -> UUID | None:
    """Herself, or who stands in for her that day, or for that one; None when all of them are away."""
    asked: set[UUID] = set()
    candidate: UUID | None = officer_id
    while candidate is not None and candidate not in asked:
        asked.add(candidate)
        today_away = [each for each in away.get(candidate, ()) if each.from_on <= today <= each.until_on]
        if not today_away:
            return candidate
        candidate = next((each.substitute_id for each in today_away if each.substitute_id), None)
    return None


def officer_for(
    places: Sequence[Place],
    routes: Routes,
    away: Mapping[UUID, Sequence[Away]],
    today: date,
    may_decide: Callable[[UUID, Place], bool],
) -> UUID | None:
    """Of a case with times at these places, the first time's first: the first officer who is there and may decide."""
    for place in places:
        for routed in (
            _route(routes.of_resource, place.resource_id),
            _route(routes.of_facility, place.facility_id),
        ):
            officer_id = None if routed is None else on_duty(routed, away, today)
            if officer_id is not None and may_decide(officer_id, place):
                return officer_id
    return None


def _route(routes: Mapping[UUID, UUID], place_id: UUID | None) -> UUID | None:
    return None if place_id is None else routes.get(place_id)
