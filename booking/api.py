"""JSON routes of the room."""

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking import (
    browse,
    closure_api,
    decide,
    searching,
    series,
    series_moving,
    showing,
)
from booking.arrangements import api as arrangement_api
from booking.asking import Cursor, From, Limit, SearchQuery, To, read_search, window_asked
from booking.boards import api as boards
from booking.cases import case_api, queue_api
from booking.hit_prices import with_prices
from booking.schemas import (
    ApplicationIn,
    ApplicationOut,
    BookingOut,
    CalendarOut,
    CancelIn,
    CancelledOut,
    DecisionIn,
    FreeOut,
    HitOut,
    MovedOut,
    MoveIn,
    QuoteIn,
    QuoteOut,
    State,
)
from booking.waiting import api as waiting_api
from core.paging import Page
from core.spans import local_date, local_day, span_between, utc_now
from core.wire import WHEN, when
from people.actors import NOBODY, Actor
from people.answers import ANYBODY, ASK, CHANGE, OPEN_READ, READ, SHARED_READ, VERSIONED, WRITE
from people.desk import AnyRequest, AtDesk, Desk

Problem = dict[str, Any]
Changed = TypeVar("Changed", CancelledOut, MovedOut)
Officer = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^(me|none|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?!\n)$",
        description="me, none, or an id.",
    ),
]


SearchedFor = Annotated[
    UUID | None,
    QueryParameter(description="An association that the reader acts for, and for which she would book."),
]


def _officer(text: str | None) -> UUID | Literal["me", "none"] | None:
    if text is None or text == "me" or text == "none":  # noqa: PLR1714  # so that it is one of the two words
        return text
    return UUID(text)


def _in_words(desk: Desk, problems: Sequence[Problem]) -> list[Problem]:
    """Refusals inside an answer, their titles in the reader's language."""
    titles = [problem["title"] for problem in problems]
    return [
        {**problem, "title": desk.texts.gettext(title)}
        for problem, title in zip(problems, titles, strict=True)
    ]


async def _told(desk: Desk, work: Awaitable[Changed]) -> Changed:
    """What became of a series, in the reader's language."""
    answer = await work
    told = [structs.replace(each, problems=_in_words(desk, each.problems)) for each in answer.series]
    return structs.replace(answer, series=told)


@get("/resources/{resource_id:uuid}/free", summary="Open and free time", responses=OPEN_READ)
async def free(desk: AtDesk, resource_id: FromPath[UUID], from_: From, to: To) -> FreeOut:
    """Sorted, without overlaps. At most 400 days in one question."""
    window = window_asked(desk.tenant.zone, from_, to)
    return await desk.read(
        lambda db, actor: browse.free(db, actor, desk.tenant, resource_id, window, desk.now)
    )


@get(
    "/resources/{resource_id:uuid}/calendar",
    summary="Who has it, as far as this reader may know",
    responses=OPEN_READ,
)
async def calendar(desk: AtDesk, resource_id: FromPath[UUID], from_: From, to: To) -> CalendarOut:
    """Bookings of everything that shares a unit with the resource, closures and open hours."""
    window = window_asked(desk.tenant.zone, from_, to)
    return await desk.read(
        lambda db, actor: browse.calendar(db, actor, desk.tenant, resource_id, window, desk.now)
    )


@post(
    "/quote",
    summary="Might I have this, and at what price?",
    status_code=200,
    responses=ASK,
    security=ANYBODY,
    opt={"limit": "search"},
)
async def quote(desk: AtDesk, data: JSONBody[QuoteIn]) -> QuoteOut:
    """Never writes. The same rules, in the same code, as an application."""
    answer = await desk.read(
        lambda db, actor: browse.quote(db, actor, desk.tenant, data, desk.texts, desk.now)
    )
    return structs.replace(answer, refusals=_in_words(desk, answer.refusals))


@post("/applications", summary="Apply for times", status_code=201, responses=WRITE)
async def apply(desk: AtDesk, data: JSONBody[ApplicationIn]) -> Response[ApplicationOut]:
    """Each wanted time becomes a booking with a state of its own, or is refused with every reason."""

    async def work(db: AsyncSession, actor: Actor) -> ApplicationOut:
        answer = await applying.apply(db, actor, desk.tenant, data, desk.now)
        refused = [structs.replace(each, problems=_in_words(desk, each.problems)) for each in answer.refused]
        return structs.replace(answer, refused=refused)

    return await desk.answer(work, status=201)


@get("/applications", summary="My applications, or the queue", responses=READ)
async def applications(
    desk: AtDesk,
    mine: FromQuery[bool] = False,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    facility: FromQuery[UUID | None] = None,
    resource: FromQuery[UUID | None] = None,
    officer: Officer = None,
    sort: Annotated[Literal["age", "deadline"], QueryParameter()] = "age",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ApplicationOut]:
    """Oldest first, or by `answer_by`. Staff see those they may read; `mine` narrows to the reader's own and her
    associations', `officer` to who sees to them.
    """

    async def work(db: AsyncSession, actor: Actor) -> Page[ApplicationOut]:
        only_mine = mine or not actor.grants
        return await showing.applications(
            db,
            actor,
            desk.tenant,
            mine=only_mine,
            state=in_state,
            facility_id=facility,
            resource_id=resource,
            officer=_officer(officer),
            by_deadline=sort == "deadline",
            cursor=cursor,
            limit=limit,
            now=desk.now,
        )

    return await desk.read(work)


@get("/applications/{application_id:uuid}", summary="One case", responses=READ)
async def application(desk: AtDesk, application_id: FromPath[UUID]) -> Response[ApplicationOut]:
    """With its bookings. The ETag is for If-Match."""
    return await desk.answer(
        lambda db, actor: showing.application(db, actor, desk.tenant, application_id, desk.now)
    )


@post(
    "/applications/{application_id:uuid}/submit",
    summary="Turn holds into bookings",
    status_code=200,
    responses=CHANGE,
)
async def submit(desk: AtDesk, application_id: FromPath[UUID]) -> Response[ApplicationOut]:
    """Before the holds lapse."""
    return await desk.answer(
        lambda db, actor: applying.submit(db, actor, desk.tenant, application_id, desk.now)
    )


@post(
    "/applications/{application_id:uuid}/withdraw",
    summary="Withdraw what is undecided",
    status_code=200,
    responses=VERSIONED,
)
async def withdraw(desk: AtDesk, application_id: FromPath[UUID]) -> Response[ApplicationOut]:
    """What is confirmed is cancelled booking by booking instead."""
    return await desk.answer(
        lambda db, actor: applying.withdraw(
            db, actor, desk.tenant, application_id, desk.now, version=desk.if_match()
        )
    )


@post(
    "/applications/{application_id:uuid}/decide",
    summary="Approve and reject",
    status_code=200,
    responses=VERSIONED,
)
async def decide_application(
    desk: AtDesk, application_id: FromPath[UUID], data: JSONBody[DecisionIn]
) -> Response[ApplicationOut]:
    """All of it or, with 409 and the conflicts, nothing."""
    return await desk.answer(
        lambda db, actor: decide.decide(
            db, actor, desk.tenant, application_id, data, now=desk.now, version=desk.if_match()
        )
    )


@get("/bookings", summary="My bookings, or all that staff may read", responses=READ)
async def bookings(
    desk: AtDesk,
    mine: FromQuery[bool] = False,
    from_: Annotated[str | None, QueryParameter(name="from", pattern=WHEN)] = None,
    to: Annotated[str | None, QueryParameter(name="to", pattern=WHEN)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BookingOut]:
    """By start. Without `from`: from the beginning of today; without `to`: 400 days on."""
    zone = desk.tenant.zone
    today = local_day(zone, local_date(zone, desk.now)).start
    start = when(from_, zone, "from") if from_ else today
    window = span_between(start, when(to, zone, "to") if to else start + timedelta(days=400))

    async def work(db: AsyncSession, actor: Actor) -> Page[BookingOut]:
        only_mine = mine or not actor.grants
        return await showing.bookings(
            db,
            actor,
            desk.tenant,
            mine=only_mine,
            span=window,
            cursor=cursor,
            limit=limit,
            now=desk.now,
        )

    return await desk.read(work)


@get("/bookings/{booking_id:uuid}", summary="One booking", responses=READ)
async def booking(desk: AtDesk, booking_id: FromPath[UUID]) -> Response[BookingOut]:
    """The ETag is for If-Match."""
    return await desk.answer(lambda db, actor: showing.booking(db, actor, desk.tenant, booking_id, desk.now))


@post("/bookings/{booking_id:uuid}/cancel", summary="Give the time up", status_code=200, responses=VERSIONED)
async def cancel(
    desk: AtDesk, booking_id: FromPath[UUID], data: JSONBody[CancelIn]
) -> Response[CancelledOut]:
    """Free at once. Says what is paid back and by which rule."""
    return await desk.answer(
        lambda db, actor: _told(
            desk,
            series.cancel(db, actor, desk.tenant, booking_id, data, now=desk.now, version=desk.if_match()),
        )
    )


@post(
    "/bookings/{booking_id:uuid}/move", summary="Another time or place", status_code=200, responses=VERSIONED
)
async def move(desk: AtDesk, booking_id: FromPath[UUID], data: JSONBody[MoveIn]) -> Response[MovedOut]:
    """Judged like a new wish, with its own time out of the way."""
    return await desk.answer(
        lambda db, actor: _told(
            desk,
            series_moving.move(
                db, actor, desk.tenant, booking_id, data, now=desk.now, version=desk.if_match()
            ),
        )
    )


@get("/search", summary="Where is it free?", responses=READ, security=ANYBODY, opt={"limit": "search"})
async def search(
    desk: AtDesk, sought: NamedDependency[SearchQuery], association_id: SearchedFor = None
) -> Page[HitOut]:
    """Hits with the first bookable time and what it costs the reader, or the association; `closed` only where nothing
    is open in the searched dates at all.
    """
    asked = sought.sought(desk.now, desk.tenant.zone)

    async def work(db: AsyncSession, actor: Actor) -> Page[HitOut]:
        tenants = {desk.tenant.id: desk.tenant}
        holder = await searching.holder_asked(db, actor, association_id)
        found = await searching.search(
            db,
            actor,
            tenants,
            asked,
            now=desk.now,
            cursor=sought.cursor,
            limit=sought.limit,
            holder=holder,
        )
        hits = await with_prices(db, holder, desk.tenant, asked, found.items, texts=desk.texts)
        return Page(hits, found.next)

    return await desk.read(work)


@get(
    "/api/search",
    summary="Where is it free, in all municipalities?",
    tags=["booking"],
    responses=SHARED_READ,
    dependencies={"sought": Provide(read_search)},
    opt={"limit": "search"},
)
async def search_all(request: AnyRequest, sought: NamedDependency[SearchQuery]) -> Page[HitOut]:
    """The same answer over all municipalities, from public facts alone: without prices, and the reader's limits are
    not looked at.
    """
    tenants = {tenant.id: tenant for tenant in await request.app.state.directory.all()}
    if not tenants:
        return Page([], None)
    now = utc_now()
    asked = sought.sought(now, next(iter(tenants.values())).zone)
    async with request.app.state.database.public() as db:
        return await searching.search(
            db, NOBODY, tenants, asked, now=now, cursor=sought.cursor, limit=sought.limit
        )


router = Router(
    path="/api/{m:str}",
    tags=["booking"],
    dependencies={"sought": Provide(read_search)},
    route_handlers=[
        free,
        calendar,
        quote,
        apply,
        applications,
        application,
        submit,
        withdraw,
        decide_application,
        *queue_api.handlers,
        bookings,
        booking,
        cancel,
        move,
        search,
        *closure_api.handlers,
        *arrangement_api.handlers,
        *waiting_api.handlers,
        *case_api.handlers,
        *boards.handlers,
    ],
)
shared_handlers = [search_all]
