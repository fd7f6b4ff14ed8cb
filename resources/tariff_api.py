"""JSON routes of what hire costs: tariffs, the trial, cancel tiers and terms of pay."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.paging import CURSOR, MOST, Page
from people.answers import ASK, OPEN_READ, READ, VERSIONED, WRITE
from people.desk import AtDesk
from resources import tariff_reading, tariff_service, tier_service
from resources.tariff_schemas import (
    PayTermsOut,
    PayTermsPatch,
    RenewIn,
    TariffBrief,
    TariffIn,
    TariffOut,
    TariffPatch,
    TiersIn,
    TiersOut,
    TryIn,
    TryOut,
)

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many on a page.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=500, pattern=CURSOR, description="The `next` of the page before.")
]


@get("/tariffs", summary="Tariffs, by key", responses=READ)
async def tariffs(
    desk: AtDesk,
    limit: Limit = 50,
    cursor: Cursor = None,
    ended: FromQuery[bool] = False,
    facility_id: FromQuery[UUID | None] = None,
    resource_id: FromQuery[UUID | None] = None,
) -> Page[TariffBrief]:
    """Those that hold, or with `ended` those that have ended; of a place, what is laid at the very place."""
    return await desk.read(
        lambda db, actor: tariff_reading.tariffs(
            db,
            actor,
            cursor=cursor,
            limit=limit,
            ended=ended,
            facility_id=facility_id,
            resource_id=resource_id,
        )
    )


@get("/tariffs/{tariff_id:uuid}", summary="One tariff", responses=READ)
async def tariff(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[TariffOut]:
    """With its lines, and what in them may be meant otherwise. The ETag goes into If-Match of a change."""
    found = await desk.read(
        lambda db, actor: tariff_reading.tariff(
            db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now
        )
    )
    return Response(found, headers={"ETag": f'"{found.version}"'})


@post("/tariffs", summary="Add a tariff", status_code=201, responses=WRITE)
async def add_tariff(desk: AtDesk, data: JSONBody[TariffIn]) -> Response[TariffOut]:
    """With its lines and the places where it holds. Without places it is for trying only."""
    return await desk.answer(
        lambda db, actor: tariff_service.add(db, actor, desk.tenant, data, texts=desk.texts, now=desk.now),
        status=201,
    )


@patch("/tariffs/{tariff_id:uuid}", summary="Change a tariff", responses=VERSIONED)
async def change_tariff(
    desk: AtDesk, tariff_id: FromPath[UUID], data: JSONBody[TariffPatch]
) -> Response[TariffOut]:
    """Only what is given changes; lists are replaced whole. What is booked keeps its price."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: tariff_service.change(
            db, actor, desk.tenant, tariff_id, patch=data, version=version, texts=desk.texts, now=desk.now
        )
    )


@post(
    "/tariffs/{tariff_id:uuid}/renew",
    summary="New prices from a day on",
    status_code=200,
    responses=VERSIONED,
)
async def renew_tariff(
    desk: AtDesk, tariff_id: FromPath[UUID], data: JSONBody[RenewIn]
) -> Response[TariffOut]:
    """Each line that holds until then and beyond goes on from that day at a price so many per cent higher or lower."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: tariff_service.renew(
            db, actor, desk.tenant, tariff_id, form=data, version=version, texts=desk.texts, now=desk.now
        )
    )


@post("/tariffs/{tariff_id:uuid}/end", summary="End a tariff", status_code=200, responses=VERSIONED)
async def end_tariff(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[TariffOut]:
    """It holds nowhere any more, and is kept as it was. What is booked keeps its price."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: tariff_service.end(
            db, actor, desk.tenant, tariff_id, version=version, texts=desk.texts, now=desk.now
        )
    )


@post("/tariffs/{tariff_id:uuid}/try", summary="What would it cost?", status_code=200, responses=ASK)
async def try_tariff(desk: AtDesk, tariff_id: FromPath[UUID], data: JSONBody[TryIn]) -> TryOut:
    """By this tariff, wherever it holds. Nothing is written."""
    return await desk.read(
        lambda db, actor: tariff_reading.attempt(
            db, actor, desk.tenant, tariff_id, form=data, texts=desk.texts
        )
    )


@get("/cancel-tiers", summary="What is kept when one cancels", responses=OPEN_READ)
async def cancel_tiers(
    desk: AtDesk, facility_id: FromQuery[UUID | None] = None, resource_id: FromQuery[UUID | None] = None
) -> TiersOut:
    """In force at a resource, a facility or (neither) in the municipality."""
    return await desk.read(
        lambda db, actor: tier_service.tiers(
            db, actor, facility_id=facility_id, resource_id=resource_id, texts=desk.texts, now=desk.now
        )
    )


@put("/cancel-tiers", summary="Set what is kept when one cancels", responses=WRITE)
async def set_cancel_tiers(desk: AtDesk, data: JSONBody[TiersIn]) -> Response[TiersOut]:
    """All tiers of one place. They hold for whatever is cancelled from now on."""
    return await desk.answer(
        lambda db, actor: tier_service.set_tiers(db, actor, data, texts=desk.texts, now=desk.now)
    )


@get("/pay-terms", summary="How long people have for paying", responses=READ)
async def pay_terms(desk: AtDesk) -> Response[PayTermsOut]:
    """And whether anything is paid online. The ETag goes into If-Match of a change."""
    found = await desk.read(tier_service.pay_terms)
    return Response(found, headers={"ETag": f'"{found.version}"'})


@patch("/pay-terms", summary="Set how long people have for paying", responses=VERSIONED)
async def change_pay_terms(desk: AtDesk, data: JSONBody[PayTermsPatch]) -> Response[PayTermsOut]:
    """Only what is given changes."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: tier_service.change_pay_terms(db, actor, data, version=version, now=desk.now)
    )


handlers = [
    tariffs,
    tariff,
    add_tariff,
    change_tariff,
    renew_tariff,
    end_tariff,
    try_tariff,
    cancel_tiers,
    set_cancel_tiers,
    pay_terms,
    change_pay_terms,
]
