"""Files for the books: what is issued goes out once, in one layout, and the file is kept as it was.

The orders are marked, and the file is written and stored, in one transaction: whoever is killed in between has sent
nothing and marked nothing. To have a file again is to read it.
"""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.errors import Invalid, NotFound, NothingToExport
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.spans import local_date
from core.tenants import Tenant
from payments.invoice_models import ExportRun
from payments.invoicing import ehf, export_queries, invoice_queries
from payments.invoicing.account_rules import Code, account_of
from payments.invoicing.invoice_schemas import ExportOut
from payments.invoicing.invoice_terms import read_codes
from payments.invoicing.layouts import Layout, Writer, layouts
from payments.invoicing.messages import ExportWanted
from payments.invoicing.outgoing import Outgoing, OutgoingLine, local_day, party
from people.actors import Actor
from people.rules import demand

RIGHT: Final = "invoice.manage"
BATCH: Final = 200
"""Orders read at once."""
SERIES: Final = "export"
ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: the same orders give the same bytes."""


async def begin(db: AsyncSession, actor: Actor, layout_key: str, now: datetime) -> ExportOut:
    """A file of all that is issued and has not gone out, which is written shortly after.

    Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, NothingToExport.
    """
    demand(actor, RIGHT)
    layout = layouts().get(layout_key)
    if layout is None:
        raise Invalid(field="layout", expected=list(layouts()))
    number = await invoice_queries.lock_series(db, SERIES)
    if not await export_queries.how_many(db, layout.payments, with_number=layout.writes == "ehf"):
        raise NothingToExport(layout=layout_key)
    await invoice_queries.take_number(db, SERIES)
    row = ExportRun(
        id=new_id(),
        number=number,
        layout=layout_key,
        state="making",
        orders=0,
        media_type="",
        file_name="",
        content=None,
        created_at=now,
        created_by=actor.person_id,
    )
    db.add(row)
    await db.flush()
    note(db, actor.person_id, "export.begun", table="export_run", row_id=row.id, now=now)
    publish(db, ExportWanted(row.id, actor.person_id))
    return await _told(db, row.id)


async def make(db: AsyncSession, tenant: Tenant, export_id: UUID, now: datetime) -> int:
    """Writes the file, unless it is written; how many orders are in it."""
    await invoice_queries.lock_series(db, SERIES)
    row = await export_queries.locked_export(db, export_id)
    if row is None or row.state == "made":
        return 0
    layout = layouts()[row.layout]
    is_ehf = layout.writes == "ehf"
    ids = await export_queries.claim(db, row.id, layout.payments, with_number=is_ehf)
    made: File = ZipFile() if is_ehf else RecordFile(layout, row.number, local_date(tenant.zone, now))
    unfit = [paper.id async for paper in outgoing(db, tenant, ids) if not made.add(paper)]
    if unfit:
        await export_queries.give_back(db, row.id, unfit)
    row.content, row.orders, row.state = made.end(), len(ids) - len(unfit), "made"
    row.media_type, row.file_name = layout.media_type, layout.file_name.format(number=row.number)
    await db.flush()
    return row.orders


class File(Protocol):
    """A file that orders are added to."""

    def add(self, paper: Outgoing) -> bool:
        """Whether it could be written."""
        ...

    def end(self) -> bytes: ...


class RecordFile:
    """Records as the layout says."""

    def __init__(self, layout: Layout, number: int, made_on: Any) -> None:
        self._writer = Writer(layout, number=number, made_on=made_on)
        self._written = io.BytesIO()
        self._written.write(self._writer.head())

    def add(self, paper: Outgoing) -> bool:
        self._written.write(self._writer.order(paper))
        return True

    def end(self) -> bytes:
        self._written.write(self._writer.foot())
        return self._written.getvalue()


class ZipFile:
    """One EHF file for each order that can be one."""

    def __init__(self) -> None:
        self._written = io.BytesIO()
        self._zip = zipfile.ZipFile(self._written, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def add(self, paper: Outgoing) -> bool:
        if ehf.refused(paper) is not None:
            return False
        entry = zipfile.ZipInfo(ehf.file_name(paper), ZIP_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, ehf.ehf(paper))
        return True

    def end(self) -> bytes:
        self._zip.close()
        return self._written.getvalue()


async def outgoing(db: AsyncSession, tenant: Tenant, ids: Sequence[UUID]) -> AsyncIterator[Outgoing]:
    """The orders as they go out, in this order, a batch in memory at a time."""
    codes = await read_codes(db)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        lines: dict[UUID, list[OutgoingLine]] = {each: [] for each in batch}
        for row in await export_queries.lines(db, batch):
            lines[row.order_id].append(_line(row, tenant, codes))
        found = {row.id: row for row in await export_queries.papers(db, batch)}
        for each in batch:
            yield _paper(found[each], tenant, lines[each])


def _line(row: Any, tenant: Tenant, codes: Sequence[Code]) -> OutgoingLine:
    """With the account that was fixed when it was issued; of lines that had none, as the codes are now."""
    article = row.key if row.kind in ("article", "deposit") else None
    return OutgoingLine(
        text=row.text,
        unit=row.unit,
        quantity_milli=row.quantity_milli,
        vat_code=row.vat_code,
        vat_rate=row.vat_rate,
        vat_reason=row.vat_reason,
        net_ore=row.net_ore,
        vat_ore=row.vat_ore,
        gross_ore=row.gross_ore,
        starts_on=local_day(row.starts_at, tenant.zone),
        ends_on=local_day(row.ends_at, tenant.zone),
        account=row.account
        or account_of(codes, facility_id=row.facility_id, resource_id=row.resource_id, article=article),
    )


def _paper(row: Any, tenant: Tenant, lines: Sequence[OutgoingLine]) -> Outgoing:
    issued_on = local_day(row.issued_at, tenant.zone)
    assert issued_on is not None, "what goes out is issued"
    customer_id = row.association_id or row.person_id
    return Outgoing(
        id=row.id,
        kind=row.kind,
        number=row.number,
        payment=row.payment,
        issued_on=issued_on,
        due_on=row.due_on,
        kid=row.kid or "",
        reference=row.reference,
        credits_number=row.credits_number,
        credits_issued_on=local_day(row.credits_issued_at, tenant.zone),
        reason=row.reason,
        customer_id=customer_id,
        seller=party(row.seller),
        customer=party(row.customer),
        net_ore=row.net_ore,
        vat_ore=row.vat_ore,
        gross_ore=row.gross_ore,
        lines=tuple(lines),
    )


async def exports(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int
) -> Page[ExportOut]:
    """Newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand(actor, RIGHT)
    after = read_cursor(cursor, int)
    rows = await export_queries.exports(db, after=after[0] if after else None, limit=limit + 1)
    more = write_cursor(rows[limit - 1].number) if len(rows) > limit else None
    return Page([_out(row, tenant) for row in rows[:limit]], more)


async def waiting(db: AsyncSession, actor: Actor) -> dict[str, int]:
    """How many orders each layout would take now, by its key. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, RIGHT)
    known: dict[tuple[tuple[str, ...], bool], int] = {}
    for layout in layouts().values():
        what = (layout.payments, layout.writes == "ehf")
        if what not in known:
            known[what] = await export_queries.how_many(db, what[0], with_number=what[1])
    return {key: known[layout.payments, layout.writes == "ehf"] for key, layout in layouts().items()}


async def content(db: AsyncSession, actor: Actor, export_id: UUID) -> tuple[bytes, str, str]:
    """The file as it was, its media type and its name. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    row = await export_queries.export(db, export_id)
    if row is None or row.content is None:
        raise NotFound(what="export")
    return row.content, row.media_type, row.file_name


async def export(db: AsyncSession, actor: Actor, tenant: Tenant, export_id: UUID) -> ExportOut:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    found = await export_queries.exports(db, only=export_id)
    if not found:
        raise NotFound(what="export")
    return _out(found[0], tenant)


async def _told(db: AsyncSession, export_id: UUID) -> ExportOut:
    (row,) = await export_queries.exports(db, only=export_id)
    return _out(row, None)


def _out(row: Any, tenant: Tenant | None) -> ExportOut:
    return ExportOut(
        id=row.id,
        number=row.number,
        layout=row.layout,
        state=row.state,
        orders=row.orders,
        file_name=row.file_name,
        created_at=row.created_at if tenant is None else row.created_at.astimezone(tenant.zone),
        created_by=row.created_by,
    )
