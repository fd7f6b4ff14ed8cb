"""Bookings, applications and hits as the pages show them. `base` is what the municipality's links begin with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking.alternatives import Alternative
from booking.doors import Code
from booking.models import LIVE
from booking.own_money import OwnMoney
from booking.price_views import own_view
from booking.schemas import ApplicationOut, BookingOut, HitOut, ReplacementOut
from booking.showing import is_holder
from core.page import link
from core.spans import DAY, Span, monday_of
from core.tenants import Tenant
from core.texts import Texts
from people.actors import Actor
from resources.activities import ACTIVITIES
from resources.policies import why_text
from resources.price_words import GROUPS
from resources.views import labels, terms_url

View = dict[str, Any]


def span_of(out: BookingOut) -> Span:
    return Span(out.start, out.end)


def book_url(base: str, resource_id: UUID, span: Span, **other: object) -> str:
    """The way to the form with the time filled in."""
    path = f"{base}/resources/{resource_id}/book"
    return link(path, start=span.start.isoformat(), end=span.end.isoformat(), **other)


def week_steps(path: str, monday: date, today: date, **kept: object) -> View:
    """The ways to other weeks, for _week.html; `kept` stands in each address."""
    this, week = monday_of(today), 7 * DAY
    return {
        "week_number": monday.isocalendar().week,
        "previous_url": link(path, **kept, week=week_code(monday - week)) if monday > this else None,
        "next_url": link(path, **kept, week=week_code(monday + week)),
        "now_url": link(path, **kept) if monday != this else None,
    }


def week_code(monday: date) -> str:
    """`2026-W48`."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def monday_asked(code: str | None, today: date) -> date:
    """The Monday of `2026-W48`; of this week for anything else."""
    try:
        year, week = (code or "").split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return monday_of(today)
    return monday if 2000 < monday.year < 2100 else monday_of(today)


def hit_view(
    hit: HitOut,
    tenant: Tenant,
    *,
    base: str,
    is_among_all: bool,
    texts: Texts,
    association_id: UUID | None = None,
) -> View:
    """A hit of a search, with its ways on for the association searched for."""
    first = None if hit.first is None else Span(hit.first.start, hit.first.end)
    return {
        "name": hit.name,
        "facility": hit.facility_name,
        "municipality": tenant.name if is_among_all else None,
        "url": link(f"{base}/resources/{hit.resource_id}", association_id=association_id),
        "picture_url": None,
        "people": hit.people,
        "facts": labels(hit.activities[:4], ACTIVITIES, texts),
        "first": first,
        "book_url": None
        if first is None
        else book_url(base, hit.resource_id, first, association_id=association_id),
        "closed": hit.closed,
        "price": None if hit.price is None else hit.price.text,
        "price_for": None if hit.price is None else texts.gettext(GROUPS[hit.price.customer_group]),
    }


def booking_view(
    out: BookingOut,
    *,
    base: str,
    now: datetime,
    may_change: bool,
    association: str | None = None,
    texts: Texts | None = None,
    door: Code | None = None,
    money: OwnMoney | None = None,
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
        "why": None if texts is None else why_text(out.policy, texts),
        "terms": None
        if out.terms_version is None
        else {
            "version": out.terms_version,
            "url": terms_url(f"{base}/resources/{out.resource_id}", out.terms_version),
        },
        "version": out.version,
        "door": door,
        "money": None
        if money is None or texts is None
        else own_view(
            money,
            pay_url=f"{base}/bookings/{out.id}/pay" if may_change else None,
            can_cancel=is_open,
            texts=texts,
        ),
    }


def application_view(
    out: ApplicationOut,
    actor: Actor,
    *,
    base: str,
    now: datetime,
    is_new: bool,
    missed: Sequence[View] = (),
    texts: Texts | None = None,
    answers: Sequence[tuple[str, str]] = (),
    doors: Mapping[UUID, Code] | None = None,
    money: Mapping[UUID, OwnMoney] | None = None,
) -> View:
    """For booking/receipt.html. `missed`: the repeats that were refused, each day and title. `doors`, `money`: by
    booking.
    """
    doors, money = doors or {}, money or {}
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
        "bookings": [
            booking_view(
                each,
                base=base,
                now=now,
                may_change=is_hers,
                texts=texts,
                door=doors.get(each.id),
                money=money.get(each.id),
            )
            for each in out.bookings
        ],
        "to_pay": _to_pay(out, money, base) if is_hers else None,
        "answers": list(answers),
        "answer_by": out.answer_by,
        "refused": list(missed),
        "reason": " ".join(reasons) or None,
        "calendar_url": None,
        "is_new": is_new,
    }


def _to_pay(out: ApplicationOut, money: Mapping[UUID, OwnMoney], base: str) -> View | None:
    """What waits to be paid, all at once: how much, until when the first of it, and where."""
    waiting = [
        (each.id, money[each.id])
        for each in out.bookings
        if each.id in money and money[each.id].pay_by is not None
    ]
    if not waiting:
        return None
    return {
        "n": len(waiting),
        "gross_ore": sum(each.price.gross_ore for _, each in waiting),
        "pay_by": min(each.pay_by for _, each in waiting if each.pay_by is not None),
        "url": f"{base}/bookings/{waiting[0][0]}/pay",
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
    outs: Iterable[BookingOut],
    names: Mapping[UUID, str],
    actor: Actor,
    *,
    base: str,
    now: datetime,
    texts: Texts,
    money: Mapping[UUID, OwnMoney],
) -> tuple[list[View], list[View]]:
    """What is to come, and what came to nothing or is over."""
    coming: list[View] = []
    past: list[View] = []
    for out in outs:
        name = names.get(out.association_id) if out.association_id else None
        may_change = out.association_id is None or out.association_id in actor.associations
        view = booking_view(
            out,
            base=base,
            now=now,
            may_change=may_change,
            association=name,
            texts=texts,
            money=money.get(out.id),
        )
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
