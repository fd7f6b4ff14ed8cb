"""SQL of differences between the provider's books and ours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from payments.models import Order
from payments.provider_models import Difference
from people.models import Association, Person


def _shown() -> Any:
    """Each as reading_schemas.Differs."""
    return (
        select(
            *(Difference.id, Difference.kind, Difference.ref, Difference.order_id, Difference.ours_ore),
            *(Difference.theirs_ore, Difference.found_at, Difference.settled_at, Difference.explanation),
            Order.kind.label("order_kind"),
            Order.number.label("order_number"),
            func.coalesce(Association.name, Person.name, "").label("customer"),
        )
        .outerjoin(Order, and_(Order.tenant_id == Difference.tenant_id, Order.id == Difference.order_id))
        .outerjoin(
            Association,
            and_(Association.tenant_id == Order.tenant_id, Association.id == Order.association_id),
        )
        .outerjoin(Person, and_(Person.tenant_id == Order.tenant_id, Person.id == Order.person_id))
    )


async def listed(
    db: AsyncSession, *, is_settled: bool, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Newest first."""
    settled = Difference.settled_at
    statement = _shown().where(settled.is_not(None) if is_settled else settled.is_(None))
    if after is not None:
        statement = statement.where(tuple_(Difference.found_at, Difference.id) < after)
    statement = statement.order_by(Difference.found_at.desc(), Difference.id.desc()).limit(limit)
    return (await db.execute(statement)).all()


async def one(db: AsyncSession, difference_id: UUID) -> AnyRow | None:
    return (await db.execute(_shown().where(Difference.id == difference_id))).one_or_none()


async def locked(db: AsyncSession, difference_id: UUID) -> Difference | None:
    statement = select(Difference).where(Difference.id == difference_id).with_for_update()
    return (await db.scalars(statement)).one_or_none()
