"""What happens in a case, told to the other side: messages, hand-overs, offers, other times, and what is free."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import CaseAssigned, CaseWritten, OfferMade, ReplacementsFound, SeenFree
from booking.telling import queries
from booking.telling.changes import title_of
from booking.telling.service import News, post_of, tell
from booking.telling.times import times
from core.texts import Texts

TO_APPLICANT = frozenset({"message", "question"})
TO_OFFICER: Mapping[str, str] = {"message": "answer", "answer": "answer", "appeal": "appeal"}
"""What the applicant writes → the kind of news it is to staff."""


async def tell_written(db: AsyncSession, message: CaseWritten, now: datetime) -> None:
    """What staff wrote, to the applicant; what she wrote, to the officer who sees to it, if there is one."""
    entry = await queries.entry(db, message.entry_id)
    application = None if entry is None else await queries.application(db, entry.application_id)
    if entry is None or application is None:
        return
    if entry.by_staff:
        kind = entry.kind if entry.kind in TO_APPLICANT else None
        to, path = application.person_id, f"/applications/{application.id}"
    else:
        kind = TO_OFFICER.get(entry.kind)
        to, path = application.officer_id, f"/requests/{application.id}"
    if kind is None or to is None or to == entry.author_id:
        return
    post = await post_of(db)
    who = entry.author or application.association or application.applicant

    def fill(_words: Texts) -> dict[str, str]:
        return {"title": title_of(application, {}), "text": entry.text, "who": who}

    news = News(kind=kind, fill=fill, path=path, application_id=application.id)
    await tell(db, post, to, news, now)


async def tell_assigned(db: AsyncSession, message: CaseAssigned, now: datetime) -> None:
    """To the officer who has it now, unless she took it herself."""
    application = await queries.application(db, message.application_id)
    if application is None or application.officer_id in {None, message.by_id}:
        return
    post = await post_of(db)
    found = await queries.times_of(db, application_id=application.id)
    places = await queries.places(db, sorted({each.resource_id for each in found}))

    def fill(words: Texts) -> dict[str, str]:
        due = application.answer_by
        waiting = [
            (each.resource_id, each.starts_at, each.ends_at) for each in found if each.state == "requested"
        ]
        return {
            "title": title_of(application, places),
            "who": application.association or application.applicant,
            "times": times(waiting, places, words),
            "deadline": "" if due is None else words.day(words.local(due).date(), year=True),
        }

    path = f"/requests/{application.id}"
    news = News(kind="assigned", fill=fill, path=path, application_id=application.id)
    await tell(db, post, application.officer_id, news, now)


async def tell_offered(db: AsyncSession, message: OfferMade, now: datetime) -> None:
    """To whom it is held for; nothing when the offer was answered or has run out before it could be told."""
    offer = await queries.offer(db, message.offer_id)
    if offer is None or offer.answer is not None or offer.state != "held":
        return
    application = await queries.application(db, offer.application_id)
    if application is None:
        return
    post = await post_of(db)
    ids: list[UUID] = [each for each in (offer.resource_id, offer.was_resource_id) if each is not None]
    places = await queries.places(db, sorted(set(ids)))

    def fill(words: Texts) -> dict[str, str]:
        was = (
            [(offer.was_resource_id, offer.was_starts_at, offer.was_ends_at)] if offer.was_resource_id else []
        )
        return {
            "title": title_of(application, places),
            "times": times([(offer.resource_id, offer.starts_at, offer.ends_at)], places, words),
            "before": times(was, places, words),
            "text": offer.text,
            "deadline": "" if offer.held_until is None else words.instant(offer.held_until, year=True),
        }

    news = News(
        kind="offer" if offer.kind == "counter" else "waiting_offer",
        fill=fill,
        path=f"/applications/{application.id}",
        application_id=application.id,
    )
    await tell(db, post, application.person_id, news, now)


async def tell_replacements(db: AsyncSession, message: ReplacementsFound, now: datetime) -> None:
    """Other times for what was displaced; nothing when all of them are taken by now."""
    application = await queries.application(db, message.application_id)
    found = await queries.replacements(db, message.booking_ids)
    if application is None or not found:
        return
    post = await post_of(db)
    lost = await queries.times_of(db, ids=message.booking_ids)
    places = await queries.places(db, sorted({each.resource_id for each in (*found, *lost)}))

    def fill(words: Texts) -> dict[str, str]:
        return {
            "title": title_of(application, places),
            "times": times(
                [(each.resource_id, each.starts_at, each.ends_at) for each in found], places, words
            ),
            "before": times(
                [(each.resource_id, each.starts_at, each.ends_at) for each in lost], places, words
            ),
        }

    path = f"/applications/{application.id}"
    news = News(kind="replacements", fill=fill, path=path, application_id=application.id)
    await tell(db, post, application.person_id, news, now)


async def tell_free(db: AsyncSession, message: SeenFree, now: datetime) -> None:
    """To who waits, if she still does."""
    wait = await queries.wait(db, message.wait_id)
    if wait is None:
        return
    post = await post_of(db)
    places = await queries.places(db, [message.resource_id])
    time = (message.resource_id, message.starts_at, message.ends_at)

    def fill(words: Texts) -> dict[str, str]:
        return {"times": times([time], places, words)}

    news = News(kind="free", fill=fill, path=f"/resources/{message.resource_id}")
    await tell(db, post, wait.person_id, news, now)
