"""HTML routes of the municipality's own words for what people are told."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import own_words
from booking.telling.kinds import FIELDS, KINDS
from booking.telling.own_words import Words
from core.errors import AlreadyExists, ChangedMeanwhile, Invalid, NotFound
from core.texts import LANGUAGES, N_, Texts, texts
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.profile_pages import in_words, sent, version_of

DONE: Mapping[str, str] = {
    "saved": N_("The text is saved. It holds from the next message."),
    "reset": N_("Our text holds again."),
}
"""What the address says was just done → how it is told."""


@get("/staff/texts")
async def own_texts(desk: AtDesk) -> Response[str]:
    """Every kind, and in which languages the municipality has words of its own."""
    own = await desk.read(own_words.listed)
    done = DONE.get(desk.request.query_params.get("done") or "")
    return desk.page(
        "booking/texts.html",
        notice=None if done is None else desk.texts.gettext(done),
        kinds=[
            {
                "title": desk.texts.gettext(kind.title),
                "languages": [
                    {
                        "name": LANGUAGES[language],
                        "is_own": (name, language) in own,
                        "url": desk.url("/staff/texts/edit", kind=name, language=language),
                    }
                    for language in desk.tenant.languages
                ],
            }
            for name, kind in KINDS.items()
        ],
    )


@get("/staff/texts/edit")
async def edit_text(desk: AtDesk) -> Response[str]:
    """One kind in one language; the first of each when the address says nothing."""
    query = desk.request.query_params
    kind, words = _chosen(desk, query)
    found = await desk.read(lambda db, actor: own_words.words_of(db, actor, kind, words))
    return _page(desk, kind, words, found, {"subject": found.subject, "text": found.text})


@post("/staff/texts/edit", status_code=200)
async def change_text(desk: AtDesk) -> Response[Any]:
    """Saved, only tried, or taken back, as the button says."""
    values = await sent(desk)
    version = version_of(values)
    kind, words = _chosen(desk, values)
    form = {name: values.get(name, "") for name in ("subject", "text")}
    action = values.get("action")
    if action == "preview":
        return await _tried(desk, kind, words, form)

    async def work(db: AsyncSession, actor: Actor) -> None:
        if action == "reset":
            await own_words.reset(db, actor, kind, words.language, version=version, now=desk.now)
        else:
            await own_words.save(
                db,
                actor,
                kind,
                words.language,
                line=form["subject"],
                text=form["text"],
                version=version,
                now=desk.now,
            )

    try:
        await desk.change(work)
    except (Invalid, ChangedMeanwhile, AlreadyExists) as refusal:
        found = await desk.read(lambda db, actor: own_words.words_of(db, actor, kind, words))
        if isinstance(refusal, Invalid):
            errors = {refusal.facts["field"]: in_words(desk, refusal)}
            return _page(desk, kind, words, found, form, errors=errors, status=422)
        view: dict[str, Any] = {"title": desk.texts.gettext(ChangedMeanwhile.title), "explanation": None}
        refusals: list[dict[str, Any]] = [{**view, "conflicts": [], "alternatives": []}]
        return _page(desk, kind, words, found, form, refusals=refusals, status=ChangedMeanwhile.status)
    done = "reset" if action == "reset" else "saved"
    return Redirect(desk.url("/staff/texts", done=done), status_code=303)


async def _tried(desk: Desk, kind: str, words: Texts, form: Mapping[str, str]) -> Response[str]:
    """With made-up data, nothing written."""
    found = await desk.read(lambda db, actor: own_words.words_of(db, actor, kind, words))
    try:
        line, text = own_words.checked(kind, form["subject"], form["text"])
    except Invalid as refusal:
        errors = {refusal.facts["field"]: in_words(desk, refusal)}
        return _page(desk, kind, words, found, form, errors=errors, status=422)
    shown = own_words.preview(
        kind,
        line,
        text,
        municipality=desk.tenant.name,
        link=desk.address("/applications/…"),
        words=words,
        now=desk.now,
    )
    return _page(desk, kind, words, found, form, shown=shown)


def _chosen(desk: Desk, values: Mapping[str, str]) -> tuple[str, Texts]:
    """Raises NotFound for a kind or language that is not here."""
    kind = values.get("kind") or next(iter(KINDS))
    language = values.get("language") or desk.tenant.languages[0]
    if kind not in KINDS or language not in desk.tenant.languages:
        raise NotFound(what="text")
    return kind, texts(language, desk.tenant.zone_name)


def _page(
    desk: Desk,
    kind: str,
    words: Texts,
    found: Words,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: list[dict[str, Any]] | None = None,
    shown: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    ours = own_words.ours(kind, words)
    return desk.page(
        "booking/text.html",
        status=status,
        title=desk.texts.gettext(KINDS[kind].title),
        language=words.language,
        language_name=LANGUAGES[words.language],
        kind=kind,
        is_own=found.is_own,
        version=found.version,
        fields=[(f"{{{name}}}", desk.texts.gettext(FIELDS[name])) for name in KINDS[kind].known],
        form=form,
        errors=errors or {},
        refusals=refusals or [],
        preview=None if shown is None else {"subject": shown[0], "text": shown[1]},
        ours={"subject": ours.subject, "text": ours.text} if found.is_own else None,
        post_url=desk.url("/staff/texts/edit"),
        back_url=desk.url("/staff/texts"),
    )


handlers = [own_texts, edit_text, change_text]
