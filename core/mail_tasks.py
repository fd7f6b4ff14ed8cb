"""Letters go out: one SMTP delivery each, by the address in LEDIG_MAIL_URL."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door
from core.logs import masked
from core.mail import LetterWritten, revealed
from core.mail_models import Letter
from core.settings import Settings
from core.tasks import outside
from core.vault import Vault, vault_of

CALENDAR = re.compile(r"BEGIN:VCALENDAR\r\n.*?\r\nEND:VCALENDAR\r\n", re.DOTALL)
METHOD = re.compile(r"^METHOD:([A-Z]+)\r$", re.MULTILINE)
PATIENCE_SECONDS = 20.0
"""For each step of the conversation with the mail server."""


@outside(LetterWritten)
async def send_letter(transaction: Door, message: LetterWritten, now: datetime) -> None:
    """Once, unless the program dies between the mail server's yes and the note of it: then the reader has it twice.

    Both copies bear the same Message-ID. Without a mail server the letter is kept, and not sent.
    """
    async with transaction() as db:
        letter = await db.scalar(select(Letter).where(Letter.id == message.letter_id))
    if letter is None or letter.sent_at is not None or transaction.settings.mail_url is None:
        return
    mail = mail_of(letter, transaction.settings.mail_from, vault_of(transaction.settings))
    await deliver_mail(transaction.settings, mail)
    async with transaction() as db:
        await _note_sent(db, letter, now)


async def _note_sent(db: AsyncSession, letter: Letter, now: datetime) -> None:
    """What is kept of it opens nothing: a link with a secret is the reader's alone from now on."""
    kept = {
        "sent_at": now,
        "text": masked(letter.text),
        "html": None if letter.html is None else masked(letter.html),
        "unsubscribe_url": None,
        "hidden": None,
    }
    await db.execute(update(Letter).where(Letter.id == letter.id).values(kept))


def mail_of(letter: Letter, sender: str, vault: Vault | None = None) -> EmailMessage:
    """As it goes over the wire (RFC 5322); answered by nobody's machine (RFC 3834).

    A letter with an end to it says how by one click (RFC 8058), one with invitations says so to calendars (RFC 6047).
    What is hidden in it is revealed with the vault alone.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, letter.address, letter.subject
    mail["Date"] = letter.created_at
    mail["Message-ID"] = f"<letter-{letter.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe_url is not None:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text, html = letter.text, letter.html
    if letter.hidden is not None and vault is not None:
        text = revealed(text, vault, letter.hidden)
        html = None if html is None else revealed(html, vault, letter.hidden)
    mail.set_content(text, cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        _invite(mail, objects_in(letter.calendar))
    mail["Content-Language"] = (
        letter.language
    )  # last: a letter of several parts gives such headers to the first
    return mail


def objects_in(calendar: str) -> list[tuple[str, str]]:
    """(method, object) of each iCalendar object, in their order."""
    found = CALENDAR.findall(calendar)
    methods = [METHOD.search(each) for each in found]
    return [(method[1] if method else "PUBLISH", each) for method, each in zip(methods, found, strict=True)]


def _invite(mail: EmailMessage, objects: list[tuple[str, str]]) -> None:
    """One invitation is another way to read the letter, and a file for programs that look for one; several are files:
    all of an object's events must be the same one (RFC 5546 §3.2.2).
    """
    if len(objects) == 1:
        method, text = objects[0]
        mail.add_alternative(text, subtype="calendar", params={"method": method}, cte="base64")
        mail.add_attachment(text.encode(), "application", "ics", filename="booking.ics")
        return
    for number, (method, text) in enumerate(objects, start=1):
        mail.add_attachment(
            text,
            subtype="calendar",
            params={"method": method},
            cte="base64",
            filename=f"booking-{number}.ics",
        )


async def deliver_mail(settings: Settings, mail: EmailMessage) -> None:
    """To the server that LEDIG_MAIL_URL names; smtps:// speaks TLS at once, smtp:// as soon as the server offers it."""
    server = urlsplit(settings.mail_url or "")
    assert server.hostname, "read_settings has seen the address"
    at_once = server.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=server.hostname,
        port=server.port or (465 if at_once else 25),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=at_once,
        start_tls=False if at_once else None,
        timeout=PATIENCE_SECONDS,
    )
    try:
        await client.connect()
        await client.send_message(mail)
    finally:
        client.close()  # without QUIT: a server that hangs would hold it up, and the letter is taken or not by now
