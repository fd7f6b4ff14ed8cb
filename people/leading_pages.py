"""HTML routes of becoming an association's leader: asking, showing why, and the officer's yes or no."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core import files
from core.errors import AlreadyDecided, AlreadyExists, Invalid, Malformed
from core.files_models import StoredFile
from core.paging import Page
from core.texts import N_
from people import leading
from people.actors import Actor
from people.association_forms import told
from people.association_pages import notice, sent
from people.association_schemas import ClaimDecision, ClaimOut
from people.association_views import claim_view
from people.desk import AtDesk, Desk
from people.rules import may

A_PAGE = 50
MOST_OF_A_FORM = 6_000_000
"""Bytes: a file of core.files.MOST_BYTES and the text beside it."""
DECIDED: Mapping[str, str] = {
    "approved": N_("The new leader is told."),
    "rejected": N_("The answer is sent."),
}


@get("/associations/{association_id:uuid}/lead")
async def ask_lead(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """At once, for whoever may sign for it; else a form."""
    return await _lead_page(desk, association_id, {})


@post(
    "/associations/{association_id:uuid}/lead",
    status_code=200,
    opt={"takes_files": True},
    request_max_body_size=MOST_OF_A_FORM,
)
async def lead(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """She leads it, or an officer reads what she has written."""
    values, upload = await _form(desk)
    path = desk.url(f"/associations/{association_id}")
    if values.get("action") == "sign":
        await desk.change(lambda db, actor: leading.take_lead(db, actor, association_id, desk.now))
        return Redirect(f"{path}?done=leads", status_code=303)
    try:
        checked = None if upload is None else files.check_upload(*upload)
        text = values.get("text", "")

        async def work(db: AsyncSession, actor: Actor) -> str:
            await leading.claim(db, actor, association_id, text=text, file=checked, now=desk.now)
            return f"{path}?done=claimed"

        after = await desk.once(values.get("idempotency_key", ""), work)
    except Invalid as refusal:
        errors = told(refusal, desk.texts)
        return await _lead_page(desk, association_id, values, errors=errors, status=refusal.status)
    except AlreadyExists as refusal:
        return await _lead_page(desk, association_id, values, status=refusal.status)
    return Redirect(after, status_code=303)


async def _form(desk: Desk) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """The fields, and name and content of the file, if one was chosen. Raises Malformed."""
    await (
        desk.request.body()
    )  # kept, so that it can be read twice: `desk.once` tells one form from another by it
    try:
        form = await desk.request.form()
    except (UnicodeDecodeError, LookupError) as error:
        raise Malformed(field="body", expected=N_("text in UTF-8")) from error
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = form.get("file")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        return values, None
    return values, (chosen.filename, await chosen.read())


async def _lead_page(
    desk: Desk,
    association_id: UUID,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    way = await desk.read(lambda db, actor: leading.way(db, actor, association_id))
    path = desk.url(f"/associations/{association_id}")
    return desk.page(
        "people/leader_claim.html",
        status=status,
        notice=notice(desk),
        way=way,
        form={"text": form.get("text", "")},
        errors=errors or {},
        idempotency_key=str(uuid4()),
        post_url=f"{path}/lead",
        back_url=path,
    )


@get("/leader-claims/{claim_id:uuid}/file")
async def proof(desk: AtDesk, claim_id: FromPath[UUID]) -> Response[bytes]:
    """What she sent along, for the officer and herself: to be kept, never shown by the browser as ours."""

    async def work(db: AsyncSession, actor: Actor) -> StoredFile:
        return await leading.proof(db, actor, claim_id, desk.now)

    row = await desk.read(work)
    return Response(row.content, media_type=row.media_type, headers=files.headers_of(row.name))


@get("/staff/leader-claims")
async def claims(desk: AtDesk) -> Response[str]:
    """Those that wait, the oldest first; or those that are decided."""
    query = desk.request.query_params
    cursor, decided = query.get("cursor"), query.get("decided") == "yes"

    async def work(db: AsyncSession, actor: Actor) -> Page[ClaimOut]:
        return await leading.claims(db, actor, waiting=not decided, cursor=cursor, limit=A_PAGE, now=desk.now)

    page = await desk.read(work)
    told_decided = "yes" if decided else None
    return desk.page(
        "people/leader_claims.html",
        notice=notice(desk, DECIDED),
        claims=[
            {**claim_view(each, desk.texts), "url": desk.url(f"/staff/leader-claims/{each.id}")}
            for each in page.items
        ],
        decided=decided,
        other_url=desk.url("/staff/leader-claims", decided=None if decided else "yes"),
        previous_url=desk.url("/staff/leader-claims", decided=told_decided) if cursor else None,
        next_url=desk.url("/staff/leader-claims", decided=told_decided, cursor=page.next)
        if page.next
        else None,
    )


@get("/staff/leader-claims/{claim_id:uuid}")
async def claim(desk: AtDesk, claim_id: FromPath[UUID]) -> Response[str]:
    """One, to decide."""
    return await _claim_page(desk, claim_id, {})


@post("/staff/leader-claims/{claim_id:uuid}", status_code=200)
async def decide(desk: AtDesk, claim_id: FromPath[UUID]) -> Response[Any]:
    """Yes or no."""
    values, _ = await sent(desk)
    said, reason = values.get("decision"), values.get("reason", "").strip()
    if said not in {"approve", "reject"}:
        errors = {"decision": desk.texts.gettext("Choose approve or reject.")}
        return await _claim_page(desk, claim_id, values, errors=errors, status=422)
    if len(reason) > leading.LONGEST_TEXT or "\0" in reason:
        errors = {"reason": desk.texts.gettext("Write at most %(n)s letters.", n=leading.LONGEST_TEXT)}
        return await _claim_page(desk, claim_id, values, errors=errors, status=422)
    body = ClaimDecision(approve=said == "approve", reason=reason)
    try:
        await desk.change(
            lambda db, actor: leading.decide(db, actor, claim_id, body=body, now=desk.now, texts=desk.texts)
        )
    except Invalid:
        errors = {"reason": desk.texts.gettext("Write why you reject: the person reads it.")}
        return await _claim_page(desk, claim_id, values, errors=errors, status=422)
    except AlreadyDecided as refusal:
        return await _claim_page(desk, claim_id, values, status=refusal.status)
    done = "approved" if body.approve else "rejected"
    return Redirect(desk.url("/staff/leader-claims", done=done), status_code=303)


async def _claim_page(
    desk: Desk,
    claim_id: UUID,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    out = await desk.read(lambda db, actor: leading.one_claim(db, actor, claim_id, desk.now))
    return desk.page(
        "people/leader_decide.html",
        status=status,
        claim=claim_view(out, desk.texts),
        association_url=desk.url(f"/associations/{out.association_id}"),
        file_url=None if out.file is None else desk.url(f"/leader-claims/{claim_id}/file"),
        form={"decision": form.get("decision", ""), "reason": form.get("reason", "")},
        errors=errors or {},
        may_decide=out.decided_at is None and may(desk.actor, "association.manage"),
        post_url=desk.url(f"/staff/leader-claims/{claim_id}"),
        back_url=desk.url("/staff/leader-claims"),
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[ask_lead, lead, proof, claims, claim, decide],
)
