"""HTML routes of a tariff's lines: a new one, one that is changed, moved, taken away, or tried before it is saved."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Invalid, NotFound
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import tariff_form, tariff_reading, tariff_service
from resources.form_fields import Blank, sent, version_of
from resources.price_words import PriceOut
from resources.tariff_form import Wrong
from resources.tariff_schemas import TariffLineIn, TariffPatch, line_in
from resources.tariffs import TariffFacts
from resources.trial_pages import PATH, TRY, begun, known, name_of, trial_values, try_on


@get(f"{PATH}/{{tariff_id:uuid}}/lines/new")
async def new_line(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[str]:
    """One line more, after the others."""
    return await _line_page(desk, tariff_id, None, None, {})


@post(f"{PATH}/{{tariff_id:uuid}}/lines/new", status_code=200)
async def add_line(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[Any]:
    """Then the tariff."""
    return await _set_line(desk, tariff_id, None)


@get(f"{PATH}/{{tariff_id:uuid}}/lines/{{number:int}}")
async def line_form(desk: AtDesk, tariff_id: FromPath[UUID], number: FromPath[int]) -> Response[str]:
    """One line, by its place from 1."""
    return await _line_page(desk, tariff_id, number, None, {})


@post(f"{PATH}/{{tariff_id:uuid}}/lines/{{number:int}}", status_code=200)
async def set_line(desk: AtDesk, tariff_id: FromPath[UUID], number: FromPath[int]) -> Response[Any]:
    """Saved, moved up or down, or taken away, as the button says."""
    return await _set_line(desk, tariff_id, number)


async def _set_line(desk: Desk, tariff_id: UUID, number: int | None) -> Response[Any]:
    values = await sent(desk)
    version, step = version_of(values), values.get("step", "save")
    told: PriceOut | None = None
    try:
        written = tariff_form.read_line(values, desk.texts) if step in {"save", TRY} else None

        async def patched(db: AsyncSession, actor: Actor) -> TariffPatch:
            found = await tariff_reading.tariff(
                db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now
            )
            return TariffPatch(lines=_placed(list(map(line_in, found.lines)), number, step, written))

        async def proposed(db: AsyncSession, actor: Actor) -> TariffFacts:
            patch = await patched(db, actor)
            return await tariff_service.proposed(db, actor, tariff_id, patch=patch, version=version)

        async def work(db: AsyncSession, actor: Actor) -> None:
            await tariff_service.change(
                db,
                actor,
                desk.tenant,
                tariff_id,
                patch=await patched(db, actor),
                version=version,
                texts=desk.texts,
                now=desk.now,
            )

        if step == TRY:
            told = await try_on(desk, values, proposed)
        else:
            await desk.change(work)
    except Wrong as wrong:
        return await _line_page(desk, tariff_id, number, values, wrong.errors, status=422)
    except (Conflict, Invalid) as refusal:
        told_why = refusal.expected(desk.texts.gettext) if isinstance(refusal, Invalid) else None
        errors = {"kind": told_why or desk.texts.gettext(refusal.title)}
        return await _line_page(desk, tariff_id, number, values, errors, status=refusal.status)
    if told is not None:
        return await _line_page(desk, tariff_id, number, values, {}, price=told)
    return Redirect(desk.url(f"{PATH}/{tariff_id}", done="saved"), status_code=303)


def _placed(
    lines: list[TariffLineIn], number: int | None, step: str, written: TariffLineIn | None
) -> list[TariffLineIn]:
    """The lines as they shall stand."""
    if number is None:
        return lines if written is None else [*lines, written]
    at = _place(number, len(lines))
    if written is not None:
        return [*lines[:at], written, *lines[at + 1 :]]
    if step == "remove":
        return [*lines[:at], *lines[at + 1 :]]
    other = max(0, at - 1) if step == "up" else min(len(lines) - 1, at + 1)
    lines[at], lines[other] = lines[other], lines[at]
    return lines


def _place(number: int, count: int) -> int:
    """Raises NotFound for a line that is not there."""
    if not 1 <= number <= count:
        raise NotFound(what="line")
    return number - 1


async def _line_page(
    desk: Desk,
    tariff_id: UUID,
    number: int | None,
    form: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    price: PriceOut | None = None,
    status: int = 200,
) -> Response[str]:
    around = await known(desk, tariff_id, form or {})
    lines = around.tariff.lines
    line = None if number is None else lines[_place(number, len(lines))]
    path = desk.url(f"{PATH}/{tariff_id}")
    values = {**tariff_form.line_form(line), **begun(desk, around)} if form is None else form
    return desk.page(
        "resources/tariff_line.html",
        status=status,
        tariff_name=name_of(desk, around.tariff),
        version=around.tariff.version,
        is_new=line is None,
        form=Blank(values),
        errors=errors,
        price=price,
        post_url=f"{path}/lines/{number or 'new'}",
        back_url=path,
        **trial_values(desk, around, values),
    )


handlers = [new_line, add_line, line_form, set_line]
