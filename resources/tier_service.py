"""How staff set what is kept when one cancels, and how long people have for paying."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.texts import N_, Texts
from people.actors import Actor, Place
from people.rules import demand, demand_person, demand_somewhere
from resources import place_queries
from resources import tariff_queries as queries
from resources.price_words import tiers_text
from resources.service import check_version
from resources.tariff_models import CancelTier, PayTerms
from resources.tariff_schemas import PayTermsOut, PayTermsPatch, TierLine, TiersIn, TiersOut, tiers_of
from resources.tariffs import Tier

RIGHT: Final = "tariff.manage"
PAY_MINUTES, PAY_HOURS = 45, 72
"""Where nothing is said."""


async def tiers(
    db: AsyncSession,
    actor: Actor,
    *,
    facility_id: UUID | None,
    resource_id: UUID | None,
    texts: Texts,
    now: datetime,
) -> TiersOut:
    """Those in force at a resource, a facility or (neither) in the municipality, for everybody who may see the place.

    Raises NotFound, Invalid.
    """
    _check_one(facility_id, resource_id)
    sight = place_queries.sight_of(actor, now)
    around: UUID | None = facility_id
    if resource_id is not None:
        found = await place_queries.resources(db, sight, ids=[resource_id])
        if not found:
            raise NotFound(what="resource")
        around = found[0].facility.id
    elif facility_id is not None and not await place_queries.facilities(
        db, sight, after=None, limit=1, ids=[facility_id]
    ):
        raise NotFound(what="facility")
    return await _in_force(db, facility_id, resource_id, around=around, texts=texts)


async def set_tiers(
    db: AsyncSession, actor: Actor, form: TiersIn, *, texts: Texts, now: datetime
) -> TiersOut:
    """These instead of those that were set at the very place. They hold for all that is cancelled from now on.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid.
    """
    demand_person(actor)
    _check_one(form.facility_id, form.resource_id)
    around = await _facility_of(db, actor, form)
    wanted = tiers_of(form.tiers)
    before = [_tier(row) for row in await queries.tiers(db, form.facility_id, form.resource_id)]
    if wanted != before:
        await queries.drop_tiers(db, form.facility_id, form.resource_id)
        for tier in wanted:
            db.add(
                CancelTier(
                    facility_id=form.facility_id,
                    resource_id=form.resource_id,
                    minutes_before=tier.minutes_before,
                    fee_percent=tier.fee_percent,
                )
            )
        audit.note(
            db,
            actor.person_id,
            "cancel_tiers.set",
            table="cancel_tier",
            row_id=form.resource_id or form.facility_id or db.info["tenant_id"],
            now=now,
            change={"tiers": (msgspec.to_builtins(before), msgspec.to_builtins(wanted))},
        )
        await db.flush()
    return await _in_force(db, form.facility_id, form.resource_id, around=around, texts=texts)


async def pay_terms(db: AsyncSession, actor: Actor) -> PayTermsOut:
    """For staff who see to prices anywhere. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, RIGHT)
    return _terms_out(await queries.pay_terms(db))


async def change_pay_terms(
    db: AsyncSession, actor: Actor, patch: PayTermsPatch, *, version: int | None, now: datetime
) -> PayTermsOut:
    """Only what is given. Who is paying now keeps the time that she was given.

    Raises SignInNeeded, StepUpNeeded, Forbidden, ChangedMeanwhile.
    """
    demand(actor, RIGHT)
    row = await queries.pay_terms(db, locked=True)
    check_version(0 if row is None else row.version, version)
    is_new = row is None
    if row is None:
        row = PayTerms(
            id=new_id(), online_open=False, pay_minutes=PAY_MINUTES, pay_hours=PAY_HOURS, version=0
        )
        db.add(row)
    changed: dict[str, tuple[Any, Any]] = {}
    for name in ("pay_minutes", "pay_hours"):
        value = getattr(patch, name)
        if value is not UNSET and value != getattr(row, name):
            changed[name] = (getattr(row, name), value)
            setattr(row, name, value)
    if changed or is_new:
        row.version += 1
    if changed:
        audit.note(
            db,
            actor.person_id,
            "pay_terms.changed",
            table="pay_terms",
            row_id=row.id,
            now=now,
            change=changed,
        )
    await db.flush()
    return _terms_out(row)


def _check_one(facility_id: UUID | None, resource_id: UUID | None) -> None:
    if facility_id is not None and resource_id is not None:
        raise Invalid(
            field="resource_id", expected=N_("either facility_id or resource_id, or neither for everywhere")
        )


async def _facility_of(db: AsyncSession, actor: Actor, form: TiersIn) -> UUID | None:
    """The facility of the place, for who sees to it. Of two who set at once, the second is refused."""
    if form.resource_id is None and form.facility_id is None:
        demand(actor, RIGHT)
        return None
    ids = [[each] if each is not None else [] for each in (form.facility_id, form.resource_id)]
    facilities = await queries.facilities_of(db, ids[0], ids[1])
    facility_id = facilities.get(form.resource_id or form.facility_id)  # type: ignore[arg-type]  # one of them
    if facility_id is None:
        demand_somewhere(actor, RIGHT)
        raise NotFound(what="facility" if form.resource_id is None else "resource")
    demand(actor, RIGHT, Place(facility_id, form.resource_id))
    return facility_id


async def _in_force(
    db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None, *, around: UUID | None, texts: Texts
) -> TiersOut:
    """The tiers of the nearest place that has any."""
    places = [("resource", None, resource_id), ("facility", around, None), ("municipality", None, None)]
    for set_at, facility, resource in places:
        if set_at != "municipality" and facility is None and resource is None:
            continue
        if rows := await queries.tiers(db, facility, resource):
            return _tiers_out(facility_id, resource_id, set_at, [_tier(row) for row in rows], texts)
    return _tiers_out(facility_id, resource_id, None, [], texts)


def _tiers_out(
    facility_id: UUID | None, resource_id: UUID | None, set_at: Any, tiers: list[Tier], texts: Texts
) -> TiersOut:
    return TiersOut(
        facility_id=facility_id,
        resource_id=resource_id,
        set_at=set_at,
        tiers=[TierLine(minutes_before=each.minutes_before, fee_percent=each.fee_percent) for each in tiers],
        text=tiers_text(tiers, texts),
    )


def _tier(row: CancelTier) -> Tier:
    return Tier(minutes_before=row.minutes_before, fee_percent=row.fee_percent)


def _terms_out(row: PayTerms | None) -> PayTermsOut:
    if row is None:
        return PayTermsOut(online_open=False, pay_minutes=PAY_MINUTES, pay_hours=PAY_HOURS, version=0)
    return PayTermsOut(
        online_open=row.online_open, pay_minutes=row.pay_minutes, pay_hours=row.pay_hours, version=row.version
    )
