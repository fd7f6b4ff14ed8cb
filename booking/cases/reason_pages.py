"""HTML routes of the municipality's list of reasons."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from booking.case_models import RejectionReason
from booking.cases import reasons
from booking.cases.case_schemas import ReasonIn
from booking.own_pages import sent
from core.errors import AlreadyExists, Invalid, NotFound
from core.texts import LANGUAGES, N_
from people.desk import AtDesk, Desk

DONE: Mapping[str, str] = {
    "added": N_("The reason is on the list."),
    "changed": N_("The changes are saved."),
    "ended": N_("The reason can no longer be chosen."),
}
PATH = "/staff/reasons"


@get("/staff/reasons")
async def reason_list(desk: AtDesk) -> Response[str]:
    """All of them, each to change or end, and one to add."""
    return await _list_page(desk, {})


@post("/staff/reasons", status_code=200)
async def add_reason(desk: AtDesk) -> Response[Any]:
    """At the place it is given."""
    values = await sent(desk)
    try:
        form = _form(values)
        await desk.change(lambda db, actor: reasons.add(db, actor, form, desk.now))
    except Invalid as refusal:
        return await _list_page(desk, values, errors=_told(desk, refusal), status=refusal.status)
    except AlreadyExists as refusal:
        errors = {"key": desk.texts.gettext("This key is or was used. Choose another.")}
        return await _list_page(desk, values, errors=errors, status=refusal.status)
    return Redirect(desk.url(PATH, done="added"), status_code=303)


@get("/staff/reasons/{reason_id:uuid}")
async def one_reason(desk: AtDesk, reason_id: FromPath[UUID]) -> Response[str]:
    """Filled in."""
    row = await _row(desk, reason_id)
    values = {"key": row.key, "position": str(row.position)} | {
        language: str(row.texts.get(language) or "") for language in LANGUAGES
    }
    return _one_page(desk, row, values)


@post("/staff/reasons/{reason_id:uuid}", status_code=200)
async def change_reason(desk: AtDesk, reason_id: FromPath[UUID]) -> Response[Any]:
    """Earlier decisions keep its words."""
    row = await _row(desk, reason_id)
    values = {**await sent(desk), "key": row.key}
    try:
        form = _form(values)
        await desk.change(lambda db, actor: reasons.change(db, actor, reason_id, form, desk.now))
    except Invalid as refusal:
        return _one_page(desk, row, values, errors=_told(desk, refusal), status=refusal.status)
    return Redirect(desk.url(PATH, done="changed"), status_code=303)


@post("/staff/reasons/{reason_id:uuid}/end", status_code=200)
async def end_reason(desk: AtDesk, reason_id: FromPath[UUID]) -> Response[Any]:
    """From now on."""
    await desk.change(lambda db, actor: reasons.end(db, actor, reason_id, desk.now))
    return Redirect(desk.url(PATH, done="ended"), status_code=303)


async def _row(desk: Desk, reason_id: UUID) -> RejectionReason:
    rows = await _rows(desk)
    row = next((row for row in rows if row.id == reason_id), None)
    if row is None:
        raise NotFound(what="reason")
    return row


async def _rows(desk: Desk) -> Sequence[RejectionReason]:
    return await desk.read(lambda db, actor: reasons.listed(db, actor, desk.now))


def _form(values: Mapping[str, str]) -> ReasonIn:
    """Raises Invalid with the form's own field."""
    position = values.get("position", "").strip() or "0"
    if not position.isascii() or not position.isdecimal() or len(position) > 4 or int(position) > 1000:
        raise Invalid(field="position", expected=N_("a whole number from 0 to 1000"))
    texts = {language: values.get(language, "") for language in LANGUAGES}
    body = {"key": values.get("key", ""), "texts": texts, "position": int(position)}
    try:
        return msgspec.convert(body, ReasonIn)
    except msgspec.ValidationError as error:
        if "key" in str(error) and "texts" not in str(error):
            raise Invalid(
                field="key", expected=N_("a short word in small letters, without spaces")
            ) from error
        raise Invalid(field="nb", expected=N_("at most 1000 letters")) from error


def _told(desk: Desk, refusal: Invalid) -> dict[str, str]:
    return {refusal.facts["field"]: refusal.expected(desk.texts.gettext)}


async def _list_page(
    desk: Desk, values: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response[str]:
    rows = await _rows(desk)
    done = DONE.get(desk.request.query_params.get("done") or "")
    return desk.page(
        "booking/reasons.html",
        status=status,
        notice=None if done is None else desk.texts.gettext(done),
        reasons=[
            {
                "key": row.key,
                "text": row.texts.get(desk.language) or next(iter(row.texts.values()), ""),
                "missing": [LANGUAGES[code] for code in desk.tenant.languages if not row.texts.get(code)],
                "position": row.position,
                "ended_at": row.ended_at,
                "url": desk.url(f"{PATH}/{row.id}"),
                "end_url": desk.url(f"{PATH}/{row.id}/end"),
            }
            for row in rows
        ],
        form={name: values.get(name, "") for name in ("key", "position", *LANGUAGES)},
        languages=list(LANGUAGES.items()),
        errors=errors or {},
        post_url=desk.url(PATH),
    )


def _one_page(
    desk: Desk,
    row: RejectionReason,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    return desk.page(
        "booking/reason.html",
        status=status,
        key=row.key,
        form={name: values.get(name, "") for name in ("key", "position", *LANGUAGES)},
        languages=list(LANGUAGES.items()),
        errors=errors or {},
        post_url=desk.url(f"{PATH}/{row.id}"),
        back_url=desk.url(PATH),
    )


handlers = [reason_list, add_reason, one_reason, change_reason, end_reason]
