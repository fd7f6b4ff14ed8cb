"""What invoicing reminds itself of."""

from collections.abc import Sequence
from uuid import UUID

from core.outbox import Message


class RunBegun(Message, frozen=True):
    """What is due is to be found."""

    run_id: UUID


class DraftsWanted(Message, frozen=True, kw_only=True):
    """Drafts are to be made of these bookings, of whole customers."""

    run_id: UUID
    bookings: Sequence[UUID]


class IssueWanted(Message, frozen=True):
    """Drafts of a run are to be issued, as many as one transaction takes, and then the rest."""

    run_id: UUID
    by_id: UUID | None


class ExportWanted(Message, frozen=True):
    """A file is to be written."""

    export_id: UUID
    by_id: UUID | None
