"""HTML routes of giving money back: how much of which booking and why, then: sure?"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from booking.own_pages import sent
from booking.told import refusal_view
from booking.views import View
from core.errors import Conflict, Invalid, Refusal
from core.money import ore_in
from core.spans import Span
from core.texts import Texts
from core.wire import has_nul
from payments import giving_back as service
from payments.giving_back import Returnable
from payments.reading_schemas import KINDS, Full
from people.desk import AtDesk, Desk

LONGEST: Final = 200


@get("/staff/payments/{order_id:uuid}/refund")
async def ask(desk: AtDesk, order_id: FromPath[UUID]) -> Response[str]:
    """What was paid, what has been given back, and a field for each booking."""
    return await _page(desk, order_id, {})


@post("/staff/payments/{order_id:uuid}/refund", status_code=200)
async def give(desk: AtDesk, order_id: FromPath[UUID]) -> Response[Any]:
    """First the page that asks whether she is sure; with its answer, it is done."""
    values = await sent(desk)
    found, bookings = await desk.read(lambda db, actor: service.returnable(db, actor, order_id))
    amounts, errors = _read(values, bookings, desk.texts)
    if errors or values.get("step") == "change":
        return _shown(desk, found, bookings, values, errors=errors, status=422 if errors else 200)
    reason = values["reason"].strip()
    if values.get("step") != "give":
        return _sure(desk, found, bookings, amounts, values)
    try:
        credit_id = await desk.change(
            lambda db, actor: service.give_back(db, actor, order_id, amounts, reason=reason, now=desk.now)
        )
    except (Invalid, Conflict) as refusal:
        return await _page(desk, order_id, values, refusal=refusal, status=refusal.status)
    return Redirect(desk.url(f"/orders/{credit_id}", done="given_back"), status_code=303)


def _read(
    values: Mapping[str, str], bookings: Sequence[Returnable], texts: Texts
) -> tuple[dict[UUID, int], dict[str, str]]:
    """How much of each booking, and what cannot be."""
    amounts: dict[UUID, int] = {}
    errors: dict[str, str] = {}
    for each in bookings:
        name = f"amount-{each.booking_id}"
        ore = ore_in(values.get(name, ""))
        if ore is None:
            errors[name] = texts.gettext("Write an amount in kroner, such as 655 or 655.50.")
        elif ore > each.left_ore:
            errors[name] = texts.gettext("At most %(amount)s is left.", amount=texts.money(each.left_ore))
        elif ore:
            amounts[each.booking_id] = ore
    if not amounts and not errors and bookings:
        errors[f"amount-{bookings[0].booking_id}"] = texts.gettext("Write how much is to be given back.")
    reason = values.get("reason", "").strip()
    if not reason or len(reason) > LONGEST or has_nul(reason):
        errors["reason"] = texts.gettext("Write why, in at most 200 letters. It stands on the credit note.")
    return amounts, errors


async def _page(
    desk: Desk,
    order_id: UUID,
    values: Mapping[str, str],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    found, bookings = await desk.read(lambda db, actor: service.returnable(db, actor, order_id))
    return _shown(desk, found, bookings, values, refusal=refusal, status=status)


def _shown(
    desk: Desk,
    found: Full,
    bookings: Sequence[Returnable],
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    names = [f"amount-{each.booking_id}" for each in bookings]
    return desk.page(
        "payments/refund.html",
        status=status,
        **_about(desk, found),
        bookings=[_view(each) for each in bookings],
        form={name: values.get(name, "") for name in (*names, "reason")},
        errors=errors or {},
        refused=None if refusal is None else refusal_view(refusal, desk.texts),
    )


def _about(desk: Desk, found: Full) -> dict[str, Any]:
    return {
        "name": f"{desk.texts.gettext(KINDS[found.kind])} {found.number or ''}".strip(),
        "customer": found.customer.name or found.association or found.person or "",
        "paid_ore": found.paid_ore,
        "refunded_ore": found.refunded_ore,
        "post_url": desk.url(f"/staff/payments/{found.id}/refund"),
        "back_url": desk.url(f"/orders/{found.id}"),
    }


def _view(each: Returnable) -> View:
    return {
        "name": f"amount-{each.booking_id}",
        "title": each.title,
        "place": each.place,
        "state": each.state,
        "span": Span(each.starts_at, each.ends_at),
        "billed_ore": each.billed_ore,
        "left_ore": each.left_ore,
    }


def _sure(
    desk: Desk,
    found: Full,
    bookings: Sequence[Returnable],
    amounts: Mapping[UUID, int],
    values: Mapping[str, str],
) -> Response[str]:
    return desk.page(
        "payments/refund_sure.html",
        **_about(desk, found),
        bookings=[
            {**_view(each), "value": values[f"amount-{each.booking_id}"], "ore": amounts[each.booking_id]}
            for each in bookings
            if each.booking_id in amounts
        ],
        sum_ore=sum(amounts.values()),
        reason=values["reason"].strip(),
    )


handlers = [ask, give]
