"""HTML routes of where the provider's books and ours differ: a list, one of them, explaining it, trying again."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from booking.own_pages import sent
from booking.told import refusal_view
from booking.views import View
from core.errors import WrongState
from core.page import link
from core.paging import Page
from core.texts import N_
from core.wire import has_nul
from payments import differences as service
from payments.reading_schemas import DIFFERENCES, KINDS, Differs
from people.desk import AtDesk, Desk
from people.rules import may

A_PAGE: Final = 50
LONGEST: Final = 1000
PATH: Final = "/staff/payments/differences"
DONE: Final[Mapping[str, str]] = {
    "explained": N_("It is settled, with your explanation."),
    "again": N_("The provider is asked once more to give the money back."),
}
"""What the address says was just done → how it is told."""


@get(PATH)
async def listed(desk: AtDesk) -> Response[str]:
    """Open ones; `?settled=yes`: the others."""
    query = desk.request.query_params
    cursor, is_settled = query.get("cursor"), query.get("settled") == "yes"
    page: Page[Differs] = await desk.read(
        lambda db, actor: service.differences(db, actor, is_settled=is_settled, cursor=cursor, limit=A_PAGE)
    )
    path = desk.url(PATH)
    kept = {"settled": "yes" if is_settled else None}
    done = DONE.get(query.get("done") or "")
    return desk.page(
        "payments/differences.html",
        notice=None if done is None else desk.texts.gettext(done),
        differences=[_view(each, desk) for each in page.items],
        is_settled=is_settled,
        open_url=path,
        settled_url=link(path, settled="yes"),
        previous_url=link(path, **kept) if cursor else None,
        next_url=link(path, **kept, cursor=page.next) if page.next else None,
    )


def _view(each: Differs, desk: Desk) -> View:
    order = None
    if each.order_kind is not None:
        order = f"{desk.texts.gettext(KINDS[each.order_kind])} {each.order_number or ''}".strip()
    told = DIFFERENCES.get(each.kind)
    return {
        "what": each.kind if told is None else desk.texts.gettext(told),
        "ref": each.ref,
        "order": order,
        "order_url": desk.url(f"/orders/{each.order_id}") if each.order_id else None,
        "customer": each.customer,
        "ours_ore": each.ours_ore,
        "theirs_ore": each.theirs_ore,
        "found_at": each.found_at,
        "settled_at": each.settled_at,
        "explanation": each.explanation,
        "url": desk.url(f"{PATH}/{each.id}"),
    }


@get(f"{PATH}/{{difference_id:uuid}}")
async def one(desk: AtDesk, difference_id: FromPath[UUID]) -> Response[str]:
    """What differs, and a form."""
    return await _page(desk, difference_id, {}, {})


async def _page(
    desk: Desk,
    difference_id: UUID,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: WrongState | None = None,
    status: int = 200,
) -> Response[str]:
    found = await desk.read(lambda db, actor: service.difference(db, actor, difference_id))
    path = desk.url(f"{PATH}/{difference_id}")
    is_open = found.settled_at is None
    may_retry = is_open and found.kind == "refund_failed" and may(desk.actor, "refund.give")
    return desk.page(
        "payments/difference.html",
        status=status,
        difference=_view(found, desk),
        may_explain=is_open and may(desk.actor, service.EXPLAIN),
        form={"explanation": values.get("explanation", "")},
        errors=errors,
        refused=None if refusal is None else refusal_view(refusal, desk.texts),
        post_url=path,
        again_url=f"{path}/again" if may_retry else None,
        back_url=desk.url(PATH),
    )


@post(f"{PATH}/{{difference_id:uuid}}", status_code=200)
async def explain(desk: AtDesk, difference_id: FromPath[UUID]) -> Response[Any]:
    """Settled with these words."""
    values = await sent(desk)
    text = values.get("explanation", "").strip()
    if not text or len(text) > LONGEST or has_nul(text):
        wrong = desk.texts.gettext("Write what has happened, in at most 1000 letters.")
        return await _page(desk, difference_id, values, {"explanation": wrong}, status=422)
    try:
        await desk.change(lambda db, actor: service.explain(db, actor, difference_id, text, desk.now))
    except WrongState as refusal:
        return await _page(desk, difference_id, values, {}, refusal=refusal, status=refusal.status)
    return Redirect(desk.url(PATH, done="explained"), status_code=303)


@post(f"{PATH}/{{difference_id:uuid}}/again", status_code=200)
async def again(desk: AtDesk, difference_id: FromPath[UUID]) -> Response[Any]:
    """A refund that failed is asked for anew."""
    try:
        await desk.change(lambda db, actor: service.try_again(db, actor, difference_id, desk.now))
    except WrongState as refusal:
        return await _page(desk, difference_id, {}, {}, refusal=refusal, status=refusal.status)
    return Redirect(desk.url(PATH, done="again"), status_code=303)


handlers = [listed, one, explain, again]
