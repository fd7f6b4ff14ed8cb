"""HTML routes of invoice terms and accounts."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking import displacing_queries
from booking.closure_pages import place_pairs
from booking.own_pages import sent, version_of
from booking.told import refusal_view
from core.errors import AlreadyExists, ChangedMeanwhile, Invalid, Refusal
from core.texts import N_
from core.wire import has_nul, id_in
from payments.invoicing import invoice_terms as service
from payments.invoicing.account_rules import PARTS
from payments.invoicing.invoice_schemas import CodeIn, CodeOut, InvoiceTermsOut, TermsIn
from payments.invoicing.invoice_words import DONE
from payments.invoicing.kid import CHECKS
from payments.invoicing.layouts import layouts
from people.actors import Actor
from people.desk import AtDesk, Desk

PATH: Final = "/staff/invoices"
WORDS: Final = ("seller_name", "address", "postcode", "town", "email", "bank_account", "kid_prefix")
NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "kid_length": (4, 25),
    "delay_days": (0, 365),
    "due_days": (0, 90),
    "deposit_days": (0, 90),
}
"""Field → the least and the most."""
PATTERNS: Final = {
    "postcode": r"(?:[0-9]{4})?",
    "bank_account": r"[0-9 .]{0,20}",
    "kid_prefix": r"[0-9]{0,20}",
}
UNFIT: Final[Mapping[str, str]] = {
    "postcode": N_("Write four digits."),
    "bank_account": N_("Write the 11 digits of the account."),
    "kid_prefix": N_("Write digits alone, at most 20."),
}


def _notice(desk: Desk) -> str | None:
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


@get(f"{PATH}/terms")
async def terms(desk: AtDesk) -> Response[str]:
    """The form, filled in."""
    return await _terms_page(desk, None, {})


@post(f"{PATH}/terms", status_code=200)
async def change_terms(desk: AtDesk) -> Response[Any]:
    """All of them."""
    values = await sent(desk)
    version = version_of(values)
    errors, told = _read_terms(desk, values)
    if errors:
        return await _terms_page(desk, values, errors, status=422)
    form = msgspec.convert(told, TermsIn)
    try:
        await desk.change(lambda db, actor: service.set_terms(db, actor, form, version=version, now=desk.now))
    except Invalid as invalid:
        errors = {
            str(invalid.facts["field"]): desk.texts.gettext(
                "Write %(what)s.", what=invalid.expected(desk.texts.gettext)
            )
        }
        return await _terms_page(desk, values, errors, status=422)
    except ChangedMeanwhile as refused:
        return await _terms_page(desk, values, {}, refused=refused, status=refused.status)
    return Redirect(desk.url(f"{PATH}/terms", done="terms"), status_code=303)


def _read_terms(desk: Desk, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Fields and what is wrong with them; and the terms."""
    texts, errors = desk.texts, dict[str, str]()
    told: dict[str, Any] = {name: values.get(name, "").strip() for name in WORDS}
    for name, text in told.items():
        if len(text) > 200 or has_nul(text):
            errors[name] = texts.gettext("Write at most 200 letters.")
        elif name in PATTERNS and not re.fullmatch(PATTERNS[name], text):
            errors[name] = texts.gettext(UNFIT[name])
    for name, (least, most) in NUMBERS.items():
        text = values.get(name, "").strip()
        if text.isascii() and text.isdecimal() and len(text) <= 3 and least <= int(text) <= most:
            told[name] = int(text)
        else:
            errors[name] = texts.gettext(
                "Write a whole number from %(least)d to %(most)d.", least=least, most=most
            )
    told["vat_registered"] = values.get("vat_registered") == "yes"
    told["kid_check"] = "mod11" if values.get("kid_check") == "mod11" else "mod10"
    told["layout"] = values.get("layout", "")
    if told["layout"] not in layouts():
        errors["layout"] = texts.gettext("Choose one of these.")
    return errors, told


async def _terms_page(
    desk: Desk,
    values: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    refused: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    found: InvoiceTermsOut = await desk.read(service.terms)
    stands: dict[str, str] = {
        name: str(value) if not isinstance(value, bool) else ("yes" if value else "")
        for name, value in msgspec.structs.asdict(found).items()
    }
    form = stands if values is None else {name: values.get(name, "") for name in stands}
    return desk.page(
        "payments/invoice_terms.html",
        status=status,
        notice=_notice(desk),
        form=form,
        errors=errors,
        refusals=() if refused is None else (refusal_view(refused, desk.texts),),
        checks=[(each, each) for each in CHECKS],
        layouts=[(layout.key, desk.texts.gettext(layout.name)) for layout in layouts().values()],
        version=found.version,
        post_url=desk.url(f"{PATH}/terms"),
        back_url=desk.url(PATH),
    )


@get(f"{PATH}/accounts")
async def accounts(desk: AtDesk) -> Response[str]:
    """The widest first, and the form for another."""
    return await _accounts_page(desk, {}, {})


@post(f"{PATH}/accounts", status_code=200)
async def add_account(desk: AtDesk) -> Response[Any]:
    """Of a place, of an article, or of the municipality."""
    values = await sent(desk)
    place, article = values.get("place", ""), values.get("article", "").strip()
    kind, _, text = place.partition(":")
    errors: dict[str, str] = {}
    if place and (kind not in ("facility", "resource") or id_in(text) is None):
        errors["place"] = desk.texts.gettext("Choose one of these.")
    elif place and article:
        errors["article"] = desk.texts.gettext("Choose a place or write an article, not both.")
    for name in (*PARTS, "article"):
        if len(values.get(name, "")) > (50 if name in PARTS else 100) or has_nul(values.get(name, "")):
            errors[name] = desk.texts.gettext("Write at most 50 letters.")
    if not errors and not any(values.get(part, "").strip() for part in PARTS):
        errors["account"] = desk.texts.gettext("Fill in at least one of them.")
    if errors:
        return await _accounts_page(desk, values, errors, status=422)
    form = CodeIn(
        facility_id=id_in(text) if kind == "facility" else None,
        resource_id=id_in(text) if kind == "resource" else None,
        article=article or None,
        **{part: values.get(part, "").strip() for part in PARTS},
    )
    try:
        await desk.change(lambda db, actor: service.add_code(db, actor, form, desk.now))
    except AlreadyExists:
        told = desk.texts.gettext("It has an account already. Take that away first.")
        return await _accounts_page(desk, values, {"article" if article else "place": told}, status=409)
    return Redirect(desk.url(f"{PATH}/accounts", done="code-added"), status_code=303)


@post(f"{PATH}/accounts/{{code_id:uuid}}/drop", status_code=200)
async def drop_account(desk: AtDesk, code_id: FromPath[UUID]) -> Redirect:
    """What was issued keeps what it had."""
    await desk.change(lambda db, actor: service.drop_code(db, actor, code_id, desk.now))
    return Redirect(desk.url(f"{PATH}/accounts", done="code-gone"), status_code=303)


async def _accounts_page(
    desk: Desk, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[list[CodeOut], Any]:
        return await service.codes(db, actor), await displacing_queries.places(db, with_units=False)

    found, places = await desk.read(work)
    names = ("place", "article", *PARTS)
    return desk.page(
        "payments/account_codes.html",
        status=status,
        notice=_notice(desk),
        codes=[
            {
                "name": _name(desk, each),
                **{part: getattr(each, part) for part in PARTS},
                "drop_url": desk.url(f"{PATH}/accounts/{each.id}/drop"),
            }
            for each in found
        ],
        form={name: values.get(name, "") for name in names},
        errors=errors,
        places=place_pairs(desk, places, service.RIGHT),
        post_url=desk.url(f"{PATH}/accounts"),
        back_url=desk.url(PATH),
    )


def _name(desk: Desk, code: CodeOut) -> str:
    if code.article is not None:
        return desk.texts.gettext("Article %(key)s", key=code.article)
    if code.resource_id is not None:
        return f"{code.resource_facility}: {code.resource}"
    return code.facility or desk.texts.gettext("The whole municipality")


handlers = [terms, change_terms, accounts, add_account, drop_account]
