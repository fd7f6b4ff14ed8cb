"""What a calendar says is laid, moved and taken away, and never over what people here have."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.incoming import applying, queries
from core.spans import utc_now
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.incoming.calendars import (
    attach,
    bookings,
    carry_out,
    closures,
    events,
    said,
    states,
)

TUESDAY = make.next_weekday(2)
MORNING = make.at(TUESDAY, 9, 2)
NOON = make.at(TUESDAY, 12)
EVENING = make.at(TUESDAY, 18)
NEXT_DAY = make.at(TUESDAY + timedelta(days=1), 9, 2)


async def test_closures_come_move_and_go_with_the_calendar(town: Town) -> None:
    hall = await town.hall()
    school = await town.have(lambda db: attach(db, hall.whole))

    came = await carry_out(town, school, [said("a", MORNING), said("b", NOON)])

    assert (came.added, came.colliding, await closures(town)) == (2, 0, [MORNING, NOON])
    assert await town.free(hall.parts[0], MORNING) == []
    nothing = await carry_out(town, school, [said("a", MORNING), said("b", NOON)])
    assert nothing.is_nothing
    moved = await carry_out(town, school, [said("a", NEXT_DAY), said("b", NOON)])
    assert (moved.moved, moved.added, await closures(town)) == (1, 0, [NOON, NEXT_DAY])
    gone = await carry_out(town, school, [said("a", NEXT_DAY)])
    assert (gone.removed, await closures(town)) == (1, [NEXT_DAY])
    assert await states(town, school) == {"a": "applied", "b": "withdrawn"}
    back = await carry_out(town, school, [said("a", NEXT_DAY), said("b", NOON)])
    assert (back.added, await closures(town)) == (1, [NOON, NEXT_DAY])


async def test_bookings_come_move_and_go_with_the_calendar(town: Town) -> None:
    hall = await town.hall()
    club = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings"))

    await carry_out(town, club, [said("a", MORNING), said("b", NOON)])
    one, two = await bookings(town)
    moved = await carry_out(town, club, [said("a", EVENING), said("b", NOON)])

    assert moved.moved == 1
    first, second = await bookings(town)
    assert (first.id, second.id) == (two.id, one.id)
    assert (second.starts_at, second.sequence, second.version) == (EVENING.start, 1, 2)
    assert (one.association_id is not None, one.application_id) == (True, two.application_id)
    await carry_out(town, club, [said("b", NOON)])
    assert [each.id for each in await bookings(town)] == [two.id]
    assert [each.id for each in await bookings(town, "cancelled")] == [one.id]


async def test_two_that_change_places_both_have_theirs(town: Town) -> None:
    hall = await town.hall()
    for kind in ("closures", "bookings"):
        place = hall.parts[0] if kind == "bookings" else hall.parts[1]
        row_id = await town.have(lambda db, kind=kind, place=place: attach(db, place, kind=kind))
        await carry_out(town, row_id, [said("a", MORNING), said("b", NOON)])

        await carry_out(town, row_id, [said("a", NOON), said("b", MORNING)])

        found = await events(town, row_id)
        assert {key: (each.state, each.starts_at) for key, each in found.items()} == {
            "a": ("applied", NOON.start),
            "b": ("applied", MORNING.start),
        }


async def test_what_somebody_has_booked_is_never_laid_over(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    hers = await town.booked(kari, hall.parts[0], MORNING)
    school = await town.have(lambda db: attach(db, hall.whole))

    came = await carry_out(town, school, [said("a", MORNING), said("b", NOON)])

    assert (came.added, came.colliding, await closures(town)) == (2, 1, [NOON])
    found = (await events(town, school))["a"]
    assert (found.state, found.why, found.in_the_way) == ("collides", "taken", [UUID(hers)])
    assert await town.state(hers) == "confirmed"
    await town.post(f"/bookings/{hers}/cancel", kari, {})
    again = await carry_out(town, school, [said("a", MORNING), said("b", NOON)])
    assert (again.is_nothing, again.colliding, await closures(town)) == (True, 0, [MORNING, NOON])


async def test_freed_time_is_tried_again_though_nothing_was_read(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    hers = await town.booked(kari, hall.parts[0], MORNING)
    club = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings"))
    await carry_out(town, club, [said("a", MORNING)])

    async def again(db: AsyncSession) -> int:
        row = await queries.lock_import(db, club)
        assert row is not None
        return await applying.try_again(db, row, utc_now())

    assert await town.have(again) == 0
    await town.post(f"/bookings/{hers}/cancel", kari, {})
    assert await town.have(again) == 1
    assert await states(town, club) == {"a": "applied"}


async def test_a_booking_that_is_moved_to_where_somebody_is_is_no_longer_where_it_was(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    hers = await town.booked(kari, hall.parts[0], EVENING)
    club = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings"))
    await carry_out(town, club, [said("a", MORNING)])
    (was,) = [each for each in await bookings(town) if str(each.id) != hers]

    await carry_out(town, club, [said("a", EVENING)])

    found = (await events(town, club))["a"]
    assert (found.state, found.booking_id, found.in_the_way) == ("collides", None, [UUID(hers)])
    assert await town.state(str(was.id)) == "cancelled"
    await town.book(kari, hall.parts[0], MORNING)


async def test_bookings_do_not_overlap_closures_nor_each_other(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    assert (await town.close(manager, NOON, resource_id=str(hall.parts[0]))).status_code == 201
    club = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings"))

    await carry_out(town, club, [said("a", MORNING), said("b", MORNING), said("c", NOON)])

    found = await events(town, club)
    assert {key: (each.state, each.why) for key, each in found.items()} == {
        "a": ("applied", None),
        "b": ("collides", "taken"),
        "c": ("collides", "closed"),
    }
    assert found["b"].in_the_way == [found["a"].booking_id]


async def test_padding_keeps_its_distance_to_bookings_and_not_to_closures(town: Town) -> None:
    hall = await town.hall(setup_minutes=60, cleanup_minutes=60)
    kari = await town.person()
    await town.book(kari, hall.parts[0], make.at(TUESDAY, 11))
    close_to = make.at(TUESDAY, 12)
    school = await town.have(lambda db: attach(db, hall.parts[0]))
    club = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings"))

    await carry_out(town, school, [said("a", close_to)])
    await carry_out(town, club, [said("a", make.at(TUESDAY, 13)), said("b", make.at(TUESDAY, 9.5))])

    assert await states(town, school) == {"a": "applied"}
    assert await states(town, club) == {"a": "applied", "b": "collides"}


async def test_a_whole_pool_is_booked(town: Town) -> None:
    pool, _ = await town.have(lambda db: make.pool(db, lanes=4))
    swimmers = await town.have(lambda db: attach(db, pool, kind="bookings"))
    kari = await town.person()
    await town.book(kari, pool, NOON)

    await carry_out(town, swimmers, [said("a", MORNING), said("b", NOON)])

    assert await states(town, swimmers) == {"a": "applied", "b": "collides"}
    assert await town.free(pool, MORNING) == []


async def test_what_people_here_have_changed_is_theirs(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    school = await town.have(lambda db: attach(db, hall.parts[0]))
    club = await town.have(lambda db: attach(db, hall.parts[1], kind="bookings"))
    await carry_out(town, school, [said("a", MORNING), said("b", NOON)])
    await carry_out(town, club, [said("a", MORNING), said("b", NOON), said("c", EVENING)])
    lifted = (await events(town, school))["a"].closure_id
    theirs = await events(town, club)
    await town.ask("DELETE", f"/closures/{lifted}", manager)
    await town.post(f"/bookings/{theirs['a'].booking_id}/cancel", manager, {})
    moved = await town.move(manager, str(theirs["b"].booking_id), NEXT_DAY)
    assert moved.status_code == 200, moved.text

    await carry_out(town, school, [said("a", EVENING), said("b", NOON)])
    await carry_out(town, club, [said("a", NOON), said("c", EVENING)])

    assert (await states(town, school), await closures(town)) == ({"a": "ignored", "b": "applied"}, [NOON])
    assert await states(town, club) == {"a": "ignored", "b": "withdrawn", "c": "applied"}
    found = await bookings(town)
    assert [(each.starts_at) for each in found] == [EVENING.start, NEXT_DAY.start]
    assert (await events(town, club))["a"].why == "changed"


async def test_titles_are_kept_only_where_they_are_shown(town: Town) -> None:
    hall = await town.hall()
    kept = await town.have(lambda db: attach(db, hall.parts[0], kind="bookings", shows_title=True))
    quiet = await town.have(lambda db: attach(db, hall.parts[1], kind="bookings"))
    shown = await town.have(lambda db: attach(db, hall.parts[2], shows_title=True))
    for each in (kept, quiet, shown):
        await carry_out(town, each, [said("a", MORNING, "Per Hansen"), said("b", NOON, "")])

    for each in (kept, quiet, shown):
        came = await carry_out(town, each, [said("a", MORNING, "Kamp"), said("b", NOON, "")])
        assert (came.reworded, came.moved) == (1, 0)

    (_, first), (_, second) = await _titles(town, kept)
    assert (first, second) == ("Kamp", "Skolens timeplan")
    assert {title for _, title in await _titles(town, quiet)} == {"Skolens timeplan"}
    assert {each.title for each in (await events(town, quiet)).values()} == {"Skolens timeplan"}
    told = await town.get("/closures", **{"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=1))})
    assert {each["reason"] for each in told["items"]} == {"Kamp", "Skolens timeplan"}


async def _titles(town: Town, import_id: UUID) -> list[tuple[str, str]]:
    manager = await town.person("facility_manager")
    found = (await events(town, import_id)).values()
    told = [await town.get(f"/bookings/{each.booking_id}", manager) for each in found]
    return sorted((each["start"], each["title"]) for each in told)


async def test_what_would_empty_the_hall_waits_for_an_officer(town: Town) -> None:
    hall = await town.hall()
    school = await town.have(lambda db: attach(db, hall.whole))
    days = [make.at(TUESDAY + timedelta(days=n), 9) for n in range(10)]
    everything = [said(f"k{n}", day) for n, day in enumerate(days)]
    await carry_out(town, school, everything)

    for few in ([], everything[:4]):
        held = await carry_out(town, school, few)
        assert held.is_held
        assert len(await closures(town)) == 10
    part = await carry_out(town, school, everything[:1], is_whole=False)
    assert part.is_nothing
    sure = await carry_out(town, school, everything[:4], is_sure=True)
    assert (sure.removed, len(await closures(town))) == (6, 4)


async def test_what_is_over_stays_as_it_was(town: Town) -> None:
    hall = await town.hall()
    school = await town.have(lambda db: attach(db, hall.whole))
    await carry_out(town, school, [said("a", MORNING), said("b", NOON), said("c", EVENING)])

    came = await carry_out(town, school, [said("c", EVENING)], now=NOON.end)

    assert came.is_nothing
    assert await closures(town) == [MORNING, NOON, EVENING]
    put_off = await carry_out(town, school, [said("a", NEXT_DAY), said("c", EVENING)], now=NOON.end)
    assert (put_off.added, await closures(town)) == (1, [MORNING, NOON, EVENING, NEXT_DAY])


async def test_it_is_taken_away_with_the_import_but_for_what_is_over_or_somebodys(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    school = await town.have(lambda db: attach(db, hall.whole))
    club = await town.have(lambda db: attach(db, hall.whole, kind="bookings"))
    await carry_out(town, school, [said("a", MORNING), said("b", NOON)])
    await carry_out(town, club, [said("a", EVENING), said("b", NEXT_DAY)])
    kept = (await events(town, club))["b"].booking_id
    later = make.at(TUESDAY + timedelta(days=2), 9)
    assert (await town.move(manager, str(kept), later)).status_code == 200

    async def withdrawn(db: AsyncSession) -> None:
        for each in (school, club):
            row = await queries.lock_import(db, each)
            assert row is not None
            await applying.withdraw_all(db, row, MORNING.end)

    await town.have(withdrawn)

    assert await closures(town) == [MORNING]
    assert [each.starts_at for each in await bookings(town)] == [later.start]


async def test_who_is_free_meanwhile_and_what_lasts_for_years_needs_no_hall() -> None:
    years = make.at(TUESDAY, 0, 24 * 401)
    assert applying.wanted_of([said("a", MORNING), said("b", NOON, is_busy=False), said("c", years)]) == [
        said("a", MORNING)
    ]
