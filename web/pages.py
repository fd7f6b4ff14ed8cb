"""Pages that belong to no room: the languages, the colours, what we promise about accessibility."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

import booking.pages
import calendar_feeds.incoming.pages
import calendar_feeds.pages
import calendar_feeds.partners.pages
import calendar_feeds.sharing.pages
import payments.account_pages
import payments.invoicing.invoice_pages
import people.association_list_pages
import people.association_pages
import people.audit_pages
import people.delegate_pages
import people.invitation_pages
import people.leading_pages
import people.privacy_pages
import people.profile_pages
import people.staff_pages
import people.team_pages
import people.token_pages
import resources.pages
from core import mail, sms
from core.colours import stylesheet
from core.errors import NotFound
from core.mail_models import Letter
from core.page import render
from core.settings import Settings
from core.sms_models import TextMessage
from core.texts import LANGUAGES
from people import login_pages
from people.actors import Actor
from people.desk import AnyRequest, AtDesk, Desk
from people.frame import frame, language_of, remember_language
from web import sign_in

LETTERS_SHOWN = 50
BOXED = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""A letter's own look, and nothing else (Content Security Policy 3, directive sandbox)."""


@get("/theme.css")
async def theme(desk: AtDesk) -> Response[str]:
    """The municipality's colour in every shade."""
    return Response(
        stylesheet(desk.tenant.colour),
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=300"},
    )


@get("/accessibility")
async def accessibility(desk: AtDesk) -> Response[str]:
    """What we promise."""
    await desk.read(_nothing)
    return desk.page("web/accessibility.html", statement_url=None, contact_email=None)


async def _nothing(_db: AsyncSession, _actor: Actor) -> None:
    """For pages that only ask who reads."""


@get("/accessibility", include_in_schema=False)
async def accessibility_above_all(request: AnyRequest) -> Response[str]:
    """The same, above all municipalities."""
    language = language_of(request, list(LANGUAGES))
    values: dict[str, Any] = {"statement_url": None, "contact_email": None}
    html = render("web/accessibility.html", frame(request, None, language), **values)
    response = Response(html, media_type="text/html")
    return remember_language(request, response, language)


@get("/letters")
async def letters(desk: AtDesk) -> Response[str]:
    """In the demo: what would have been sent by e-mail and SMS, so that one can follow the links in it."""

    async def work(db: AsyncSession, _actor: Actor) -> tuple[Sequence[Letter], Sequence[TextMessage]]:
        return await mail.latest(db, limit=LETTERS_SHOWN), await sms.latest(db, limit=LETTERS_SHOWN)

    found, text_messages = await desk.read(work)
    return desk.page(
        "web/letters.html",
        letters=[
            {
                "address": each.address,
                "subject": each.subject,
                "text": each.text,
                "language": each.language,
                "created_at": each.created_at,
                "html_url": desk.url(f"/letters/{each.id}/html") if each.html else None,
                "calendar_url": desk.url(f"/letters/{each.id}/calendar") if each.calendar else None,
                "can_end": each.unsubscribe_url is not None,
            }
            for each in found
        ],
        text_messages=[
            {"number": each.number, "text": each.text, "created_at": each.created_at}
            for each in text_messages
        ],
    )


@get("/letters/{letter_id:uuid}/html")
async def letter_html(desk: AtDesk, letter_id: FromPath[UUID]) -> Response[str]:
    """In the demo: a letter as programs show it that know HTML; in a box, where nothing runs or is fetched."""
    found = await _letter(desk, letter_id)
    return Response(found.html or "", media_type="text/html", headers={"Content-Security-Policy": BOXED})


@get("/letters/{letter_id:uuid}/calendar")
async def letter_calendar(desk: AtDesk, letter_id: FromPath[UUID]) -> Response[str]:
    """In the demo: what goes with a letter for calendars, as a file."""
    found = await _letter(desk, letter_id)
    told = {"Content-Disposition": 'attachment; filename="booking.ics"'}
    return Response(found.calendar or "", media_type="text/calendar", headers=told)


async def _letter(desk: Desk, letter_id: UUID) -> Letter:
    found = await desk.read(lambda db, _: mail.letter(db, letter_id))
    if found is None:
        raise NotFound(what="letter")
    return found


def handlers(settings: Settings) -> Sequence[ControllerRouterHandler]:
    """All HTML routes of the program."""
    own: list[Any] = [
        *sign_in.handlers(settings),
        *login_pages.handlers,
        theme,
        accessibility,
        *people.profile_pages.handlers,
        *people.token_pages.handlers,
        *calendar_feeds.partners.pages.handlers,
        *people.privacy_pages.handlers,
        *people.audit_pages.handlers,
    ]
    if settings.demo:
        own += [letters, letter_html, letter_calendar]
    return [
        *booking.pages.shared_handlers,
        accessibility_above_all,
        Router(path="/{m:str}", include_in_schema=False, route_handlers=own),
        people.association_pages.pages,
        people.association_list_pages.pages,
        people.delegate_pages.pages,
        people.team_pages.pages,
        people.leading_pages.pages,
        people.invitation_pages.pages,
        people.staff_pages.pages,
        resources.pages.pages,
        calendar_feeds.pages.pages,
        booking.pages.pages,
        calendar_feeds.incoming.pages.pages,
        calendar_feeds.sharing.pages.pages,
        payments.account_pages.pages,
        payments.invoicing.invoice_pages.router,
    ]
