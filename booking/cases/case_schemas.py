"""What goes over the wire of a case: its messages, decisions, appeals and reasons."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from booking.schemas import In
from core.wire import NO_NUL, Code, LongText

Written = Annotated[str, msgspec.Meta(min_length=1, max_length=5000, pattern=NO_NUL)]
EntryKind = Literal["message", "note", "question", "answer"]
"""What people write; the other entries of a timeline are made by what is done."""


class MessageIn(In, kw_only=True):
    """`question` and `note` are the municipality's, `answer` is the applicant's; a note only staff read."""

    text: Written
    kind: EntryKind = "message"


class FileOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    media_type: str
    size: int


class EntryOut(msgspec.Struct, kw_only=True):
    """A line of the timeline."""

    id: UUID
    kind: str
    by_staff: bool
    author: str | None
    """None: nobody, as when a rule decided."""
    text: str
    files: list[FileOut]
    decision: int | None
    """Number of the decision it is about."""
    created_at: datetime


class MessagesOut(msgspec.Struct):
    items: list[EntryOut]


class OfferRef(In, kw_only=True):
    offer_id: UUID


class AppealIn(In, kw_only=True):
    text: Written


class AppealAnswerIn(In, kw_only=True):
    outcome: Literal["granted", "upheld", "dismissed"]
    text: LongText = ""


class AppealOut(msgspec.Struct, kw_only=True):
    """Klage, and what came of it."""

    text: str
    received_at: datetime
    in_time: bool
    outcome: Literal["granted", "upheld", "dismissed"] | None
    answer: str
    closed_at: datetime | None


class DecisionOut(msgspec.Struct, kw_only=True):
    """A decision as it was made."""

    id: UUID
    number: int
    kind: Literal["vedtak", "private_law"]
    decided_at: datetime
    officer: str
    """Empty: decided automatically."""
    outcomes: list[Any]
    reason: str
    text: str
    rules: dict[str, Any]
    language: str
    appeal_until: date | None
    appeal: AppealOut | None


class DecisionsOut(msgspec.Struct):
    items: list[DecisionOut]


class ReasonIn(In, kw_only=True):
    """A line of the list of reasons, as the officer chooses it and the applicant reads it."""

    key: Code
    texts: dict[Literal["nb", "nn", "en"], Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)]]
    position: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
