"""HTML routes of the queue: what waits for an answer, and whose it is."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from booking.cases import assigning, queue
from booking.cases.assigning import Chosen, Several, Stood
from booking.cases.queue import Case, Queue
from booking.cases.queue_rows import LOOKED_AT, Sort, Whose
from booking.own_pages import sent
from booking.told import refusal_view
from booking.views import View
from core.errors import AlreadyTaken, Invalid, Refusal, SignInNeeded
from core.page import link
from core.spans import Span, local_date
from core.texts import N_
from core.wire import id_in
from people.actors import Place
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere, may

A_PAGE = 50
NOBODY = "none"
"""No officer, in forms."""
TABS: Mapping[Whose, str] = {
    "all": N_("All"),
    "own": N_("Mine"),
    "unassigned": N_("Nobody's"),
    "overdue": N_("Overdue"),
}
SORTS: Mapping[Sort, str] = {"age": N_("Oldest first"), "deadline": N_("Deadline first")}
TROUBLED: Mapping[str, str] = {
    "bankrupt": N_("Bankrupt"),
    "deleted": N_("Deleted from the register"),
    "dissolving": N_("Being dissolved"),
}
"""What the register says of an association that had better be looked at before it is given anything."""


class Filter(Struct, frozen=True):
    """What the address or the form narrows the queue to; what makes no sense is left out."""

    facility: UUID | None
    resource: UUID | None
    whose: Whose
    sort: Sort

    def query(self) -> dict[str, str]:
        """As it stands in the address."""
        return {
            "facility": str(self.facility or ""),
            "resource": str(self.resource or ""),
            "whose": "" if self.whose == "all" else self.whose,
            "sort": "" if self.sort == "age" else self.sort,
        }


def _filter(values: Mapping[str, str]) -> Filter:
    whose: list[Whose] = [each for each in TABS if each == values.get("whose")]
    sort: list[Sort] = [each for each in SORTS if each == values.get("sort")]
    return Filter(
        id_in(values.get("facility")),
        id_in(values.get("resource")),
        whose[0] if whose else "all",
        sort[0] if sort else "age",
    )


@get("/requests")
async def requests(desk: AtDesk) -> Response[str]:
    """At the places where the reader may decide."""
    return await _queue_page(desk, desk.request.query_params)


async def _queue_page(
    desk: Desk, values: Mapping[str, str], *, refused: Refusal | None = None
) -> Response[str]:
    chosen, cursor = _filter(values), None if refused else values.get("cursor")
    found = await desk.read(
        lambda db, actor: queue.queue(
            db,
            actor,
            desk.tenant,
            facility_id=chosen.facility,
            resource_id=chosen.resource,
            whose=chosen.whose,
            sort=chosen.sort,
            cursor=cursor,
            limit=A_PAGE,
            now=desk.now,
        )
    )
    texts, here = desk.texts, desk.url("/requests")
    return desk.page(
        "booking/queue.html",
        status=refused.status if refused else 200,
        notice=_notice(desk, values),
        refusals=[refusal_view(refused, texts)] if refused else [],
        form=chosen.query(),
        facilities=list({str(row.facility_id): row.facility for row in found.places}.items()),
        resources=[
            (str(row.resource_id), row.resource) for row in found.places if row.facility_id == chosen.facility
        ],
        sorts=[("" if code == "age" else code, texts.gettext(name)) for code, name in SORTS.items()],
        tabs=[
            {
                "name": texts.gettext(name),
                "count": found.counts[code],
                "url": link(here, **{**chosen.query(), "whose": code}),
                "is_current": code == chosen.whose,
            }
            for code, name in TABS.items()
        ],
        count=found.counts["all"],
        requests=[_row(desk, each) for each in found.cases],
        officers=_officers(desk, found, chosen),
        looked_at=LOOKED_AT,
        assign_url=desk.url("/requests/assign"),
        previous_url=link(here, **chosen.query()) if cursor else None,
        next_url=link(here, **chosen.query(), cursor=found.next) if found.next else None,
    )


def _officers(desk: Desk, found: Queue, chosen: Filter) -> list[tuple[str, str]]:
    """The reader first, then nobody, then whoever decides somewhere; at the chosen facility, when one is."""
    place = Place(chosen.facility, chosen.resource)
    return [
        (str(desk.actor.person_id), desk.texts.gettext("Me")),
        (NOBODY, desk.texts.gettext("Nobody")),
        *(
            (str(person_id), officer.name)
            for person_id, officer in found.officers.items()
            if person_id != desk.actor.person_id
            and (chosen.facility is None or may(officer.actor, "application.decide", place))
        ),
    ]


def _row(desk: Desk, case: Case) -> View:
    row, texts = case.row, desk.texts
    first = case.times[0]
    today = local_date(desk.tenant.zone, desk.now)
    is_hers = row.officer_id == desk.actor.person_id
    return {
        "id": row.id,
        "title": row.title,
        "applicant": row.applicant,
        "association": row.association,
        "team": row.team,
        "trouble": texts.gettext(TROUBLED[row.register_state]) if row.register_state in TROUBLED else None,
        "resource": first.resource,
        "facility": first.facility,
        "first": Span(first.starts_at, first.ends_at),
        "more": row.times - 1,
        "submitted_at": row.created_at,
        "days": (today - local_date(desk.tenant.zone, row.created_at)) // timedelta(days=1),
        "answer_by": row.answer_by,
        "is_overdue": row.is_overdue,
        "paused_at": row.paused_at,
        "officer": row.officer,
        "is_mine": is_hers,
        "is_for_other": row.is_own and not is_hers,
        "bookings": case.met.bookings,
        "rivals": case.met.requests,
        "approved": row.approved or 0,
        "rejected": row.rejected or 0,
        "late": row.late or 0,
        "bends": [texts.gettext(refusal.title) for refusal in case.bends],
        "is_partly": row.times > len(case.times),
        "was": str(row.officer_id or NOBODY),
        "url": desk.url(f"/requests/{row.id}"),
        "assign_url": desk.url(f"/requests/{row.id}/assign"),
    }


def _notice(desk: Desk, values: Mapping[str, str]) -> str | None:
    texts = desk.texts
    if "done" in values:
        return texts.gettext("The answer is sent.")
    assigned, kept = (_number(values.get(name)) for name in ("assigned", "kept"))
    told = [
        texts.ngettext(
            "%(n)d request has another officer now.", "%(n)d requests have another officer now.", assigned
        )
        if assigned
        else "",
        texts.ngettext(
            "%(n)d stays as it is: somebody else has got or answered it meanwhile, or the officer may not decide it.",
            "%(n)d stay as they are: somebody else has got or answered them meanwhile, or the officer may not decide"
            " them.",
            kept,
        )
        if kept
        else "",
    ]
    return " ".join(filter(None, told)) or None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 4 else 0


@post("/requests/assign", status_code=200)
async def assign_chosen(desk: AtDesk) -> Response[Any]:
    """Those that were chosen, as many as can be."""
    form = await desk.request.form()
    values = await sent(desk)
    chosen = _chosen([each for each in form.getall("case", []) if isinstance(each, str)])
    officer_id, is_said = _officer(values.get("to"))
    if not chosen or not is_said:

        async def look(_db: Any, actor: Any) -> None:
            demand_somewhere(actor, "application.decide")

        await desk.read(look)
        nothing = Invalid(field="case" if is_said else "to", expected=N_("something chosen"))
        return await _queue_page(desk, values, refused=nothing)

    async def work(db: Any, actor: Any) -> Several:
        demand_somewhere(actor, "application.decide")
        return await assigning.assign_several(db, actor, chosen, officer_id, now=desk.now)

    done = await desk.change(work)
    query = _filter(values).query()
    told = {"assigned": str(done.assigned or ""), "kept": str(len(done.refused) or "")}
    return Redirect(link(desk.url("/requests"), **query, **told), status_code=303)


def _chosen(values: Sequence[str]) -> list[Chosen]:
    """Each `case:officer who had it`; what is none of ours is left out."""
    found: dict[UUID, Chosen] = {}
    for value in values:
        text, _, was = value.partition(":")
        application_id = id_in(text)
        officer_id, is_said = _officer(was)
        if application_id is not None and is_said:
            found[application_id] = Chosen(application_id, Stood(officer_id))
    return list(found.values())


def _officer(text: str | None) -> tuple[UUID | None, bool]:
    """Who is meant, None for nobody; and whether anything is."""
    officer_id = id_in(text)
    return officer_id, officer_id is not None or text == NOBODY


@post("/requests/{application_id:uuid}/assign", status_code=200)
async def assign(desk: AtDesk, application_id: FromPath[UUID]) -> Response[Any]:
    """One: `take` by the reader, else `to` whom. `take` or `was` says who had it when the page was made."""
    values = await sent(desk)
    was, was_said = _officer(values.get("take") or values.get("was"))
    to, to_said = _officer(values.get("to"))
    wants = values.get("take") is not None

    async def work(db: Any, actor: Any) -> None:
        officer_id = actor.person_id if wants or not to_said else to
        stood = Stood(was if was_said else None)
        await assigning.assign_seen(db, actor, Chosen(application_id, stood), officer_id, now=desk.now)

    try:
        await desk.change(work)
    except SignInNeeded:
        raise
    except AlreadyTaken as refusal:
        return await _queue_page(desk, values, refused=refusal)
    if values.get("back") == "case":
        return Redirect(desk.url(f"/requests/{application_id}"), status_code=303)
    return Redirect(link(desk.url("/requests"), **_filter(values).query(), assigned="1"), status_code=303)


handlers = [requests, assign_chosen, assign]
