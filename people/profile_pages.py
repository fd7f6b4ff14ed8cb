"""HTML routes of one's own profile."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ChangedMeanwhile, Invalid
from core.page import safe_path
from core.texts import LANGUAGES, N_
from people.actors import Actor
from people.contact import NOTICES, OF_STAFF
from people.desk import AtDesk, Desk
from people.frame import A_YEAR
from people.groups import CUSTOMER_GROUPS
from people.persons import CHECKS, change_profile, profile
from people.profile_schemas import ProfileOut, ProfilePatch

GROUPS: Final[Mapping[str, str]] = {**CUSTOMER_GROUPS}
"""Customer group → the word for it; one that is not here stands for itself."""


async def sent(desk: Desk) -> dict[str, str]:
    """The fields of the form that was posted."""
    form = await desk.request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def version_of(values: Mapping[str, str]) -> int:
    """The version that the form was made of. Raises Invalid."""
    version = values.get("version", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise Invalid(field="version", expected=N_("the number that the form came with"))
    return int(version)


def in_words(desk: Desk, refusal: Invalid) -> str:
    """What would be right, as a sentence under a field."""
    return desk.texts.gettext("Write %(expected)s.", expected=refusal.expected(desk.texts.gettext))


@get("/me")
async def me(desk: AtDesk) -> Response[str]:
    """What stands there now; `next` is where she came from."""
    found = await desk.read(profile)
    query = desk.request.query_params
    notice = desk.texts.gettext("Your profile is saved.") if "done" in query else None
    form = {**_form_of(found, desk), "next": safe_path(query.get("next") or "") or ""}
    return _page(desk, found, form, notice=notice)


@post("/me", status_code=200)
async def change_me(desk: AtDesk) -> Response[Any]:
    """Saved, and back to where she came from."""
    values = await sent(desk)
    version, next_path = version_of(values), safe_path(values.get("next", ""))
    form = {name: values.get(name, "") for name in (*CHECKS, "language")}
    form |= {f"notice-{name}": values.get(f"notice-{name}", "") for name in NOTICES}
    form["next"] = next_path or ""
    errors = {name: wrong for name in CHECKS if (wrong := _wrong(desk, name, form[name]))}
    if form["language"] not in desk.tenant.languages:
        errors["language"] = desk.texts.gettext("Choose one of those in the list.")
    if errors:
        return _page(desk, await desk.read(profile), form, errors=errors, status=422)
    languages = desk.tenant.languages

    async def work(db: AsyncSession, actor: Actor) -> ProfileOut:
        patch = _patch(form, actor)
        return await change_profile(db, actor, patch, languages=languages, version=version, now=desk.now)

    try:
        saved = await desk.change(work)
    except ChangedMeanwhile as refusal:
        views = [_view(desk, refusal)]
        return _page(desk, await desk.read(profile), form, refusals=views, status=refusal.status)
    response = Redirect(next_path or desk.url("/me", done="saved"), status_code=303)
    response.set_cookie("language", saved.language, max_age=A_YEAR, samesite="lax")
    return response


def _patch(form: Mapping[str, str], actor: Actor) -> ProfilePatch:
    """What is not shown to her stays: she is told of it when she becomes staff."""
    shown = _shown(actor)
    notices = [name for name in NOTICES if name not in shown or form[f"notice-{name}"]]
    told = {name: form[name] for name in (*CHECKS, "language")}
    return msgspec.convert({**told, "notices": notices}, ProfilePatch)


def _shown(actor: Actor) -> list[str]:
    is_staff = bool(actor.grants or actor.withheld)
    return [name for name in NOTICES if is_staff or name not in OF_STAFF]


def _wrong(desk: Desk, name: str, text: str) -> str | None:
    try:
        CHECKS[name](text)
    except Invalid as refusal:
        return in_words(desk, refusal)
    return None


def _view(desk: Desk, refusal: ChangedMeanwhile) -> dict[str, Any]:
    title = desk.texts.gettext(refusal.title)
    return {"title": title, "explanation": None, "conflicts": [], "alternatives": []}


def _form_of(found: ProfileOut, desk: Desk) -> dict[str, str]:
    form = {
        "name": found.name,
        "email": found.email or "",
        "phone": found.phone or "",
        "postcode": found.postcode or "",
        "language": found.language or desk.language,
    }
    return form | {f"notice-{name}": "yes" if name in found.notices else "" for name in NOTICES}


def _page(
    desk: Desk,
    found: ProfileOut,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[Mapping[str, Any]] = (),
    notice: str | None = None,
    status: int = 200,
) -> Response[str]:
    return desk.page(
        "people/profile.html",
        status=status,
        notice=notice,
        form=form,
        errors=errors or {},
        refusals=refusals,
        is_new=not found.name,
        languages=[(code, LANGUAGES[code]) for code in desk.tenant.languages],
        notices=[
            (f"notice-{name}", desk.texts.gettext(text))
            for name, text in NOTICES.items()
            if name in _shown(desk.actor)
        ],
        version=found.version,
        group=desk.texts.gettext(GROUPS.get(found.customer_group, found.customer_group)),
        post_url=desk.url("/me"),
    )


handlers = [me, change_me]
