"""Files that people send us: let in by what they are, not by what they call themselves, and handed out harmlessly."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from core.errors import Invalid
from core.files_models import StoredFile
from core.ids import new_id
from core.texts import N_

MOST_BYTES = 5_000_000
LONGEST_NAME = 100
KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
"""What such a file begins with, its media type, and how its name shall end. The first bytes of PDF: ISO 32000-1 §7.5.2;
PNG: W3C PNG §5.2; JPEG: ITU T.81 Annex B (SOI and the marker after it)."""
NEEDED = N_("a PDF, PNG or JPEG file of at most 5 MB")


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def check_upload(name: str, content: bytes, field: str = "file") -> Checked:
    """The file with a name that is only a name, ending as its content says. Raises Invalid."""
    kind = next((kind for kind in KINDS if content.startswith(kind[0])), None)
    if kind is None or len(content) > MOST_BYTES:
        raise Invalid(field=field, expected=NEEDED)
    _, media_type, ending = kind
    return Checked(name=_plain(name, ending), media_type=media_type, content=content)


def _plain(name: str, ending: str) -> str:
    """Without folders, signs that are not seen, and signs that a file system reads as something else."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in last)
    stem = PurePosixPath(re.sub(r'[<>:"|?*;%]', "_", " ".join(seen.split())).strip(". ") or "fil").stem
    return stem.strip(". ")[: LONGEST_NAME - len(ending)] + ending


def store(db: AsyncSession, checked: Checked, person_id: UUID | None) -> UUID:
    """The id it is kept under. The caller flushes."""
    row_id = new_id()
    db.add(
        StoredFile(
            id=row_id,
            person_id=person_id,
            name=checked.name,
            media_type=checked.media_type,
            size=len(checked.content),
            content=checked.content,
        )
    )
    return row_id


_kept: list[ColumnElement[bool]] = []


def keep_while(condition: ColumnElement[bool]) -> None:
    """Files of which this is true are in use, and are not forgotten by time. Each room says so of its own tables."""
    _kept.append(condition)


def is_kept() -> ColumnElement[bool]:
    """True of a stored file that some room uses."""
    return or_(false(), *_kept)


async def stored(db: AsyncSession, file_id: UUID) -> StoredFile | None:
    """With its content. Who may have it, the caller has asked."""
    statement = select(StoredFile).where(StoredFile.id == file_id).options(undefer(StoredFile.content))
    return await db.scalar(statement)


PICTURES = frozenset({"image/png", "image/jpeg"})
"""Media types that are shown inside a page."""


def check_picture(name: str, content: bytes, field: str = "picture") -> Checked:
    """The same, of what can be shown inside a page. Raises Invalid."""
    checked = check_upload(name, content, field)
    if checked.media_type not in PICTURES:
        raise Invalid(field=field, expected=N_("a PNG or JPEG file of at most 5 MB"))
    return checked


def picture_headers(version: int) -> dict[str, str]:
    """For a public picture inside a page, which no browser takes for anything else. `version` grows with it."""
    return {
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "public, max-age=300",
        "ETag": f'"{version}"',
    }


def headers_of(name: str) -> dict[str, str]:
    """For handing it out: as something to keep, which no browser takes for a page or runs (RFC 6266, RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
