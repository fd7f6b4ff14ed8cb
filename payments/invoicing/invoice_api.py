"""JSON routes of invoicing: terms, accounts, runs with their drafts, and files for the books. For finance."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import CURSOR, MOST, Page
from payments.invoicing import checking, crediting, exporting, gathering, invoice_terms, issuing
from payments.invoicing.invoice_schemas import (
    CodeIn,
    CodeOut,
    CreditIn,
    CreditOut,
    ExportIn,
    ExportOut,
    InvoiceOut,
    InvoiceTermsOut,
    LeaveOutIn,
    ReferenceIn,
    RunIn,
    RunOut,
    TermsIn,
)
from people.actors import Actor
from people.answers import CHANGE, READ, VERSIONED, WRITE
from people.desk import AtDesk, Desk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]


@get("/invoice-terms", summary="What stands on the municipality's invoices", responses=READ)
async def invoice_terms_of(desk: AtDesk) -> Response[InvoiceTermsOut]:
    """Defaults where nothing was said."""
    return await desk.answer(invoice_terms.terms)


@patch("/invoice-terms", summary="Change the invoice terms", responses=VERSIONED)
async def change_invoice_terms(desk: AtDesk, data: JSONBody[TermsIn]) -> Response[InvoiceTermsOut]:
    """Only what is given. A KID that the next invoice's number does not fit into is refused."""
    return await desk.answer(
        lambda db, actor: invoice_terms.set_terms(db, actor, data, version=desk.if_match(), now=desk.now)
    )


@get("/account-codes", summary="Where lines of invoices stand in the books", responses=READ)
async def list_account_codes(desk: AtDesk) -> list[CodeOut]:
    """The widest first. An article goes before a resource, that before its facility, that before the municipality."""
    return await desk.read(invoice_terms.codes)


@post("/account-codes", summary="Add an account code", status_code=201, responses=WRITE)
async def add_account_code(desk: AtDesk, data: JSONBody[CodeIn]) -> Response[CodeOut]:
    """One for each facility, resource or article; without any of them: of the municipality."""
    return await desk.answer(lambda db, actor: invoice_terms.add_code(db, actor, data, desk.now), status=201)


@delete(
    "/account-codes/{code_id:uuid}", summary="Take away an account code", status_code=204, responses=CHANGE
)
async def drop_account_code(desk: AtDesk, code_id: FromPath[UUID]) -> None:
    """What was issued keeps what it had."""
    await desk.change(lambda db, actor: invoice_terms.drop_code(db, actor, code_id, desk.now))


@get("/invoice-runs", summary="Invoice runs", responses=READ)
async def list_invoice_runs(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[RunOut]:
    """Newest first."""
    return await desk.read(
        lambda db, actor: checking.runs(db, actor, desk.tenant, cursor=cursor, limit=limit)
    )


@post("/invoice-runs", summary="Gather what is to be invoiced", status_code=201, responses=WRITE)
async def begin_invoice_run(desk: AtDesk, data: JSONBody[RunIn]) -> Response[RunOut]:
    """Bookings whose use ended in the period, long enough ago, and that owe more than is billed. The drafts are made
    shortly after: `state` becomes drafted.
    """

    async def work(db: AsyncSession, actor: Actor) -> RunOut:
        run = await gathering.begin(db, actor, data.from_on, until_on=data.until_on, now=desk.now)
        return await checking.run(db, actor, desk.tenant, run.id)

    return await desk.answer(work, status=201)


@get("/invoice-runs/{run_id:uuid}", summary="An invoice run", responses=READ)
async def invoice_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[RunOut]:
    """With how far it has come."""
    found = await desk.read(lambda db, actor: checking.run(db, actor, desk.tenant, run_id))
    return Response(found, headers={"ETag": f'"{found.version}"'})


@get("/invoice-runs/{run_id:uuid}/invoices", summary="Drafts and invoices of a run", responses=READ)
async def list_invoices(
    desk: AtDesk, run_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Page[InvoiceOut]:
    """In the order of their numbers, with what is odd about each draft."""
    return await desk.read(lambda db, actor: checking.invoices(db, actor, run_id, cursor=cursor, limit=limit))


@post(
    "/invoice-runs/{run_id:uuid}/issue", summary="Issue a run's drafts", status_code=200, responses=VERSIONED
)
async def issue_invoice_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[RunOut]:
    """Each gets its number, KID and day of payment, shortly after: `state` becomes issued."""

    async def work(db: AsyncSession, actor: Actor) -> RunOut:
        await issuing.begin(db, actor, run_id, version=desk.if_match(), now=desk.now)
        return await checking.run(db, actor, desk.tenant, run_id)

    return await desk.answer(work)


@post("/invoice-runs/{run_id:uuid}/drop", summary="Drop a run's drafts", status_code=200, responses=CHANGE)
async def drop_invoice_run(desk: AtDesk, run_id: FromPath[UUID]) -> Response[RunOut]:
    """Nothing is invoiced; a later run finds the same bookings."""

    async def work(db: AsyncSession, actor: Actor) -> RunOut:
        await gathering.drop(db, actor, run_id, desk.now)
        return await checking.run(db, actor, desk.tenant, run_id)

    return await desk.answer(work)


@patch("/invoices/{order_id:uuid}", summary="Set the customer's reference", responses=VERSIONED)
async def change_invoice(
    desk: AtDesk, order_id: FromPath[UUID], data: JSONBody[ReferenceIn]
) -> Response[InvoiceOut]:
    """Of a draft."""

    async def work(db: AsyncSession, actor: Actor) -> InvoiceOut:
        await gathering.set_reference(
            db, actor, order_id, data.reference, version=desk.if_match(), now=desk.now
        )
        return (await checking.invoice(db, actor, order_id))[0]

    return await desk.answer(work)


@post(
    "/invoices/{order_id:uuid}/leave-out", summary="Leave out this time", status_code=200, responses=VERSIONED
)
async def leave_out_of_invoice(
    desk: AtDesk, order_id: FromPath[UUID], data: JSONBody[LeaveOutIn]
) -> Response[InvoiceOut]:
    """A booking of a draft, or the whole draft. A later run finds it again."""

    async def work(db: AsyncSession, actor: Actor) -> InvoiceOut:
        await gathering.leave_out(
            db, actor, order_id, booking_id=data.booking_id, version=desk.if_match(), now=desk.now
        )
        return (await checking.invoice(db, actor, order_id))[0]

    return await desk.answer(work)


@post("/invoices/{order_id:uuid}/credit", summary="Credit an invoice", status_code=201, responses=WRITE)
async def credit_invoice(
    desk: AtDesk, order_id: FromPath[UUID], data: JSONBody[CreditIn]
) -> Response[CreditOut]:
    """By a credit note, of all or of some bookings; what is not to be invoiced again is owed no more."""
    return await desk.answer(
        lambda db, actor: crediting.credit(db, actor, order_id, data, desk.now), status=201
    )


@get("/exports", summary="Files for the books", responses=READ)
async def list_exports(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[ExportOut]:
    """Newest first."""
    return await desk.read(
        lambda db, actor: exporting.exports(db, actor, desk.tenant, cursor=cursor, limit=limit)
    )


@post("/exports", summary="Write a file for the books", status_code=201, responses=WRITE)
async def begin_export(desk: AtDesk, data: JSONBody[ExportIn]) -> Response[ExportOut]:
    """Of all that is issued and has not gone out. It is written shortly after: `state` becomes made."""
    return await desk.answer(lambda db, actor: exporting.begin(db, actor, data.layout, desk.now), status=201)


@get("/exports/{export_id:uuid}", summary="A file for the books", responses=READ)
async def export(desk: AtDesk, export_id: FromPath[UUID]) -> ExportOut:
    """How it stands with it."""
    return await desk.read(lambda db, actor: exporting.export(db, actor, desk.tenant, export_id))


@get(
    "/exports/{export_id:uuid}/file",
    summary="The file itself",
    responses=READ,
    media_type="application/octet-stream",
)
async def export_file(desk: AtDesk, export_id: FromPath[UUID]) -> Response[bytes]:
    """The same bytes however often it is fetched."""
    return await sent_file(desk, export_id)


async def sent_file(desk: Desk, export_id: UUID) -> Response[bytes]:
    content, media_type, name = await desk.read(lambda db, actor: exporting.content(db, actor, export_id))
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


router = Router(
    path="/api/{m:str}",
    tags=["invoicing"],
    route_handlers=[
        invoice_terms_of,
        change_invoice_terms,
        list_account_codes,
        add_account_code,
        drop_account_code,
        list_invoice_runs,
        begin_invoice_run,
        invoice_run,
        list_invoices,
        issue_invoice_run,
        drop_invoice_run,
        change_invoice,
        leave_out_of_invoice,
        credit_invoice,
        list_exports,
        begin_export,
        export,
        export_file,
    ],
)
