"""All HTML routes of paying, receipts, giving back and revenue."""

from litestar import Router

from payments import (
    deposit_pages,
    difference_pages,
    order_pages,
    pay_pages,
    payment_pages,
    refund_pages,
    revenue_pages,
)

ROOMS = (pay_pages, order_pages, payment_pages, refund_pages, deposit_pages, difference_pages, revenue_pages)
router = Router(
    path="/{m:str}",
    route_handlers=[handler for each in ROOMS for handler in each.handlers],
    include_in_schema=False,
)
