"""Bookings, applications and hits as the pages show them. `base` is what the municipality's links begin with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking.booking_form import BookingForm
from booking.models import LIVE
from booking.preview import Alternative, Preview
from booking.schemas import ApplicationOut, BookingOut, HitOut, ReplacementOut
from booking.showing import is_holder
from booking.told import refusal_view
from core.errors import Refusal
from core.page import link
from core.spans import Span
from core.tenants import Tenant
from core.texts import Texts
from people.actors import Actor
from resources.activities import ACTIVITIES
from resources.views import labels

View = dict[str, Any]


def span_of(out: BookingOut) -> Span:
    return Span(out.start, out.end)


def book_url(base: str, resource_id: UUID, span: Span, **other: object) -> str:
    """The way to the form with the time filled in."""
    path = f"{base}/resources/{resource_id}/book"
    return link(path, start=span.start.isoformat(), end=span.end.isoformat(), **other)


def hit_view(hit: HitOut, tenant: Tenant, *, base: str, is_among_all: bool, texts: Texts) -> View:
    """A hit of a search."""
    first = None if hit.first is None else Span(hit.first.start, hit.first.end)
    return {
        "name": hit.name,
        "facility": hit.facility_name,
        "municipality": tenant.name if is_among_all else None,
        "url": f"{base}/resources/{hit.resource_id}",
        "picture_url": None,
        "people": hit.people,
        "facts": labels(hit.activities[:4], ACTIVITIES, texts),
        "first": first,
        "book_url": None if first is None else book_url(base, hit.resource_id, first),
        "closed": hit.closed,
    }


def booking_view(
    out: BookingOut, *, base: str, now: datetime, may_change: bool, association: str | None = None
) -> View:
    """One occurrence, with the ways to change it for who may and while she may."""
    is_open = may_change and out.state in LIVE and now <= out.change_until and now < out.start
    gross = out.price.get("gross") if out.price else None
    return {
        "id": out.id,
        "span": span_of(out),
        "title": out.title,
        "resource": out.resource_name,
        "facility": out.facility_name,
        "association": association,
        "state": out.state,
        "gross_ore": gross["amount"] if gross else None,
        "held_until": out.held_until,
        "url": f"{base}/applications/{out.application_id}",
        "cancel_url": f"{base}/bookings/{out.id}/cancel" if is_open else None,
        "move_url": f"{base}/bookings/{out.id}/move" if is_open else None,
        "version": out.version,
    }


def application_view(
    out: ApplicationOut, actor: Actor, *, base: str, now: datetime, is_new: bool, missed: Sequence[View] = ()
) -> View:
    """For booking/receipt.html. `missed`: the repeats that were refused, each day and title."""
    is_hers = is_holder(actor, out.person_id, out.association_id)
    reasons = dict.fromkeys(
        text for each in out.bookings for text in (each.decision_text, each.end_reason) if text
    )
    return {
        "reference": out.id.hex[-8:].upper(),
        "title": out.title,
        "applicant": out.applicant,
        "association": out.association,
        "submitted_at": out.created_at,
        "bookings": [booking_view(each, base=base, now=now, may_change=is_hers) for each in out.bookings],
        "refused": list(missed),
        "reason": " ".join(reasons) or None,
        "calendar_url": None,
        "is_new": is_new,
    }


def replacement_views(
    out: ApplicationOut, instead: Mapping[UUID, Sequence[ReplacementOut]], *, base: str
) -> list[View]:
    """For booking/_replacements.html: the displaced bookings for which other times were found."""
    return [
        {
            "span": span_of(each),
            "choices": [
                {
                    "id": choice.id,
                    "span": Span(choice.start, choice.end),
                    "name": f"{choice.resource_name}, {choice.facility_name}",
                }
                for choice in instead[each.id]
            ],
            "post_url": f"{base}/bookings/{each.id}/replace",
        }
        for each in out.bookings
        if each.id in instead
    ]


def mine_view(
    outs: Iterable[BookingOut], names: Mapping[UUID, str], actor: Actor, *, base: str, now: datetime
) -> tuple[list[View], list[View]]:
    """What is to come, and what came to nothing or is over."""
    coming: list[View] = []
    past: list[View] = []
    for out in outs:
        name = names.get(out.association_id) if out.association_id else None
        may_change = out.association_id is None or out.association_id in actor.associations
        view = booking_view(out, base=base, now=now, may_change=may_change, association=name)
        (coming if out.state in LIVE and out.end > now else past).append(view)
    return coming, past


def alternative_views(
    found: Sequence[Alternative], *, base: str, kept: Mapping[str, str] | None = None
) -> list[View]:
    """Other times as links to the form, with what was already written in it."""
    rest = {name: value for name, value in (kept or {}).items() if value}
    return [
        {
            "name": each.name if each.is_elsewhere else None,
            "span": each.span,
            "url": book_url(base, each.resource_id, each.span, **rest),
        }
        for each in found
    ]


def quote_view(previewed: Preview, read: BookingForm, alternatives: Sequence[View], texts: Texts) -> View:
    """For booking/_quote.html."""
    repeats = len(previewed.wishes) > 1 or "every_weeks" in read.found
    refused = [reasons for _, reasons in previewed.wishes if reasons]
    shown: list[Refusal] = [previewed.holder_refusal] if previewed.holder_refusal else []
    if not repeats and refused:
        shown += refused[0]
    views = [
        refusal_view(each, texts, alternatives if number == len(shown) - 1 else ())
        for number, each in enumerate(shown)
    ]
    some_left = len(refused) < len(previewed.wishes)
    skips = repeats and read.form["if_refused"] == "skip" and some_left
    return {
        "span": read.span,
        "allowed": not views and (not refused or skips),
        "refusals": views,
        "decision": previewed.bookable.facts.decision,
        "holds": previewed.bookable.facts.request_holds,
        "price": None,
        "free": len(previewed.wishes) - len(refused),
        "refused": len(refused) if repeats else 0,
        "skips": skips,
        "occurrences": occurrence_views(previewed, read, texts) if repeats else [],
    }


def occurrence_views(previewed: Preview, read: BookingForm, texts: Texts) -> list[View]:
    """Every repeat with why it cannot be had, and those left out, so that they can be taken back in."""
    views: list[View] = []
    for wish, reasons in previewed.wishes:
        views.append(
            {
                "span": wish.span if isinstance(wish.span, Span) else None,
                "day": wish.day,
                "on": wish.day.isoformat(),
                "refusal": texts.gettext(reasons[0].title) if reasons else None,
                "is_skipped": False,
            }
        )
    views += [
        {"span": None, "day": day, "on": day.isoformat(), "refusal": None, "is_skipped": True}
        for day in dict.fromkeys(read.except_on)
    ]
    return sorted(views, key=lambda view: view["on"])
