"""Writing a decision down: what was asked, what came of it, why, by which rules, by whom, and until when it can be
appealed. It is written once, in the transaction that decides, and never changed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import decision_queries
from booking.case_models import CaseEntry, Decision, Offer, RejectionReason
from booking.deadlines import appeal_until
from booking.models import Application, Booking
from core.audit import note
from core.db import AnyRow
from core.ids import new_id
from core.spans import local_date
from core.tenants import Tenant
from people.actors import Actor
from resources.facts import Bookable


class Outcome(NamedTuple):
    """What came of one time that was asked for."""

    booking: Booking
    outcome: Literal["approved", "rejected", "offered"]
    offer: Offer | None = None
    offered: Booking | None = None
    """The held booking of the offer."""


class Words(NamedTuple):
    """What is said with it."""

    reason: RejectionReason | None = None
    """Of the municipality's list."""
    own_reason: str = ""
    text: str = ""

    @property
    def is_silent(self) -> bool:
        return self.reason is None and not self.own_reason and not self.text

    def reason_in(self, language: str) -> str:
        """The reason as the applicant reads it."""
        listed = "" if self.reason is None else told_in(self.reason.texts, language)
        return " ".join(part for part in (listed, self.own_reason) if part)


def told_in(texts: Mapping[str, str], language: str) -> str:
    """In the language, or in one that the text is there in."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


def language_for(language: str | None, tenant: Tenant) -> str:
    """What the municipality writes to a person in."""
    return language if language in tenant.languages else tenant.languages[0]


async def record_decision(
    db: AsyncSession,
    application: Application,
    outcomes: Sequence[Outcome],
    words: Words = Words(),  # noqa: B008  # a tuple does not change
    *,
    tenant: Tenant,
    by: Actor | None,
    now: datetime,
    rules: Mapping[str, Any] | None = None,
) -> Decision:
    """Number it, tell it in the case and in the audit trail. `by` None: decided automatically, as `rules` say.

    The caller has locked the application. Where one of the places is decided by vedtak, all of it is one.
    """
    stood = await decision_queries.before(db, application.id)
    bookings = [each.booking for each in outcomes] + [
        each.offered for each in outcomes if each.offered is not None
    ]
    places = await decision_queries.places(db, sorted({booking.resource_id for booking in bookings}))
    is_vedtak = any(places[each.booking.resource_id].decision_kind == "vedtak" for each in outcomes)
    language = language_for(stood.language, tenant)
    person_id = by.person_id if by is not None else None
    decision = Decision(
        id=new_id(),
        application_id=application.id,
        number=stood.decided + 1,
        kind="vedtak" if is_vedtak else "private_law",
        decided_at=now,
        decided_by=person_id,
        officer=by.name if by is not None else "",
        outcomes=[_told(each, places, tenant) for each in outcomes],
        reason_key=words.reason.key if words.reason is not None else None,
        reason=words.reason_in(language),
        text=words.text,
        rules=msgspec.to_builtins({**_rules(outcomes, places), **(rules or {})}),
        language=language,
        appeal_until=appeal_until(local_date(tenant.zone, now)) if is_vedtak else None,
    )
    db.add(decision)
    await db.flush()
    db.add(
        CaseEntry(
            id=new_id(),
            application_id=application.id,
            kind="decision",
            author_id=person_id,
            by_staff=True,
            text="",
            file_ids=[],
            facts={"decision_id": str(decision.id), "number": decision.number},
            created_at=now,
        )
    )
    note(db, person_id, "decided", table="decision", row_id=decision.id, now=now)
    return decision


async def record_automatic(
    db: AsyncSession,
    application: Application,
    granted: Sequence[Booking],
    bookables: Mapping[UUID, Bookable],
    *,
    tenant: Tenant,
    now: datetime,
) -> None:
    """What was granted by rule, without an officer, where the place is decided by vedtak: that is written down too."""
    outcomes = [
        Outcome(booking, "approved")
        for booking in granted
        if bookables[booking.resource_id].facts.decision_kind == "vedtak"
    ]
    if outcomes:
        await record_decision(db, application, outcomes, tenant=tenant, by=None, now=now)


def _told(each: Outcome, places: Mapping[UUID, AnyRow], tenant: Tenant) -> dict[str, Any]:
    told = {
        "booking_id": each.booking.id,
        "outcome": each.outcome,
        **_when_and_where(each.booking, places, tenant),
    }
    if each.offer is not None and each.offered is not None:
        assert each.offered.held_until is not None, "an offer has a deadline"
        told["offer"] = {
            "offer_id": each.offer.id,
            "answer_by": each.offered.held_until.astimezone(tenant.zone),
            **_when_and_where(each.offered, places, tenant),
        }
    return msgspec.to_builtins(told)


def _when_and_where(booking: Booking, places: Mapping[UUID, AnyRow], tenant: Tenant) -> dict[str, Any]:
    place = places[booking.resource_id]
    return {
        "resource": place.name,
        "facility": place.facility,
        "start": booking.starts_at.astimezone(tenant.zone),
        "end": booking.ends_at.astimezone(tenant.zone),
    }


def _rules(outcomes: Sequence[Outcome], places: Mapping[UUID, AnyRow]) -> dict[str, Any]:
    """Versions of the resources, the terms that were accepted, and why an officer was to decide."""
    used = sorted({each.booking.resource_id for each in outcomes})
    policies: list[Any] = []
    terms: list[str] = []
    for each in outcomes:
        if each.booking.policy is not None and each.booking.policy not in policies:
            policies.append(each.booking.policy)
        version = each.booking.terms_version
        if version is not None and version not in terms:
            terms.append(version)
    return {
        "resources": [{"id": id_, "name": places[id_].name, "version": places[id_].version} for id_ in used],
        "policies": policies,
        "terms": terms,
    }
