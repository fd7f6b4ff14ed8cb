"""HTML routes of staff's list of associations, and the same as a table for a spreadsheet."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, Router, get
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import Page
from core.sheets import csv_of
from core.texts import N_, Texts
from core.wire import has_nul
from people import associations
from people.actors import Actor
from people.association_schemas import AssociationRow
from people.association_views import REGISTER_STATES, activity_labels, group_pairs, group_text, row_view
from people.desk import AtDesk, Desk
from people.groups import CUSTOMER_GROUPS

A_PAGE = 50
MOST_OF_A_SHEET = 5000
LONGEST_TEXT = 200
HEADER = (
    N_("Name"),
    N_("Organisation number"),
    N_("Customer group"),
    N_("Set by an officer"),
    N_("Members under 20, per cent"),
    N_("In the Register of Non-Profit Organisations"),
    N_("In the register"),
    N_("Activities"),
    N_("Leaders"),
    N_("People who act for it"),
    N_("Teams"),
)


def asked(desk: Desk) -> dict[str, str | None]:
    """What the address asks for; nonsense asks for nothing."""
    query = desk.request.query_params
    text = query.get("text", "").strip()[:LONGEST_TEXT]
    group, state = query.get("group", ""), query.get("state", "")
    return {
        "text": None if has_nul(text) else text or None,
        "group": group if group in CUSTOMER_GROUPS else None,
        "state": state if state in {*REGISTER_STATES, "none"} else None,
    }


@get("/staff/associations")
async def all_associations(desk: AtDesk) -> Response[str]:
    """By name, for officers."""
    query, cursor = asked(desk), desk.request.query_params.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> Page[AssociationRow]:
        return await associations.listed(db, actor, mine=False, cursor=cursor, limit=A_PAGE, **query)

    page = await desk.read(work)
    path = "/staff/associations"
    return desk.page(
        "people/association_list.html",
        associations=[
            row_view(each, desk.texts, desk.url(f"/associations/{each.id}")) for each in page.items
        ],
        form={name: value or "" for name, value in query.items()},
        groups=group_pairs(desk.texts),
        states=state_pairs(desk.texts),
        list_url=desk.url(path),
        sheet_url=desk.url("/staff/associations.csv", **query),
        claims_url=desk.url("/staff/leader-claims"),
        new_url=desk.url("/associations/new"),
        previous_url=desk.url(path, **query) if cursor else None,
        next_url=desk.url(path, **query, cursor=page.next) if page.next else None,
    )


@get("/staff/associations.csv")
async def sheet(desk: AtDesk) -> Response[bytes]:
    """What the list shows, all pages of it in one."""
    query, words = asked(desk), desk.texts

    async def work(db: AsyncSession, actor: Actor) -> list[AssociationRow]:
        found = await associations.listed(db, actor, mine=False, cursor=None, limit=MOST_OF_A_SHEET, **query)
        return found.items

    rows = await desk.read(work)
    header = [words.gettext(text) for text in HEADER]
    content = csv_of(header, (_line(each, words) for each in rows))
    headers: Mapping[str, str] = {
        "Content-Disposition": 'attachment; filename="associations.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _line(each: AssociationRow, words: Texts) -> list[Any]:
    state = REGISTER_STATES.get(each.register_state or "")
    yes, no = words.gettext("Yes"), words.gettext("No")
    return [
        each.name,
        each.organisation_number,
        group_text(each.customer_group, words),
        yes if each.group_is_set else no,
        each.youth_percent,
        yes if each.is_voluntary else no,
        None if state is None else words.gettext(state[0]),
        ", ".join(activity_labels(each.activities, words)),
        each.leaders,
        each.delegates,
        each.teams,
    ]


def state_pairs(words: Texts) -> list[tuple[str, str]]:
    known = [(code, words.gettext(text)) for code, (text, _) in REGISTER_STATES.items()]
    return [*known, ("none", words.gettext("Not read yet"))]


pages = Router(path="/{m:str}", include_in_schema=False, route_handlers=[all_associations, sheet])
