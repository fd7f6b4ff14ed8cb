"""HTML routes of what one has paid: receipts, invoices and credit notes, to read, to print and to keep."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from booking.views import View
from core.errors import NotFound
from core.page import link
from core.paging import Page
from core.texts import N_, Texts, texts
from payments import keeping, paper, reading
from payments.paper import Paper
from payments.reading_schemas import KINDS, STATES, Brief, Full
from people.actors import Actor, Place
from people.desk import AtDesk, Desk
from people.rules import may, may_somewhere

A_PAGE: Final = 50
GIVEN_BACK: Final = N_("It is given back. The money is on its way.")


@get("/orders")
async def mine(desk: AtDesk) -> Response[str]:
    """The reader's own and those of her associations, newest first."""
    cursor = desk.request.query_params.get("cursor")
    page: Page[Brief] = await desk.read(
        lambda db, actor: reading.mine(db, actor, cursor=cursor, limit=A_PAGE)
    )
    path = desk.url("/orders")
    return desk.page(
        "payments/orders.html",
        orders=[brief_view(each, desk) for each in page.items],
        previous_url=path if cursor else None,
        next_url=link(path, cursor=page.next) if page.next else None,
    )


def brief_view(order: Brief, desk: Desk) -> View:
    """An order in a list."""
    kind = desk.texts.gettext(KINDS[order.kind])
    return {
        "name": f"{kind} {order.number}" if order.number else kind,
        "state": order.state,
        "told": desk.texts.gettext(STATES[order.state]),
        "made_at": order.issued_at or order.created_at,
        "customer": order.customer,
        "what": order.first,
        "more": max(order.lines - 1, 0),
        "starts_at": order.starts_at,
        "gross_ore": order.gross_ore,
        "credited_ore": order.credited_ore,
        "paid_ore": order.paid_ore,
        "refunded_ore": order.refunded_ore,
        "due_on": order.due_on if order.kind == "invoice" else None,
        "url": desk.url(f"/orders/{order.id}"),
        "pdf_url": desk.url(f"/orders/{order.id}/receipt.pdf") if order.state == "issued" else None,
    }


def paper_in(order: Full, desk: Desk) -> Paper:
    """In the order's own language."""
    spoken: Texts = texts(order.language, desk.tenant.zone_name)
    return paper.paper_of(order, spoken, desk.tenant.name)


@get("/orders/{order_id:uuid}")
async def one(desk: AtDesk, order_id: FromPath[UUID]) -> Response[str]:
    """As it stands on paper, and what can be done about it."""

    async def work(db: AsyncSession, actor: Actor) -> tuple[Full, bool, bool, bool]:
        found = await reading.order(db, actor, order_id)
        keeps = keeping.may_keep(actor, found, desk.now)
        return found, reading.sees(actor, found), may_refund(actor, found), keeps

    found, is_staff, refunds, keeps = await desk.read(work)
    is_own = reading.is_own(desk.actor, found)
    return desk.page(
        "payments/order.html",
        notice=desk.texts.gettext(GIVEN_BACK)
        if desk.request.query_params.get("done") == "given_back"
        else None,
        paper=paper_in(found, desk),
        is_issued=found.state == "issued",
        is_open=found.state == "open",
        pdf_url=desk.url(f"/orders/{order_id}/receipt.pdf"),
        application_url=_application_url(desk, found, is_own=is_own),
        credited_url=desk.url(f"/orders/{found.credits_id}") if found.credits_id else None,
        credit_urls=[
            (str(each.number), desk.url(f"/orders/{each.id}")) for each in found.credits if each.number
        ],
        refund_url=desk.url(f"/staff/payments/{order_id}/refund") if refunds else None,
        deposit_url=desk.url(f"/staff/payments/{order_id}/deposit") if keeps else None,
        trail=[(desk.texts.gettext("Administration"), desk.url("/staff")), *_staff_trail(desk)]
        if is_staff and not is_own
        else [(desk.texts.gettext("My payments"), desk.url("/orders"))],
    )


def _application_url(desk: Desk, found: Full, *, is_own: bool) -> str | None:
    """Where the bookings are seen to, by their holder or by a case officer."""
    if found.application_id is None:
        return None
    if is_own:
        return desk.url(f"/applications/{found.application_id}")
    if may_somewhere(desk.actor, "application.decide"):
        return desk.url(f"/requests/{found.application_id}")
    return None


def _staff_trail(desk: Desk) -> list[tuple[str, str]]:
    return [(desk.texts.gettext("Payments"), desk.url("/staff/payments"))]


def may_refund(actor: Actor, found: Full) -> bool:
    """Whether there is something to give back, and hers to do so, at all places of it."""
    if found.state != "issued" or found.payment != "online" or found.kind != "receipt":
        return False
    places: list[Place] = list(reading.places_in(found))
    return found.left_ore > 0 and all(may(actor, "refund.give", place) for place in places)


@get("/orders/{order_id:uuid}/receipt.pdf")
async def as_pdf(desk: AtDesk, order_id: FromPath[UUID]) -> Response[bytes]:
    """The same as a PDF. It is set when the transaction is over. Raises NotFound for what is not issued."""
    found = await desk.read(lambda db, actor: reading.order(db, actor, order_id))
    return await pdf_answer(desk, found)


async def pdf_answer(desk: Desk, found: Full) -> Response[bytes]:
    """Raises NotFound for what is not issued."""
    if found.state != "issued":
        raise NotFound(what="order")
    content: Any = await asyncio.to_thread(paper.pdf, paper_in(found, desk))
    name = f"{desk.tenant.slug}-{found.kind}-{found.number}.pdf"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


handlers = [mine, one, as_pdf]
