"""HTML routes by which staff lay, change and cancel arrangements."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking import displacing_queries
from booking.arrangements import reading, service
from booking.arrangements.schemas import (
    ArrangementIn,
    ArrangementOut,
    ArrangementPatch,
    ArrangementTimeIn,
    Website,
)
from booking.arrangements.service import Picture
from booking.arrangements.views import View, arrangement_view, languages_of
from booking.booking_form import TIMES, BookingForm, demand_all, read_booking_form
from booking.closure_pages import place_pairs, under_view
from booking.displacing_queries import PlaceRow
from booking.own_pages import sent, version_of
from booking.told import refusal_view
from core import files
from core.errors import Forbidden, Invalid, Malformed, NotFound, Refusal, SignInNeeded, TimeTaken
from core.files import Checked
from core.paging import Page
from core.texts import N_, Texts
from core.wire import has_nul
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere

A_PAGE = 50
ROWS = 4
"""Times that the form has room for."""
MOST_OF_A_FORM = files.MOST_BYTES + 200_000
TEXTS = (
    "title",
    "organiser",
    "website",
    *(f"{name}-{code}" for name in ("description", "alt") for code in ("nb", "nn", "en")),
)
LONGEST: Mapping[str, int] = {"description": 5000, "website": 500}
DONE: Mapping[str, str] = {
    "made": N_("The arrangement is there for everybody to see. Whoever was displaced is told."),
    "changed": N_("The arrangement is changed."),
    "cancelled": N_("The arrangement is cancelled, and its times are free."),
}
"""What the address says was just done → how it is told."""


@get("/staff/arrangements")
async def list_staff_arrangements(desk: AtDesk) -> Response[str]:
    """What is to come, also where the public does not see it."""
    query = desk.request.query_params
    cursor = query.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> Page[ArrangementOut]:
        demand_somewhere(actor, "arrangement.manage")
        return await reading.arrangements(
            db, desk.tenant, facility_id=None, published=False, cursor=cursor, limit=A_PAGE, now=desk.now
        )

    page = await desk.read(work)
    done = DONE.get(query.get("done") or "")
    path = desk.url("/staff/arrangements")
    return desk.page(
        "booking/staff_arrangements.html",
        notice=None if done is None else desk.texts.gettext(done),
        arrangements=[
            {
                **arrangement_view(each, desk.texts, base=desk.base),
                "edit_url": f"{path}/{each.id}" if reading.may_manage(desk.actor, each) else None,
            }
            for each in page.items
        ],
        new_url=f"{path}/new",
        previous_url=path if cursor else None,
        next_url=desk.url("/staff/arrangements", cursor=page.next) if page.next else None,
    )


@get("/staff/arrangements/new")
async def ask_arrange(desk: AtDesk) -> Response[str]:
    """An empty form."""
    return await _new_page(desk, {}, {})


@post(
    "/staff/arrangements/new",
    status_code=200,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def arrange(desk: AtDesk) -> Response[Any]:
    """First what lies there, if anything does; then, with `displace`, the arrangement."""
    values, upload = await _form(desk)
    errors = text_errors(values, desk.texts)
    times, wrong_times = _times(values, desk.texts)
    errors |= wrong_times
    file = _picture(desk, upload, errors)
    alt = languages_of(values, "alt")
    if file is not None and not alt:
        errors["alt-nb"] = desk.texts.gettext("Write what the picture shows.")
    if errors:
        return await _new_page(desk, values, errors, status=422)
    form = ArrangementIn(
        title=values["title"].strip(),
        description=msgspec.convert(languages_of(values, "description"), dict[Any, str]),
        organiser=values["organiser"].strip(),
        website=values.get("website", "").strip() or None,
        times=times,
        displace=values.get("displace") == "yes",
    )
    seen = values.get("seen", "") if form.displace else None
    try:
        await desk.change(
            lambda db, actor: service.arrange(
                db, actor, desk.tenant, form, picture=Picture(file, alt), seen=seen, now=desk.now
            )
        )
    except (SignInNeeded, Forbidden, NotFound):
        raise
    except TimeTaken:
        count, _, _ = listed = await desk.read(
            lambda db, actor: service.under(db, actor, desk.tenant, times, desk.now)
        )
        views = [refusal_view(TimeTaken(), desk.texts)] if not count else []
        return await _new_page(desk, values, {}, refusals=views, listed=listed if count else None, status=409)
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        return await _new_page(desk, values, {}, refusals=views, status=refusal.status)
    return Redirect(desk.url("/staff/arrangements", done="made"), status_code=303)


async def _new_page(
    desk: Desk,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusals: Sequence[View] = (),
    listed: tuple[int, str, Sequence[Any]] | None = None,
    status: int = 200,
) -> Response[str]:
    """The form. What lies under the times is listed in it, for a file that was chosen is not sent twice by itself."""

    async def work(db: AsyncSession, actor: Actor) -> list[PlaceRow]:
        demand_somewhere(actor, "arrangement.manage")
        return await displacing_queries.places(db, with_units=False)

    places = [row for row in await desk.read(work) if row.resource_id is not None]
    names = [
        *TEXTS,
        *(
            name
            for number in range(ROWS)
            for name in (f"place-{number}", *(f"{each}-{number}" for each in TIMES))
        ),
    ]
    count, seen, rows = listed or (0, "", ())
    return desk.page(
        "booking/arrangement_new.html",
        status=status,
        places=place_pairs(desk, places, "arrangement.manage"),
        rows=range(ROWS),
        form={name: values.get(name, "") for name in names},
        errors=errors,
        refusals=refusals,
        under={"count": count, "seen": seen, "bookings": [under_view(desk, row) for row in rows]}
        if count
        else None,
        post_url=desk.url("/staff/arrangements/new"),
        back_url=desk.url("/staff/arrangements"),
    )


@get("/staff/arrangements/{arrangement_id:uuid}")
async def ask_change(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[str]:
    """As it is told now."""
    return await _edit_page(desk, arrangement_id, None, {})


@post(
    "/staff/arrangements/{arrangement_id:uuid}",
    status_code=200,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def change(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[Any]:
    """What is told of it, and its picture."""
    values, upload = await _form(desk)
    version = version_of(values)
    errors = text_errors(values, desk.texts)
    file = _picture(desk, upload, errors)
    if errors:
        return await _edit_page(desk, arrangement_id, values, errors, status=422)
    patch = ArrangementPatch(
        title=values["title"].strip(),
        description=msgspec.convert(languages_of(values, "description"), dict[Any, str]),
        organiser=values["organiser"].strip(),
        website=values.get("website", "").strip() or None,
        picture_alt=msgspec.convert(languages_of(values, "alt"), dict[Any, str]),
    )
    try:
        await desk.change(
            lambda db, actor: service.change(
                db, actor, desk.tenant, arrangement_id, patch, picture=file, version=version, now=desk.now
            )
        )
    except (SignInNeeded, Forbidden, NotFound):
        raise
    except Refusal as refusal:
        views = [refusal_view(refusal, desk.texts)]
        return await _edit_page(desk, arrangement_id, values, {}, refusals=views, status=refusal.status)
    return Redirect(desk.url("/staff/arrangements", done="changed"), status_code=303)


async def _edit_page(
    desk: Desk,
    arrangement_id: UUID,
    values: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    refusals: Sequence[View] = (),
    status: int = 200,
) -> Response[str]:
    out = await desk.read(lambda db, actor: service.to_manage(db, actor, desk.tenant, arrangement_id))
    if values is None:
        values = {"title": out.title, "organiser": out.organiser, "website": out.website or ""}
        values |= {f"description-{code}": text for code, text in out.description.items()}
        values |= {f"alt-{code}": text for code, text in out.picture_alt.items()}
    path = desk.url(f"/staff/arrangements/{out.id}")
    return desk.page(
        "booking/arrangement_edit.html",
        status=status,
        arrangement=arrangement_view(out, desk.texts, base=desk.base),
        version=out.version,
        form={name: values.get(name, "") for name in TEXTS},
        errors=errors,
        refusals=refusals,
        post_url=path,
        cancel_url=None if out.cancelled else f"{path}/cancel",
        times_url=desk.url(f"/applications/{out.application_id}"),
        back_url=desk.url("/staff/arrangements"),
    )


@post("/staff/arrangements/{arrangement_id:uuid}/cancel", status_code=200)
async def cancel(desk: AtDesk, arrangement_id: FromPath[UUID]) -> Response[Any]:
    """Its times are free at once."""
    version = version_of(await sent(desk))
    await desk.change(
        lambda db, actor: service.cancel(
            db, actor, desk.tenant, arrangement_id, version=version, now=desk.now
        )
    )
    return Redirect(desk.url("/staff/arrangements", done="cancelled"), status_code=303)


async def _form(desk: Desk) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """The fields, and name and content of the picture, if one was chosen. Raises Malformed."""
    try:
        form = await desk.request.form()
    except (UnicodeDecodeError, LookupError) as error:
        raise Malformed(field="body", expected=N_("text in UTF-8")) from error
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = form.get("picture")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        return values, None
    return values, (chosen.filename, await chosen.read())


def _picture(desk: Desk, upload: tuple[str, bytes] | None, errors: dict[str, str]) -> Checked | None:
    if upload is None:
        return None
    try:
        return files.check_picture(*upload)
    except Invalid as refusal:
        errors["picture"] = desk.texts.gettext("Choose %(what)s.", what=refusal.expected(desk.texts.gettext))
        return None


def text_errors(values: Mapping[str, str], texts: Texts) -> dict[str, str]:
    """What is wrong with the texts of the form, by field."""
    errors: dict[str, str] = {}
    for name in TEXTS:
        value = values.get(name, "").strip()
        if len(value) > LONGEST.get(name.partition("-")[0], 200) or has_nul(value):
            errors[name] = texts.gettext("Write less.")
    if not values.get("title", "").strip():
        errors["title"] = texts.gettext("Write what it is called.")
    if not values.get("organiser", "").strip():
        errors["organiser"] = texts.gettext("Write who arranges it.")
    website = values.get("website", "").strip()
    try:
        msgspec.convert(website or None, Website | None)
    except msgspec.ValidationError:
        errors["website"] = texts.gettext("Write an address that begins with https://.")
    return errors


def _times(values: Mapping[str, str], texts: Texts) -> tuple[list[ArrangementTimeIn], dict[str, str]]:
    """The rows of the form that say something; the first must."""
    found: list[ArrangementTimeIn] = []
    errors: dict[str, str] = {}
    for number in range(ROWS):
        row = {name: values.get(f"{name}-{number}", "") for name in ("place", *TIMES)}
        if number and not any(row.values()):
            continue
        read: BookingForm = read_booking_form(row, texts, fields=TIMES)
        demand_all(read, texts)
        errors |= {f"{name}-{number}": text for name, text in read.errors.items()}
        try:
            resource_id = UUID(row["place"].removeprefix("resource:"))
        except ValueError:
            errors[f"place-{number}"] = texts.gettext("Choose where.")
            continue
        if read.span is not None:
            found.append(ArrangementTimeIn(resource_id=resource_id, start=read.span.start, end=read.span.end))
    return found, errors


handlers = [list_staff_arrangements, ask_arrange, arrange, ask_change, change, cancel]
