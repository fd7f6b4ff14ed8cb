"""HTML routes of booking: the form, the quote that follows it, sending it, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking.booking_form import (
    FIELDS,
    BookingForm,
    application_of,
    demand_all,
    empty_form,
    read_booking_form,
    times_of,
)
from booking.preview import Alternative, Preview, alternatives, preview
from booking.schemas import ApplicationOut
from booking.told import explanation, refusal_view, title_of
from booking.views import View, alternative_views, quote_view
from core.errors import (
    Closed,
    Forbidden,
    Invalid,
    NotFound,
    ProfileIncomplete,
    Refusal,
    SignInNeeded,
    TimeTaken,
)
from core.ids import new_id
from core.spans import span_between
from core.texts import N_, Texts
from core.wire import when
from people import queries as people
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.models import Association, Team
from resources import place_queries
from resources.activities import ACTIVITIES
from resources.models import Unit
from resources.views import capacity, labels, resource_view

AUDIENCES: Mapping[str, str] = {
    "children": N_("Children"),
    "youth": N_("Young people"),
    "adults": N_("Adults"),
    "seniors": N_("Older people"),
    "everybody": N_("Everybody"),
}
FIELD_OF: Mapping[str, str] = {
    "times.0.start": "from_time",
    "times.0.end": "to_time",
    "start": "from_time",
    "end": "to_time",
    "team_id": "team",
    "repeat": "every_weeks",
    "repeat.every_weeks": "every_weeks",
    "repeat.until": "until",
    "repeat.except": "until",
}
"""Field of the API → field of the form, where they differ."""
MOST_MISSED = 60


class Around(Struct, frozen=True):
    """What the form needs besides what was written in it."""

    kept: place_queries.Kept
    units: Sequence[Unit]
    associations: Sequence[Association]
    teams: Sequence[Team]
    previewed: Preview | None
    others: Sequence[Alternative]


async def _around(db: AsyncSession, actor: Actor, desk: Desk, resource_id: UUID, read: BookingForm) -> Around:
    found = await place_queries.resources(db, place_queries.sight_of(actor, desk.now), ids=[resource_id])
    if not found:
        raise NotFound(what="resource")
    units = await place_queries.units_of_resources(db, [resource_id])
    associations = await people.associations(db, actor.associations)
    teams = await people.teams_of(db, actor.associations)
    previewed, others = None, []
    if read.span is not None and not read.errors:
        try:
            form = application_of(read, resource_id)
            previewed = await preview(db, actor, desk.tenant, form, desk.now)
            if len(previewed.wishes) == 1 and not previewed.allowed:
                others = await alternatives(db, actor, desk.tenant, resource_id, read.span, desk.now)
        except (Invalid, Forbidden) as refusal:
            _take_in(read, refusal, desk.texts)
    return Around(found[0], units.get(resource_id, []), associations, teams, previewed, others)


def _take_in(read: BookingForm, refusal: Refusal, texts: Texts) -> bool:
    """Makes the refusal an error of the field it names; False when it names none of the form."""
    field = str(refusal.facts.get("field", ""))
    field = FIELD_OF.get(field, field)
    if isinstance(refusal, Forbidden):
        field = "association_id"
    if field not in read.form:
        return False
    told = {
        "until": N_("The last day must not be before the first, nor so far ahead that it is too many times."),
        "every_weeks": N_("This cannot be repeated: too many times, or none left."),
        "team": N_("Choose a team of the association that you book for."),
        "association_id": N_("Choose an association that you may book for."),
        "accepted_terms": N_("You must accept the terms to book."),
    }
    if field in told:
        read.errors[field] = texts.gettext(told[field])
    else:
        read.errors[field] = explanation(refusal, texts) or texts.gettext(refusal.title)
    return True


@get("/resources/{resource_id:uuid}/book")
async def form(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[Any]:
    """Filled in as the address says: a time (start, end), or fields of the form."""
    read = _read_address(desk)
    around = await desk.read(lambda db, actor: _around(db, actor, desk, resource_id, read))
    if desk.actor.person_id is not None and not desk.actor.name:
        return _to_profile(desk, resource_id, read)
    return _form_page(desk, around, read)


def _to_profile(desk: Desk, resource_id: UUID, read: BookingForm) -> Redirect:
    """Where she says what she is called, and comes back from to the form as it stands."""
    back = desk.url(f"/resources/{resource_id}/book", **_kept(read))
    return Redirect(desk.url("/me", next=back), status_code=303)


@get("/resources/{resource_id:uuid}/quote", opt={"limit": "search"})
async def quote(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """What the form comes to, as a part of a page."""
    read = _read_address(desk)
    around = await desk.read(lambda db, actor: _around(db, actor, desk, resource_id, read))
    return desk.page(
        "booking/_quote.html",
        quote=_quote(desk, around, read),
        resource_name=around.kept.resource.name,
    )


@post("/resources/{resource_id:uuid}/book", status_code=200)
async def book(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[Any]:
    """Look (`action=check`) or book. Sent twice it books once."""
    sent = await desk.request.form()
    values = {name: value for name, value in sent.items() if isinstance(value, str)}
    excepted = [value for value in sent.getall("except", []) if isinstance(value, str)]
    read = read_booking_form(values, desk.texts, except_on=excepted)
    key = values.get("idempotency_key", "")[:100]
    if values.get("action") == "check":
        return await _again(desk, resource_id, read, key, status=200)
    demand_all(read, desk.texts)
    if read.errors or read.span is None:
        return await _again(desk, resource_id, read, key, status=422)

    async def work(db: AsyncSession, actor: Actor) -> str:
        made = await applying.apply(db, actor, desk.tenant, application_of(read, resource_id), desk.now)
        return desk.url(f"/applications/{made.id}", new="yes", missed=_missed(made) or None)

    try:
        return Redirect(await desk.once(key, work), status_code=303)
    except SignInNeeded:
        back = desk.url(f"/resources/{resource_id}/book", **_kept(read))
        return Redirect(desk.url("/sign-in", next=back), status_code=303)
    except ProfileIncomplete:
        return _to_profile(desk, resource_id, read)
    except NotFound:
        raise
    except Refusal as refusal:
        status = refusal.status
        if _take_in(read, refusal, desk.texts):
            return await _again(desk, resource_id, read, key, status=status)
        return await _again(desk, resource_id, read, key, status=status, refusal=refusal)


async def _again(
    desk: Desk, resource_id: UUID, read: BookingForm, key: str, *, status: int, refusal: Refusal | None = None
) -> Response[str]:
    """The form with what was written in it, and what is wrong."""
    around = await desk.read(lambda db, actor: _around(db, actor, desk, resource_id, read))
    return _form_page(desk, around, read, status=status, key=key, refusal=refusal)


def _read_address(desk: Desk) -> BookingForm:
    values = desk.request.query_params
    excepted = values.getall("except", [])
    start, end = values.get("start"), values.get("end")
    if not start or not end:
        given = {**empty_form(None, desk.tenant.zone), **values.dict()}
        return read_booking_form(_single(given), desk.texts, except_on=excepted)
    zone = desk.tenant.zone
    try:
        span = span_between(when(start, zone, "start"), when(end, zone, "end"))
    except Invalid:
        return read_booking_form(empty_form(None, zone), desk.texts)
    rest = {name: value for name, value in _single(values.dict()).items() if name in FIELDS}
    filled = {**empty_form(None, zone), **rest, **times_of(span, zone)}
    return read_booking_form(filled, desk.texts)


def _single(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in values.items()}


def _kept(read: BookingForm) -> dict[str, Any]:
    """What was written, for an address."""
    kept: dict[str, Any] = {name: value for name, value in read.form.items() if value}
    if read.except_on:
        kept["except"] = [day.isoformat() for day in read.except_on]
    return kept


def _quote(desk: Desk, around: Around, read: BookingForm) -> View | None:
    if around.previewed is None:
        return None
    kept = {name: read.form[name] for name in FIELDS[5:]}
    others = alternative_views(around.others, base=desk.base, kept=kept)
    return quote_view(around.previewed, read, others, desk.texts)


def _form_page(
    desk: Desk,
    around: Around,
    read: BookingForm,
    *,
    status: int = 200,
    key: str = "",
    refusal: Refusal | None = None,
) -> Response[str]:
    row, texts = around.kept.resource, desk.texts
    path = desk.url(f"/resources/{row.id}")
    shown = _quote(desk, around, read)
    refusals: list[View] = []
    if refusal is not None:
        refusals = shown["refusals"] if shown and shown["refusals"] else [refusal_view(refusal, texts)]
        if shown is not None:
            shown.update(allowed=False, refusals=[])
    view = resource_view(
        row,
        around.kept.facility,
        url=path,
        facility_url=desk.url(f"/facilities/{row.facility_id}"),
        texts=texts,
    )
    places = capacity(around.units)
    return desk.page(
        "booking/form.html",
        status=status,
        resource={**view, "is_pooled": places > 1, "capacity": places},
        form=read.form,
        errors=read.errors,
        refusals=refusals,
        quote=shown,
        is_ambiguous=read.is_ambiguous,
        choices={
            "associations": [(str(each.id), each.name) for each in around.associations],
            "teams": _team_pairs(around),
            "purposes": [],
            "activities": list(zip(row.activities, labels(row.activities, ACTIVITIES, texts), strict=True)),
            "audiences": [(code, texts.gettext(name)) for code, name in AUDIENCES.items()],
        },
        idempotency_key=key or new_id().hex,
        post_url=f"{path}/book",
        quote_url=f"{path}/quote",
        is_known=desk.actor.person_id is not None,
        wait_url=_wait_url(desk, around, read),
    )


def _wait_url(desk: Desk, around: Around, read: BookingForm) -> str | None:
    """To the waiting list, when one time was looked at that others have."""
    if around.previewed is None or read.span is None or len(around.previewed.wishes) != 1:
        return None
    _, reasons = around.previewed.wishes[0]
    if not reasons or not all(isinstance(each, TimeTaken | Closed) for each in reasons):
        return None
    return desk.url(
        "/waiting/new",
        resource=around.kept.resource.id,
        start=read.span.start.isoformat(),
        end=read.span.end.isoformat(),
    )


def _team_pairs(around: Around) -> list[tuple[str, str]]:
    names = {each.id: each.name for each in around.associations}
    several = len(names) > 1
    return [
        (str(team.id), f"{names[team.association_id]}: {team.name}" if several else team.name)
        for team in around.teams
    ]


def _missed(made: ApplicationOut) -> list[str]:
    """The repeats that were refused, for the receipt's address."""
    return [
        f"{each.day.isoformat()}.{str(each.problems[0]['type']).removeprefix('/problems/')}"
        for each in made.refused[:MOST_MISSED]
    ]


def missed_views(told: Sequence[str], texts: Texts) -> list[View]:
    """The repeats that were refused, of the receipt's address."""
    views: list[View] = []
    for each in told[:MOST_MISSED]:
        day, _, type_ = each.partition(".")
        title = title_of(type_)
        try:
            if title is not None:
                views.append({"day": date.fromisoformat(day), "title": texts.gettext(title)})
        except ValueError:
            continue
    return views


handlers = [form, quote, book]
