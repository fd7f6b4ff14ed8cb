"""SQL of showing orders: a list in one statement, one order in two."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.models import Booking
from core.db import AnyRow
from payments.models import Checkout, Order, OrderLine, Payment, Refund
from payments.reading_schemas import Asked
from people.models import Association, Delegate, Person
from resources.models import Facility, Resource

Places = tuple[list[UUID] | None, list[UUID] | None]
"""Facilities and resources, as people.rules.places_of has them; None, None: everywhere."""


def _of_order(table: Any) -> ColumnElement[bool]:
    return and_(table.tenant_id == Order.tenant_id, table.order_id == Order.id)


def _summed(column: Any) -> Any:
    """Of the order's payments."""
    return (
        select(cast(func.coalesce(func.sum(column), 0), BigInteger))
        .where(_of_order(Payment))
        .correlate(Order)
        .scalar_subquery()
    )


def _of_lines(value: Any) -> Any:
    return select(value).where(_of_order(OrderLine)).correlate(Order).scalar_subquery()


def _brief() -> Any:
    return (
        select(
            *(Order.id, Order.kind, Order.state, Order.number, Order.payment, Order.gross_ore),
            *(Order.credited_ore, Order.created_at, Order.issued_at, Order.due_on),
            func.coalesce(Association.name, Person.name, "").label("customer"),
            _summed(Payment.amount_ore).label("paid_ore"),
            _summed(Payment.refunded_ore).label("refunded_ore"),
            _of_lines(func.count()).label("lines"),
            _of_lines(
                func.coalesce(func.min(OrderLine.text).filter(OrderLine.position == _first()), "")
            ).label("first"),
            _of_lines(func.min(OrderLine.starts_at)).label("starts_at"),
        )
        .outerjoin(
            Association,
            and_(Association.tenant_id == Order.tenant_id, Association.id == Order.association_id),
        )
        .outerjoin(Person, and_(Person.tenant_id == Order.tenant_id, Person.id == Order.person_id))
    )


def _first() -> Any:
    """Position of the order's first line."""
    line = aliased(OrderLine)
    return (
        select(func.min(line.position))
        .where(line.tenant_id == Order.tenant_id, line.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )


def _page(statement: Any, after: tuple[datetime, UUID] | None, limit: int) -> Any:
    if after is not None:
        statement = statement.where(tuple_(Order.created_at, Order.id) < after)
    return statement.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)


async def own(
    db: AsyncSession,
    person_id: UUID,
    association_ids: Sequence[UUID],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Issued orders of the person's and the associations', newest first, each as reading_schemas.Brief."""
    statement = _brief().where(
        Order.state == "issued",
        or_(
            and_(Order.person_id == person_id, Order.association_id.is_(None)),
            Order.association_id.in_(association_ids),
        ),
    )
    return (await db.execute(_page(statement, after, limit))).all()


async def listed(
    db: AsyncSession, asked: Asked, places: Places, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """What is asked for, at the places, newest first, each as reading_schemas.Brief."""
    statement = _brief()
    for column, wanted in (
        (Order.kind, asked.kind),
        (Order.state, asked.state),
        (Order.number, asked.number),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if asked.since is not None:
        statement = statement.where(Order.created_at >= asked.since)
    if asked.until is not None:
        statement = statement.where(Order.created_at < asked.until)
    if asked.who:
        statement = statement.where(
            or_(
                Association.name.icontains(asked.who, autoescape=True),
                Person.name.icontains(asked.who, autoescape=True),
            )
        )
    if asked.booking_id is not None:
        statement = statement.where(_has_line(OrderLine.booking_id == asked.booking_id))
    if places != (None, None):
        statement = statement.where(_lies_at(places))
    return (await db.execute(_page(statement, after, limit))).all()


def _has_line(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(OrderLine.id).where(_of_order(OrderLine), condition).correlate(Order).exists()


def _lies_at(places: Places) -> ColumnElement[bool]:
    facility_ids, resource_ids = places
    return (
        select(OrderLine.id)
        .join(Booking, and_(Booking.tenant_id == OrderLine.tenant_id, Booking.id == OrderLine.booking_id))
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .where(
            _of_order(OrderLine),
            or_(Resource.facility_id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ())),
        )
        .correlate(Order)
        .exists()
    )


def _objects(table: Any, columns: Sequence[str], by: Any, *conditions: ColumnElement[bool]) -> Any:
    """Rows as one JSON array."""
    pairs = [part for name in columns for part in (name, getattr(table, name))]
    return (
        select(
            func.coalesce(
                func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), by)), func.jsonb("[]")
            )
        )
        .where(*conditions)
        .correlate(Order)
        .scalar_subquery()
    )


def _refunds() -> Any:
    """Of the order's payments; of a credit note, its own."""
    paid = (
        select(Payment.id).where(_of_order(Payment), Payment.id == Refund.payment_id).correlate(Order, Refund)
    )
    columns = (
        *("id", "payment_id", "credit_id", "amount_ore", "state", "why", "reason", "error"),
        *("created_at", "done_at"),
    )
    return _objects(
        Refund,
        columns,
        Refund.created_at,
        Refund.tenant_id == Order.tenant_id,
        or_(Refund.credit_id == Order.id, paid.exists()),
    )


async def order(db: AsyncSession, order_id: UUID) -> AnyRow | None:
    """All of reading_schemas.Full but its lines."""
    credited, credit = aliased(Order), aliased(Order)
    statement = (
        select(
            *(Order.id, Order.kind, Order.state, Order.number, Order.payment, Order.application_id),
            *(Order.person_id, Order.association_id, Order.credits_id, Order.net_ore, Order.vat_ore),
            *(Order.gross_ore, Order.credited_ore, Order.language, Order.seller, Order.customer),
            *(Order.reference, Order.reason, Order.kid, Order.due_on, Order.created_at, Order.issued_at),
            Order.version,
            credited.kind.label("credits_kind"),
            credited.number.label("credits_number"),
            Person.name.label("person"),
            Association.name.label("association"),
            _objects(
                Payment,
                ("id", "provider", "amount_ore", "refunded_ore", "captured_at", "dispute"),
                Payment.captured_at,
                _of_order(Payment),
            ).label("payments"),
            _refunds().label("refunds"),
            _objects(
                credit,
                ("id", "number", "gross_ore", "reason", "issued_at"),
                credit.number,
                credit.tenant_id == Order.tenant_id,
                credit.credits_id == Order.id,
                credit.state == "issued",
            ).label("credits"),
        )
        .outerjoin(credited, and_(credited.tenant_id == Order.tenant_id, credited.id == Order.credits_id))
        .outerjoin(
            Association,
            and_(Association.tenant_id == Order.tenant_id, Association.id == Order.association_id),
        )
        .outerjoin(Person, and_(Person.tenant_id == Order.tenant_id, Person.id == Order.person_id))
        .where(Order.id == order_id)
    )
    return (await db.execute(statement)).one_or_none()


async def lines(db: AsyncSession, order_id: UUID) -> Sequence[AnyRow]:
    """In their order, each as reading_schemas.Line."""
    statement = (
        select(
            *(OrderLine.booking_id, OrderLine.kind, OrderLine.key, OrderLine.text, OrderLine.unit),
            *(OrderLine.quantity_milli, OrderLine.unit_ore, OrderLine.vat_code, OrderLine.vat_rate),
            *(OrderLine.vat_reason, OrderLine.net_ore, OrderLine.vat_ore, OrderLine.gross_ore),
            *(OrderLine.starts_at, OrderLine.ends_at, Booking.resource_id, Resource.facility_id),
            Resource.name.label("resource"),
            Facility.name.label("facility"),
            Booking.state.label("booking_state"),
            Booking.owed_ore,
        )
        .outerjoin(
            Booking, and_(Booking.tenant_id == OrderLine.tenant_id, Booking.id == OrderLine.booking_id)
        )
        .outerjoin(
            Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id)
        )
        .outerjoin(
            Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id)
        )
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.position)
    )
    return (await db.execute(statement)).all()


async def latest_checkout(db: AsyncSession, order_id: UUID) -> Checkout | None:
    """The last attempt at paying the order."""
    statement = (
        select(Checkout).where(Checkout.order_id == order_id).order_by(Checkout.attempt.desc()).limit(1)
    )
    return (await db.scalars(statement)).one_or_none()


async def treasurers(db: AsyncSession, association_id: UUID) -> Sequence[UUID]:
    """Who keeps the association's money."""
    statement = select(Delegate.person_id).where(
        Delegate.association_id == association_id, Delegate.role == "treasurer", Delegate.ended_at.is_(None)
    )
    return (await db.scalars(statement.order_by(Delegate.person_id))).all()
