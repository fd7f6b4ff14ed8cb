"""Telling a person: a message inside always, and, as she wishes and the law asks, a letter and a text message.

All in the caller's transaction, in her own language and in the municipality's own words where it has any.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import queries
from booking.telling.invites import Address
from booking.telling.kinds import KINDS, Kind
from booking.telling.letters import letter_html, letter_text
from booking.telling.unsubscribing import token_of
from booking.telling.wording import clean, one_line, paragraphs, plain, subject
from booking.telling_models import Notice
from core import mail, sms
from core.db import AnyRow
from core.delivery import settings_of
from core.settings import Settings
from core.tenants import Tenant, home_of, tenant_here
from core.texts import Texts, texts
from core.vault import vault_of

Fill = Callable[[Texts], Mapping[str, str]]
"""Field of the kind → its value, in a language."""
Hidden = Callable[[Texts], tuple[str, list[tuple[str, str]]]]
"""Field of the kind, and its lines: what may be seen of each, and what not; in a language."""
Calendar = Callable[[Address, Address, Texts], str | None]
"""(organizer, attendee, words) → iCalendar objects."""
RECEIPTS = frozenset({"requested", "payable", "paid", "confirmed", "approved"})
"""What even who did it herself is told whatever she wishes: that it has arrived, or holds."""


class Post(msgspec.Struct, frozen=True):
    """Who writes: the municipality, and where people find it."""

    tenant: Tenant
    settings: Settings

    def address(self, path: str) -> str:
        """A path of the municipality with scheme and host."""
        return home_of(self.tenant, self.settings) + path

    @property
    def organizer(self) -> Address:
        return Address(self.tenant.name, parseaddr(self.settings.mail_from)[1])

    def words(self, language: str | None) -> Texts:
        """In her own language, where the municipality offers it, else in its first."""
        offered = self.tenant.languages
        return texts(language if language in offered else offered[0], self.tenant.zone_name)


async def post_of(db: AsyncSession) -> Post:
    """Of the municipality whose transaction it is."""
    return Post(await tenant_here(db), settings_of(db))


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell."""

    kind: str
    fill: Fill
    path: str
    """Where it leads, inside the municipality."""
    application_id: UUID | None = None
    calendar: Calendar | None = None
    hidden: Hidden | None = None
    """Its values stand in the letter alone, and are nowhere kept in the open."""
    is_own: bool = False
    """Who reads it did it herself: then it is a receipt, and no news."""


async def tell(db: AsyncSession, post: Post, person_id: UUID, news: News, now: datetime) -> bool:
    """Write it down and out; False when there is nobody any more to tell."""
    reader = await queries.reader(db, person_id)
    if reader is None:
        return False
    kind, words = KINDS[news.kind], post.words(reader.language)
    own = await queries.own_words(db, news.kind, words.language)
    line, text = (own.subject, own.text) if own else (words.gettext(kind.subject), words.gettext(kind.text))
    filled = {name: clean(value).replace(mail.HIDDEN, "") for name, value in news.fill(words).items()}
    filled |= {"name": one_line(reader.name), "municipality": one_line(post.tenant.name)}
    heading = subject(line, filled)
    db.add(
        Notice(
            person_id=reader.id,
            kind=news.kind,
            application_id=news.application_id,
            subject=heading,
            text=plain(paragraphs(text, {**filled, "link": ""})),
            path=news.path,
            created_at=now,
            read_at=now if news.is_own else None,
        )
    )
    filled["link"] = post.address(news.path)
    if reader.email and _wants_letter(kind, news, reader):
        secrets: list[str] = []
        if news.hidden is not None:
            field, lines = news.hidden(words)
            text += "" if f"{{{field}}}" in text or not lines else f"\n\n{{{field}}}"
            filled[field] = "\n".join(f"{one_line(seen)}: {mail.HIDDEN}" for seen, _ in lines)
            secrets = [secret for _, secret in lines] * text.count(f"{{{field}}}")
        _write(
            db, post, reader, news, words, heading=heading, parts=paragraphs(text, filled), secrets=secrets
        )
    if reader.phone and kind.texted and not news.is_own and "sms" in reader.notices:
        short = f"{one_line(heading, most=160)}\n{filled['link']}"
        sms.write_sms(db, number=reader.phone, text=short[: sms.LONGEST], person_id=reader.id)
    await db.flush()
    return True


def _wants_letter(kind: Kind, news: News, reader: AnyRow) -> bool:
    must = news.kind in RECEIPTS if news.is_own else kind.must
    return must or kind.wish in reader.notices


def _write(
    db: AsyncSession,
    post: Post,
    reader: AnyRow,
    news: News,
    words: Texts,
    *,
    heading: str,
    parts: list[str],
    secrets: list[str],
) -> None:
    kind = KINDS[news.kind]
    end_url = None
    if kind.may_end:
        token = token_of(vault_of(post.settings), post.tenant.id, reader.id, kind.wish)
        end_url = post.address(f"/unsubscribe/{token}")
    calendar = None
    if news.calendar is not None:
        calendar = news.calendar(post.organizer, Address(reader.name, reader.email), words)
    link = post.address(news.path)
    mail.write(
        db,
        address=reader.email,
        language=words.language,
        subject=heading,
        text=letter_text(parts, post.tenant.name, words, end_url=end_url),
        html=letter_html(heading, parts, post.tenant.name, words, link=link, end_url=end_url),
        person_id=reader.id,
        calendar=calendar,
        unsubscribe_url=end_url,
        hidden=mail.sealed(vault_of(post.settings), secrets) if secrets else None,
    )
