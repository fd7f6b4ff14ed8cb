"""HTML routes of invoice runs and their drafts: gather, look through, leave out, issue, credit. For finance."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.own_pages import sent, version_of
from booking.told import refusal_view
from core.errors import ChangedMeanwhile, Invalid, InvoiceTermsMissing, Refusal, WrongState
from core.ids import new_id
from core.page import link
from core.paging import Page
from core.spans import Span, local_date
from core.wire import has_nul, id_in
from payments.invoicing import checking, crediting, export_pages, gathering, invoice_terms_pages, issuing
from payments.invoicing.invoice_schemas import CreditIn, InvoiceOut, RunOut
from payments.invoicing.invoice_words import DONE, MISSING, STATES, UNITS, WARNINGS
from people.actors import Actor
from people.desk import AtDesk, Desk

A_PAGE: Final = 50
PATH: Final = "/staff/invoices"


def notice(desk: Desk) -> str | None:
    """What the address says was just done."""
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


def back(desk: Desk, path: str, done: str) -> Redirect:
    return Redirect(desk.url(path, done=done), status_code=303)


# Runs.


@get(PATH)
async def invoice_runs(desk: AtDesk) -> Response[str]:
    """Newest first, and the form for the next: last month."""
    first = local_date(desk.tenant.zone, desk.now).replace(day=1)
    last = first - timedelta(days=1)
    return await _runs_page(desk, {"from_on": str(last.replace(day=1)), "until_on": str(last)}, {})


@post(PATH, status_code=200)
async def begin_run(desk: AtDesk) -> Response[Any]:
    """Then its page, where the drafts come. Sent twice, it is one run."""
    values = await sent(desk)
    days: dict[str, date] = {}
    errors: dict[str, str] = {}
    for name in ("from_on", "until_on"):
        day = day_in(values.get(name, ""))
        if day is None:
            errors[name] = desk.texts.gettext("Write a day that exists.")
        else:
            days[name] = day
    if errors:
        return await _runs_page(desk, values, errors, status=422)

    async def work(db: AsyncSession, actor: Actor) -> str:
        run = await gathering.begin(db, actor, days["from_on"], until_on=days["until_on"], now=desk.now)
        return desk.url(f"{PATH}/runs/{run.id}", done="begun")

    try:
        path = await desk.once(values.get("idempotency_key", "")[:100], work)
    except Invalid as invalid:
        errors = {str(invalid.facts["field"]): invalid.expected(desk.texts.gettext)}
        return await _runs_page(desk, values, errors, status=422)
    return Redirect(path, status_code=303)


def day_in(text: str) -> date | None:
    """A day from 2000 to 2100."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


async def _runs_page(
    desk: Desk, form: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor") if desk.request.method == "GET" else None
    page: Page[RunOut] = await desk.read(
        lambda db, actor: checking.runs(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE)
    )
    path = desk.url(PATH)
    return desk.page(
        "payments/invoice_runs.html",
        status=status,
        notice=notice(desk),
        form={name: form.get(name, "") for name in ("from_on", "until_on")},
        errors=errors,
        runs=[_run_view(desk, each) for each in page.items],
        idempotency_key=form.get("idempotency_key", "")[:100] or new_id().hex,
        post_url=path,
        terms_url=desk.url(f"{PATH}/terms"),
        accounts_url=desk.url(f"{PATH}/accounts"),
        exports_url=desk.url("/staff/exports"),
        previous_url=path if cursor else None,
        next_url=link(path, cursor=page.next) if page.next else None,
    )


def _run_view(desk: Desk, run: RunOut) -> dict[str, Any]:
    name, colour = STATES[run.state]
    return {
        "period": desk.texts.days(run.from_on, run.until_on),
        "state": desk.texts.gettext(name),
        "colour": colour,
        "orders": run.orders,
        "gross": desk.texts.money(run.gross.amount),
        "found": run.found,
        "done": run.done,
        "created_at": run.created_at,
        "created_by": run.created_by,
        "is_working": run.state in ("gathering", "issuing"),
        "may_issue": run.state == "drafted" and run.open_orders > 0,
        "may_drop": run.state in ("gathering", "drafted"),
        "version": run.version,
        "url": desk.url(f"{PATH}/runs/{run.id}"),
    }


@get(f"{PATH}/runs/{{run_id:uuid}}")
async def invoice_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[str]:
    """How far it has come, and its drafts with what is odd about each."""
    return await _run_page(desk, run_id)


@post(f"{PATH}/runs/{{run_id:uuid}}/issue", status_code=200)
async def issue_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[Any]:
    """All its drafts."""
    version = version_of(await sent(desk))
    try:
        await desk.change(lambda db, actor: issuing.begin(db, actor, run_id, version=version, now=desk.now))
    except InvoiceTermsMissing as missing:
        told = [desk.texts.gettext(MISSING[each]) for each in missing.facts["missing"]]
        return await _run_page(desk, run_id, missing=told, status=409)
    except (WrongState, ChangedMeanwhile) as refused:
        return await _run_page(desk, run_id, refused=refused, status=refused.status)
    return back(desk, f"{PATH}/runs/{run_id}", "issued")


@post(f"{PATH}/runs/{{run_id:uuid}}/drop", status_code=200)
async def drop_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[Any]:
    """Nothing of it is invoiced."""
    try:
        await desk.change(lambda db, actor: gathering.drop(db, actor, run_id, desk.now))
    except WrongState as refused:
        return await _run_page(desk, run_id, refused=refused, status=refused.status)
    return back(desk, f"{PATH}/runs/{run_id}", "dropped")


async def _run_page(
    desk: Desk,
    run_id: UUID,
    *,
    missing: list[str] | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor") if desk.request.method == "GET" else None

    async def work(db: AsyncSession, actor: Actor) -> tuple[RunOut, Page[InvoiceOut]]:
        run = await checking.run(db, actor, desk.tenant, run_id)
        return run, await checking.invoices(db, actor, run_id, cursor=cursor, limit=A_PAGE)

    run, page = await desk.read(work)
    path = desk.url(f"{PATH}/runs/{run_id}")
    return desk.page(
        "payments/invoice_run.html",
        status=status,
        notice=notice(desk),
        run=_run_view(desk, run),
        invoices=[invoice_view(desk, each) for each in page.items],
        missing=missing or [],
        refusals=() if refused is None else (refusal_view(refused, desk.texts),),
        issue_url=f"{path}/issue",
        drop_url=f"{path}/drop",
        again_url=path,
        terms_url=desk.url(f"{PATH}/terms"),
        back_url=desk.url(PATH),
        previous_url=path if cursor else None,
        next_url=link(path, cursor=page.next) if page.next else None,
    )


def invoice_view(desk: Desk, invoice: InvoiceOut) -> dict[str, Any]:
    texts = desk.texts
    return {
        "customer": invoice.customer or texts.gettext("No name"),
        "number": invoice.number,
        "payment": texts.gettext(UNITS[invoice.payment]),
        "reference": invoice.reference,
        "lines": invoice.lines,
        "net": texts.money(invoice.net.amount),
        "vat": texts.money(invoice.vat.amount),
        "gross": texts.money(invoice.gross.amount),
        "credited": texts.money(invoice.credited.amount) if invoice.credited.amount else "",
        "warnings": [texts.gettext(WARNINGS[each]) for each in invoice.warnings],
        "kid": invoice.kid or "",
        "due_on": texts.day(invoice.due_on, year=True) if invoice.due_on else "",
        "is_draft": invoice.state == "open",
        "is_issued": invoice.state == "issued",
        "may_credit": invoice.state == "issued" and invoice.credited.amount < invoice.gross.amount,
        "exported": invoice.exported,
        "version": invoice.version,
        "url": desk.url(f"{PATH}/{invoice.id}"),
    }


# One invoice.


@get(f"{PATH}/{{order_id:uuid}}")
async def one_invoice(desk: AtDesk, order_id: FromPath[UUID]) -> Response[str]:
    """Its lines, and what can be done with it."""
    return await _invoice_page(desk, order_id, {}, {})


@post(f"{PATH}/{{order_id:uuid}}/reference", status_code=200)
async def set_reference(desk: AtDesk, order_id: FromPath[UUID]) -> Response[Any]:
    """The customer's own."""
    values = await sent(desk)
    reference, version = values.get("reference", ""), version_of(values)
    if len(reference) > 200 or has_nul(reference):
        errors = {"reference": desk.texts.gettext("Write at most 200 letters.")}
        return await _invoice_page(desk, order_id, values, errors, status=422)
    try:
        await desk.change(
            lambda db, actor: gathering.set_reference(
                db, actor, order_id, reference, version=version, now=desk.now
            )
        )
    except (WrongState, ChangedMeanwhile) as refused:
        return await _invoice_page(desk, order_id, values, {}, refused=refused, status=refused.status)
    return back(desk, f"{PATH}/{order_id}", "reference")


@post(f"{PATH}/{{order_id:uuid}}/leave-out", status_code=200)
async def leave_out(desk: AtDesk, order_id: FromPath[UUID]) -> Response[Any]:
    """A booking, or the whole draft."""
    values = await sent(desk)
    booking_id, version = id_in(values.get("booking")), version_of(values)
    try:
        await desk.change(
            lambda db, actor: gathering.leave_out(
                db, actor, order_id, booking_id=booking_id, version=version, now=desk.now
            )
        )
    except (WrongState, ChangedMeanwhile) as refused:
        return await _invoice_page(desk, order_id, {}, {}, refused=refused, status=refused.status)
    return back(desk, f"{PATH}/{order_id}", "left-out")


@post(f"{PATH}/{{order_id:uuid}}/credit", status_code=200)
async def credit(desk: AtDesk, order_id: FromPath[UUID]) -> Response[Any]:
    """By a credit note: all of it, or the bookings that are ticked."""
    values = await sent(desk)
    reason = values.get("reason", "").strip()
    if not reason or len(reason) > 500 or has_nul(reason):
        errors = {"reason": desk.texts.gettext("Write why, in at most 500 letters.")}
        return await _invoice_page(desk, order_id, values, errors, status=422)
    ticked = [found for name in values if (found := id_in(name.removeprefix("booking-"))) is not None]
    form = CreditIn(
        reason=reason,
        bookings=ticked if values.get("which") == "some" else None,
        again=values.get("again") == "yes",
    )
    try:
        await desk.change(lambda db, actor: crediting.credit(db, actor, order_id, form, desk.now))
    except WrongState as refused:
        return await _invoice_page(desk, order_id, values, {}, refused=refused, status=refused.status)
    return back(desk, f"{PATH}/{order_id}", "credited")


async def _invoice_page(
    desk: Desk,
    order_id: UUID,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refused: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    invoice, row, lines = await desk.read(lambda db, actor: checking.invoice(db, actor, order_id))
    path = desk.url(f"{PATH}/{order_id}")
    bookings: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        if line.booking_id is not None and line.booking_id not in bookings:
            bookings[line.booking_id] = {
                "id": str(line.booking_id),
                "text": line.text,
                "span": Span(line.starts_at, line.ends_at) if line.starts_at and line.ends_at else None,
            }
    run_url = desk.url(f"{PATH}/runs/{row.run_id}") if row.run_id else desk.url(PATH)
    return desk.page(
        "payments/invoice.html",
        status=status,
        notice=notice(desk),
        invoice=invoice_view(desk, invoice),
        lines=[
            {
                "text": line.text,
                "span": Span(line.starts_at, line.ends_at) if line.starts_at and line.ends_at else None,
                "net": desk.texts.money(line.net_ore),
                "vat": desk.texts.money(line.vat_ore),
                "gross": desk.texts.money(line.gross_ore),
                "account": " ".join(value for value in line.account.values() if isinstance(value, str)),
            }
            for line in lines
        ],
        bookings=list(bookings.values()),
        form={
            "reference": form.get("reference", invoice.reference),
            "reason": form.get("reason", ""),
            "which": form.get("which", "all"),
            "again": form.get("again", ""),
        },
        errors=errors,
        refusals=() if refused is None else (refusal_view(refused, desk.texts),),
        reference_url=f"{path}/reference",
        leave_out_url=f"{path}/leave-out",
        credit_url=f"{path}/credit",
        order_url=desk.url(f"/orders/{order_id}") if invoice.state == "issued" else None,
        back_url=run_url,
        runs_url=desk.url(PATH),
    )


router = Router(
    path="/{m:str}",
    route_handlers=[
        invoice_runs,
        begin_run,
        *invoice_terms_pages.handlers,
        invoice_run,
        issue_run,
        drop_run,
        one_invoice,
        set_reference,
        leave_out,
        credit,
        *export_pages.handlers,
    ],
    include_in_schema=False,
)
