"""HTML routes of a decision: its letter to read, to print and to keep, and appealing it."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import showing
from booking.cases import appeals, case, paper
from booking.cases.case_schemas import DecisionOut
from booking.cases.case_views import about_of, decision_view
from booking.cases.paper import Paper
from booking.cases.writing import LONGEST_TEXT
from booking.own_pages import sent
from booking.schemas import ApplicationOut
from booking.told import refusal_view
from core.errors import AlreadyExists, NotAppealable
from core.texts import texts
from core.wire import has_nul
from people.actors import Actor
from people.desk import AtDesk, Desk


class Read(Struct, frozen=True):
    """A decision, and the case it was made in."""

    decision: DecisionOut
    out: ApplicationOut
    is_holder: bool
    is_own: bool


async def _read(desk: Desk, application_id: UUID, number: int) -> Read:
    async def work(db: AsyncSession, actor: Actor) -> Read:
        found = await case.seen(db, actor, application_id, desk.now)
        decision = await case.decision(db, found, number, desk.tenant)
        out = showing.application_out(found.row, found.bookings, desk.tenant)
        return Read(decision, out, found.is_holder, found.is_own)

    return await desk.read(work)


def _paper(desk: Desk, read: Read) -> Paper:
    spoken = texts(read.decision.language, desk.tenant.zone_name)
    return paper.paper_of(read.decision, about_of(read.out, desk.tenant.name), spoken)


@get("/applications/{application_id:uuid}/decisions/{number:int}")
async def decision(desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int]) -> Response[str]:
    """The letter as a page."""
    return _page(desk, await _read(desk, application_id, number), {})


def _page(
    desk: Desk,
    read: Read,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refused: Any = None,
    status: int = 200,
) -> Response[str]:
    view = decision_view(read.decision, desk, read.out.id)
    may_appeal = read.is_holder and read.decision.appeal_until is not None and read.decision.appeal is None
    return desk.page(
        "booking/decision.html",
        status=status,
        paper=_paper(desk, read),
        decision=view,
        may_appeal=may_appeal,
        is_late=read.decision.appeal_until is not None
        and desk.texts.local(desk.now).date() > read.decision.appeal_until,
        form={"text": values.get("text", "")},
        errors=errors or {},
        refused=refused,
        back_url=desk.url(f"/applications/{read.out.id}" if read.is_own else f"/requests/{read.out.id}"),
    )


@get("/applications/{application_id:uuid}/decisions/{number:int}/letter.pdf")
async def letter(desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int]) -> Response[bytes]:
    """The same as a PDF with everything in it. It is set when the transaction is over."""
    read = await _read(desk, application_id, number)
    content = await asyncio.to_thread(paper.pdf, _paper(desk, read))
    name = f"{desk.tenant.slug}-{read.out.id.hex[-8:]}-{number}.pdf"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@post("/applications/{application_id:uuid}/decisions/{number:int}/appeal", status_code=200)
async def appeal(desk: AtDesk, application_id: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """Received, in time or late."""
    values = await sent(desk)
    text = values.get("text", "").strip()
    if not text or len(text) > LONGEST_TEXT or has_nul(text):
        wrong = desk.texts.gettext("Write what you appeal and why, in at most 5000 letters.")
        read = await _read(desk, application_id, number)
        return _page(desk, read, values, errors={"text": wrong}, status=422)
    try:
        await desk.change(
            lambda db, actor: appeals.appeal(db, actor, desk.tenant, application_id, number, text, desk.now)
        )
    except (AlreadyExists, NotAppealable) as refusal:
        read = await _read(desk, application_id, number)
        return _page(desk, read, values, refused=refusal_view(refusal, desk.texts), status=refusal.status)
    return Redirect(desk.url(f"/applications/{application_id}", done="appealed"), status_code=303)


handlers = [decision, letter, appeal]
