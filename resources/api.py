"""Facilities, resources, units, opening hours, holidays and limits over JSON."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.paging import CURSOR, MOST, Page
from core.wire import CODE
from people.answers import CHANGE, OPEN_READ, VERSIONED, WRITE
from people.desk import AtDesk
from resources import article_api, hours, policy_api, reading, service, tariff_api
from resources.schemas import (
    ExtraOpeningIn,
    ExtraOpeningOut,
    FacilityDetail,
    FacilityIn,
    FacilityOut,
    FacilityPatch,
    LimitIn,
    LimitOut,
    LimitPatch,
    OpeningIn,
    OpeningOut,
    ResourceDetail,
    ResourceIn,
    ResourceOut,
    ResourcePatch,
    SchoolHolidayIn,
    SchoolHolidayOut,
    UnitOut,
    UnitPatch,
    Vocabulary,
)

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many on a page.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=500, pattern=CURSOR, description="The `next` of the page before.")
]
Code = Annotated[str | None, QueryParameter(pattern=CODE)]


@get("/vocabulary", summary="The codes that places are described by", responses=OPEN_READ)
async def vocabulary(desk: AtDesk) -> Vocabulary:
    """With labels in the reader's language."""
    return reading.vocabulary(desk.texts)


@get("/facilities", summary="Facilities, by name", responses=OPEN_READ)
async def facilities(desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Page[FacilityOut]:
    """With their resources, place, pictures and accessibility."""
    return await desk.read(
        lambda db, actor: reading.facilities(
            db, actor, desk.now, zone=desk.tenant.zone, limit=limit, cursor=cursor
        )
    )


@get("/facilities/{facility_id:uuid}", summary="One facility", responses=OPEN_READ)
async def facility(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[FacilityDetail]:
    """With its units and weekly opening hours. The ETag goes into If-Match of a change."""
    found = await desk.read(
        lambda db, actor: reading.facility(db, actor, facility_id, now=desk.now, zone=desk.tenant.zone)
    )
    return Response(found, headers={"ETag": f'"{found.version}"'})


@post("/facilities", summary="Add a facility", responses=WRITE)
async def add_facility(desk: AtDesk, data: JSONBody[FacilityIn]) -> Response[FacilityDetail]:
    return await desk.answer(
        lambda db, actor: service.add_facility(db, actor, data, zone=desk.tenant.zone, now=desk.now),
        status=201,
    )


@patch("/facilities/{facility_id:uuid}", summary="Change a facility", responses=VERSIONED)
async def change_facility(
    desk: AtDesk, facility_id: FromPath[UUID], data: JSONBody[FacilityPatch]
) -> Response[FacilityDetail]:
    """Only what is given changes; null empties."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: service.change_facility(
            db, actor, facility_id, body=data, version=version, zone=desk.tenant.zone, now=desk.now
        )
    )


@get("/resources", summary="Resources, by name", responses=OPEN_READ)
async def resources(
    desk: AtDesk,
    facility_id: FromQuery[UUID | None] = None,
    kind: Code = None,
    activity: Code = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ResourceOut]:
    """With the rules in force. To find what is free, use search."""
    return await desk.read(
        lambda db, actor: reading.resources(
            db,
            actor,
            desk.now,
            zone=desk.tenant.zone,
            limit=limit,
            cursor=cursor,
            facility_id=facility_id,
            kind=kind,
            activity=activity,
        )
    )


@get("/resources/{resource_id:uuid}", summary="One resource", responses=OPEN_READ)
async def resource(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[ResourceDetail]:
    """With the rules in force and the weekly opening hours. The ETag goes into If-Match of a change."""
    found = await desk.read(
        lambda db, actor: reading.resource(db, actor, resource_id, now=desk.now, zone=desk.tenant.zone)
    )
    return Response(found, headers={"ETag": f'"{found.version}"'})


@post("/resources", summary="Add a resource", responses=WRITE)
async def add_resource(desk: AtDesk, data: JSONBody[ResourceIn]) -> Response[ResourceDetail]:
    return await desk.answer(
        lambda db, actor: service.add_resource(db, actor, data, zone=desk.tenant.zone, now=desk.now),
        status=201,
    )


@patch("/resources/{resource_id:uuid}", summary="Change a resource", responses=VERSIONED)
async def change_resource(
    desk: AtDesk, resource_id: FromPath[UUID], data: JSONBody[ResourcePatch]
) -> Response[ResourceDetail]:
    """Only what is given changes; null empties. Bookings that are made keep what they were made by."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: service.change_resource(
            db, actor, resource_id, body=data, version=version, zone=desk.tenant.zone, now=desk.now
        )
    )


@patch("/units/{unit_id:uuid}", summary="Change a unit", responses=WRITE)
async def change_unit(desk: AtDesk, unit_id: FromPath[UUID], data: JSONBody[UnitPatch]) -> Response[UnitOut]:
    """409 when somebody has it and it would take fewer."""
    return await desk.answer(
        lambda db, actor: service.change_unit(db, actor, unit_id, body=data, now=desk.now)
    )


@get(
    "/facilities/{facility_id:uuid}/opening",
    summary="Weekly opening hours of a facility",
    responses=OPEN_READ,
)
async def facility_opening(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[OpeningOut]:
    return await desk.answer(lambda db, actor: hours.facility_hours(db, actor, facility_id, now=desk.now))


@put(
    "/facilities/{facility_id:uuid}/opening",
    summary="Set the weekly opening hours of a facility",
    responses=VERSIONED,
)
async def set_facility_opening(
    desk: AtDesk, facility_id: FromPath[UUID], data: JSONBody[OpeningIn]
) -> Response[OpeningOut]:
    """The whole list. Resources without lines of their own follow it."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: hours.set_facility_hours(
            db, actor, facility_id, body=data, version=version, now=desk.now
        )
    )


@get(
    "/resources/{resource_id:uuid}/opening",
    summary="Weekly opening hours of a resource's own",
    responses=OPEN_READ,
)
async def resource_opening(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[OpeningOut]:
    return await desk.answer(lambda db, actor: hours.resource_hours(db, actor, resource_id, now=desk.now))


@put(
    "/resources/{resource_id:uuid}/opening",
    summary="Set the weekly opening hours of a resource",
    responses=VERSIONED,
)
async def set_resource_opening(
    desk: AtDesk, resource_id: FromPath[UUID], data: JSONBody[OpeningIn]
) -> Response[OpeningOut]:
    """The whole list. An empty one: as its facility."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: hours.set_resource_hours(
            db, actor, resource_id, body=data, version=version, now=desk.now
        )
    )


@get("/extra-openings", summary="Extra openings that are not over", responses=OPEN_READ)
async def extra_openings(desk: AtDesk) -> list[ExtraOpeningOut]:
    return await desk.read(
        lambda db, actor: hours.extra_openings(db, actor, zone=desk.tenant.zone, now=desk.now)
    )


@post("/extra-openings", summary="Open for once", responses=WRITE)
async def open_for_once(desk: AtDesk, data: JSONBody[ExtraOpeningIn]) -> Response[ExtraOpeningOut]:
    return await desk.answer(
        lambda db, actor: hours.open_for_once(db, actor, data, zone=desk.tenant.zone, now=desk.now),
        status=201,
    )


@delete("/extra-openings/{extra_id:uuid}", summary="Take back an extra opening", responses=CHANGE)
async def end_extra_opening(desk: AtDesk, extra_id: FromPath[UUID]) -> None:
    """Bookings made in it stay."""
    await desk.change(lambda db, actor: hours.end_extra_opening(db, actor, extra_id, now=desk.now))


@get("/school-holidays", summary="The school calendar", responses=OPEN_READ)
async def school_holidays(desk: AtDesk) -> list[SchoolHolidayOut]:
    return await desk.read(lambda db, _: hours.school_holidays(db))


@post("/school-holidays", summary="Add a school holiday", responses=WRITE)
async def add_school_holiday(desk: AtDesk, data: JSONBody[SchoolHolidayIn]) -> Response[SchoolHolidayOut]:
    return await desk.answer(
        lambda db, actor: hours.add_school_holiday(db, actor, data, now=desk.now), status=201
    )


@delete("/school-holidays/{holiday_id:uuid}", summary="Remove a school holiday", responses=CHANGE)
async def remove_school_holiday(desk: AtDesk, holiday_id: FromPath[UUID]) -> None:
    await desk.change(lambda db, actor: hours.remove_school_holiday(db, actor, holiday_id, now=desk.now))


@get("/limits", summary="How much one holder may have", responses=OPEN_READ)
async def limits(desk: AtDesk) -> list[LimitOut]:
    return await desk.read(lambda db, actor: hours.limits(db, actor, now=desk.now))


@post("/limits", summary="Add a limit", responses=WRITE)
async def add_limit(desk: AtDesk, data: JSONBody[LimitIn]) -> Response[LimitOut]:
    return await desk.answer(lambda db, actor: hours.add_limit(db, actor, data, now=desk.now), status=201)


@patch("/limits/{limit_id:uuid}", summary="Change a limit", responses=WRITE)
async def change_limit(
    desk: AtDesk, limit_id: FromPath[UUID], data: JSONBody[LimitPatch]
) -> Response[LimitOut]:
    return await desk.answer(
        lambda db, actor: hours.change_limit(db, actor, limit_id, body=data, now=desk.now)
    )


@delete("/limits/{limit_id:uuid}", summary="Remove a limit", responses=CHANGE)
async def remove_limit(desk: AtDesk, limit_id: FromPath[UUID]) -> None:
    await desk.change(lambda db, actor: hours.remove_limit(db, actor, limit_id, now=desk.now))


router = Router(
    path="/api/{m:str}",
    tags=["resources"],
    route_handlers=[
        vocabulary,
        facilities,
        facility,
        add_facility,
        change_facility,
        resources,
        resource,
        add_resource,
        change_resource,
        change_unit,
        facility_opening,
        set_facility_opening,
        resource_opening,
        set_resource_opening,
        extra_openings,
        open_for_once,
        end_extra_opening,
        school_holidays,
        add_school_holiday,
        remove_school_holiday,
        limits,
        add_limit,
        change_limit,
        remove_limit,
        *policy_api.handlers,
        *article_api.handlers,
        *tariff_api.handlers,
    ],
)
