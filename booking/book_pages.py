"""HTML routes of booking: the form, the quote that follows it, sending it, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking.alternatives import Alternative, alternatives, alternatives_of
from booking.booking_form import (
    ANSWER,
    ARTICLE,
    FIELDS,
    TIMES,
    BookingForm,
    answer_field,
    application_of,
    demand_all,
    empty_form,
    read_booking_form,
    times_of,
)
from booking.form_errors import take_in
from booking.preview import Preview, preview
from booking.price_views import usage_pairs
from booking.quote_views import quote_view
from booking.schemas import ApplicationOut
from booking.told import refusal_view
from booking.views import View, alternative_views
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
from core.spans import Span, local_date, span_between
from core.texts import N_
from core.wire import when
from people import queries as people
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.models import Association, Team
from resources import place_queries
from resources.activities import ACTIVITIES
from resources.article_form import article_fields
from resources.models import Unit
from resources.questions import Question, label_in
from resources.tariff_queries import priceables
from resources.tariffs import Priceable
from resources.views import MONDAY, capacity, labels, resource_view

AUDIENCES: Mapping[str, str] = {
    "children": N_("Children"),
    "youth": N_("Young people"),
    "adults": N_("Adults"),
    "seniors": N_("Older people"),
    "everybody": N_("Everybody"),
}
MOST_MISSED = 60
MOST_HELPED = 60
"""Refused ones of a repeat for which other times are told."""


class Around(Struct, frozen=True):
    """What the form needs besides what was written in it."""

    kept: place_queries.Kept
    units: Sequence[Unit]
    associations: Sequence[Association]
    teams: Sequence[Team]
    previewed: Preview | None
    others: Sequence[Alternative]
    of_repeat: Mapping[Span, Sequence[Alternative]]
    """Where the refused ones of a repeat would go better."""
    known: Priceable
    """What decides the price."""


async def _around(db: AsyncSession, actor: Actor, desk: Desk, resource_id: UUID, read: BookingForm) -> Around:
    found = await place_queries.resources(db, place_queries.sight_of(actor, desk.now), ids=[resource_id])
    if not found:
        raise NotFound(what="resource")
    units = await place_queries.units_of_resources(db, [resource_id])
    associations = await people.associations(db, actor.associations)
    teams = await people.teams_of(db, actor.associations)
    previewed, others = None, list[Alternative]()
    of_repeat: Mapping[Span, Sequence[Alternative]] = {}
    if read.span is not None and not read.errors:
        try:
            form = application_of(read, resource_id)
            previewed = await preview(db, actor, desk.tenant, form, desk.now)
            if len(previewed.wishes) == 1 and not previewed.allowed:
                others = await alternatives(db, actor, desk.tenant, resource_id, read.span, desk.now)
            elif len(previewed.wishes) > 1:
                of_repeat = await alternatives_of(
                    db,
                    actor,
                    desk.tenant,
                    resource_id,
                    _refused_spans(previewed, read),
                    now=desk.now,
                    quantity=read.found.get("quantity", 1),
                    association="association_id" in read.found,
                )
        except (Invalid, Forbidden) as refusal:
            take_in(read, refusal, desk.texts)
    known: Mapping[UUID, Priceable] = {} if previewed is None else previewed.known
    if resource_id not in known:
        known = await priceables(db, [resource_id])
    return Around(
        found[0],
        units.get(resource_id, []),
        associations,
        teams,
        previewed,
        others,
        of_repeat,
        known[resource_id],
    )


def _refused_spans(previewed: Preview, read: BookingForm) -> list[Span]:
    """Those of a repeat for which another time is told; not of what was sent elsewhere already."""
    moved = {each.day for each in read.instead}
    spans = [
        wish.span
        for wish, reasons in previewed.wishes
        if reasons and isinstance(wish.span, Span) and wish.day not in moved
    ]
    return spans[:MOST_HELPED]


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

    def every(name: str) -> list[str]:
        return [value for value in sent.getall(name, []) if isinstance(value, str)]

    dropped = every("drop")
    instead = [text for text in every("instead") if text.partition("~")[0] not in dropped] + every("take")
    read = read_booking_form(
        values, desk.texts, except_on=every("except"), weekdays=every("weekday"), instead=instead
    )
    key = values.get("idempotency_key", "")[:100]
    if values.get("action") == "check" or "take" in values or dropped:
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
        if take_in(read, refusal, desk.texts):
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
    several = {
        "except_on": values.getall("except", []),
        "weekdays": values.getall("weekday", []),
        "instead": values.getall("instead", []),
    }
    start, end = values.get("start"), values.get("end")
    if not start or not end:
        given = {**empty_form(None, desk.tenant.zone), **values.dict()}
        return read_booking_form(_single(given), desk.texts, **several)
    zone = desk.tenant.zone
    try:
        span = span_between(when(start, zone, "start"), when(end, zone, "end"))
    except Invalid:
        return read_booking_form(empty_form(None, zone), desk.texts)
    rest = {
        name: value
        for name, value in _single(values.dict()).items()
        if name in FIELDS or name.startswith((ANSWER, ARTICLE))
    }
    filled = {**empty_form(None, zone), **rest, **times_of(span, zone)}
    return read_booking_form(filled, desk.texts)


def _single(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in values.items()}


def _kept(read: BookingForm) -> dict[str, Any]:
    """What was written, for an address."""
    kept: dict[str, Any] = {name: value for name, value in read.form.items() if value}
    if read.except_on:
        kept["except"] = [day.isoformat() for day in read.except_on]
    if read.weekdays:
        kept["weekday"] = read.weekdays
    if read.instead:
        kept["instead"] = [str(each) for each in read.instead]
    return kept


def _quote(desk: Desk, around: Around, read: BookingForm) -> View | None:
    if around.previewed is None:
        return None
    kept = {name: text for name, text in read.form.items() if name not in TIMES}
    others = alternative_views(around.others, base=desk.base, kept=kept)
    return quote_view(around.previewed, read, others, desk.texts, others=around.of_repeat)


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
    asked = [
        {
            "name": answer_field(each.kind, each.key),
            "kind": each.kind,
            "label": label_in(each.label, desk.language),
            "hint": label_in(each.hint, desk.language) or None,
            "required": each.required,
            "options": [(option.key, label_in(option.label, desk.language)) for option in each.options],
        }
        for each in msgspec.convert(row.questions, list[Question])
    ]
    today = local_date(desk.tenant.zone, desk.now)
    articles = article_fields(around.known.articles, texts, today)
    return desk.page(
        "booking/form.html",
        status=status,
        resource={**view, "is_pooled": places > 1, "capacity": places},
        form={**{each["name"]: "" for each in (*asked, *articles)}, **read.form},
        articles=articles,
        errors=read.errors,
        refusals=refusals,
        quote=shown,
        questions=asked,
        weekdays=[(day, texts.weekday(MONDAY.replace(day=day)), day in read.weekdays) for day in range(1, 8)],
        is_ambiguous=read.is_ambiguous,
        choices={
            "associations": [(str(each.id), each.name) for each in around.associations],
            "teams": _team_pairs(around),
            "purposes": [],
            "usages": usage_pairs(around.known, texts),
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


handlers = [form, quote, book]
