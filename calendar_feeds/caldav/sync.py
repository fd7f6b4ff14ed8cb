"""What has changed in a calendar since a program last asked (RFC 6578): nothing is missed, and some told twice.

A change that a token does not know of was made by a later transaction than the token's newest settled one
(docs/decisions/0010), and stands in the log. The log knows nothing of the window, which moves on Mondays: a token of
another week is told what its moving has taken and brought.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import queries as feed_queries
from calendar_feeds.caldav import queries
from calendar_feeds.caldav.marks import Mark, Token, token_in, token_text
from calendar_feeds.caldav.service import Kept, Reading, members, names_of
from calendar_feeds.scopes import Period, period_at
from core.spans import local_day

AT_MOST = 10_000
"""Objects told at once."""


class Delta(Struct, frozen=True):
    """What is told."""

    members: Sequence[Kept]
    gone: Sequence[str]
    """Names of objects that are not there any more."""
    token: str
    """What the program's copy is worth once it has heard this."""
    is_cut: bool
    """There is more: to be asked for with the token."""


class _Candidates(Struct, frozen=True):
    """Whatever may be other than in the program's copy."""

    bookings: set[UUID]
    closures: set[UUID]


async def changes(db: AsyncSession, it: Reading, told: str, limit: int | None) -> Delta | None:
    """Since the token `told`, or all when it is empty. None: the token is not good here, and all must be read anew."""
    if not told:
        return await _told(db, it, Token(it.mark), since=None, limit=limit)
    token = token_in(told, it.mark)
    if token is None:
        return None
    if token.after is not None:
        return await _told(db, it, token, since=token.since, limit=limit)
    return await _told(db, it, Token(it.mark), since=token.until, limit=limit)


async def _told(
    db: AsyncSession, it: Reading, token: Token, *, since: Mark | None, limit: int | None
) -> Delta:
    """From `since`, of the objects behind `token.after`, by id. The copy will be worth `token.until`."""
    found = await _candidates(db, it, since)
    ids = sorted(found.bookings | found.closures)
    if token.after is not None:
        ids = [each for each in ids if each > token.after]
    most = min(limit or AT_MOST, AT_MOST)
    is_cut = len(ids) > most
    ids = ids[:most]
    kept = await members(db, it, only=ids)
    missing = set(ids) - {each.member.id for each in kept} if since is not None else set[UUID]()
    bookings = missing & found.bookings
    if bookings:
        bookings = await queries.ever_shown(db, it.look.revision.reach, it.look.variant, bookings)
    following = Token(token.until, ids[-1], since) if is_cut else Token(token.until)
    return Delta(
        sorted(kept, key=lambda each: each.member.id),
        await names_of(db, it, sorted(bookings), sorted(missing & found.closures)),
        token_text(following),
        is_cut,
    )


async def _candidates(db: AsyncSession, it: Reading, since: Mark | None) -> _Candidates:
    now = it.look.period
    if since is None:
        return await _all(db, it, now)
    if since.is_as(it.mark):
        return _Candidates(set(), set())
    heard = await queries.changed_since(db, it.look.revision.reach, since.settled)
    changed = _Candidates(heard.bookings, heard.closures)
    if since.monday != it.mark.monday:
        zone = it.tenant.zone
        before = await _all(db, it, period_at(local_day(zone, since.monday).start, zone))
        after = await _all(db, it, now)
        changed.bookings.update(before.bookings ^ after.bookings)
        changed.closures.update(before.closures ^ after.closures)
    if heard.calendar and it.look.revision.reach.scope.kind in feed_queries.CLOSED:
        # Places have other names, or other parts: other closures, or other words for them.
        changed.closures.update(await queries.closures_then(db, now))
    return changed


async def _all(db: AsyncSession, it: Reading, period: Period) -> _Candidates:
    reach, variant = it.look.revision.reach, it.look.variant
    bookings = await feed_queries.ids(db, reach, variant, period)
    return _Candidates(set(bookings), await _closures(db, it, period))


async def _closures(db: AsyncSession, it: Reading, period: Period) -> set[UUID]:
    """None in the calendars of clubs and persons, which places are not theirs."""
    reach = it.look.revision.reach
    if reach.scope.kind not in feed_queries.CLOSED:
        return set()
    return {row.id for row in await feed_queries.closures(db, reach, period)}
