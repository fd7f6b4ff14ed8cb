"""HTML routes of lines that a tariff takes from a file: what would be added and what is wrong is told first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Invalid, Malformed
from core.texts import N_
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import tariff_reading, tariff_service
from resources.form_fields import Blank, sent, version_of
from resources.price_file import COLUMNS, Fault, FileLine, read_price_file
from resources.price_list import line_row
from resources.tariff_form import Wrong
from resources.tariff_schemas import TariffPatch, line_in
from resources.tariffs import TariffLineFacts
from resources.trial_pages import PATH, name_of

FILE: Final = f"{PATH}/{{tariff_id:uuid}}/lines/import"
FAULTY: Final = N_("Something in the list is wrong, and nothing is added. Each fault is told below.")


@get(FILE)
async def file_form(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[str]:
    """A file to choose, or its text."""
    return await _page(desk, tariff_id, {}, {})


@post(FILE, status_code=200, opt={"takes_files": True})
async def take_file(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[Any]:
    """What would be added, or all that is wrong; added when the button says so. Then the tariff."""
    try:
        values = await sent(desk)
    except (UnicodeDecodeError, LookupError) as error:
        raise Malformed(field="body", expected=N_("text in UTF-8")) from error
    version = version_of(values)
    try:
        values = {**values, "text": await _text(desk, values)}
        lines, faults = read_price_file(values["text"], desk.texts)
        if faults:
            errors = {"text": desk.texts.gettext(FAULTY)}
            return await _page(desk, tariff_id, values, errors, faults=faults, status=422)

        async def patched(db: AsyncSession, actor: Actor) -> TariffPatch:
            found = await tariff_reading.tariff(
                db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now
            )
            return TariffPatch(lines=[*map(line_in, found.lines), *(each.line for each in lines)])

        async def proposed(db: AsyncSession, actor: Actor) -> Sequence[TariffLineFacts]:
            patch = await patched(db, actor)
            made = await tariff_service.proposed(db, actor, tariff_id, patch=patch, version=version)
            return made.lines[-len(lines) :]

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

        if values.get("step") != "add":
            return await _page(desk, tariff_id, values, {}, added=(lines, await desk.read(proposed)))
        await desk.change(work)
    except Wrong as wrong:
        return await _page(desk, tariff_id, values, wrong.errors, status=422)
    except (Conflict, Invalid) as refusal:
        told = refusal.expected(desk.texts.gettext) if isinstance(refusal, Invalid) else None
        errors = {"text": told or desk.texts.gettext(refusal.title)}
        return await _page(desk, tariff_id, values, errors, status=refusal.status)
    return Redirect(desk.url(f"{PATH}/{tariff_id}", done="saved"), status_code=303)


async def _text(desk: Desk, values: Mapping[str, str]) -> str:
    """Of the file that was chosen, else what was written. Raises Wrong."""
    chosen = (await desk.request.form()).get("file")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        return values.get("text", "")
    try:
        return (await chosen.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Wrong({"file": desk.texts.gettext("Choose a CSV file in UTF-8.")}) from error


async def _page(
    desk: Desk,
    tariff_id: UUID,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    faults: Sequence[Fault] = (),
    added: tuple[Sequence[FileLine], Sequence[TariffLineFacts]] | None = None,
    status: int = 200,
) -> Response[str]:
    found = await desk.read(
        lambda db, actor: tariff_reading.tariff(
            db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now
        )
    )
    path = desk.url(f"{PATH}/{tariff_id}")
    lines = [] if added is None else list(zip(*added, strict=True))
    return desk.page(
        "resources/price_file.html",
        status=status,
        tariff_name=name_of(desk, found),
        version=found.version,
        form=Blank(form),
        errors=errors,
        faults=faults,
        added=[(each.number, line_row(facts, desk.texts)) for each, facts in lines],
        columns=COLUMNS,
        post_url=f"{path}/lines/import",
        back_url=path,
    )


handlers = [file_form, take_file]
