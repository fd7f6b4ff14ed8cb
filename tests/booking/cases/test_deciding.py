"""Decisions: written down once, with other times offered and rivals told, whoever decides at the same time."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

from booking.deadlines import appeal_until
from core.db import Database
from core.spans import local_date, utc_now
from core.tenants import Tenant
from tests import make
from tests.booking import invariants
from tests.booking.cases.case_world import EVENING, LATE, TUESDAY, Case, a_case
from tests.booking.conftest import Town
from tests.booking.racing import race, statuses, told
from tests.booking.test_change import type_of


async def test_a_decision_is_written_down_with_all_it_rests_on(town: Town) -> None:
    case = await a_case(town, EVENING, LATE, decision_kind="vedtak")
    yes, no = case.ids
    body = {"reason": "Hallen trengs til valg.", "text": "Se reglementet § 3."}

    await case.decide({"id": yes, "approve": True}, {"id": no, "reject": True}, **body)

    (decision,) = await case.decisions()
    assert (decision["number"], decision["kind"], decision["officer"]) == (1, "vedtak", "Ola Berg")
    assert [(each["booking_id"], each["outcome"]) for each in decision["outcomes"]] == [
        (yes, "approved"),
        (no, "rejected"),
    ]
    assert decision["outcomes"][0]["facility"] == "Idrettshallen"
    assert (decision["reason"], decision["text"]) == (body["reason"], body["text"])
    assert [each["version"] for each in decision["rules"]["resources"]] == [1]
    today = local_date(make.OSLO, utc_now())
    assert decision["appeal_until"] == appeal_until(today).isoformat()
    assert (decision["language"], decision["appeal"]) == ("nb", None)


async def test_who_lets_as_any_owner_gives_no_right_of_appeal(town: Town) -> None:
    case = await a_case(town)

    await case.decide({"id": case.ids[0], "reject": True}, reason="Opptatt")

    (decision,) = await case.decisions()
    assert (decision["kind"], decision["appeal_until"]) == ("private_law", None)


async def test_decisions_are_numbered_and_each_stands_in_the_trail(town: Town) -> None:
    case = await a_case(town, EVENING, LATE)
    for id_ in case.ids:
        await case.decide({"id": id_, "approve": True})

    assert [each["number"] for each in await case.decisions()] == [1, 2]
    async with town.database.transaction(town.tenant.id) as db:
        noted = await db.scalar(text("SELECT count(*) FROM audit_entry WHERE table_name = 'decision'"))
    assert noted == 2


@pytest.mark.parametrize("verb", ["UPDATE decision SET text = 'x'", "DELETE FROM decision"])
async def test_what_is_decided_cannot_be_changed_by_the_program(town: Town, verb: str) -> None:
    case = await a_case(town)
    await case.decide({"id": case.ids[0], "approve": True})

    with pytest.raises(ProgrammingError, match="permission denied"):
        async with town.database.transaction(town.tenant.id) as db:
            await db.execute(text(f"{verb} WHERE tenant_id = '{town.tenant.id}'"))


async def test_a_vedtak_against_her_says_why(town: Town) -> None:
    case = await a_case(town, decision_kind="vedtak")

    refused = await case.decide({"id": case.ids[0], "reject": True})

    assert (refused.status_code, refused.json()["field"]) == (422, "reason")
    assert await case.states() == [("18:00", "requested")]
    assert await case.decisions() == []


async def test_a_reason_of_the_list_is_told_in_her_language(town: Town) -> None:
    case = await a_case(town)

    async def add(db: object) -> None:
        await db.execute(  # type: ignore[attr-defined]
            text(
                "INSERT INTO rejection_reason (tenant_id, id, key, texts) VALUES"
                ' (:t, gen_random_uuid(), \'taken\', \'{"nb": "Tiden er opptatt.", "nn": "Tida er oppteken."}\')'
            ),
            {"t": town.tenant.id},
        )
        await db.execute(  # type: ignore[attr-defined]
            text("UPDATE person SET language = 'nn' WHERE id = :id"), {"id": UUID(case.asked["person_id"])}
        )

    await town.have(add)
    unknown = await case.decide({"id": case.ids[0], "reject": True}, reason_key="nothing")
    await case.decide({"id": case.ids[0], "reject": True}, reason_key="taken", reason="Prøv torsdag.")

    assert (unknown.status_code, unknown.json()["field"]) == (422, "reason_key")
    (decision,) = await case.decisions()
    assert decision["reason"] == "Tida er oppteken. Prøv torsdag."
    shown = await town.get(case.path, case.kari)
    assert shown["bookings"][0]["end_reason"] == decision["reason"]


async def test_an_offer_holds_the_time_until_it_is_taken(town: Town) -> None:
    case = await a_case(town)

    assert (await case.offer(LATE)).status_code == 200
    (decision,) = await case.decisions()
    offered = decision["outcomes"][0]
    assert (offered["outcome"], offered["offer"]["start"][11:16]) == ("offered", "20:00")
    assert await case.states() == [("18:00", "requested"), ("20:00", "held")]

    assert (await case.accept(await case.offer_id())).status_code == 200
    assert await case.states() == [("18:00", "withdrawn"), ("20:00", "confirmed")]


async def test_in_a_pool_an_offer_may_overlap_what_it_would_replace_and_nothing_else(town: Town) -> None:
    pool, _ = await town.have(lambda db: make.pool(db, lanes=6, decision="case_officer"))
    kari, officer = await town.person(), await town.person("case_officer")
    asked = await town.apply(kari, make.wish(pool, EVENING, quantity=5))
    other = await town.apply(await town.person(), make.wish(pool, LATE, quantity=2))
    assert (asked.status_code, other.status_code) == (201, 201), (asked.text, other.text)
    case = Case(town, make.Hall(pool, (), pool, ()), kari, officer, asked.json())

    taken = await case.offer(make.at(TUESDAY, 18.5, hours=2))
    assert (taken.status_code, type_of(taken)) == (409, "time-taken"), "five and the other's two"
    assert (await case.offer(make.at(TUESDAY, 17.5, hours=2))).status_code == 200
    await invariants.check(town.database, town.tenant.id)
    assert (await case.accept(await case.offer_id())).status_code == 200
    await invariants.check(town.database, town.tenant.id)


async def test_another_offer_or_answer_takes_the_earlier_one_back(town: Town) -> None:
    case = await a_case(town)
    await case.offer(LATE)
    first = await case.offer_id()

    await case.offer(make.at(TUESDAY, 20.5))
    assert await case.states() == [("18:00", "requested"), ("20:00", "withdrawn"), ("20:30", "held")]
    assert (await case.accept(first)).status_code == 409
    await case.decide({"id": case.ids[0], "approve": True})

    assert [state for _, state in await case.states()] == ["confirmed", "withdrawn", "withdrawn"]


async def test_a_request_that_its_own_offer_covers_can_still_be_approved(town: Town) -> None:
    case = await a_case(town, request_holds=False)
    await case.offer(make.at(TUESDAY, 18.5))

    decided = await case.decide({"id": case.ids[0], "approve": True})

    assert decided.status_code == 200, decided.text
    assert await case.states() == [("18:00", "confirmed"), ("18:30", "withdrawn")]


async def test_what_an_offer_must_be(town: Town) -> None:
    case = await a_case(town)
    elsewhere = await town.hall()
    here = await town.person("case_officer", facility_id=case.hall.facility_id)
    ola = (await town.people(1))[0]
    await town.book(ola, elsewhere.whole, LATE)
    past = make.at(TUESDAY - timedelta(weeks=3), 18)

    too_late = await case.offer(LATE, answer_by=make.iso(LATE.start + timedelta(minutes=1)))
    assert (too_late.status_code, too_late.json()["field"]) == (422, "bookings.0.offer.answer_by")
    assert (await case.offer(past)).json()["field"] == "bookings.0.offer.start"
    taken = await case.offer(LATE, resource_id=str(elsewhere.whole))
    assert type_of(taken) == "time-taken"
    body = {"start": make.iso(LATE.start), "end": make.iso(LATE.end), "resource_id": str(elsewhere.whole)}
    not_hers = await case.decide({"id": case.ids[0], "offer": body}, by=here)
    assert not_hers.status_code == 403
    assert await case.decisions() == []


async def test_approve_all_that_can_be(town: Town) -> None:
    case = await a_case(town, EVENING, LATE, request_holds=False)
    ola, manager = (await town.people(1))[0], await town.person("facility_manager")
    other = await town.book(ola, case.hall.whole, LATE)
    await town.decide(manager, other)
    both = [{"id": id_, "approve": True} for id_ in case.ids]

    assert type_of(await case.decide(*both)) == "time-taken"
    assert (await case.decide(*both, if_taken="skip")).status_code == 200
    assert await case.states() == [("18:00", "confirmed"), ("20:00", "requested")]
    assert type_of(await case.decide(both[1], if_taken="skip")) == "time-taken"


async def test_rivals_stay_requested_unless_the_officer_turns_them_down(town: Town) -> None:
    case = await a_case(town, EVENING, LATE, request_holds=False)
    ola = (await town.people(1))[0]
    part = await town.book(ola, case.hall.parts[1], EVENING)
    late = await town.book(ola, case.hall.whole, LATE)

    await case.decide({"id": case.ids[0], "approve": True})
    assert await town.state(part["bookings"][0]["id"]) == "requested"
    await case.decide({"id": case.ids[1], "approve": True}, reject_rivals=True, reason="Barn går foran.")

    assert await town.state(part["bookings"][0]["id"]) == "requested"  # of another decision
    assert await town.state(late["bookings"][0]["id"]) == "rejected"
    found = await town.get(f"/applications/{late['id']}/decisions", ola)
    assert [(d["outcomes"][0]["outcome"], d["reason"]) for d in found["items"]] == [
        ("rejected", "Barn går foran.")
    ]


async def test_an_officer_turns_down_rivals_only_where_she_decides(town: Town) -> None:
    case = await a_case(town, request_holds=False)
    ola = (await town.people(1))[0]
    part = await town.book(ola, case.hall.parts[1], EVENING)
    here = await town.person("case_officer", resource_id=case.hall.whole)

    await case.decide({"id": case.ids[0], "approve": True}, by=here, reject_rivals=True)

    assert await town.state(part["bookings"][0]["id"]) == "requested"


async def test_of_two_officers_at_once_one_is_told_that_it_is_decided(town: Town) -> None:
    case = await a_case(town)
    other = await town.person("case_officer")
    yes, no = {"id": case.ids[0], "approve": True}, {"id": case.ids[0], "reject": True}

    answers = await race(case.decide(yes), case.decide(no, by=other, reason="Opptatt"))

    assert statuses(answers) == {200: 1, 409: 1}
    assert told(answers) == {"/problems/wrong-state": 1}
    again = await town.ask("POST", f"{case.path}/decide", other, body={"bookings": [yes]}, lang="en")
    assert again.json()["title"] == "Somebody has decided this already."
    assert len(await case.decisions()) == 1


async def test_an_offer_is_accepted_once(town: Town) -> None:
    case = await a_case(town)
    await case.offer(LATE)
    offer_id = await case.offer_id()

    answers = await race(*(case.accept(offer_id) for _ in range(4)))

    assert statuses(answers) == {200: 1, 409: 3}
    assert await case.states() == [("18:00", "withdrawn"), ("20:00", "confirmed")]


async def test_accepting_deciding_and_lapsing_at_once_leave_one_answer(town: Town) -> None:
    case = await a_case(town)
    await case.offer(LATE)
    offer_id, ola = await case.offer_id(), (await town.people(1))[0]

    answers = await race(
        case.accept(offer_id),
        case.decide({"id": case.ids[0], "approve": True}),
        town.apply(ola, make.wish(case.hall.whole, LATE)),
    )

    states = dict(await case.states())
    assert (states["18:00"], states["20:00"]) in {("withdrawn", "confirmed"), ("confirmed", "withdrawn")}
    assert statuses(answers)[200] == 1


async def test_what_has_lapsed_is_not_accepted(town: Town) -> None:
    case = await a_case(town)
    await case.offer(LATE)
    offer_id, ola = await case.offer_id(), (await town.people(1))[0]
    past = utc_now() - timedelta(seconds=1)
    async with town.database.transaction(town.tenant.id) as db:
        values = {"past": past}
        await db.execute(text("UPDATE booking SET held_until = :past WHERE state = 'held'"), values)
        await db.execute(text("UPDATE claim SET held_until = :past WHERE held_until IS NOT NULL"), values)
        await db.execute(text("UPDATE outbox SET due_at = :past WHERE kind = 'HoldLapsed'"), values)

    answers = await race(case.accept(offer_id), town.apply(ola, make.wish(case.hall.whole, LATE)))

    assert [answer.status_code for answer in answers] == [409, 201]
    assert await case.states() == [("18:00", "requested"), ("20:00", "lapsed")]


async def test_the_offer_of_another_case_is_not_there(town: Town) -> None:
    case, other = await a_case(town), await a_case(town)
    await case.offer(LATE)

    refused = await town.post(f"{other.path}/accept-offer", other.kari, {"offer_id": await case.offer_id()})

    assert refused.status_code == 404


@contextmanager
def sent(database: Database) -> Generator[list[str]]:
    """The statements that the program sends meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("holds", [True, False], ids=["held", "competing"])
async def test_fifty_are_decided_in_as_many_statements_as_five(town: Town, app: object, holds: bool) -> None:
    counts: dict[int, int] = {}
    for number in (5, 50):
        spans = [make.at(TUESDAY + timedelta(weeks=n), 18) for n in range(number)]
        case = await a_case(town, *spans, request_holds=holds)
        choices = [{"id": id_, ("reject" if n % 3 else "approve"): True} for n, id_ in enumerate(case.ids)]
        with sent(app.state.database) as statements:  # type: ignore[attr-defined]
            decided = await case.decide(*choices, reason="Opptatt")
        assert decided.status_code == 200, decided.text
        counts[number] = len(statements)

    assert counts[50] == counts[5]


async def test_another_municipality_knows_nothing_of_it(
    town: Town, database: Database, stranger: Tenant
) -> None:
    case = await a_case(town)
    await case.decide({"id": case.ids[0], "approve": True})
    async with database.transaction(stranger.id) as db:
        _, token = await make.person(db, role="administrator")

    for path in ("messages", "decisions"):
        answer = await town.http.get(f"/api/{stranger.slug}{case.path}/{path}", headers=make.bearer(token))
        assert answer.status_code == 404
