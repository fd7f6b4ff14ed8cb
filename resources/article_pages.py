"""HTML routes of articles: the list, a new one, changing one, and offering it no more."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Invalid, NotFound
from core.money import ore_in
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.groups import CUSTOMER_GROUPS
from people.rules import demand_somewhere
from resources import article_service, place_queries, tariff_form
from resources.article_schemas import ArticleOut, ArticlePatch, NewArticle
from resources.form_fields import Blank, sent, version_of
from resources.price_words import worded
from resources.tariff_form import AMOUNT, WRONG, day_in, kroner

PATH: Final = "/staff/articles"
MOST_PLACES: Final = 1000
KINDS: Final = {"article": N_("An article"), "deposit": N_("A deposit, given back after use")}
UNITS: Final = {
    "piece": N_("for each piece"),
    "started_hour": N_("for each piece and started hour"),
    "occasion": N_("for the whole booking"),
}
DONE: Final[Mapping[str, str]] = {
    "saved": N_("The article is saved. What is booked keeps the price that was told."),
    "ended": N_("The article is offered no more. Who has it booked keeps it."),
}
STOCK = N_("Write a whole number of at least 1, or leave it empty when there is always enough.")


@get(PATH)
async def articles(desk: AtDesk) -> Response[str]:
    """By key."""

    async def work(db: AsyncSession, actor: Actor) -> list[ArticleOut]:
        demand_somewhere(actor, article_service.RIGHT)
        return await article_service.listed(db, actor, now=desk.now, ended=True)

    found: list[ArticleOut] = await desk.read(work)
    path, texts = desk.url(PATH), desk.texts
    done = DONE.get(desk.request.query_params.get("done") or "")
    return desk.page(
        "resources/articles.html",
        notice=None if done is None else texts.gettext(done),
        articles=[
            {
                "name": worded(msgspec.to_builtins(each.name), texts) or each.key,
                "price_ore": each.price.amount,
                "unit": texts.gettext(UNITS[each.unit]),
                "stock": each.stock,
                "is_deposit": each.kind == "deposit",
                "is_mandatory": each.is_mandatory,
                "is_ended": each.is_ended,
                "url": f"{path}/{each.id}",
            }
            for each in found
        ],
        new_url=f"{path}/new",
        tariffs_url=desk.url("/staff/tariffs"),
    )


@get(f"{PATH}/new")
async def new(desk: AtDesk) -> Response[str]:
    """An empty form."""
    return await _page(desk, None, {"kind": "article", "unit": "piece", "vat_code": "full",
                                    "includes_vat": "yes", "max_quantity": "1"}, {})  # fmt: skip


@post(f"{PATH}/new", status_code=200)
async def add(desk: AtDesk) -> Response[Any]:
    """Then the list."""
    values = await sent(desk)
    given, errors = _read(desk, values)
    if not errors:
        try:
            body = msgspec.convert({"key": values.get("key", ""), **given}, NewArticle, strict=False)
            await desk.change(lambda db, actor: article_service.add(db, actor, body, now=desk.now))
        except (msgspec.ValidationError, Invalid, Conflict, NotFound) as error:
            errors = _told(desk, error)
    if errors:
        return await _page(desk, None, values, errors, status=422)
    return Redirect(desk.url(PATH, done="saved"), status_code=303)


@get(f"{PATH}/{{article_id:uuid}}")
async def article(desk: AtDesk, article_id: FromPath[UUID]) -> Response[str]:
    """As it stands."""
    return await _page(desk, article_id, None, {})


@post(f"{PATH}/{{article_id:uuid}}", status_code=200)
async def change(desk: AtDesk, article_id: FromPath[UUID]) -> Response[Any]:
    """All of it at once."""
    values = await sent(desk)
    version = version_of(values)
    given, errors = _read(desk, values)
    if not errors:
        try:
            body = msgspec.convert(given, ArticlePatch, strict=False)
            await desk.change(
                lambda db, actor: article_service.change(
                    db, actor, article_id, body=body, version=version, now=desk.now
                )
            )
        except (msgspec.ValidationError, Invalid, Conflict) as error:
            errors = _told(desk, error)
    if errors:
        return await _page(desk, article_id, values, errors, status=422)
    return Redirect(desk.url(PATH, done="saved"), status_code=303)


@post(f"{PATH}/{{article_id:uuid}}/end", status_code=200)
async def end(desk: AtDesk, article_id: FromPath[UUID]) -> Response[Any]:
    """Offered no more."""
    version = version_of(await sent(desk))
    await desk.change(
        lambda db, actor: article_service.end(db, actor, article_id, version=version, now=desk.now)
    )
    return Redirect(desk.url(PATH, done="ended"), status_code=303)


def _read(desk: Desk, form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Members of the body, and what is wrong with what was typed."""
    errors: dict[str, str] = {}
    ore, place = ore_in(form.get("price", "")), tariff_form.read_place(form.get("place", ""))
    if ore is None:
        errors["price"] = desk.texts.gettext(AMOUNT)
    days = {name: day_in(form.get(name, "")) for name in ("valid_from", "valid_until")}
    for name, day in days.items():
        if day is None and form.get(name):
            errors[name] = desk.texts.gettext(WRONG[name])
    names = {code: text for code in tariff_form.LANGUAGES if (text := form.get(f"name_{code}", ""))}
    return {
        "name": names,
        "kind": form.get("kind") or "article",
        "facility_id": None if place is None else place.facility_id,
        "resource_id": None if place is None else place.resource_id,
        "stock": form.get("stock") or None,
        "unit": form.get("unit") or "piece",
        "price": {"amount": ore},
        "includes_vat": bool(form.get("includes_vat")),
        "vat_code": form.get("vat_code") or "",
        "vat_reason": form.get("vat_reason", ""),
        "customer_groups": [group for group in CUSTOMER_GROUPS if form.get(f"group-{group}")],
        "is_mandatory": bool(form.get("is_mandatory")),
        "max_quantity": form.get("max_quantity") or 1,
        **days,
    }, errors


def _told(desk: Desk, error: Exception) -> dict[str, str]:
    """At the field that is named, in the reader's words."""
    said: dict[str, str] = {"name": WRONG["name"], "key": WRONG["key"], "stock": STOCK, "max_quantity": STOCK}
    if isinstance(error, msgspec.ValidationError):
        member = str(error).rpartition("$.")[2].rstrip("`").partition(".")[0]
        field = "name_nb" if member == "name" else member or "key"
        return {field: desk.texts.gettext(said.get(member, WRONG["line"]))}
    assert isinstance(error, Invalid | Conflict | NotFound), "whatever else is no answer to a form"
    member = str(error.facts.get("field", "key"))
    field = {"name": "name_nb", "facility_id": "place", "resource_id": "place"}.get(member, member)
    told = error.expected(desk.texts.gettext) if isinstance(error, Invalid) else None
    field = "stock" if isinstance(error, Conflict) and "field" not in error.facts else field
    return {field: told or desk.texts.gettext(error.title)}


def _form(found: ArticleOut) -> dict[str, str]:
    place = f"facility:{found.facility_id}" if found.facility_id else ""
    return {
        **{f"name_{code}": getattr(found.name, code) or "" for code in tariff_form.LANGUAGES},
        "kind": found.kind,
        "place": f"resource:{found.resource_id}" if found.resource_id else place,
        "stock": str(found.stock or ""),
        "unit": found.unit,
        "price": kroner(found.price.amount),
        "includes_vat": "yes" if found.includes_vat else "",
        "vat_code": found.vat_code,
        "vat_reason": found.vat_reason,
        **{f"group-{group}": "yes" for group in found.customer_groups},
        "is_mandatory": "yes" if found.is_mandatory else "",
        "max_quantity": str(found.max_quantity),
        "valid_from": "" if found.valid_from is None else found.valid_from.isoformat(),
        "valid_until": "" if found.valid_until is None else found.valid_until.isoformat(),
    }


async def _page(
    desk: Desk,
    article_id: UUID | None,
    form: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[ArticleOut | None, list[place_queries.Kept]]:
        demand_somewhere(actor, article_service.RIGHT)
        found = None
        if article_id is not None:
            found = await article_service.article(db, actor, article_id, now=desk.now)
        sight = place_queries.sight_of(actor, desk.now)
        return found, list(await place_queries.resources(db, sight, limit=MOST_PLACES))

    found, places = await desk.read(work)
    path, texts = desk.url(PATH), desk.texts
    return desk.page(
        "resources/article.html",
        status=status,
        name=None if found is None else worded(msgspec.to_builtins(found.name), texts) or found.key,
        version=None if found is None else found.version,
        is_ended=found is not None and found.is_ended,
        form=Blank(form if form is not None else {} if found is None else _form(found)),
        errors=errors,
        places=tariff_form.places_named(
            (each.facility.id, each.facility.name, each.resource.id, each.resource.name) for each in places
        ),
        kinds=[(code, texts.gettext(name)) for code, name in KINDS.items()],
        units=[(code, texts.gettext(name)) for code, name in UNITS.items()],
        options=tariff_form.choices(texts),
        post_url=f"{path}/new" if article_id is None else f"{path}/{article_id}",
        end_url=None if article_id is None else f"{path}/{article_id}/end",
        back_url=path,
    )


handlers = [articles, new, add, article, change, end]
