"""HTML routes of who decides: finding a resource, and setting its rules, questions, deadlines and terms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.errors import ChangedMeanwhile, Invalid
from core.page import link
from core.paging import Page
from core.texts import N_
from core.wire import has_nul
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.groups import CUSTOMER_GROUPS
from resources import deciding
from resources.form_fields import Blank, version_of
from resources.place_queries import Kept
from resources.policies import Policy
from resources.policy_form import SPARE_LINES, SPARE_QUESTIONS, filled, read_policy_form, rows
from resources.views import MONDAY, terms_url

A_PAGE = 50
KINDS = {
    "text": N_("A line of text"),
    "long_text": N_("A longer text"),
    "yes_no": N_("Yes or no"),
    "number": N_("A number"),
    "choice": N_("One of several"),
}
REFUSED: Mapping[str, str] = {
    "terms.version": N_(
        "The text is a new one, so give it a new version. What was accepted before stays readable."
    ),
}


@get("/staff/resources")
async def resources(desk: AtDesk) -> Response[str]:
    """Find one."""
    query = desk.request.query_params
    words, cursor = query.get("text", "").strip()[:200], query.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> Page[AnyRow]:
        told = "" if has_nul(words) else words
        return await deciding.managed(db, actor, told, cursor=cursor, limit=A_PAGE)

    page = await desk.read(work)
    path = desk.url("/staff/resources")
    return desk.page(
        "resources/staff_resources.html",
        form={"text": words.replace("\x00", "")},
        resources=[
            {
                "name": each.name,
                "facility": each.facility_name,
                "decision": each.decision,
                "lines": each.lines,
                "url": f"{path}/{each.id}/policy",
            }
            for each in page.items
        ],
        previous_url=link(path, text=words) if cursor else None,
        next_url=link(path, text=words, cursor=page.next) if page.next else None,
    )


@get("/staff/resources/{resource_id:uuid}/policy")
async def policy(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """As it stands."""
    return await _policy_page(desk, resource_id, None, {})


@post("/staff/resources/{resource_id:uuid}/policy", status_code=200)
async def set_policy(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[Any]:
    """All of it at once."""
    sent = await desk.request.form()
    values = {name: value for name, value in sent.items() if isinstance(value, str)}
    version = version_of(values)
    read = read_policy_form(values, desk.texts)
    if read.patch is None or read.lines is None:
        return await _policy_page(desk, resource_id, read.form, read.errors, version=version, status=422)
    patch, lines = read.patch, read.lines
    try:
        await desk.change(
            lambda db, actor: deciding.set_all(
                db,
                actor,
                resource_id,
                body=patch,
                lines=lines,
                version=version,
                zone=desk.tenant.zone,
                now=desk.now,
            )
        )
    except ChangedMeanwhile as refusal:
        errors = {"decision": desk.texts.gettext(refusal.title)}
        return await _policy_page(desk, resource_id, read.form, errors, status=refusal.status)
    except Invalid as refusal:
        field = str(refusal.facts.get("field"))
        told = REFUSED.get(field, refusal.title)
        errors = {"terms_version" if field in REFUSED else "decision": desk.texts.gettext(told)}
        return await _policy_page(
            desk, resource_id, read.form, errors, version=version, status=refusal.status
        )
    return Redirect(desk.url(f"/staff/resources/{resource_id}/policy", done="yes"), status_code=303)


async def _policy_page(
    desk: Desk,
    resource_id: UUID,
    form: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    version: int | None = None,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[Kept, list[Policy]]:
        return await deciding.to_set(db, actor, resource_id, now=desk.now)

    kept, policies = await desk.read(work)
    row, texts = kept.resource, desk.texts
    shown = dict(filled(row, policies) if form is None else form)
    path = desk.url(f"/resources/{resource_id}")
    return desk.page(
        "resources/staff_policy.html",
        status=status,
        notice=texts.gettext("The rules are saved.") if "done" in desk.request.query_params else None,
        resource={
            "name": row.name,
            "facility": kept.facility.name,
            "url": path,
            "version": version if version is not None else row.version,
            "terms_url": terms_url(path, str(row.terms["version"])) if row.terms else None,
        },
        form=Blank(shown),
        errors=errors,
        lines=range(rows(shown, "line") + SPARE_LINES),
        questions=range(rows(shown, "question") + SPARE_QUESTIONS),
        weekdays=[(day, texts.weekday(MONDAY.replace(day=day))) for day in range(1, 8)],
        groups=[(code, texts.gettext(name)) for code, name in CUSTOMER_GROUPS.items()],
        kinds=[(code, texts.gettext(name)) for code, name in KINDS.items()],
        post_url=desk.url(f"/staff/resources/{resource_id}/policy"),
        back_url=desk.url("/staff/resources"),
    )


handlers = [resources, policy, set_policy]
