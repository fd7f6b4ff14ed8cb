"""Letters go out: one SMTP delivery each, by the address in LEDIG_MAIL_URL."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door
from core.logs import masked
from core.mail import LetterWritten
from core.mail_models import Letter
from core.settings import Settings
from core.tasks import outside

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
    await deliver_mail(transaction.settings, mail_of(letter, transaction.settings.mail_from))
    async with transaction() as db:
        await _note_sent(db, letter, now)


async def _note_sent(db: AsyncSession, letter: Letter, now: datetime) -> None:
    """What is kept of it opens nothing: a link with a secret is the reader's alone from now on."""
    kept = {"sent_at": now, "text": masked(letter.text)}
    await db.execute(update(Letter).where(Letter.id == letter.id).values(kept))


def mail_of(letter: Letter, sender: str) -> EmailMessage:
    """As it goes over the wire (RFC 5322); answered by nobody's machine (RFC 3834)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, letter.address, letter.subject
    mail["Date"] = letter.created_at
    mail["Message-ID"] = f"<letter-{letter.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = letter.language
    mail.set_content(letter.text, cte="quoted-printable")
    return mail


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
