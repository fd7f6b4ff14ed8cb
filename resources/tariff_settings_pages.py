"""HTML routes of what else is set of a tariff: its name, where it holds, and what its ordinary hours are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Conflict, Invalid
from people.desk import AtDesk, Desk
from resources import tariff_form, tariff_service
from resources.form_fields import Blank, sent, version_of
from resources.price_words import PriceOut
from resources.tariff_form import Wrong
from resources.tariff_schemas import PlaceIn, TariffOut, TariffPatch
from resources.trial_pages import PATH, TRY, begun, known, name_of, trial_values, try_on


@get(f"{PATH}/{{tariff_id:uuid}}/settings")
async def settings_form(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[str]:
    """Its name, where it holds, and what its ordinary hours are."""
    return await _settings_page(desk, tariff_id, None, {})


@post(f"{PATH}/{{tariff_id:uuid}}/settings", status_code=200)
async def set_settings(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[Any]:
    """All of it at once; or tried, as the button says."""
    values = await sent(desk)
    version = version_of(values)
    try:
        places = [
            place
            for name, value in values.items()
            if name.startswith("place-") and value and (place := tariff_form.read_place(value))
        ]
        patch = TariffPatch(
            name=tariff_form.read_name(values, desk.texts),
            ordinary_hours=tariff_form.read_hours(values, desk.texts),
            places=list(dict.fromkeys(places)),
        )
        if values.get("step") == TRY:
            told = await try_on(
                desk,
                values,
                lambda db, actor: tariff_service.proposed(db, actor, tariff_id, patch=patch, version=version),
            )
            return await _settings_page(desk, tariff_id, values, {}, price=told)
        await desk.change(
            lambda db, actor: tariff_service.change(
                db,
                actor,
                desk.tenant,
                tariff_id,
                patch=patch,
                version=version,
                texts=desk.texts,
                now=desk.now,
            )
        )
    except Wrong as wrong:
        return await _settings_page(desk, tariff_id, values, wrong.errors, status=422)
    except (Conflict, Invalid) as refusal:
        errors = {"place-new": desk.texts.gettext(refusal.title)}
        return await _settings_page(desk, tariff_id, values, errors, status=refusal.status)
    return Redirect(desk.url(f"{PATH}/{tariff_id}", done="saved"), status_code=303)


async def _settings_page(
    desk: Desk,
    tariff_id: UUID,
    form: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    price: PriceOut | None = None,
    status: int = 200,
) -> Response[str]:
    around = await known(desk, tariff_id, form or {})
    found = around.tariff
    path = desk.url(f"{PATH}/{tariff_id}")
    shown = dict(form) if form is not None else {**_settings(found), **begun(desk, around)}
    return desk.page(
        "resources/tariff_settings.html",
        status=status,
        tariff_name=name_of(desk, found),
        version=found.version,
        form=Blank(shown),
        errors=errors,
        price=price,
        held=[(f"place-{_code(place)}", _code(place), place.name) for place in found.places],
        places=tariff_form.places_named(
            (each.facility.id, each.facility.name, each.resource.id, each.resource.name)
            for each in around.places
        ),
        post_url=f"{path}/settings",
        back_url=path,
        **trial_values(desk, around, shown),
    )


def _settings(found: TariffOut) -> dict[str, str]:
    return {
        **{f"name_{code}": getattr(found.name, code) or "" for code in tariff_form.LANGUAGES},
        **tariff_form.hours_form(found.ordinary_hours),
        **{f"place-{_code(place)}": _code(place) for place in found.places},
    }


def _code(place: Any) -> str:
    told: PlaceIn = place
    return f"resource:{told.resource_id}" if told.resource_id else f"facility:{told.facility_id}"


handlers = [settings_form, set_settings]
