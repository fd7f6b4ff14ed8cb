"""HTML routes of files for the books: what waits, a new file, those there were."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.own_pages import sent
from core.errors import Invalid, NothingToExport
from core.ids import new_id
from core.page import link
from core.paging import Page
from payments.invoicing import exporting as service
from payments.invoicing import invoice_terms
from payments.invoicing.invoice_api import sent_file
from payments.invoicing.invoice_schemas import ExportOut
from payments.invoicing.invoice_words import DONE, EXPORT_STATES
from payments.invoicing.layouts import layouts
from people.actors import Actor
from people.desk import AtDesk, Desk

A_PAGE: Final = 50
PATH: Final = "/staff/exports"


@get(PATH)
async def exports(desk: AtDesk) -> Response[str]:
    """Newest first, and the form for another."""
    return await _page(desk, {})


@post(PATH, status_code=200)
async def begin_export(desk: AtDesk) -> Response[Any]:
    """Of all that has not gone out. Sent twice, it is one file."""
    values = await sent(desk)
    layout = values.get("layout", "")

    async def work(db: AsyncSession, actor: Actor) -> str:
        await service.begin(db, actor, layout, desk.now)
        return desk.url(PATH, done="exported")

    try:
        path = await desk.once(values.get("idempotency_key", "")[:100], work)
    except Invalid:
        return await _page(desk, {"layout": desk.texts.gettext("Choose one of these.")}, status=422)
    except NothingToExport as nothing:
        return await _page(desk, {"layout": desk.texts.gettext(nothing.title)}, status=409, chosen=layout)
    return Redirect(path, status_code=303)


@get(f"{PATH}/{{export_id:uuid}}/file")
async def export_file(desk: AtDesk, export_id: FromPath[UUID]) -> Response[bytes]:
    """As it was."""
    return await sent_file(desk, export_id)


async def _page(
    desk: Desk, errors: dict[str, str], *, status: int = 200, chosen: str | None = None
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor") if desk.request.method == "GET" else None

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[ExportOut], dict[str, int], str]:
        page = await service.exports(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE)
        return page, await service.waiting(db, actor), (await invoice_terms.terms(db, actor)).layout

    page, waiting, usual = await desk.read(work)
    done = DONE.get(desk.request.query_params.get("done") or "")
    path = desk.url(PATH)
    known = layouts()
    return desk.page(
        "payments/exports.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        form={"layout": chosen or usual},
        errors=errors,
        layouts=[
            {
                "key": key,
                "name": desk.texts.gettext(layout.name),
                "about": layout.about,
                "waiting": waiting[key],
            }
            for key, layout in known.items()
        ],
        exports=[
            {
                "number": each.number,
                "layout": desk.texts.gettext(known[each.layout].name)
                if each.layout in known
                else each.layout,
                "state": desk.texts.gettext(EXPORT_STATES[each.state]),
                "is_made": each.state == "made",
                "orders": each.orders,
                "file_name": each.file_name,
                "created_at": each.created_at,
                "created_by": each.created_by,
                "url": f"{path}/{each.id}/file",
            }
            for each in page.items
        ],
        idempotency_key=new_id().hex,
        post_url=path,
        again_url=path,
        invoices_url=desk.url("/staff/invoices"),
        previous_url=path if cursor else None,
        next_url=link(path, cursor=page.next) if page.next else None,
    )


handlers = [exports, begin_export, export_file]
