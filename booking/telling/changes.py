"""What has become of bookings, told to whose they are: which kind of news it is, in words and in her calendar."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged, Changed
from booking.telling import queries
from booking.telling.invites import Address, Invite, invitations
from booking.telling.money_words import money_text, moved_text
from booking.telling.service import RECEIPTS, News, Post, post_of, tell
from booking.telling.times import Places, place_of, times
from booking.telling.wording import one_line
from core.db import AnyRow
from core.texts import Texts

STANDS = frozenset({"confirmed", "awaiting_payment"})
GONE = frozenset({"rejected", "withdrawn", "cancelled", "lapsed", "displaced", "given_back"})
OF_CALENDARS = frozenset({"moved", "cancelled"})
"""What she is told of though she did it herself, when her calendar has it; besides the receipts."""


async def tell_bookings(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """One letter to whose application it is; none when she did it herself and needs no receipt."""
    application = await queries.application(db, message.application_id)
    if application is None or not message.bookings:
        return
    is_own = message.by_id is not None and message.by_id == application.person_id
    ids = [each.id for each in message.bookings]
    known = await queries.once_confirmed(db, ids)
    if is_own and not _is_receipt(message, known):
        return
    post = await post_of(db)
    places = await queries.places(db, _resources(message.bookings))
    said = await _said(db, message, ids)
    news = News(
        kind=kind_of(message),
        fill=partial(_fill, message, application=application, places=places, said=said),
        path=f"/applications/{message.application_id}",
        application_id=message.application_id,
        calendar=partial(
            _calendar, message, known=known, application=application, places=places, post=post, now=now
        ),
        is_own=is_own,
    )
    await tell(db, post, application.person_id, news, now)


def _is_receipt(message: BookingsChanged, known: set[UUID]) -> bool:
    """A request and a confirmation always; of moves and cancellations those that her calendar must hear of."""
    kind = kind_of(message)
    return kind in RECEIPTS or (kind in OF_CALENDARS and bool(known))


def kind_of(message: BookingsChanged) -> str:
    """Of booking.telling.kinds.KINDS. A booking that waits for an answer again, is a request again."""
    states = {each.state for each in message.bookings}
    if message.change == "moved" and states == {"requested"}:
        return "requested"
    if message.change == "lapsed" and any(each.unpaid for each in message.bookings):
        return "unpaid"
    if message.change == "decided":
        if states <= STANDS:
            return "approved"
        return "rejected" if states <= GONE else "decided"
    return message.change


def _resources(bookings: Sequence[Changed]) -> list[UUID]:
    earlier = {each.was[2] for each in bookings if each.was is not None}
    return sorted(earlier | {each.resource_id for each in bookings})


async def _said(db: AsyncSession, message: BookingsChanged, ids: Sequence[UUID]) -> Mapping[str, object]:
    """Why, in whose words, and until when it can be appealed."""
    said: dict[str, object] = {"reason": message.reason, "text": "", "appeal_until": None}
    if message.change != "decided":
        return said
    answer = await queries.answered(db, ids)
    if answer is None:
        return said
    said["text"] = answer.decision_text or ""
    decision = await queries.decision(db, message.application_id, answer.decided_at)
    if decision is not None:
        said["text"] = decision.text or said["text"]
        said["reason"] = decision.reason or said["reason"]
        said["appeal_until"] = decision.appeal_until
    return said


def _fill(
    message: BookingsChanged,
    words: Texts,
    *,
    application: AnyRow,
    places: Places,
    said: Mapping[str, object],
) -> dict[str, str]:
    now_is = [(each.resource_id, each.starts_at, each.ends_at) for each in message.bookings]
    before = [(each.was[2], each.was[0], each.was[1]) for each in message.bookings if each.was is not None]
    stand = [
        (each.resource_id, each.starts_at, each.ends_at) for each in message.bookings if each.state in STANDS
    ]
    lost = [
        (each.resource_id, each.starts_at, each.ends_at) for each in message.bookings if each.state in GONE
    ]
    until = said["appeal_until"]
    assert until is None or isinstance(until, date), "`_said` has put it there"
    return {
        "title": title_of(application, places),
        "times": times(now_is, places, words),
        "before": times(before, places, words),
        "approved": times(stand, places, words),
        "rejected": times(lost, places, words),
        "reason": str(said["reason"]),
        "text": str(said["text"]),
        "deadline": "" if until is None else words.day(until, year=True),
        "pay_by": _pay_by(message, words),
        "money": money_text([each.settled for each in message.bookings if each.settled is not None], words)
        or moved_text([each.repriced for each in message.bookings if each.repriced is not None], words),
    }


def _pay_by(message: BookingsChanged, words: Texts) -> str:
    """The first deadline among those that wait to be paid."""
    until = min((each.pay_by for each in message.bookings if each.pay_by is not None), default=None)
    return "" if until is None else words.instant(until)


def title_of(application: AnyRow, places: Places) -> str:
    """What it is called; where nobody has called it anything, by the place."""
    named = one_line(application.title)
    return named or ", ".join(sorted({one_line(place.name) for place in places.values()}))


def _calendar(
    message: BookingsChanged,
    organizer: Address,
    attendee: Address,
    words: Texts,
    *,
    known: set[UUID],
    application: AnyRow,
    places: Places,
    post: Post,
    now: datetime,
) -> str | None:
    """Those that stand, and those that her calendar has and that stand no more."""
    url = post.address(f"/applications/{message.application_id}")
    invites = [
        Invite(
            booking_id=each.id,
            sequence=each.sequence,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            title=title_of(application, places),
            place=place_of(places, each.resource_id, whole=True),
            text=one_line(application.association or ""),
            url=url,
            method="CANCEL" if each.state in GONE else "REQUEST",
            is_certain=each.state == "confirmed",
        )
        for each in message.bookings
        if each.state == "confirmed" or each.id in known
    ]
    return invitations(invites, organizer=organizer, attendee=attendee, zone=words.zone, now=now)
