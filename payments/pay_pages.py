"""HTML routes of paying: what is to be paid, on to the provider, and back from there with whatever has come of it."""

import logging
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.told import refusal_view
from core.delivery import Door
from core.errors import Forbidden, NotFound, Refusal, SignInNeeded, WrongState
from core.spans import Span
from payments import ordering, reading, taking
from payments.onward_pages import onward
from payments.provider import Declined, Provider, Session, Unclear
from payments.reading_queries import latest_checkout
from payments.reading_schemas import KINDS, WHY, Full
from payments.returning import Outcome, outcome_of
from people.actors import Actor
from people.desk import AtDesk, Desk

logger = logging.getLogger("ledig.payments")
TURNED_BACK: Final = "back"
"""Value of `from` in the address of whoever left the provider's page without paying."""


def provider_at(desk: Desk) -> Provider | None:
    return desk.request.app.state.provider


@get("/bookings/{booking_id:uuid}/pay")
async def ask(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[str]:
    """What waits to be paid in its application; also where one comes who turned back at the provider's."""
    return await _page(desk, booking_id)


async def _page(
    desk: Desk, booking_id: UUID, *, refusal: Refusal | None = None, status: int = 200
) -> Response[str]:
    payables: list[Any] = []

    async def work(db: AsyncSession, actor: Actor) -> list[paying.Payable]:
        return await paying.payable(db, actor, booking_id, desk.now)

    try:
        payables = list(await desk.change(work))
    except WrongState as over:
        refusal, status = refusal or over, over.status if refusal is None else status
    return desk.page(
        "payments/pay.html",
        status=status,
        has_turned_back=desk.request.query_params.get("from") == TURNED_BACK,
        refused=None if refusal is None else refusal_view(refusal, desk.texts),
        bookings=[
            {
                "title": each.title,
                "place": f"{each.facility_name}, {each.resource_name}",
                "span": Span(each.starts_at, each.ends_at),
                "gross_ore": each.price.gross_ore,
            }
            for each in payables
        ],
        sum_ore=sum(each.price.gross_ore for each in payables),
        vat_ore=sum(each.price.vat_ore for each in payables),
        pay_by=min((each.held_until for each in payables), default=None),
        can_pay=bool(payables) and provider_at(desk) is not None,
        post_url=desk.url(f"/bookings/{booking_id}/pay"),
        back_url=desk.url(f"/applications/{payables[0].application_id}")
        if payables
        else desk.url("/bookings"),
    )


@post("/bookings/{booking_id:uuid}/pay", status_code=200)
async def pay(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[str]:
    """On to the provider's page. The same click again leads to the same page."""
    provider = provider_at(desk)
    try:
        found = await ordering.pay(
            desk.change,
            desk.database,
            provider,
            desk.tenant,
            booking_id,
            address=desk.address,
            now=desk.now,
        )
    except (SignInNeeded, NotFound, Forbidden):
        raise
    except Refusal as refusal:
        return await _page(desk, booking_id, refusal=refusal, status=refusal.status)
    assert provider is not None, "without one it is refused"
    return onward(desk, found.url, provider.name)


@get("/orders/{order_id:uuid}/return")
async def come_back(desk: AtDesk, order_id: FromPath[UUID]) -> Response[str]:
    """From the provider, paid or not, as often as one likes: what is so is looked up there, and told."""

    async def work(db: AsyncSession, actor: Actor) -> tuple[Full, UUID | None]:
        found = await reading.order(db, actor, order_id)
        checkout = await latest_checkout(db, order_id)
        return found, None if checkout is None else checkout.id

    found, checkout_id = await desk.read(work)
    session, was_asked = None, True
    if found.state != "issued" and checkout_id is not None:
        session, was_asked = await _look(desk, checkout_id)
        found = await desk.read(lambda db, actor: reading.order(db, actor, order_id))
    outcome = outcome_of(found, None if session is None else session.state, was_asked=was_asked)
    return desk.page("payments/return.html", **_told(desk, found, outcome))


async def _look(desk: Desk, checkout_id: UUID) -> tuple[Session | None, bool]:
    """As the provider has it, and whether it answered. What was paid is taken on the way."""
    provider = provider_at(desk)
    if provider is None:
        return None, False
    door = Door(desk.database, desk.tenant.id, desk.request.app.state.settings)
    try:
        return await taking.look(door, provider, checkout_id, desk.now), True
    except Unclear:
        return None, False
    except Declined as error:
        logger.warning("checkout %s could not be looked at: %s", checkout_id, error.code)
        return None, False


def _told(desk: Desk, found: Full, outcome: Outcome) -> dict[str, Any]:
    waiting = [line.booking_id for line in found.lines if line.booking_state == "awaiting_payment"]
    booking_id = next((each for each in waiting if each is not None), None)
    is_issued = found.state == "issued"
    times: dict[Any, Span] = {
        line.booking_id: Span(line.starts_at, line.ends_at)
        for line in found.lines
        if line.starts_at is not None and line.ends_at is not None
    }
    return {
        "outcome": outcome,
        "name": f"{desk.texts.gettext(KINDS[found.kind])} {found.number or ''}".strip(),
        "spans": sorted(times.values()),
        "gross_ore": found.gross_ore,
        "back": [(each.amount_ore, desk.texts.gettext(WHY.get(each.why, ""))) for each in found.refunds],
        "receipt_url": desk.url(f"/orders/{found.id}") if is_issued else None,
        "pdf_url": desk.url(f"/orders/{found.id}/receipt.pdf") if is_issued else None,
        "again_url": desk.url(f"/bookings/{booking_id}/pay") if booking_id and outcome == "unpaid" else None,
        "look_url": desk.url(f"/orders/{found.id}/return"),
        "application_url": desk.url(f"/applications/{found.application_id}")
        if found.application_id
        else None,
    }


handlers = [ask, pay, come_back]
