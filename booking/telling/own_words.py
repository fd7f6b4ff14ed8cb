"""The municipality's own words for what people are told, instead of ours: read, written, tried, and taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import inbox_queries as queries
from booking.telling.kinds import EXAMPLES, FIELDS, KINDS
from booking.telling.letters import letter_text
from booking.telling.wording import clean, one_line, paragraphs, subject, unknown
from booking.telling_models import NoticeText
from core.audit import note
from core.errors import ChangedMeanwhile, Invalid, NotFound
from core.ids import new_id
from core.spans import Span
from core.texts import N_, Texts
from people.actors import Actor
from people.rules import demand

LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 5000


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a kind in a language, as they hold now."""

    subject: str
    text: str
    is_own: bool
    version: int
    """0: ours."""


async def listed(db: AsyncSession, actor: Actor) -> set[tuple[str, str]]:
    """(kind, language) of which there are own words. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, "tenant.manage")
    return await queries.all_words(db)


async def words_of(db: AsyncSession, actor: Actor, kind: str, language: Texts) -> Words:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, "tenant.manage")
    if kind not in KINDS:
        raise NotFound(what="text")
    row = await queries.words(db, kind, language.language)
    if row is None:
        return ours(kind, language)
    return Words(subject=row.subject, text=row.text, is_own=True, version=row.version)


def ours(kind: str, language: Texts) -> Words:
    """What holds where the municipality says nothing."""
    line, text = language.gettext(KINDS[kind].subject), language.gettext(KINDS[kind].text)
    return Words(subject=line, text=text, is_own=False, version=0)


def checked(kind: str, line: str, text: str) -> tuple[str, str]:
    """As they are kept. Raises Invalid naming the field, and every placeholder that means nothing here."""
    found = {"subject": one_line(line, most=LONGEST_SUBJECT + 1), "text": clean(text, most=LONGEST_TEXT + 1)}
    longest = {"subject": LONGEST_SUBJECT, "text": LONGEST_TEXT}
    for field, value in found.items():
        if not value or len(value) > longest[field]:
            words = {"most": str(longest[field])}
            raise Invalid(field=field, expected=N_("something, in at most %(most)s letters"), words=words)
        wrong = unknown(value, KINDS[kind].known)
        if wrong:
            words = {"wrong": _braced(wrong), "known": _braced(KINDS[kind].known)}
            raise Invalid(
                field=field,
                expected=N_("only %(known)s between braces: %(wrong)s means nothing here"),
                words=words,
            )
    return found["subject"], found["text"]


def _braced(names: Sequence[str]) -> str:
    return ", ".join(name if name in "{}" else f"{{{name[:40]}}}" for name in names)


async def save(
    db: AsyncSession,
    actor: Actor,
    kind: str,
    language: str,
    *,
    line: str,
    text: str,
    version: int,
    now: datetime,
) -> None:
    """From now on. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid, ChangedMeanwhile."""
    demand(actor, "tenant.manage")
    if kind not in KINDS:
        raise NotFound(what="text")
    kept_line, kept_text = checked(kind, line, text)
    row = await _locked(db, kind, language, version)
    if row is None:
        row = NoticeText(
            id=new_id(), kind=kind, language=language, subject="", text="", changed_at=now, version=0
        )
        db.add(row)
    row.subject, row.text = kept_line, kept_text
    row.changed_at, row.changed_by, row.version = now, actor.person_id, row.version + 1
    _note(db, actor, "notice_text.changed", row, now)
    await db.flush()


async def reset(
    db: AsyncSession, actor: Actor, kind: str, language: str, *, version: int, now: datetime
) -> None:
    """Back to ours. Raises what `save` raises, but Invalid."""
    demand(actor, "tenant.manage")
    if kind not in KINDS:
        raise NotFound(what="text")
    row = await _locked(db, kind, language, version)
    if row is not None:
        _note(db, actor, "notice_text.reset", row, now)
        await db.delete(row)
        await db.flush()


async def _locked(db: AsyncSession, kind: str, language: str, version: int) -> NoticeText | None:
    row = await queries.words(db, kind, language, lock=True)
    stands = 0 if row is None else row.version
    if stands != version:
        raise ChangedMeanwhile(version=stands)
    return row


def _note(db: AsyncSession, actor: Actor, action: str, row: NoticeText, now: datetime) -> None:
    told = {"kind": (row.kind, row.kind), "language": (row.language, row.language)}
    note(db, actor.person_id, action, table="notice_text", row_id=row.id, now=now, change=told)


def preview(
    kind: str, line: str, text: str, *, municipality: str, link: str, words: Texts, now: datetime
) -> tuple[str, str]:
    """Subject and letter with made-up values."""
    values = {**examples(words, now), "municipality": municipality, "link": link}
    end_url = f"{link}/…" if KINDS[kind].may_end else None
    return subject(line, values), letter_text(paragraphs(text, values), municipality, words, end_url=end_url)


def examples(words: Texts, now: datetime) -> Mapping[str, str]:
    """A value for every field."""
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    place = words.gettext("Hall A, the sports hall")
    hour, week = timedelta(hours=1), timedelta(days=7)
    spans = [Span(start, start + hour), Span(start + week, start + week + hour)]
    lines = [f"{words.span(span, year=True)}, {place}" for span in spans]
    told = {name: words.gettext(text) for name, text in EXAMPLES.items()}
    told |= {"times": "\n".join(lines), "before": lines[0], "approved": lines[0], "rejected": lines[1]}
    told |= {"pay_by": words.instant(start), "deadline": words.instant(start + week, year=True)}
    told |= {"day": words.day(words.local(start).date())}
    told["codes"] = f"{lines[0]}: 4711"
    assert told.keys() | {"municipality", "link"} == FIELDS.keys(), "each has an example"
    return told
