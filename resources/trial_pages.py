"""What the pages of tariffs have in common: a tariff with the places there are, and the trial of a booking on it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.spans import local_date
from core.wire import id_in
from people.actors import Actor
from people.desk import Desk
from resources import place_queries, tariff_form, tariff_reading, trial_form
from resources.price_words import PriceOut, worded
from resources.tariff_form import Wrong
from resources.tariff_schemas import TariffBrief, TariffOut
from resources.tariffs import ArticleFacts, TariffFacts

PATH: Final = "/staff/tariffs"
MOST_PLACES: Final = 1000
TRY: Final = "try"
"""The step of a form that asks what a booking would cost, and saves nothing."""
Found = Callable[[AsyncSession, Actor], Awaitable[TariffFacts]]


class Known(NamedTuple):
    """What the pages show of a tariff and around it."""

    tariff: TariffOut
    places: list[place_queries.Kept]
    resource: str
    """Of the trial; empty: none."""
    articles: tuple[ArticleFacts, ...]
    """What can be ordered along there."""


async def known(desk: Desk, tariff_id: UUID, asked: Mapping[str, str]) -> Known:
    """`asked`: what was sent. A trial that nobody has begun is at the first place where the tariff holds.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound.
    """

    async def work(db: AsyncSession, actor: Actor) -> Known:
        found = await tariff_reading.tariff(db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now)
        sight = place_queries.sight_of(actor, desk.now)
        places = list(await place_queries.resources(db, sight, limit=MOST_PLACES))
        is_begun = "on" in asked or "resource" in asked
        resource = asked.get("resource", "") if is_begun else _first_place(found, places)
        articles = await tariff_reading.offered(db, id_in(resource))
        return Known(found, places, resource, articles)

    return await desk.read(work)


def _first_place(tariff: TariffOut, places: list[place_queries.Kept]) -> str:
    resources = {place.resource_id for place in tariff.places if place.resource_id}
    facilities = {place.facility_id for place in tariff.places if place.facility_id}
    held = (each for each in places if each.resource.id in resources or each.facility.id in facilities)
    first = next(held, None)
    return "" if first is None else str(first.resource.id)


def name_of(desk: Desk, tariff: TariffBrief) -> str:
    return worded(msgspec.to_builtins(tariff.name), desk.texts) or tariff.key


def trial_values(desk: Desk, around: Known, asked: Mapping[str, str]) -> dict[str, Any]:
    """What resources/_trial.html shows besides `form`, `errors` and `price`."""
    day = tariff_form.day_in(asked.get("on", "")) or local_date(desk.tenant.zone, desk.now)
    return {
        "resources": [
            (str(each.resource.id), f"{each.facility.name}: {each.resource.name}") for each in around.places
        ],
        "articles": trial_form.trial_articles(asked, around.articles, desk.texts, day),
        "options": tariff_form.choices(desk.texts),
    }


def begun(desk: Desk, around: Known) -> dict[str, str]:
    """The trial of a form that nobody has written in yet."""
    today = local_date(desk.tenant.zone, desk.now)
    return {**trial_form.example(today), "resource": around.resource}


async def try_on(desk: Desk, asked: Mapping[str, str], found: Found) -> PriceOut:
    """What the booking that the form names would cost by the tariff that is found. Writes nothing.

    Raises Wrong for what cannot be asked, and what `found` raises.
    """
    form = trial_form.read_trial(asked, desk.texts)

    async def work(db: AsyncSession, actor: Actor) -> PriceOut:
        tariff = await found(db, actor)
        try:
            told = await tariff_reading.tried(db, tariff, desk.tenant, form=form, texts=desk.texts)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            raise Wrong(trial_form.trial_errors(refusal, form, desk.texts)) from refusal
        return told.price

    return await desk.read(work)
