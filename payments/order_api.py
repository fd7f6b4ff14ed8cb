"""JSON routes of orders: paying, reading what was paid, and giving back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from booking.asking import Cursor, Limit
from core.money import Money
from core.paging import Page
from core.wire import WHEN, when
from payments import deposits, lowering, ordering, reading, refunding
from payments.money_schemas import (
    CheckoutOut,
    DepositIn,
    DepositOut,
    OrderFullOut,
    OrderOut,
    RefundIn,
    order_full_out,
    order_out,
)
from payments.order_pages import pdf_answer
from payments.reading_schemas import Asked, State
from people.actors import Actor
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk
from people.rules import may_somewhere


@post("/bookings/{booking_id:uuid}/checkout", summary="Pay a booking", status_code=200, responses=CHANGE)
async def checkout(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[CheckoutOut]:
    """Where everything of the booking's application that waits to be paid can be paid, at the payment provider's. The
    same again is the same page while it is there. What it costs is known already, and is not said here.
    """
    desk.check_key()
    found = await ordering.pay(
        desk.change,
        desk.database,
        desk.request.app.state.provider,
        desk.tenant,
        booking_id,
        address=desk.address,
        now=desk.now,
    )
    told = CheckoutOut(
        url=found.url, expires_at=found.expires_at.astimezone(desk.tenant.zone), order_id=found.order_id
    )
    return Response(told, headers={"Cache-Control": "private, no-store"})


@get("/orders", summary="My orders, or all that staff may read", responses=READ)
async def orders(
    desk: AtDesk,
    mine: FromQuery[bool] = False,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    from_: Annotated[str | None, QueryParameter(name="from", pattern=WHEN)] = None,
    to: Annotated[str | None, QueryParameter(name="to", pattern=WHEN)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[OrderOut]:
    """Newest first. One's own are those that are issued; `state`, `from` and `to` (when it was made) are for staff."""
    zone = desk.tenant.zone
    asked = Asked(
        state=in_state,
        since=when(from_, zone, "from") if from_ else None,
        until=when(to, zone, "to") if to else None,
    )

    async def work(db: AsyncSession, actor: Actor) -> Page[Any]:
        if mine or not any(may_somewhere(actor, right) for right in reading.RIGHTS):
            return await reading.mine(db, actor, cursor=cursor, limit=limit)
        return await reading.listed(db, actor, asked, cursor=cursor, limit=limit)

    page = await desk.read(work)
    return Page([order_out(each, desk.tenant) for each in page.items], page.next)


@get("/orders/{order_id:uuid}", summary="One order", responses=READ)
async def order(desk: AtDesk, order_id: FromPath[UUID]) -> Response[OrderFullOut]:
    """A receipt, invoice or credit note, as it was issued."""
    found = await desk.read(lambda db, actor: reading.order(db, actor, order_id))
    told = order_full_out(found, desk.tenant)
    return Response(told, headers={"ETag": f'"{told.version}"'})


@get(
    "/orders/{order_id:uuid}/receipt.pdf",
    summary="One order on paper",
    responses=READ,
    media_type="application/pdf",
)
async def receipt(desk: AtDesk, order_id: FromPath[UUID]) -> Response[bytes]:
    """As a PDF, in the order's own language, when it is issued."""
    return await pdf_answer(desk, await desk.read(lambda db, actor: reading.order(db, actor, order_id)))


@post("/orders/{order_id:uuid}/refund", summary="Give money back", status_code=200, responses=WRITE)
async def refund(desk: AtDesk, order_id: FromPath[UUID], data: JSONBody[RefundIn]) -> Response[OrderFullOut]:
    """A credit note is made, and the provider is asked as soon as possible; the booking stays as it is."""

    async def work(db: AsyncSession, actor: Actor) -> OrderFullOut:
        await lowering.refund(
            db,
            actor,
            order_id,
            amount_ore=None if data.amount is UNSET else data.amount.amount,
            reason=data.reason.strip(),
            booking_ids=None if data.bookings is UNSET else data.bookings,
            now=desk.now,
        )
        found = await reading.full(db, order_id)
        assert found is not None, "it was there a moment ago"
        return order_full_out(found, desk.tenant)

    return await desk.answer(work)


@post("/refunds/{refund_id:uuid}/again", summary="Try a refund again", status_code=200, responses=CHANGE)
async def refund_again(desk: AtDesk, refund_id: FromPath[UUID]) -> Response[dict[str, UUID]]:
    """One that the provider could not carry out, as a new one; its id."""

    async def work(db: AsyncSession, actor: Actor) -> dict[str, UUID]:
        return {"id": await refunding.try_again(db, actor, refund_id, desk.now)}

    return await desk.answer(work)


@post("/bookings/{booking_id:uuid}/deposit", summary="Keep a deposit", status_code=200, responses=WRITE)
async def keep_deposit(
    desk: AtDesk, booking_id: FromPath[UUID], data: JSONBody[DepositIn]
) -> Response[DepositOut]:
    """So much of it, with a reason; the rest goes back at once. Without this all of it goes back by itself."""

    async def work(db: AsyncSession, actor: Actor) -> DepositOut:
        row = await deposits.keep(
            db, actor, booking_id, data.kept.amount, reason=data.reason.strip(), now=desk.now
        )
        return DepositOut(
            booking_id=booking_id, kept=Money(row.kept_ore), given=Money(row.given_ore), reason=row.reason
        )

    return await desk.answer(work)


router = Router(
    path="/api/{m:str}",
    route_handlers=[checkout, orders, order, receipt, refund, refund_again, keep_deposit],
    tags=["payments"],
)
