"""Applying over HTTP, as a program would."""

from datetime import timedelta

import httpx

from core.db import Database
from core.tenants import Tenant
from tests import make


async def test_a_free_hall_is_booked_and_nobody_else_gets_it(
    http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
        _, kari = await make.person(db)
        _, ola = await make.person(db)
    span = make.at(make.next_weekday(2), 18)
    url = f"/api/{tenant.slug}/applications"
    body = make.application(make.wish(hall.parts[0], span))

    first = await http.post(url, json=body, headers=make.bearer(kari))
    second = await http.post(url, json=body, headers=make.bearer(ola))
    whole = await http.post(url, json=make.application(make.wish(hall.whole, span)), headers=make.bearer(ola))
    sibling = await http.post(
        url, json=make.application(make.wish(hall.parts[1], span)), headers=make.bearer(ola)
    )

    assert first.status_code == 201, first.text
    assert first.json()["bookings"][0]["state"] == "confirmed"
    assert second.status_code == 409
    assert second.json()["type"] == "/problems/time-taken"
    assert [c["start"] for c in second.json()["conflicts"]] == [span.start.astimezone(make.OSLO).isoformat()]
    assert whole.status_code == 409
    assert sibling.status_code == 201
    free = await http.get(
        f"/api/{tenant.slug}/resources/{hall.whole}/free",
        params={
            "from": make.iso(span.start - timedelta(hours=1)),
            "to": make.iso(span.end + timedelta(hours=1)),
        },
    )
    assert [(s["start"], s["end"]) for s in free.json()["free"]] == [
        (
            (span.start - timedelta(hours=1)).astimezone(make.OSLO).isoformat(),
            span.start.astimezone(make.OSLO).isoformat(),
        ),
        (
            span.end.astimezone(make.OSLO).isoformat(),
            (span.end + timedelta(hours=1)).astimezone(make.OSLO).isoformat(),
        ),
    ]
    search = await http.get(
        f"/api/{tenant.slug}/search",
        params={
            "from_on": str(make.next_weekday(2)),
            "from_time": "18:00",
            "to_time": "20:00",
            "minutes": 60,
        },
    )
    assert search.status_code == 200, search.text
    everywhere = await http.get(
        "/api/search", params={"from_on": str(make.next_weekday(2)), "text": "hallen"}
    )
    assert everywhere.status_code == 200, everywhere.text


async def test_refusals_inside_an_answer_are_told_in_the_readers_language(
    http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
        _, kari = await make.person(db)
    night = make.wish(hall.parts[0], make.at(make.next_weekday(2), 2))
    evening = make.wish(hall.parts[0], make.at(make.next_weekday(2), 18))
    headers = {**make.bearer(kari), "Accept-Language": "nn"}

    quoted = await http.post(f"/api/{tenant.slug}/quote", json=night, headers=headers)
    body = make.application(night, evening, if_refused="skip")
    applied = await http.post(f"/api/{tenant.slug}/applications", json=body, headers=headers)

    assert quoted.status_code == 200, quoted.text
    assert quoted.json()["refusals"][0]["title"] == "Tida er utanfor opningstida."
    assert applied.json()["refused"][0]["problems"][0]["title"] == "Tida er utanfor opningstida."


async def test_the_answer_to_an_application_is_what_is_read_back(
    http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
        asked = [{"key": "goals", "kind": "number", "label": {"nb": "Hvor mange mål?"}}]
        officers = await make.hall(db, decision="case_officer", change_deadline_minutes=90, questions=asked)
        kari_id, kari = await make.person(db)
        club, team = await make.association(db, kari_id)
    url = f"/api/{tenant.slug}/applications"
    for more in ({}, {"association_id": str(club), "team_id": str(team)}, {"hold": True}):
        day = make.next_weekday(2, weeks=1 + len(more))
        times = [make.wish(hall.parts[1], make.at(day, 19)), make.wish(officers.whole, make.at(day, 9, 2))]
        body = make.application(*times, people=14, purpose="Kamp", answers={"goals": 2}, **more)

        answered = await http.post(url, json=body, headers=make.bearer(kari))
        read = await http.get(f"{url}/{answered.json()['id']}", headers=make.bearer(kari))

        assert answered.status_code == 201, answered.text
        assert answered.json() == read.json()
        assert answered.headers["ETag"] == read.headers["ETag"]
