"""HTML routes of tariffs: the list, one as a price list with its trial, new prices from a day on, and its end."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import Conflict, Invalid
from core.ids import new_id
from core.page import link
from core.paging import Page
from core.texts import N_
from people.desk import AtDesk, Desk
from resources import tariff_form, tariff_reading, tariff_service, trial_form
from resources.form_fields import Blank, sent, version_of
from resources.price_list import rate_text
from resources.price_words import PriceOut, vat_text, worded
from resources.tariff_form import Wrong
from resources.tariff_schemas import (
    TariffBrief,
    TariffIn,
    TariffLineOut,
    TariffOut,
    facts_of,
    line_in,
)
from resources.trial_pages import PATH, known, name_of, trial_values, try_on

A_PAGE: Final = 50
DONE: Final[Mapping[str, str]] = {
    "saved": N_("The tariff is saved. What is booked keeps the price that was told."),
    "renewed": N_("The new prices are in the tariff, from the day you chose."),
    "ended": N_("The tariff has ended. What is booked keeps its price."),
}


def notice(desk: Desk) -> str | None:
    """What the address says was just done."""
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


@get(PATH)
async def tariffs(desk: AtDesk) -> Response[str]:
    """By key; those that have ended on request."""
    query = desk.request.query_params
    cursor, ended = query.get("cursor"), query.get("ended") == "yes"
    page: Page[TariffBrief] = await desk.read(
        lambda db, actor: tariff_reading.tariffs(db, actor, cursor=cursor, limit=A_PAGE, ended=ended)
    )
    path = desk.url(PATH)
    return desk.page(
        "resources/tariffs.html",
        tariffs=[
            {
                "name": name_of(desk, each),
                "places": [place.name for place in each.places],
                "url": f"{path}/{each.id}",
            }
            for each in page.items
        ],
        ended=ended,
        new_url=f"{path}/new",
        other_url=path if ended else link(path, ended="yes"),
        articles_url=desk.url("/staff/articles"),
        tiers_url=desk.url("/staff/cancel-tiers"),
        previous_url=link(path, ended="yes" if ended else None) if cursor else None,
        next_url=link(path, ended="yes" if ended else None, cursor=page.next) if page.next else None,
    )


@get(f"{PATH}/new")
async def new(desk: AtDesk) -> Response[str]:
    """A key and a name; lines come after."""
    await desk.read(lambda db, actor: tariff_reading.tariffs(db, actor, cursor=None, limit=1))
    return _new_page(desk, {}, {})


@post(f"{PATH}/new", status_code=200)
async def add(desk: AtDesk) -> Response[Any]:
    """Then its page."""
    values = await sent(desk)
    try:
        name = tariff_form.read_name(values, desk.texts)
        form = msgspec.convert({"key": values.get("key", ""), "name": msgspec.to_builtins(name)}, TariffIn)
        made = await desk.change(
            lambda db, actor: tariff_service.add(db, actor, desk.tenant, form, texts=desk.texts, now=desk.now)
        )
    except Wrong as wrong:
        return _new_page(desk, values, wrong.errors, status=422)
    except msgspec.ValidationError:
        errors = {"key": tariff_form.say(desk.texts, "key")}
        return _new_page(desk, values, errors, status=422)
    except Conflict as refusal:
        return _new_page(desk, values, {"key": desk.texts.gettext(refusal.title)}, status=refusal.status)
    return Redirect(desk.url(f"{PATH}/{made.id}"), status_code=303)


def _new_page(
    desk: Desk, form: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    path = desk.url(PATH)
    return desk.page(
        "resources/tariff_new.html",
        status=status,
        form=Blank(form),
        errors=errors,
        post_url=f"{path}/new",
        back_url=path,
    )


@get(f"{PATH}/{{tariff_id:uuid}}")
async def tariff(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[str]:
    """As a price list; with the trial's answer when the address asks."""
    return await _tariff_page(desk, tariff_id, {}, {})


async def _tariff_page(
    desk: Desk,
    tariff_id: UUID,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response[str]:
    asked = {name: value for name, value in desk.request.query_params.items() if isinstance(value, str)}
    around = await known(desk, tariff_id, asked)
    told: PriceOut | None = None
    wrong = dict(errors)
    if asked.get("on"):
        try:
            told = await try_on(desk, asked, lambda db, actor: tariff_reading.saved(db, actor, tariff_id))
        except Wrong as missing:
            wrong |= missing.errors
    path = desk.url(f"{PATH}/{tariff_id}")
    return desk.page(
        "resources/tariff.html",
        status=status,
        notice=notice(desk),
        tariff=_view(desk, around.tariff, path),
        form=Blank({**trial_form.trial_form(asked), "resource": around.resource, **form}),
        errors=wrong,
        price=told,
        back_url=desk.url(PATH),
        **trial_values(desk, around, asked),
    )


def _view(desk: Desk, found: TariffOut, path: str) -> dict[str, Any]:
    return {
        "name": name_of(desk, found),
        "key": found.key,
        "version": found.version,
        "has_ended": found.ended_at is not None,
        "places": [place.name for place in found.places],
        "lines": [
            _line_view(desk, line, f"{path}/lines/{number}") for number, line in enumerate(found.lines, 1)
        ],
        "warnings": [each.text for each in found.warnings],
        "url": path,
        "settings_url": f"{path}/settings",
        "new_line_url": f"{path}/lines/new",
        "renew_url": f"{path}/renew",
        "end_url": f"{path}/end",
    }


def _line_view(desk: Desk, line: TariffLineOut, url: str) -> dict[str, Any]:
    facts = facts_of(line_in(line), "line", new_id())
    return {
        "text": worded(facts.text, desk.texts),
        "when": line.when,
        "price": rate_text(facts, desk.texts),
        "vat": ""
        if line.kind == "discount"
        else vat_text(facts.vat_code, facts.vat_reason, desk.texts, includes=facts.includes_vat),
        "payment": desk.texts.gettext(tariff_form.PAYMENTS[line.payment]),
        "url": url,
    }


@post(f"{PATH}/{{tariff_id:uuid}}/renew", status_code=200)
async def renew(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[Any]:
    """New prices from a day on."""
    values = await sent(desk)
    version = version_of(values)
    try:
        form = tariff_form.read_renewal(values, desk.texts)
        await desk.change(
            lambda db, actor: tariff_service.renew(
                db,
                actor,
                desk.tenant,
                tariff_id,
                form=form,
                version=version,
                texts=desk.texts,
                now=desk.now,
            )
        )
    except Wrong as wrong:
        return await _tariff_page(desk, tariff_id, values, wrong.errors, status=422)
    except Invalid as refusal:
        errors = {"renew_from": refusal.expected(desk.texts.gettext)}
        return await _tariff_page(desk, tariff_id, values, errors, status=422)
    return Redirect(desk.url(f"{PATH}/{tariff_id}", done="renewed"), status_code=303)


@post(f"{PATH}/{{tariff_id:uuid}}/end", status_code=200)
async def end(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[Any]:
    """It holds nowhere any more."""
    version = version_of(await sent(desk))
    await desk.change(
        lambda db, actor: tariff_service.end(
            db, actor, desk.tenant, tariff_id, version=version, texts=desk.texts, now=desk.now
        )
    )
    return Redirect(desk.url(f"{PATH}/{tariff_id}", done="ended"), status_code=303)


handlers = [
    tariffs,
    new,
    add,
    tariff,
    renew,
    end,
]
