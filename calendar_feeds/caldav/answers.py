"""What CalDAV's questions about a feed are answered: documents of WebDAV, made in one transaction."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.caldav import dav, properties, service
from calendar_feeds.caldav.asked import CALENDAR_DATA, Find, Multiget, Props, Query, Report, Sync
from calendar_feeds.caldav.dav import Refused, Xml
from calendar_feeds.caldav.objects import Member, clock_text
from calendar_feeds.caldav.places import Place
from calendar_feeds.caldav.properties import Calendar
from calendar_feeds.caldav.service import Kept, Reading
from calendar_feeds.caldav.sync import changes
from core.errors import NotFound

ROOT_NAME: Final = "multistatus"


def root(place: Place, principal: Place, asked: Find, *, is_deep: bool) -> bytes:
    """Where programs begin. Its one member is the home of who asks."""
    told = [properties.told(place.path, properties.of_root(principal.base), asked.props)]
    if is_deep:
        told.append(properties.told(principal.base, properties.of_root(principal.base), asked.props))
    return dav.document(ROOT_NAME, *told)


async def found(db: AsyncSession, it: Reading, place: Place, asked: Find, *, is_deep: bool) -> bytes:
    """PROPFIND; `is_deep`: of what stands in it, too. Raises NotFound."""
    if place.kind == "object":
        return dav.document(
            ROOT_NAME, *await _objects(db, it, place, [await _kept(db, it, place)], asked.props)
        )
    calendar = await _calendar(db, it, place)
    if place.kind == "home":
        told = [properties.told(place.path, properties.of_home(calendar), asked.props)]
        if is_deep:
            told.append(properties.told(place.calendar, properties.of_calendar(calendar), asked.props))
        return dav.document(ROOT_NAME, *told)
    told = [properties.told(place.path, properties.of_calendar(calendar), asked.props)]
    if is_deep:
        told += await _objects(db, it, place, await service.members(db, it), asked.props)
    return dav.document(ROOT_NAME, *told)


async def reported(db: AsyncSession, it: Reading, place: Place, asked: Report) -> bytes:
    """REPORT, which only a calendar gives. Raises Refused."""
    if place.kind != "calendar":
        raise Refused(403, dav.dav("supported-report"))
    match asked:
        case Query():
            told = await _queried(db, it, place, asked)
        case Multiget():
            told = await _fetched(db, it, place, asked)
        case Sync():
            told = await _changed(db, it, place, asked)
    return dav.document(ROOT_NAME, *told)


async def one(db: AsyncSession, it: Reading, place: Place) -> Member:
    """An object, to be sent. Raises NotFound."""
    kept = await _kept(db, it, place)
    await service.note_shown(db, it, [kept])
    return kept.member


async def _kept(db: AsyncSession, it: Reading, place: Place) -> Kept:
    kept = (await service.named(db, it, [place.name])).get(place.name)
    if kept is None:
        raise NotFound(what="event")
    return kept


async def _queried(db: AsyncSession, it: Reading, place: Place, asked: Query) -> list[Xml]:
    wanted = asked.filter
    if wanted.is_empty:
        return []
    among = await service.members(db, it, since=wanted.since, until=wanted.until)
    found = [each for each in among if wanted.holds(each.member.lines)]
    if wanted.props:  # to find is to know
        await service.note_shown(db, it, found)
    return await _objects(db, it, place, found, asked.props)


async def _fetched(db: AsyncSession, it: Reading, place: Place, asked: Multiget) -> list[Xml]:
    """Each under the address that it was asked by."""
    names = {href: name for href in asked.hrefs if (name := place.name_in(href)) is not None}
    found = await service.named(db, it, list(names.values()))
    there = [href for href, name in names.items() if name in found]
    told = await _objects(db, it, place, [found[names[href]] for href in there], asked.props, hrefs=there)
    return [*told, *(dav.gone(href) for href in dict.fromkeys(asked.hrefs) if names.get(href) not in found)]


async def _changed(db: AsyncSession, it: Reading, place: Place, asked: Sync) -> list[Xml]:
    delta = await changes(db, it, asked.token, asked.limit)
    if delta is None:
        raise Refused(403, dav.dav("valid-sync-token"))
    told = await _objects(db, it, place, delta.members, asked.props)
    told += [dav.gone(place.object(name)) for name in delta.gone]
    if delta.is_cut:
        told.append(dav.cut(place.path))
    return [*told, dav.dav("sync-token", dav.text(delta.token))]


async def _objects(
    db: AsyncSession,
    it: Reading,
    place: Place,
    kept: Sequence[Kept],
    props: Props,
    *,
    hrefs: Sequence[str] | None = None,
) -> list[Xml]:
    """`hrefs`: other addresses for them than our own."""
    is_whole = CALENDAR_DATA in props.names
    if is_whole:
        await service.note_shown(db, it, kept)
    found = [each.member for each in kept]
    return [
        properties.told(
            href, properties.of_object(place, each), props, dav.text(each.text) if is_whole else None
        )
        for href, each in zip(hrefs or [place.object(each.name) for each in found], found, strict=True)
    ]


async def _calendar(db: AsyncSession, it: Reading, place: Place) -> Calendar:
    return Calendar(
        place=place,
        name=await service.title(db, it),
        colour=it.tenant.colour,
        zone_name=it.tenant.zone_name,
        clock=clock_text(it.tenant.zone),
        span=it.look.period.span,
        token=service.token(it),
    )
