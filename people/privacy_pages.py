"""HTML routes of privacy: what is held about me, erasing me, who has read about me, how long things are kept."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotErasable
from people import collecting, erasing, retaining
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.privacy_api import data_in_words, erasure_in_words, file_of, rules_in_words
from people.privacy_schemas import ErasureOut, RetentionIn, RetentionOut, RuleIn
from people.profile_pages import sent
from people.reads import READS
from people.wording import role_label

A_PAGE: Final = 50
LONGEST_DAYS: Final = 36_500


@get("/me/data")
async def my_data(desk: AtDesk) -> Response[str]:
    """What there is, by kind, and the way to the file."""
    found = await desk.read(lambda db, actor: collecting.collected(db, actor, desk.tenant))
    told = data_in_words(found, desk)
    return desk.page(
        "people/data.html",
        notes=told.notes,
        holdings=[{"title": each.title, "count": len(each.rows)} for each in told.holdings if each.rows],
        file_url=desk.url("/me/data.json"),
        erasure_url=desk.url("/me/erasure"),
    )


@get("/me/data.json")
async def my_data_file(desk: AtDesk) -> Response[Any]:
    """The file itself."""
    return await file_of(desk)


@get("/me/erasure")
async def my_erasure(desk: AtDesk) -> Response[str]:
    """What it would come to. Changes nothing."""
    return await _erasure_page(desk)


@post("/me/erasure", status_code=200)
async def erase_me(desk: AtDesk) -> Response[Any]:
    """All of it at once, and for good."""
    values = await sent(desk)
    if values.get("confirm") != "yes":
        errors = {"confirm": desk.texts.gettext("Tick that you want to be erased for good.")}
        return await _erasure_page(desk, errors=errors, status=422)
    try:
        await desk.change(lambda db, actor: erasing.erase_me(db, actor, desk.now))
    except NotErasable as refusal:
        return await _erasure_page(desk, status=refusal.status)
    response: Response[Any] = Redirect(desk.url("/me/erased"), status_code=303)
    desk.drop_cookie(response, desk.cookie_name)
    return response


@get("/me/erased")
async def erased(desk: AtDesk) -> Response[str]:
    """Said to nobody in particular: we no longer know her."""
    await desk.read(_nothing)
    return desk.page("people/data_erased.html")


async def _nothing(_db: AsyncSession, _actor: Actor) -> None:
    """For a page that only asks who reads."""


async def _erasure_page(
    desk: Desk, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response[str]:
    found: ErasureOut = await desk.read(lambda db, actor: erasing.erasure(db, actor, desk.now))
    told = erasure_in_words(found, desk)
    return desk.page(
        "people/data_erasure.html",
        status=status,
        errors=errors or {},
        form={"confirm": ""},
        in_the_way=[each for each in told.effects if each.fate == "in_the_way"],
        erased=[each for each in told.effects if each.fate == "erased"],
        kept=[each for each in told.effects if each.fate == "kept"],
        post_url=desk.url("/me/erasure"),
        back_url=desk.url("/me/data"),
    )


@get("/me/reads")
async def reads_of_me(desk: AtDesk) -> Response[str]:
    """Newest first."""
    cursor = desk.request.query_params.get("cursor")
    found = await desk.read(lambda db, actor: collecting.reads_of_me(db, actor, cursor=cursor, limit=A_PAGE))
    known: Mapping[str, str] = {**READS}
    return desk.page(
        "people/reads.html",
        reads=[
            {
                "what": desk.texts.gettext(known.get(each.what, each.what)),
                "at": each.at,
                "reader": each.reader,
                "roles": desk.texts.listed([role_label(role, desk.texts) for role in each.roles]),
            }
            for each in found.items
        ],
        previous_url=desk.url("/me/reads") if cursor else None,
        next_url=desk.url("/me/reads", cursor=found.next) if found.next else None,
    )


@get("/staff/retention")
async def retention(desk: AtDesk) -> Response[str]:
    """For administrators."""
    rules = await desk.read(retaining.rules)
    form = {_field(rule): str(rule.days) for rule in rules}
    notice = desk.texts.gettext("The rules are saved.") if "done" in desk.request.query_params else None
    return _retention_page(desk, rules, form, notice=notice)


@post("/staff/retention", status_code=200)
async def set_retention(desk: AtDesk) -> Response[Any]:
    """All of them, or none."""
    values = await sent(desk)
    rules = await desk.read(retaining.rules)
    form = {_field(rule): values.get(_field(rule), "").strip() for rule in rules}
    errors: dict[str, str] = {}
    wanted: list[RuleIn] = []
    for rule in rules:
        written = form[_field(rule)]
        is_number = written.isascii() and written.isdecimal() and len(written) < 6
        days = int(written) if is_number else rule.proposed if not written else 0
        if rule.least <= days <= LONGEST_DAYS:
            wanted.append(RuleIn(kind=rule.kind, days=days))
        else:
            errors[_field(rule)] = desk.texts.gettext(
                "Write a number of days from %(least)d to %(most)d.", least=rule.least, most=LONGEST_DAYS
            )
    if errors:
        return _retention_page(desk, rules, form, errors=errors, status=422)
    chosen = RetentionIn(rules=wanted)
    await desk.change(lambda db, actor: retaining.set_rules(db, actor, chosen, desk.now))
    return Redirect(desk.url("/staff/retention", done="yes"), status_code=303)


def _field(rule: RetentionOut) -> str:
    return f"days-{rule.kind}"


def _retention_page(
    desk: Desk,
    rules: list[RetentionOut],
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    notice: str | None = None,
    status: int = 200,
) -> Response[str]:
    return desk.page(
        "people/retention.html",
        status=status,
        notice=notice,
        rules=[{"field": _field(rule), "rule": rule} for rule in rules_in_words(rules, desk)],
        form=form,
        errors=errors or {},
        post_url=desk.url("/staff/retention"),
    )


handlers = [
    my_data,
    my_data_file,
    my_erasure,
    erase_me,
    erased,
    reads_of_me,
    retention,
    set_retention,
]
