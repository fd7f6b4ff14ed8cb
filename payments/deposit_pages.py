"""HTML routes of keeping a deposit: how much of which booking's, and why. The rest goes back at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from booking.own_pages import sent
from booking.told import refusal_view
from booking.views import View
from core.errors import Conflict, Invalid, NotFound, Refusal
from core.money import ore_in
from core.spans import Span
from core.texts import N_, Texts
from core.wire import has_nul
from payments import deposits, keeping
from payments.keeping import Keepable
from payments.reading_schemas import KINDS, Full
from people.desk import AtDesk, Desk

LONGEST: Final = 200
KEPT: Final = N_("It is kept. What is left of the deposit is on its way back.")


@get("/staff/payments/{order_id:uuid}/deposit")
async def ask(desk: AtDesk, order_id: FromPath[UUID]) -> Response[str]:
    """What became of each deposit, and a form for each that can be kept."""
    return await _page(desk, order_id, {})


@post("/staff/payments/{order_id:uuid}/deposit", status_code=200)
async def keep(desk: AtDesk, order_id: FromPath[UUID]) -> Response[Any]:
    """So much of one booking's deposit is kept. Raises NotFound for a booking that has none here."""
    values = await sent(desk)
    found, bookings = await desk.read(lambda db, actor: keeping.keepable(db, actor, order_id, desk.now))
    each = next((each for each in bookings if str(each.booking_id) == values.get("booking_id")), None)
    if each is None:
        raise NotFound(what="deposit")
    kept_ore, errors = _read(values, each, desk.texts)
    if errors:
        return _shown(desk, found, bookings, values, errors=errors, status=422)
    reason = values[f"reason-{each.booking_id}"].strip()
    try:
        await desk.change(
            lambda db, actor: deposits.keep(db, actor, each.booking_id, kept_ore, reason=reason, now=desk.now)
        )
    except (Invalid, Conflict) as refusal:
        return await _page(desk, order_id, values, refusal=refusal, status=refusal.status)
    return Redirect(desk.url(f"/staff/payments/{order_id}/deposit", done="kept"), status_code=303)


def _read(values: Mapping[str, str], each: Keepable, texts: Texts) -> tuple[int, dict[str, str]]:
    """How much, and what cannot be. Of what is said already, or cannot be kept yet, the service says so."""
    errors: dict[str, str] = {}
    name = f"kept-{each.booking_id}"
    ore = ore_in(values.get(name, ""))
    if ore is None:
        errors[name] = texts.gettext("Write an amount in kroner, such as 655 or 655.50.")
    elif ore == 0:
        errors[name] = texts.gettext("Write how much is to be kept.")
    elif each.most_ore and ore > each.most_ore:
        errors[name] = texts.gettext("At most %(amount)s can be kept.", amount=texts.money(each.most_ore))
    reason = values.get(f"reason-{each.booking_id}", "").strip()
    if not reason or len(reason) > LONGEST or has_nul(reason):
        errors[f"reason-{each.booking_id}"] = texts.gettext("Write why it is kept, in at most 200 letters.")
    return ore or 0, errors


async def _page(
    desk: Desk,
    order_id: UUID,
    values: Mapping[str, str],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    found, bookings = await desk.read(lambda db, actor: keeping.keepable(db, actor, order_id, desk.now))
    return _shown(desk, found, bookings, values, refusal=refusal, status=status)


def _shown(
    desk: Desk,
    found: Full,
    bookings: Sequence[Keepable],
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    names = [f"{what}-{each.booking_id}" for each in bookings for what in ("kept", "reason")]
    return desk.page(
        "payments/deposit.html",
        status=status,
        notice=desk.texts.gettext(KEPT) if desk.request.query_params.get("done") == "kept" else None,
        name=f"{desk.texts.gettext(KINDS[found.kind])} {found.number or ''}".strip(),
        customer=found.customer.name or found.association or found.person or "",
        bookings=[_view(each) for each in bookings],
        form={name: values.get(name, "") for name in names},
        errors=errors or {},
        refused=None if refusal is None else refusal_view(refusal, desk.texts),
        post_url=desk.url(f"/staff/payments/{found.id}/deposit"),
        back_url=desk.url(f"/orders/{found.id}"),
    )


def _view(each: Keepable) -> View:
    return {
        "booking_id": str(each.booking_id),
        "kept_name": f"kept-{each.booking_id}",
        "reason_name": f"reason-{each.booking_id}",
        "title": each.title,
        "place": each.place,
        "state": each.state,
        "span": Span(each.starts_at, each.ends_at),
        "most_ore": each.most_ore,
        "is_over": each.is_over,
        "is_settled": each.is_settled,
        "kept_ore": each.kept_ore,
        "given_ore": each.given_ore,
        "reason": each.reason,
    }


handlers = [ask, keep]
