"""HTML routes of routing: who gets the requests for which place."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.cases import absences, routing
from booking.cases.routing_queries import Officer
from booking.own_pages import sent
from core.db import AnyRow
from core.errors import AlreadyExists, Invalid
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.role_pages import place_name, read_place

DONE: Mapping[str, str] = {
    "set": N_("New requests for the place go there from now on."),
    "ended": N_("New requests for the place no longer go there."),
}
"""What the address says was just done → how it is told."""


@get("/staff/routing")
async def list_routing(desk: AtDesk) -> Response[str]:
    """At the places that the reader keeps."""
    return await _routing_page(desk, {}, {})


async def _routing_page(
    desk: Desk, form: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response[str]:
    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[Sequence[AnyRow], Sequence[AnyRow], dict[UUID, Officer]]:
        found = await routing.routings(db, actor)
        return found, await routing.places(db, actor), await absences.officers(db)

    found, places, officers = await desk.read(work)
    done = DONE.get(desk.request.query_params.get("done") or "")
    return desk.page(
        "booking/routing.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        routings=[
            {
                "place": place_name(desk.texts, row.facility, row.resource),
                "officer": row.officer,
                "end_url": desk.url(f"/staff/routing/{row.id}/end"),
            }
            for row in found
        ],
        places=_place_choices(desk, places),
        officers=[(str(person_id), name) for person_id, name in absences.names(officers)],
        form={"place": "", "officer": "", **form},
        errors=errors,
        post_url=desk.url("/staff/routing"),
    )


def _place_choices(desk: Desk, places: Sequence[AnyRow]) -> list[tuple[str, str]]:
    """Each facility, and after it what lies in it. Where she keeps one resource alone, the facility is refused."""
    choices: dict[str, str] = {}
    for row in places:
        choices.setdefault(f"facility:{row.facility_id}", place_name(desk.texts, row.facility, None))
        choices[f"resource:{row.resource_id}"] = place_name(desk.texts, row.facility, row.resource)
    return list(choices.items())


@post("/staff/routing", status_code=200)
async def set_routing(desk: AtDesk) -> Response[Any]:
    """For new requests; what is open stays where it is."""
    values = await sent(desk)
    form = {name: values.get(name, "") for name in ("place", "officer")}
    facility_id, resource_id = read_place(form["place"]) or (None, None)
    try:
        officer_id = UUID(form["officer"])
    except ValueError:
        officer_id = UUID(int=0)

    async def work(db: AsyncSession, actor: Actor) -> None:
        await routing.set_route(
            db,
            actor,
            facility_id=facility_id,
            resource_id=resource_id,
            officer_id=officer_id,
            now=desk.now,
        )

    try:
        await desk.change(work)
    except Invalid as refusal:
        told = {
            "place": desk.texts.gettext("Choose where."),
            "officer": desk.texts.gettext(
                "Choose somebody who answers requests for the whole of that place."
            ),
        }
        field = "place" if refusal.facts.get("field") == "place" else "officer"
        return await _routing_page(desk, form, {field: told[field]}, status=422)
    except AlreadyExists as refusal:
        told_now = {"place": desk.texts.gettext("Somebody has changed this since you read it.")}
        return await _routing_page(desk, form, told_now, status=refusal.status)
    return Redirect(desk.url("/staff/routing", done="set"), status_code=303)


@post("/staff/routing/{routing_id:uuid}/end", status_code=303)
async def end_routing(desk: AtDesk, routing_id: FromPath[UUID]) -> Redirect:
    """For new requests."""
    await desk.change(lambda db, actor: routing.end_route(db, actor, routing_id, now=desk.now))
    return Redirect(desk.url("/staff/routing", done="ended"), status_code=303)


handlers = [list_routing, set_routing, end_routing]
