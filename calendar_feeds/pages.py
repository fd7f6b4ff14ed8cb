"""HTML routes of subscriptions: how to subscribe to each calendar that is shown, and one's own secret addresses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscriptions
from calendar_feeds.addresses import Links, caldav_address, links, public_address, secret_address
from calendar_feeds.feed_schemas import MOST_LABEL, FeedIn, FeedOut
from calendar_feeds.rights import open_variants
from calendar_feeds.scopes import KINDS, VARIANTS, Kind, Scope, Variant
from calendar_feeds.subscriptions import About, Made
from core.errors import Forbidden, Invalid, LimitReached, NotFound, Refusal, SignInNeeded
from core.ids import new_id
from core.page import link
from core.paging import Page
from core.settings import Settings
from core.texts import N_
from core.wire import has_nul, id_in
from people.actors import Actor
from people.desk import AtDesk, Desk, Work
from people.profile_pages import sent

A_PAGE: Final = 25
DISCREET: Final = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
SHOWN: Final[Mapping[Variant, str]] = {
    "public": N_("What everybody may know"),
    "busy": N_("Only when it is taken"),
    "full": N_("Everything about the bookings"),
    "staff": N_("For staff: with set-up, clean-up and telephone"),
}
"""How much of a calendar is told → how that is said."""
PLACES: Final[Mapping[Kind, str]] = {
    "resource": "/resources/{}",
    "facility": "/facilities/{}",
    "association": "/associations/{}",
    "team": "/teams/{}",
    "person": "/bookings",
    "municipality": "",
}
"""Kind → where its calendar is shown; `/subscribe` behind it is how one subscribes to it."""
SHARED: Final[frozenset[Kind]] = frozenset({"resource", "facility", "association"})
"""Those for which there is a page on showing them elsewhere (calendar_feeds/sharing)."""
DONE: Final[Mapping[str, str]] = {
    "made": N_("The address is made already."),
    "revoked": N_("The address is gone."),
}


def _place(desk: Desk, kind: Kind, thing_id: UUID | None) -> str:
    return desk.url(PLACES[kind].format(thing_id))


@get("/resources/{resource_id:uuid}/subscribe")
async def of_resource(desk: AtDesk, resource_id: FromPath[UUID]) -> Response[str]:
    """The calendar of what one can book."""
    return await _subscribe_page(desk, "resource", resource_id)


@get("/facilities/{facility_id:uuid}/subscribe")
async def of_facility(desk: AtDesk, facility_id: FromPath[UUID]) -> Response[str]:
    """The calendar of a facility."""
    return await _subscribe_page(desk, "facility", facility_id)


@get("/associations/{association_id:uuid}/subscribe")
async def of_association(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """The calendar of an association."""
    return await _subscribe_page(desk, "association", association_id)


@get("/teams/{team_id:uuid}/subscribe")
async def of_team(desk: AtDesk, team_id: FromPath[UUID]) -> Response[str]:
    """The calendar of one of its teams."""
    return await _subscribe_page(desk, "team", team_id)


@get("/bookings/subscribe")
async def of_mine(desk: AtDesk) -> Response[str]:
    """One's own calendar. Sign in first."""
    return await _subscribe_page(desk, "person", None)


@get("/subscribe")
async def of_municipality(desk: AtDesk) -> Response[str]:
    """The calendar of all places of the municipality."""
    return await _subscribe_page(desk, "municipality", None)


async def _subscribe_page(
    desk: Desk,
    kind: Kind,
    thing_id: UUID | None,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
) -> Response[str]:
    found = await desk.read(lambda db, actor: subscriptions.about(db, actor, kind, thing_id, now=desk.now))
    path = desk.url(f"{PLACES[kind].format(thing_id)}/subscribe")
    return desk.page(
        "calendar_feeds/subscribe.html",
        status=status,
        name=_named(desk, kind, found.name),
        open=_open(desk, kind, thing_id, found),
        choices=[(each, desk.texts.gettext(SHOWN[each]), None) for each in found.choices],
        step_up_url=link(desk.url("/sign-in"), next=path, level="staff") if found.more_when_strong else None,
        sign_in_url=link(desk.url("/sign-in"), next=path)
        if desk.actor.person_id is None and kind in {"association", "team"}
        else None,
        kind=kind,
        thing_id=str(thing_id or ""),
        form=form or {"variant": found.choices[0] if found.choices else "", "label": ""},
        errors=errors or {},
        refusals=refusals,
        idempotency_key=new_id().hex,
        post_url=desk.url("/me/subscriptions"),
        back_url=_place(desk, kind, thing_id) or "/",
        mine_url=desk.url("/me/subscriptions"),
        share_url=desk.url(f"/share{PLACES[kind].format(thing_id)}") if kind in SHARED else None,
    )


def _open(desk: Desk, kind: Kind, thing_id: UUID | None, found: About) -> list[dict[str, Any]]:
    """Addresses that need no secret, each with what it shows."""
    scope, settings = Scope(kind, thing_id), _settings(desk)
    return [
        {
            "key": variant,
            "shows": desk.texts.gettext(SHOWN[variant]),
            "links": links(
                public_address(desk.tenant, settings, scope, variant), _named(desk, kind, found.name)
            ),
        }
        for variant in open_variants(kind)
    ]


def _settings(desk: Desk) -> Settings:
    return desk.request.app.state.settings


def _named(desk: Desk, kind: Kind, name: str) -> str:
    return desk.texts.gettext("My bookings") if kind == "person" else name or desk.tenant.name


@get("/me/subscriptions")
async def my_subscriptions(desk: AtDesk) -> Response[str]:
    """Newest first."""
    query = desk.request.query_params
    cursor, told = query.get("cursor"), DONE.get(query.get("done") or "")

    async def work(db: AsyncSession, actor: Actor) -> Page[FeedOut]:
        return await subscriptions.own_feeds(db, actor, cursor=cursor, limit=A_PAGE)

    page = await desk.read(work)
    return desk.page(
        "calendar_feeds/subscriptions.html",
        notice=desk.texts.gettext(told) if told else None,
        feeds=[_feed(desk, each) for each in page.items],
        previous_url=desk.url("/me/subscriptions") if cursor else None,
        next_url=desk.url("/me/subscriptions", cursor=page.next) if page.next else None,
    )


def _feed(desk: Desk, feed: FeedOut) -> dict[str, Any]:
    path = desk.url(f"/me/subscriptions/{feed.id}")
    return {
        "label": feed.label,
        "name": _named(desk, feed.kind, feed.name),
        "url": _place(desk, feed.kind, feed.thing_id) or "/" if feed.kind != "team" else None,
        "shows": desk.texts.gettext(SHOWN[feed.variant]),
        "is_live": feed.is_live,
        "created_at": feed.created_at,
        "used_at": feed.used_at,
        "used_by": feed.used_by,
        "revoke_url": f"{path}/revoke",
        "rotate_url": f"{path}/rotate" if feed.is_live else None,
        "idempotency_key": new_id().hex,
    }


@post("/me/subscriptions", status_code=200)
async def subscribe(desk: AtDesk) -> Response[Any]:
    """The answer shows the secret address, this once: no address of ours could bear it. Sent twice, it makes one."""
    values = await sent(desk)
    kind: Kind | None = next((each for each in KINDS if each == values.get("kind")), None)
    if kind is None:
        raise Invalid(field="kind", expected=list(KINDS))
    thing_id = id_in(values.get("thing_id"))
    form = {"variant": values.get("variant", ""), "label": values.get("label", "").strip()}
    variant: Variant | None = next((each for each in VARIANTS if each == form["variant"]), None)
    errors: dict[str, str] = {}
    if variant is None:
        errors["variant"] = desk.texts.gettext("Choose what the calendar shall show.")
    if not form["label"] or len(form["label"]) > MOST_LABEL or has_nul(form["label"]):
        errors["label"] = desk.texts.gettext("Write where you will use it, in at most 80 letters.")
    if errors or variant is None:
        return await _subscribe_page(desk, kind, thing_id, form=form, errors=errors, status=422)
    asked = FeedIn(kind=kind, thing_id=thing_id, variant=variant, label=form["label"])
    try:
        return await _made_once(
            desk,
            values.get("idempotency_key", ""),
            lambda db, actor: subscriptions.subscribe(db, actor, asked, now=desk.now),
        )
    except (SignInNeeded, Forbidden, NotFound):
        raise
    except (Invalid, LimitReached) as refusal:
        views = [_view(desk, refusal)]
        return await _subscribe_page(desk, kind, thing_id, form=form, refusals=views, status=refusal.status)


async def _made_once(desk: Desk, key: str, work: Work[Made]) -> Response[Any]:
    """The page that shows the address to whose form made it; the same form again leads to the list."""
    shown: list[Made] = []
    mark = new_id().hex

    async def once(db: AsyncSession, actor: Actor) -> str:
        shown[:] = [await work(db, actor)]
        return mark

    if await desk.once(key[:100], once) != mark:
        return Redirect(desk.url("/me/subscriptions", done="made"), status_code=303)
    return _made_page(desk, shown[0])


@post("/me/subscriptions/{feed_id:uuid}/rotate", status_code=200)
async def rotate(desk: AtDesk, feed_id: FromPath[UUID]) -> Response[Any]:
    """Another address for it, shown this once; the old one is gone. Sent twice, it is made anew once."""
    values = await sent(desk)
    return await _made_once(
        desk,
        values.get("idempotency_key", ""),
        lambda db, actor: subscriptions.rotate(db, actor, feed_id, desk.now),
    )


@post("/me/subscriptions/{feed_id:uuid}/revoke", status_code=303)
async def revoke(desk: AtDesk, feed_id: FromPath[UUID]) -> Redirect:
    """Its address is gone from now on."""
    await desk.change(lambda db, actor: subscriptions.revoke(db, actor, feed_id, desk.now))
    return Redirect(desk.url("/me/subscriptions", done="revoked"), status_code=303)


def _made_page(desk: Desk, made: Made) -> Response[str]:
    name = _named(desk, made.feed.kind, made.feed.name)
    found: Links = links(secret_address(desk.tenant, _settings(desk), made.secret), name)
    response = desk.page(
        "calendar_feeds/subscribed.html",
        name=name,
        label=made.feed.label,
        shows=desk.texts.gettext(SHOWN[made.feed.variant]),
        links=found,
        caldav_url=caldav_address(desk.tenant, _settings(desk), made.secret),
        mine_url=desk.url("/me/subscriptions"),
    )
    response.headers.update(DISCREET)
    return response


def _view(desk: Desk, refusal: Refusal) -> dict[str, Any]:
    said = desk.texts.gettext("You have as many addresses as one can have. Take one away first.")
    if isinstance(refusal, Invalid):
        said = refusal.expected(desk.texts.gettext)
    title = desk.texts.gettext(refusal.title)
    return {"title": title, "explanation": said, "conflicts": [], "alternatives": []}


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[
        of_resource,
        of_facility,
        of_association,
        of_team,
        of_mine,
        of_municipality,
        my_subscriptions,
        subscribe,
        rotate,
        revoke,
    ],
)
