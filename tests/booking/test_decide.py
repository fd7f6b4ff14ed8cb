"""The officer's decision over HTTP: who may, on what, all or nothing."""

from tests import make
from tests.booking.conftest import Town
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


async def test_some_are_approved_and_some_rejected(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    asked = (
        await town.apply(kari, make.wish(hall.parts[0], EVENING), make.wish(hall.parts[1], EVENING))
    ).json()
    by_part = {each["resource_id"]: each["id"] for each in asked["bookings"]}
    yes, no = by_part[str(hall.parts[0])], by_part[str(hall.parts[1])]
    body = {
        "bookings": [{"id": yes, "approve": True}, {"id": no, "reject": True}],
        "reason": "Én del er nok",
        "text": "Vedtak etter reglementet § 3.",
    }

    decided = await town.post(f"/applications/{asked['id']}/decide", officer, body)

    shown = {each["id"]: each for each in decided.json()["bookings"]}
    assert (shown[yes]["state"], shown[no]["state"]) == ("confirmed", "rejected")
    assert shown[no]["end_reason"] == "Én del er nok"
    assert {each["decision_text"] for each in shown.values()} == {"Vedtak etter reglementet § 3."}
    assert all(each["decided_at"] for each in shown.values())
    await town.book(ola, hall.parts[1], EVENING)  # given up at once
    assert type_of(await town.decide(officer, asked)) == "wrong-state"


async def test_only_officers_of_the_place_decide(town: Town) -> None:
    hall, elsewhere = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    kari, ola = await town.people(2)
    here = await town.person("case_officer", facility_id=hall.facility_id)
    there = await town.person("case_officer", facility_id=elsewhere.facility_id)
    caretaker = await town.person("caretaker")
    asked = (
        await town.apply(kari, make.wish(hall.whole, EVENING), make.wish(elsewhere.whole, EVENING))
    ).json()
    mine = [each for each in asked["bookings"] if each["facility_id"] == str(hall.facility_id)]

    assert (await town.decide(ola, asked)).status_code == 404
    assert (await town.decide(kari, asked)).status_code == 403
    assert (await town.decide(caretaker, asked)).status_code == 403
    both = await town.decide(here, asked)
    assert both.status_code == 404  # the other is not hers to know about
    assert both.json()["field"].startswith("bookings.")
    decided = await town.decide(here, {**asked, "bookings": mine})
    assert decided.status_code == 200
    assert [each["id"] for each in decided.json()["bookings"]] == [mine[0]["id"]]
    states = {
        each["facility_id"]: each["state"]
        for each in (await town.get(f"/applications/{asked['id']}", kari))["bookings"]
    }
    assert states == {str(hall.facility_id): "confirmed", str(elsewhere.facility_id): "requested"}
    seen = await town.get(f"/applications/{asked['id']}", there)
    assert [each["state"] for each in seen["bookings"]] == ["requested"]


async def test_a_time_taken_meanwhile_approves_nothing(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    rival = await town.book(ola, hall.whole, EVENING)
    asked = (
        await town.apply(
            kari, make.wish(hall.parts[0], make.at(TUESDAY, 10)), make.wish(hall.parts[0], EVENING)
        )
    ).json()
    await town.decide(officer, rival)

    refused = await town.decide(officer, asked)

    assert (refused.status_code, type_of(refused)) == (409, "time-taken")
    assert [make.span_of(each) for each in refused.json()["conflicts"]] == [EVENING]
    assert refused.json()["booking_id"] == asked["bookings"][1]["id"]
    assert await town.get(f"/applications/{asked['id']}", kari) == asked
    free = {**asked, "bookings": asked["bookings"][:1]}
    assert (await town.decide(officer, free)).status_code == 200


async def test_two_times_of_one_case_may_be_in_each_others_way(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, officer = *await town.people(1), await town.person("case_officer")
    asked = (await town.apply(kari, make.wish(hall.whole, EVENING), make.wish(hall.parts[1], EVENING))).json()
    one, two = [each["id"] for each in asked["bookings"]]

    both = await town.decide(officer, asked)
    body = {"bookings": [{"id": one, "reject": True}, {"id": two, "approve": True}]}
    either = await town.post(f"/applications/{asked['id']}/decide", officer, body)

    assert type_of(both) == "time-taken"
    assert either.status_code == 200


async def test_nothing_is_approved_under_a_closure(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, officer = *await town.people(1), await town.person("case_officer")
    manager = await town.person("facility_manager")
    asked = await town.book(kari, hall.whole, EVENING)
    await town.close(manager, make.at(TUESDAY, 12, 12), unit_id=str(hall.units[1]))

    refused = await town.decide(officer, asked)

    assert (refused.status_code, type_of(refused)) == (409, "closed")


async def test_padding_a_request_was_made_with_counts_when_it_is_approved(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(
            db, lanes=2, decision="case_officer", request_holds=False, cleanup_minutes=120
        )
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    early = (await town.apply(kari, make.wish(pool, EVENING, quantity=2))).json()
    late = (await town.apply(ola, make.wish(pool, make.at(TUESDAY, 20), quantity=1))).json()
    async with town.database.transaction(town.tenant.id) as db:
        await make.change_resource(db, pool, cleanup_minutes=0)
    assert (await town.decide(officer, late)).status_code == 200

    refused = await town.decide(officer, early)

    assert (refused.status_code, type_of(refused)) == (409, "time-taken")


async def test_what_a_decision_must_say(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, officer = *await town.people(1), await town.person("case_officer")
    asked, other = (
        await town.book(kari, hall.whole, EVENING),
        await town.book(kari, hall.whole, make.at(TUESDAY, 10)),
    )
    (booking,), (strange,) = asked["bookings"], other["bookings"]
    decide = f"/applications/{asked['id']}/decide"

    for bookings, status in (
        ([], 422),
        ([{"id": booking["id"]}], 422),
        ([{"id": booking["id"], "approve": True, "reject": True}], 422),
        ([{"id": booking["id"], "approve": True}] * 2, 422),
        ([{"id": strange["id"], "approve": True}], 404),
    ):
        refused = await town.post(decide, officer, {"bookings": bookings})
        assert refused.status_code == status, refused.text
    unknown = await town.post(
        f"/applications/{booking['id']}/decide",
        officer,
        {"bookings": [{"id": booking["id"], "approve": True}]},
    )
    assert unknown.status_code == 404


async def test_an_officer_may_bend_the_rules_but_not_double_book(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, officer = *await town.people(1), await town.person("case_officer")
    asked = await town.book(kari, hall.whole, EVENING)
    async with town.database.transaction(town.tenant.id) as db:
        await make.change_resource(db, hall.whole, notice_days=60, max_minutes=30)

    assert (await town.decide(officer, asked)).status_code == 200
    assert (await town.apply(kari, make.wish(hall.whole, EVENING))).status_code == 422
