"""Somebody with a row of hers in every table that tells of persons, made with the models of the rooms."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.arrangement_models import Arrangement
from booking.case_models import Absence, Appeal, CaseEntry, Decision, Offer, Routing
from booking.door_models import DoorCode, DoorLock
from booking.models import Application, Booking
from booking.telling_models import Notice, NoticeText
from booking.waiting_models import Wait
from calendar_feeds.models import Feed
from core.audit import note
from core.db import Database
from core.delivery import deliver
from core.files_models import StoredFile
from core.idempotency import IdempotencyKey
from core.ids import new_id
from core.mail_models import Letter
from core.outbox_models import OutboxMessage
from core.pace import STEADY
from core.settings import Settings
from core.sms_models import TextMessage
from core.spans import utc_now
from core.tenants import Tenant
from payments.invoice_models import ExportRun, InvoiceRun
from payments.models import Deposit, Order, Payment, Refund
from payments.provider_models import Difference, ProviderAccount
from people.association_models import Invitation, LeaderClaim
from people.models import Association, Delegate, Login, Person, RoleGrant, Token
from people.privacy_models import PersonalRead
from tests import make
from tests.calendar_feeds.incoming.calendars import attach

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def association(db: AsyncSession, name: str = "Viking", **members: UUID) -> UUID:
    """With delegates by role."""
    row_id = new_id()
    db.add(Association(id=row_id, name=name))
    await db.flush()
    for role, person_id in members.items():
        db.add(Delegate(person_id=person_id, association_id=row_id, role=role.rstrip("_")))
    await db.flush()
    return row_id


async def person(db: AsyncSession, mark: str, **columns: Any) -> UUID:
    """Her profile, with the mark in every text."""
    row_id = new_id()
    values: dict[str, Any] = {
        "name": f"Kari {mark}",
        "email": f"{mark}@example.no",
        "phone": "+4751973000",
        "postcode": "4006",
        "created_at": NOW - 2 * DAY,
    }
    db.add(Person(id=row_id, **{**values, **columns}))
    await db.flush()
    return row_id


async def belongings(db: AsyncSession, person_id: UUID, mark: str, *, at: datetime = NOW) -> None:
    """A row of hers in every table of the room, as old as said, all ended where rows end."""
    officer = await person(db, "sakbehandler")
    club = await association(db, f"Laget {mark}")
    file_id, decided_file = new_id(), new_id()
    for id_ in (file_id, decided_file):
        db.add(
            StoredFile(
                id=id_,
                person_id=person_id,
                name=f"{mark}.pdf",
                media_type="application/pdf",
                size=5,
                content=b"%PDF-",
                created_at=at,
            )
        )
    await db.flush()
    old: dict[str, Any] = {"created_at": at}
    db.add_all(
        [
            Login(
                person_id=person_id,
                hash=new_id().bytes,
                agent=mark,
                used_at=at,
                expires_at=at,
                ended_at=at,
                **old,
            ),
            Token(
                person_id=person_id, hash=new_id().bytes, label=mark, scopes=["read"], expires_at=at, **old
            ),
            Feed(
                person_id=person_id,
                kind="person",
                variant="full",
                label=mark,
                hash=new_id().bytes,
                used_by=mark,
                revoked_at=at,
                **old,
            ),
            Delegate(person_id=person_id, association_id=club, role="booker", ended_at=at, **old),
            RoleGrant(person_id=person_id, role="reader", ended_at=at, **old),
            Invitation(
                email=f"{mark}@EXAMPLE.no",
                role="booker",
                association_id=club,
                hash=new_id().bytes,
                expires_at=at,
                accepted_at=at,
                accepted_by=person_id,
                **old,
            ),
            LeaderClaim(person_id=person_id, association_id=club, text=mark, file_id=file_id, **old),
            LeaderClaim(
                person_id=person_id,
                association_id=club,
                text=f"avgjort {mark}",
                file_id=decided_file,
                decided_at=at,
                decided_by=officer,
                is_approved=False,
                **old,
            ),
            Letter(
                person_id=person_id,
                address=f"{mark}@example.no",
                language="nb",
                subject=mark,
                text=mark,
                **old,
            ),
            TextMessage(person_id=person_id, number="+4791234567", text=mark, **old),
            Notice(person_id=person_id, kind="moved", subject=mark, text=mark, path="/bookings", **old),
            NoticeText(
                kind=new_id().hex, language="nb", subject="x", text="x", changed_at=at, changed_by=person_id
            ),
            PersonalRead(person_id=person_id, reader_id=officer, what="person", hour=at, at=at),
            PersonalRead(person_id=officer, reader_id=person_id, what="person", hour=at, at=at),
            IdempotencyKey(person_id=person_id, key=mark, request_hash=b"x", answer=mark.encode(), **old),
        ]
    )
    note(db, person_id, "person.changed", table="person", row_id=person_id, now=at)
    await db.flush()


async def application(
    db: AsyncSession,
    person_id: UUID,
    resource_id: UUID,
    mark: str,
    *,
    ends_at: datetime = NOW - DAY,
    association_id: UUID | None = None,
    **booking: Any,
) -> UUID:
    """One of hers with one booking, which is over unless said otherwise; the id of the application."""
    row_id = new_id()
    db.add(
        Application(
            id=row_id,
            person_id=person_id,
            association_id=association_id,
            title=f"Bursdag {mark}",
            public=False,
            purpose=f"Hun fyller 40 {mark}",
            activity="handball",
            people=12,
            answers={"hva": mark},
            created_at=ends_at - 10 * DAY,
        )
    )
    await db.flush()
    values: dict[str, Any] = {"state": "confirmed", "end_reason": f"Syk {mark}", "price": {}}
    db.add(
        Booking(
            id=new_id(),
            application_id=row_id,
            resource_id=resource_id,
            person_id=person_id,
            association_id=association_id,
            starts_at=ends_at - timedelta(hours=1),
            ends_at=ends_at,
            setup_minutes=0,
            cleanup_minutes=0,
            **{**values, **booking},
        )
    )
    await db.flush()
    await _waits_and_arranges(db, person_id, row_id, resource_id, mark)
    await _case(db, row_id, person_id, mark, ends_at - 5 * DAY)
    return row_id


async def door(db: AsyncSession, person_id: UUID, resource_id: UUID) -> None:
    """A lock, and a code in it for a booking of hers."""
    lock_id, booking_ids = new_id(), select(Booking.id).where(Booking.person_id == person_id)
    db.add(
        DoorLock(
            id=lock_id,
            resource_id=resource_id,
            address="https://lock.example.no",
            secret=b"",
            under="",
            minutes_before=0,
            minutes_after=0,
            created_at=NOW,
        )
    )
    await db.flush()
    db.add(
        DoorCode(
            id=new_id(),
            lock_id=lock_id,
            booking_id=(await db.scalars(booking_ids)).all()[0],
            under="",
            valid_from=NOW - DAY,
            valid_until=NOW,
            state="gone",
        )
    )
    await db.flush()


async def money(db: AsyncSession, person_id: UUID) -> None:
    """A receipt of hers that she paid and got back; and what she did with money as staff."""
    booking_id = (await db.scalars(select(Booking.id).where(Booking.person_id == person_id))).all()[0]
    order_id, payment_id = new_id(), new_id()
    db.add(
        Order(
            id=order_id,
            kind="receipt",
            payment="online",
            person_id=person_id,
            net_ore=100,
            vat_ore=0,
            gross_ore=100,
            created_at=NOW,
        )
    )
    await db.flush()
    db.add(
        Payment(
            id=payment_id, order_id=order_id, provider="till", ref="pi_1", amount_ore=100, captured_at=NOW
        )
    )
    await db.flush()
    db.add(Refund(payment_id=payment_id, amount_ore=50, why="officer", by_id=person_id, created_at=NOW))
    db.add(Deposit(booking_id=booking_id, given_ore=0, kept_ore=1, reason="x", by_id=person_id, at=NOW))
    db.add(ProviderAccount(provider="till", ref=f"acct_{person_id}", created_by=person_id))
    db.add(Difference(kind="amount", ref="pi_1", settled_at=NOW, settled_by=person_id))
    db.add(InvoiceRun(from_on=NOW.date(), until_on=NOW.date(), created_by=person_id))
    db.add(ExportRun(number=1, layout="csv", created_by=person_id))
    await db.flush()


async def _waits_and_arranges(
    db: AsyncSession, person_id: UUID, application_id: UUID, resource_id: UUID, mark: str
) -> None:
    """For the same time; her waiting is over."""
    db.add(
        Wait(
            id=new_id(),
            person_id=person_id,
            resource_id=resource_id,
            starts_at=NOW - DAY,
            ends_at=NOW,
            title=f"Bursdag {mark}",
            created_at=NOW - 10 * DAY,
            ended_at=NOW,
            end_reason="over",
        )
    )
    db.add(
        Arrangement(
            id=new_id(),
            application_id=application_id,
            organiser="Kommunen",
            created_at=NOW,
            created_by=person_id,
        )
    )
    await db.flush()


async def _case(db: AsyncSession, application_id: UUID, person_id: UUID, mark: str, at: datetime) -> None:
    """What was written in it, with a file, a decision by rule, her appeal and an offer."""
    file_id, decision_id = new_id(), new_id()
    booking_id = await db.scalar(select(Booking.id).where(Booking.application_id == application_id))
    db.add(StoredFile(id=file_id, name=f"{mark}.pdf", media_type="application/pdf", size=5, content=b"%PDF-"))
    written: dict[str, Any] = {"application_id": application_id, "created_at": at, "facts": {}}
    db.add_all(
        [
            CaseEntry(
                kind="message", author_id=person_id, by_staff=False, text=mark, file_ids=[file_id], **written
            ),
            CaseEntry(
                kind="note", author_id=None, by_staff=True, text=f"internt {mark}", file_ids=[], **written
            ),
            Decision(
                id=decision_id,
                application_id=application_id,
                number=1,
                kind="vedtak",
                decided_at=at,
                outcomes=[],
                rules={},
                language="nb",
            ),
        ]
    )
    await db.flush()
    db.add(Appeal(decision_id=decision_id, person_id=person_id, text=mark, received_at=at, in_time=True))
    db.add(Offer(kind="counter", booking_id=booking_id, made_at=at, text=mark))
    await db.flush()


async def duties(db: AsyncSession, officer_id: UUID, resource_id: UUID) -> None:
    """As an officer: whose requests come to her, an absence, a request that she sees to, a calendar of hers."""
    applicant = await person(db, "søker")
    application_id = await application(db, applicant, resource_id, "sak", state="requested")
    await db.execute(
        update(Application).where(Application.id == application_id).values(officer_id=officer_id)
    )
    await attach(db, resource_id, created_by=officer_id)
    db.add_all(
        [
            Routing(resource_id=resource_id, officer_id=officer_id, created_at=NOW),
            Absence(officer_id=officer_id, from_on=NOW.date(), until_on=NOW.date(), substitute_id=applicant),
        ]
    )
    await db.flush()


async def title_of(db: AsyncSession, application_id: UUID) -> str:
    return (await db.scalars(select(Application.title).where(Application.id == application_id))).one()


async def hall(db: AsyncSession) -> UUID:
    return (await make.hall(db)).whole


async def deliver_all(database: Database, tenant: Tenant, kind: str) -> int:
    """Every message of the kind that waits, delivered as a worker would after the relay; how many there were."""
    async with database.transaction(tenant.id) as db:
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.kind == kind)
            .values(sent_at=utc_now(), due_at=utc_now() + timedelta(minutes=1))
        )
        ids = (await db.scalars(statement.returning(OutboxMessage.id))).all()
    for message_id in ids:
        await deliver(database, tenant.id, message_id, now=utc_now(), pace=STEADY, settings=Settings())
    return len(ids)
