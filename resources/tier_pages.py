"""HTML routes of what a late cancellation costs, and of how long one has to pay."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import may
from resources import place_queries, tariff_form, tier_service
from resources.form_fields import Blank, sent, version_of
from resources.tariff_form import Wrong
from resources.tariff_schemas import PayTermsOut, PayTermsPatch, PlaceIn, TiersIn, TiersOut

PATH: Final = "/staff/cancel-tiers"
MOST_PLACES: Final = 1000
SPARE: Final = 3
DONE: Final[Mapping[str, str]] = {
    "tiers": N_("It holds for all that is cancelled from now on."),
    "terms": N_("The times to pay are saved. Who is paying now keeps the time that was given."),
}
TERMS = N_("Write whole minutes from 31 to 1440, and whole hours from 1 to 720.")


@get(PATH)
async def tiers(desk: AtDesk) -> Response[str]:
    """Of the municipality, or of the place that is chosen."""
    return await _page(desk, desk.request.query_params.get("place", ""), None, {})


@post(PATH, status_code=200)
async def set_tiers(desk: AtDesk) -> Response[Any]:
    """All tiers of the place at once; none: those around it hold."""
    values = await sent(desk)
    place = values.get("place", "")
    try:
        at = tariff_form.read_place(place) or PlaceIn()
        form = TiersIn(
            facility_id=at.facility_id,
            resource_id=at.resource_id,
            tiers=tariff_form.read_tiers(values, desk.texts),
        )
        await desk.change(
            lambda db, actor: tier_service.set_tiers(db, actor, form, texts=desk.texts, now=desk.now)
        )
    except Wrong as wrong:
        return await _page(desk, place, values, wrong.errors, status=422)
    except Invalid as refusal:
        number = str(refusal.facts["field"]).split(".")[1:2]
        field = f"tier-{number[0]}-percent" if number else "tier-0-percent"
        errors = {field: refusal.expected(desk.texts.gettext) or desk.texts.gettext(refusal.title)}
        return await _page(desk, place, values, errors, status=422)
    return Redirect(desk.url(PATH, place=place or None, done="tiers"), status_code=303)


@post(f"{PATH}/pay-terms", status_code=200)
async def set_terms(desk: AtDesk) -> Response[Any]:
    """How long one has to pay."""
    values = await sent(desk)
    version = version_of(values)
    try:
        given = {name: values.get(name, "") for name in ("pay_minutes", "pay_hours")}
        patch = msgspec.convert(given, PayTermsPatch, strict=False)
    except msgspec.ValidationError as error:
        field = "pay_hours" if "pay_hours" in str(error) else "pay_minutes"
        return await _page(desk, "", values, {field: desk.texts.gettext(TERMS)}, status=422)
    await desk.change(
        lambda db, actor: tier_service.change_pay_terms(db, actor, patch, version=version, now=desk.now)
    )
    return Redirect(desk.url(PATH, done="terms"), status_code=303)


async def _page(
    desk: Desk, place: str, form: Mapping[str, str] | None, errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    at = tariff_form.read_place(place) or PlaceIn()

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[PayTermsOut, TiersOut, list[place_queries.Kept], bool]:
        terms = await tier_service.pay_terms(db, actor)
        found = await tier_service.tiers(
            db, actor, facility_id=at.facility_id, resource_id=at.resource_id, texts=desk.texts, now=desk.now
        )
        sight = place_queries.sight_of(actor, desk.now)
        places = list(await place_queries.resources(db, sight, limit=MOST_PLACES))
        return terms, found, places, may(actor, tier_service.RIGHT)

    terms, found, places, sees_all = await desk.read(work)
    own = {"resource": at.resource_id, "facility": at.facility_id}.get(found.set_at or "")
    is_own = own is not None or (found.set_at == "municipality" and at == PlaceIn())
    shown = {
        **(tariff_form.tiers_form(found.tiers) if is_own else {}),
        "place": place if at != PlaceIn() else "",
        "pay_minutes": str(terms.pay_minutes),
        "pay_hours": str(terms.pay_hours),
        **(form or {}),
    }
    done = DONE.get(desk.request.query_params.get("done") or "")
    rows = min(tariff_form.MOST_KEPT, (len(found.tiers) if is_own else 0) + SPARE)
    return desk.page(
        "resources/cancel_tiers.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        told=found.text,
        set_at=found.set_at,
        is_own=is_own,
        rows=range(rows),
        places=tariff_form.places_named(
            (each.facility.id, each.facility.name, each.resource.id, each.resource.name) for each in places
        ),
        sees_all=sees_all,
        online_open=terms.online_open,
        terms_version=terms.version,
        form=Blank(shown),
        errors=errors,
        post_url=desk.url(PATH),
        terms_url=desk.url(f"{PATH}/pay-terms"),
        tariffs_url=desk.url("/staff/tariffs"),
    )


handlers = [tiers, set_tiers, set_terms]
