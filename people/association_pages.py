"""HTML routes of associations: one's own, entering one, its page, and changing it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import AlreadyExists, ChangedMeanwhile, Invalid
from core.paging import Page
from core.settings import Settings
from core.texts import N_
from people import association_queries, associations, leading
from people.actors import Actor, Club
from people.addresses import check_number
from people.association_forms import ASSOCIATION_FIELDS, association_values, form_of, read_as, told
from people.association_schemas import (
    AssociationDetail,
    AssociationIn,
    AssociationPatch,
    AssociationRow,
    ClaimOut,
)
from people.association_views import (
    View,
    activity_pairs,
    claim_view,
    detail_view,
    entry_view,
    group_pairs,
    row_view,
)
from people.desk import AtDesk, Desk
from people.register import Entry, look_up, spoken
from people.rules import demand, demand_person, may

A_PAGE = 50
DONE: Mapping[str, str] = {
    "joined": N_("You may now act for the association."),
    "role": N_("You now have the role. It is in force at once."),
    "left": N_("You no longer act for the association."),
    "registered": N_("The association is registered."),
    "saved": N_("The changes are saved."),
    "team": N_("The team is saved."),
    "team-ended": N_("The team has ended."),
    "contact": N_("The contact is saved."),
    "contact-removed": N_("The contact is removed."),
    "leads": N_("You now lead the association."),
    "claimed": N_("The municipality reads what you have sent, and answers you."),
}
"""What the address says was just done → how it is told."""
NEW_FIELDS = ("name", "organisation_number", "youth_percent", "email", "phone", "website")
LEADERS_FIELDS = ("name", "youth_percent", "email", "phone", "website")


def notice(desk: Desk, known: Mapping[str, str] = DONE) -> str | None:
    """What was just done, in the reader's language."""
    text = known.get(desk.request.query_params.get("done") or "")
    return None if text is None else desk.texts.gettext(text)


async def sent(desk: Desk) -> tuple[dict[str, str], list[str]]:
    """The fields of the form that was posted, and the activities that were ticked in it."""
    form = await desk.request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return fields, [value for value in form.getall("activities", []) if isinstance(value, str)]


def version_of(values: Mapping[str, str]) -> int:
    """The version that the form was made of. Raises Invalid."""
    version = values.get("version", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise Invalid(field="version", expected=N_("the number that the form came with"))
    return int(version)


@get("/associations")
async def mine(desk: AtDesk) -> Response[str]:
    """Those that the reader acts for, and what she has asked to lead."""
    cursor = desk.request.query_params.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[AssociationRow], list[ClaimOut]]:
        found = await associations.listed(db, actor, mine=True, cursor=cursor, limit=A_PAGE)
        return found, await leading.own_claims(db, actor)

    page, claims = await desk.read(work)
    return desk.page(
        "people/association_mine.html",
        notice=notice(desk),
        associations=[
            row_view(each, desk.texts, desk.url(f"/associations/{each.id}")) for each in page.items
        ],
        claims=[
            {**claim_view(each, desk.texts), "url": desk.url(f"/associations/{each.association_id}")}
            for each in claims
        ],
        new_url=desk.url("/associations/new"),
        previous_url=desk.url("/associations") if cursor else None,
        next_url=desk.url("/associations", cursor=page.next) if page.next else None,
    )


@get("/associations/new")
async def ask_new(desk: AtDesk) -> Response[str]:
    """An empty form."""
    await desk.read(_demand_person)
    return _new_page(desk, {}, [])


@post("/associations/new", status_code=200)
async def enter(desk: AtDesk) -> Response[Any]:
    """Look the number up, or enter the association. The register is asked between the transactions."""
    values, activities = await sent(desk)
    await desk.read(_demand_person)
    number, wrong = _number_in(values)
    if wrong is not None:
        return _new_page(desk, values, activities, errors=told(wrong, desk.texts), status=422)
    known, entry = await _look_up(desk, number)
    if known is not None:
        exists = AlreadyExists(field="organisation_number")
        return _new_page(desk, values, activities, errors=told(exists, desk.texts), known=known, status=409)
    if values.get("action") == "check":
        return _checked_page(desk, values, activities, number=number, entry=entry)
    try:
        body = read_as(AssociationIn, association_values(values, activities, fields=NEW_FIELDS))

        async def work(db: AsyncSession, actor: Actor) -> str:
            made = await associations.register(db, actor, body, now=desk.now, entry=entry)
            return desk.url(f"/associations/{made.id}/lead", done="registered")

        path = await desk.once(values.get("idempotency_key", ""), work)
    except (Invalid, AlreadyExists) as refusal:
        errors = told(refusal, desk.texts)
        return _new_page(desk, values, activities, errors=errors, entry=entry, status=refusal.status)
    return Redirect(path, status_code=303)


def _number_in(values: Mapping[str, str]) -> tuple[str | None, Invalid | None]:
    """The number of the form, or what is wrong with it."""
    text = values.get("organisation_number", "").strip()
    if not text:
        if values.get("action") != "check":
            return None, None
        return None, Invalid(
            field="organisation_number",
            expected=N_("an organisation number of nine digits, as the register has it"),
        )
    try:
        return check_number(text), None
    except Invalid as wrong:
        return None, wrong


async def _look_up(desk: Desk, number: str | None) -> tuple[str | None, Entry | None]:
    """The page of the association that has the number already; else what the register says, when it does."""
    if number is None:
        return None, None

    async def work(db: AsyncSession, _: Actor) -> UUID | None:
        row = await association_queries.association_by_number(db, number)
        return None if row is None else row.id

    known = await desk.read(work)
    if known is not None:
        return desk.url(f"/associations/{known}"), None
    settings: Settings = desk.request.app.state.settings
    return None, await look_up(settings.register_url, number)


def _checked_page(
    desk: Desk, values: dict[str, str], activities: Sequence[str], *, number: str | None, entry: Entry | None
) -> Response[str]:
    """The form again, with what the register said."""
    if entry is not None and entry.name and not values.get("name", "").strip():
        values = {**values, "name": spoken(entry.name)}
    return _new_page(desk, values, activities, entry=entry, is_silent=number is not None and entry is None)


def _new_page(
    desk: Desk,
    values: Mapping[str, str],
    activities: Sequence[str],
    *,
    errors: Mapping[str, str] | None = None,
    entry: Entry | None = None,
    known: str | None = None,
    is_silent: bool = False,
    status: int = 200,
) -> Response[str]:
    return desk.page(
        "people/association_new.html",
        status=status,
        form={name: values.get(name, "") for name in NEW_FIELDS},
        chosen=list(activities),
        errors=errors or {},
        entry=None if entry is None else entry_view(entry, desk.texts),
        is_silent=is_silent,
        known_url=known,
        activities=activity_pairs(desk.texts),
        idempotency_key=str(uuid4()),
        post_url=desk.url("/associations/new"),
        back_url=desk.url("/associations"),
    )


async def _demand_person(_db: AsyncSession, actor: Actor) -> None:
    demand_person(actor, writes=False)


@get("/associations/{association_id:uuid}")
async def association(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """What anybody may know; more for its delegates and for officers."""
    out = await desk.read(lambda db, actor: associations.detail(db, actor, association_id, desk.now))
    actor, path = desk.actor, desk.url(f"/associations/{association_id}")
    leads = may(actor, "association.lead", Club(association_id))
    return desk.page(
        "people/association.html",
        notice=notice(desk),
        association=detail_view(out, desk.texts),
        path=path,
        team_path=desk.url("/teams"),
        contact_path=desk.url("/contacts"),
        may_lead=leads,
        may_book=may(actor, "association.book", Club(association_id)),
        may_claim=actor.role_in(association_id) != "leader" and not may(actor, "association.manage"),
        search_url=desk.url("/") or "/",
        share_url=desk.url(f"/share/associations/{association_id}"),
    )


@get("/associations/{association_id:uuid}/edit")
async def ask_edit(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """Filled in with what stands there."""
    out = await desk.read(lambda db, actor: _to_edit(db, actor, association_id, desk))
    form = {
        **form_of(out, ("name", "organisation_number", "website")),
        **form_of(out.inside, ("youth_percent", "email", "phone")),
        "customer_group": out.inside.customer_group if out.inside and out.inside.group_is_set else "",
    }
    return _edit_page(desk, out, form, out.activities)


@post("/associations/{association_id:uuid}/edit", status_code=200)
async def edit(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """Saved, or shown again with what is not right."""
    out = await desk.read(lambda db, actor: _to_edit(db, actor, association_id, desk))
    values, activities = await sent(desk)
    version = version_of(values)
    fields = ASSOCIATION_FIELDS if may(desk.actor, "association.manage") else LEADERS_FIELDS
    try:
        body = read_as(AssociationPatch, association_values(values, activities, fields=fields))
        await desk.change(
            lambda db, actor: associations.change(
                db, actor, association_id, body=body, version=version, now=desk.now
            )
        )
    except (Invalid, AlreadyExists) as refusal:
        errors = told(refusal, desk.texts)
        return _edit_page(desk, out, values, activities, errors=errors, status=refusal.status)
    except ChangedMeanwhile as refusal:
        refused = {"title": desk.texts.gettext(refusal.title)}
        return _edit_page(desk, out, values, activities, refused=refused, status=refusal.status)
    return Redirect(desk.url(f"/associations/{association_id}", done="saved"), status_code=303)


async def _to_edit(db: AsyncSession, actor: Actor, association_id: UUID, desk: Desk) -> AssociationDetail:
    out = await associations.detail(db, actor, association_id, desk.now)
    demand(actor, "association.lead", Club(association_id))
    return out


def _edit_page(
    desk: Desk,
    out: AssociationDetail,
    form: Mapping[str, Any],
    activities: Sequence[str],
    *,
    errors: Mapping[str, str] | None = None,
    refused: View | None = None,
    status: int = 200,
) -> Response[str]:
    path = desk.url(f"/associations/{out.id}")
    return desk.page(
        "people/association_edit.html",
        status=status,
        name=out.name,
        form={name: form.get(name) for name in ASSOCIATION_FIELDS},
        chosen=list(activities),
        errors=errors or {},
        refused=refused,
        version=out.version,
        activities=activity_pairs(desk.texts),
        groups=group_pairs(desk.texts),
        is_officer=may(desk.actor, "association.manage"),
        post_url=f"{path}/edit",
        back_url=path,
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[mine, ask_new, enter, association, ask_edit, edit],
)
