"""What people send us is let in by its content, named harmlessly, and handed out as nothing to run."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid
from core.files import LONGEST_NAME, MOST_BYTES, check_upload, headers_of, store, stored

PDF = b"%PDF-1.7\n..."
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"


@pytest.mark.parametrize(
    ("name", "content", "media_type", "kept_as"),
    [
        ("protokoll.pdf", PDF, "application/pdf", "protokoll.pdf"),
        ("bilde.PNG", PNG, "image/png", "bilde.png"),
        ("bilde.jpeg", JPEG, "image/jpeg", "bilde.jpg"),
        ("protokoll.exe", PDF, "application/pdf", "protokoll.pdf"),
        ("protokoll", PDF, "application/pdf", "protokoll.pdf"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(name: str, content: bytes, media_type: str, kept_as: str) -> None:
    checked = check_upload(name, content)
    assert (checked.name, checked.media_type, checked.content) == (kept_as, media_type, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"MZ\x90\0",
        b"PK\x03\x04",
        b"GIF89a",
        b" %PDF-1.7",
        b"\x89PNG\n",
        b"%PDF-" + b"x" * MOST_BYTES,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_anything_else_is_refused_whatever_it_is_called(content: bytes) -> None:
    for name in ("protokoll.pdf", "bilde.png", "bilde.jpg"):
        with pytest.raises(Invalid) as refused:
            check_upload(name, content)
        assert refused.value.facts["field"] == "file"


def test_five_megabytes_are_let_in() -> None:
    assert check_upload("a.pdf", b"%PDF-" + b"x" * (MOST_BYTES - 5)).media_type == "application/pdf"


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\kari\\årsmøte 2026.pdf", "årsmøte 2026.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("a\0b.pdf", "a b.pdf"),
        ("faktura\u202efdp.exe", "faktura fdp.pdf"),
        ('"><script>.pdf', "___script_.pdf"),
        ("", "fil.pdf"),
        ("...", "fil.pdf"),
        (".pdf", "pdf.pdf"),
        ("/", "fil.pdf"),
        ("con;rm -rf.pdf", "con_rm -rf.pdf"),
        ("A\u030a.pdf", "Å.pdf"),
    ],
)
def test_a_name_is_only_a_name(name: str, kept_as: str) -> None:
    assert check_upload(name, PDF).name == kept_as


def test_a_long_name_is_cut() -> None:
    assert len(check_upload("x" * 1000 + ".pdf", PDF).name) == LONGEST_NAME


def test_what_is_handed_out_is_kept_and_not_shown() -> None:
    headers = headers_of("årsmøte 2026.pdf")
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"_rsm_te 2026.pdf\"; filename*=UTF-8''%C3%A5rsm%C3%B8te%202026.pdf"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox")


async def test_a_file_is_kept_with_its_size_and_found_again(db: AsyncSession) -> None:
    row_id = store(db, check_upload("a.png", PNG), None)
    await db.flush()
    db.expire_all()
    row = await stored(db, row_id)
    assert row is not None
    assert (row.content, row.size, row.media_type) == (PNG, len(PNG), "image/png")
