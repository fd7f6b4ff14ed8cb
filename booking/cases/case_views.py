"""A case as its pages show it: its timeline, its decisions, what is offered, and who else wants the times."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from booking.cases.case_schemas import AppealOut, DecisionOut, EntryOut
from booking.cases.paper import About
from booking.schemas import ApplicationOut
from core.db import AnyRow
from core.spans import Span
from core.texts import N_, Texts
from people.desk import Desk

View = dict[str, Any]
KINDS: Mapping[str, str] = {
    "message": N_("Message"),
    "question": N_("Question"),
    "answer": N_("Answer"),
    "note": N_("Internal note"),
    "assigned": N_("Another officer"),
    "offer": N_("Another time is offered"),
    "decision": N_("Decision"),
    "appeal": N_("Appeal"),
}
OUTCOMES: Mapping[str, str] = {
    "granted": N_("The appeal is granted"),
    "upheld": N_("The decision stands"),
    "dismissed": N_("The appeal is dismissed"),
}


def entry_views(entries: Iterable[EntryOut], desk: Desk, application_id: UUID) -> list[View]:
    """Each with who, what and when; files and decisions as links."""
    base = desk.url(f"/applications/{application_id}")
    return [
        {
            "kind": each.kind,
            "name": desk.texts.gettext(KINDS[each.kind]),
            "who": _who(each, desk.texts),
            "by_staff": each.by_staff,
            "text": each.text,
            "at": each.created_at,
            "files": [
                {"name": file.name, "url": f"{base}/files/{file.id}", "size": file.size}
                for file in each.files
            ],
            "url": f"{base}/decisions/{each.decision}" if each.decision is not None else None,
        }
        for each in entries
    ]


def _who(entry: EntryOut, texts: Texts) -> str:
    if entry.author:
        return entry.author
    return texts.gettext("The municipality") if entry.by_staff else texts.gettext("The applicant")


def decision_views(decisions: Iterable[DecisionOut], desk: Desk, application_id: UUID) -> list[View]:
    """Each with the way to its letter."""
    return [decision_view(each, desk, application_id) for each in decisions]


def decision_view(each: DecisionOut, desk: Desk, application_id: UUID) -> View:
    url = desk.url(f"/applications/{application_id}/decisions/{each.number}")
    return {
        "number": each.number,
        "is_vedtak": each.kind == "vedtak",
        "decided_at": each.decided_at,
        "officer": each.officer or None,
        "appeal_until": each.appeal_until,
        "url": url,
        "pdf_url": f"{url}/letter.pdf",
        "appeal_url": f"{url}/appeal",
        "close_url": desk.url(f"/requests/{application_id}/appeals/{each.number}"),
        "appeal": None if each.appeal is None else appeal_view(each.appeal, desk.texts),
    }


def appeal_view(appeal: AppealOut, texts: Texts) -> View:
    return {
        "text": appeal.text,
        "received_at": appeal.received_at,
        "in_time": appeal.in_time,
        "outcome": texts.gettext(OUTCOMES[appeal.outcome]) if appeal.outcome is not None else None,
        "answer": appeal.answer or None,
        "closed_at": appeal.closed_at,
    }


def offer_views(offers: Sequence[AnyRow], desk: Desk, application_id: UUID) -> list[View]:
    """Each with the ways to answer it."""
    base = desk.url(f"/applications/{application_id}/offers")
    return [
        {
            "span": Span(row.starts_at, row.ends_at),
            "place": f"{row.resource}, {row.facility}",
            "text": row.text,
            "answer_by": row.answer_by,
            "instead_of": Span(row.asked_start, row.asked_end) if row.asked_start is not None else None,
            "accept_url": f"{base}/{row.id}/accept",
            "decline_url": f"{base}/{row.id}/decline",
        }
        for row in offers
    ]


def about_of(out: ApplicationOut, municipality: str) -> About:
    """What the letter says of the case."""
    return About(
        municipality=municipality,
        reference=out.id.hex[-8:].upper(),
        title=out.title,
        applicant=out.applicant,
        association=out.association,
        asked_at=out.created_at,
    )
