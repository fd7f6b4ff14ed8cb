"""HTML routes of door locks: which there are and how it stands with them, connecting one, changing it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from booking import displacing_queries
from booking.closure_pages import place_pairs
from booking.own_pages import sent
from booking.told import refusal_view
from booking.views import View
from calendar_feeds.partners import doors as service
from calendar_feeds.partners.door_api import allowed
from calendar_feeds.partners.door_schemas import DoorCodeOut, DoorIn, DoorOut, DoorPatch
from core.calling import FAILED, REFUSED
from core.errors import Invalid, Refusal
from core.page import link
from core.paging import Page
from core.spans import Span
from core.texts import N_, Texts
from core.wire import has_nul, id_in
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.rules import demand_somewhere

A_PAGE: Final = 50
DONE: Final[Mapping[str, str]] = {
    "connected": N_("The lock is connected. Bookings to come get their codes now."),
    "changed": N_("The lock is changed."),
    "anew": N_("All codes are placed anew."),
    "gone": N_("The lock is disconnected. Its codes are being withdrawn."),
}
"""What the address says was just done → how it is told."""
STATES: Final[Mapping[str, str]] = {
    "wanted": N_("On its way"),
    "placed": N_("In the lock"),
    "withdrawing": N_("Being withdrawn"),
    "gone": N_("Withdrawn"),
    "failed": N_("Not in the lock"),
}
FIELDS: Final = ("address", "secret", "minutes_before", "minutes_after")
LONGEST_MINUTES: Final = 1440


@get("/staff/doors")
async def list_doors(desk: AtDesk) -> Response[str]:
    """Newest first."""
    query = desk.request.query_params
    cursor = query.get("cursor")
    page: Page[DoorOut] = await desk.read(
        lambda db, actor: service.doors(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE)
    )
    path = desk.url("/staff/doors")
    return desk.page(
        "calendar_feeds/doors.html",
        notice=_done(desk),
        doors=[{**_shown(each), "url": f"{path}/{each.id}"} for each in page.items],
        new_url=f"{path}/new",
        previous_url=path if cursor else None,
        next_url=desk.url("/staff/doors", cursor=page.next) if page.next else None,
    )


def _done(desk: Desk) -> str | None:
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


def _shown(door: DoorOut) -> View:
    return {
        "name": f"{door.facility}: {door.resource}",
        "failing_since": door.failing_since,
        "reached_at": door.reached_at,
        "late": door.late,
        "failed": door.failed,
    }


@get("/staff/doors/new")
async def ask_connect(desk: AtDesk) -> Response[str]:
    """An empty form."""
    return await _new_page(desk, {"minutes_before": "15", "minutes_after": "15"}, {})


@post("/staff/doors/new", status_code=200)
async def connect(desk: AtDesk) -> Response[Any]:
    """Then bookings to come get their codes."""
    values = await sent(desk)
    errors, minutes = _errors(values, desk.texts)
    resource_id = id_in(values.get("place", "").removeprefix("resource:"))
    if resource_id is None:
        errors = {"place": desk.texts.gettext("Choose where."), **errors}
    if len(values.get("secret", "")) < 8:
        errors.setdefault("secret", desk.texts.gettext("Write at least 8 characters."))
    if errors or resource_id is None:
        return await _new_page(desk, values, errors, status=422)
    form = DoorIn(
        resource_id=resource_id,
        address=values["address"],
        secret=values["secret"],
        minutes_before=minutes["minutes_before"],
        minutes_after=minutes["minutes_after"],
    )
    vault = desk.request.app.state.vault
    try:
        await desk.change(
            lambda db, actor: service.connect(
                db, actor, desk.tenant, form, vault=vault, allow=allowed(desk), now=desk.now
            )
        )
    except Invalid as invalid:
        errors = {"address": desk.texts.gettext(str(invalid.facts["expected"]))}
        return await _new_page(desk, values, errors, status=422)
    except service.DoorTaken as taken:
        return await _new_page(desk, values, {}, refusal=taken, status=409)
    return Redirect(desk.url("/staff/doors", done="connected"), status_code=303)


async def _new_page(
    desk: Desk,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> Any:
        demand_somewhere(actor, service.RIGHT)
        return await displacing_queries.places(db, with_units=False)

    places = await desk.read(work)
    pairs = [pair for pair in place_pairs(desk, places, service.RIGHT) if pair[0].startswith("resource:")]
    return desk.page(
        "calendar_feeds/door_new.html",
        status=status,
        places=pairs,
        form={"place": values.get("place", ""), **_kept(values)},
        errors=errors,
        refusals=() if refusal is None else (refusal_view(refusal, desk.texts),),
        post_url=desk.url("/staff/doors/new"),
        back_url=desk.url("/staff/doors"),
    )


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    """As it was sent, without the secret."""
    return {name: "" if name == "secret" else values.get(name, "") for name in FIELDS}


def _errors(values: Mapping[str, str], texts: Texts) -> tuple[dict[str, str], dict[str, int]]:
    """Fields and what is wrong with them; and the minutes."""
    errors: dict[str, str] = {}
    minutes: dict[str, int] = {}
    unreadable, unfit = REFUSED["unreadable"], REFUSED["header"]
    address, secret = values.get("address", "").strip(), values.get("secret", "")
    if not address or has_nul(address) or len(address) > 2000:
        errors["address"] = texts.gettext(unreadable)
    if secret and not (
        secret.isascii() and secret.isprintable() and " " not in secret and len(secret) <= 500
    ):
        errors["secret"] = texts.gettext(unfit)
    for name in ("minutes_before", "minutes_after"):
        text = values.get(name, "").strip()
        if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= LONGEST_MINUTES:
            minutes[name] = int(text)
        else:
            errors[name] = texts.gettext("Write a whole number of minutes, at most 1440.")
    return errors, minutes


@get("/staff/doors/{lock_id:uuid}")
async def door(desk: AtDesk, lock_id: FromPath[UUID]) -> Response[str]:
    """The form, filled in but for the secret, and its codes."""
    return await _page(desk, lock_id, None, {})


@post("/staff/doors/{lock_id:uuid}", status_code=200)
async def change(desk: AtDesk, lock_id: FromPath[UUID]) -> Response[Any]:
    """An empty secret leaves the one there is."""
    values = await sent(desk)
    errors, minutes = _errors(values, desk.texts)
    if values.get("secret") and len(values["secret"]) < 8:
        errors.setdefault("secret", desk.texts.gettext("Write at least 8 characters."))
    if errors:
        return await _page(desk, lock_id, values, errors, status=422)
    patch = DoorPatch(
        address=values["address"],
        secret=values.get("secret") or UNSET,
        minutes_before=minutes["minutes_before"],
        minutes_after=minutes["minutes_after"],
    )
    vault = desk.request.app.state.vault
    try:
        await desk.change(
            lambda db, actor: service.change(
                db, actor, desk.tenant, lock_id, patch, vault=vault, allow=allowed(desk), now=desk.now
            )
        )
    except Invalid as invalid:
        errors = {"address": desk.texts.gettext(str(invalid.facts["expected"]))}
        return await _page(desk, lock_id, values, errors, status=422)
    return Redirect(desk.url(f"/staff/doors/{lock_id}", done="changed"), status_code=303)


async def _page(
    desk: Desk,
    lock_id: UUID,
    values: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor")

    async def work(db: AsyncSession, actor: Actor) -> tuple[DoorOut, Page[DoorCodeOut]]:
        found = await service.door(db, actor, desk.tenant, lock_id)
        return found, await service.codes(db, actor, desk.tenant, lock_id, cursor=cursor, limit=A_PAGE)

    found, codes = await desk.read(work)
    path = desk.url(f"/staff/doors/{lock_id}")
    now = {
        "address": found.address,
        "minutes_before": str(found.minutes_before),
        "minutes_after": str(found.minutes_after),
    }
    return desk.page(
        "calendar_feeds/door.html",
        status=status,
        notice=_done(desk),
        door=_shown(found),
        form=_kept(now if values is None else values),
        errors=errors,
        codes=[_code_view(each, desk.texts) for each in codes.items],
        post_url=path,
        anew_url=f"{path}/place-anew",
        disconnect_url=f"{path}/disconnect",
        back_url=desk.url("/staff/doors"),
        previous_url=path if cursor else None,
        next_url=link(path, cursor=codes.next) if codes.next else None,
    )


def _code_view(code: DoorCodeOut, texts: Texts) -> View:
    return {
        "span": Span(code.valid_from, code.valid_until),
        "state": texts.gettext(STATES[code.state]),
        "is_amiss": code.state == "failed" or code.attempts > 0,
        "why": _why(code.error, texts),
    }


def _why(error: str | None, texts: Texts) -> str:
    if error is None:
        return ""
    if error == "in_use":
        return texts.gettext("The lock says that it has the code already.")
    told = {**FAILED, **REFUSED}.get(error)  # type: ignore[call-overload]  # words of both
    return texts.gettext("It answers: %(error)s.", error=error) if told is None else texts.gettext(told)


@post("/staff/doors/{lock_id:uuid}/place-anew", status_code=200)
async def place_anew(desk: AtDesk, lock_id: FromPath[UUID]) -> Redirect:
    """For a lock that has forgotten, or was mended."""
    await desk.change(lambda db, actor: service.place_anew(db, actor, desk.tenant, lock_id, desk.now))
    return Redirect(desk.url(f"/staff/doors/{lock_id}", done="anew"), status_code=303)


@post("/staff/doors/{lock_id:uuid}/disconnect", status_code=200)
async def disconnect(desk: AtDesk, lock_id: FromPath[UUID]) -> Redirect:
    """Its codes are withdrawn."""
    await desk.change(lambda db, actor: service.disconnect(db, actor, lock_id, desk.now))
    return Redirect(desk.url("/staff/doors", done="gone"), status_code=303)


router = Router(
    path="/{m:str}",
    route_handlers=[list_doors, ask_connect, connect, door, change, place_anew, disconnect],
    include_in_schema=False,
)
