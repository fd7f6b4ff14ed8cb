"""What the municipality has said of its invoices: seller, bank account, KID, days, layout; and its accounts."""

import re
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.no import kontonr

from core.audit import note
from core.errors import AlreadyExists, ChangedMeanwhile, Invalid, NotFound
from core.ids import new_id
from core.texts import N_
from payments.invoice_models import AccountCode, InvoiceTerms
from payments.invoicing import invoice_queries as queries
from payments.invoicing.account_rules import PARTS, Code
from payments.invoicing.invoice_schemas import CodeIn, CodeOut, InvoiceTermsOut, TermsIn
from payments.invoicing.kid import LEAST_SERIAL, serial_digits
from payments.invoicing.layouts import layouts
from people.actors import Actor
from people.rules import demand

RIGHT: Final = "invoice.manage"
KID_TOO_LONG: Final = N_(
    "a prefix and a length that leave at least four digits for the invoice's number, and as many as the next one has"
)


async def terms(db: AsyncSession, actor: Actor) -> InvoiceTermsOut:
    """Defaults where nothing was said. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, RIGHT)
    return _out(await queries.terms(db))


def _out(row: InvoiceTerms | None) -> InvoiceTermsOut:
    if row is None:
        return InvoiceTermsOut()
    return InvoiceTermsOut(**{name: getattr(row, name) for name in InvoiceTermsOut.__struct_fields__})


async def set_terms(
    db: AsyncSession, actor: Actor, form: TermsIn, *, version: int | None, now: datetime
) -> InvoiceTermsOut:
    """What is left out stays. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, ChangedMeanwhile."""
    demand(actor, RIGHT)
    next_number = await queries.lock_series(db, "invoice")
    row = await queries.locked_terms(db)
    before = _out(row)
    if version is not None and before.version != version:
        raise ChangedMeanwhile(version=before.version)
    given = {
        name: value.strip() if isinstance(value, str) else value
        for name in TermsIn.__struct_fields__
        if (value := getattr(form, name)) is not UNSET
    }
    if given.get("bank_account"):
        given["bank_account"] = checked_account(str(given["bank_account"]))
    check_terms({**{name: getattr(before, name) for name in TermsIn.__struct_fields__}, **given}, next_number)
    if row is None:
        row = InvoiceTerms(
            id=new_id(), **{name: getattr(before, name) for name in InvoiceTermsOut.__struct_fields__}
        )
        db.add(row)
    changed: dict[str, tuple[Any, Any]] = {}
    for name, value in given.items():
        if getattr(row, name) != value:
            changed[name] = (getattr(row, name), value)
            setattr(row, name, value)
    if changed:
        row.version = before.version + 1
        note(
            db,
            actor.person_id,
            "invoice_terms.changed",
            table="invoice_terms",
            row_id=row.id,
            now=now,
            change=changed,
        )
    await db.flush()
    return _out(row)


def checked_account(text: str) -> str:
    """The 11 digits of a bank account. Raises Invalid."""
    digits = re.sub(r"[ .]", "", text)
    if not digits.isascii() or len(digits) != 11 or not kontonr.is_valid(digits):
        raise Invalid(field="bank_account", expected=N_("a Norwegian bank account of 11 digits"))
    return digits


def check_terms(told: dict[str, Any], next_number: int) -> None:
    """Raises Invalid: numbers must fit into a KID behind the prefix, and the layout must be one that we have."""
    room = serial_digits(told["kid_prefix"], told["kid_length"])
    if room < max(LEAST_SERIAL, len(str(next_number))):
        raise Invalid(field="kid_length", expected=KID_TOO_LONG)
    if told["layout"] not in layouts():
        raise Invalid(field="layout", expected=list(layouts()))


# Accounts.


async def codes(db: AsyncSession, actor: Actor) -> list[CodeOut]:
    """The widest first. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, RIGHT)
    return [_code(row) for row in await queries.codes(db)]


async def read_codes(db: AsyncSession) -> list[Code]:
    """As `account_rules` takes them."""
    return [
        Code(**{name: getattr(row, name) for name in Code.__struct_fields__})
        for row in await queries.codes(db)
    ]


async def add_code(db: AsyncSession, actor: Actor, form: CodeIn, now: datetime) -> CodeOut:
    """One for each place or article. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, NotFound, AlreadyExists."""
    demand(actor, RIGHT)
    scopes = (form.facility_id, form.resource_id, form.article)
    if sum(each is not None for each in scopes) > 1:
        raise Invalid(field="resource_id", expected=N_("a facility, a resource, an article, or none of them"))
    if (form.facility_id or form.resource_id) and not await queries.place_exists(
        db, form.facility_id, form.resource_id
    ):
        raise NotFound(what="place")
    if any((row.facility_id, row.resource_id, row.article) == scopes for row in await queries.codes(db)):
        raise AlreadyExists(field="resource_id")
    row = AccountCode(
        id=new_id(),
        facility_id=form.facility_id,
        resource_id=form.resource_id,
        article=form.article,
        **{part: getattr(form, part).strip() for part in PARTS},
    )
    db.add(row)
    await db.flush()
    change = {part: (None, getattr(row, part)) for part in PARTS if getattr(row, part)}
    note(
        db, actor.person_id, "account_code.added", table="account_code", row_id=row.id, now=now, change=change
    )
    return next(_code(each) for each in await queries.codes(db) if each.id == row.id)


async def drop_code(db: AsyncSession, actor: Actor, code_id: UUID, now: datetime) -> None:
    """What was issued keeps its account. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    row = await queries.code(db, code_id)
    if row is None:
        raise NotFound(what="account_code")
    change = {part: (getattr(row, part), None) for part in PARTS if getattr(row, part)}
    note(
        db,
        actor.person_id,
        "account_code.dropped",
        table="account_code",
        row_id=code_id,
        now=now,
        change=change,
    )
    await db.delete(row)
    await db.flush()


def _code(row: Any) -> CodeOut:
    return CodeOut(**{name: getattr(row, name) for name in CodeOut.__struct_fields__})
