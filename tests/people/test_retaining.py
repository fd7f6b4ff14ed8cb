"""Kept as long as said and no longer: per kind and municipality, in batches, by night, whatever fails or is killed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application
from core import privacy
from core.audit import AuditEntry
from core.errors import Forbidden, Invalid, SignInNeeded
from core.files_models import StoredFile
from core.ids import new_id
from core.mail_models import Letter
from core.outbox_models import OutboxMessage
from people import retaining
from people.actors import NOBODY, Actor, Grant
from people.association_models import Invitation, LeaderClaim
from people.models import Login, Person, RoleGrant, Token
from people.privacy_models import PersonalRead, RetentionRule
from people.privacy_schemas import RetentionIn, RuleIn
from tests.people import holding
from tests.people.holding import DAY, NOW

ADMIN = Actor(person_id=new_id(), grants=(Grant("administrator"),))
MODELS: dict[str, Any] = {
    "login": Login,
    "token": Token,
    "invitation": Invitation,
    "leader_claim": LeaderClaim,
    "stored_file": StoredFile,
    "letter": Letter,
    "personal_read": PersonalRead,
}


async def rows_of(db: AsyncSession, at: datetime) -> None:
    """Of every kind, and of that age."""
    kari = await holding.person(db, "merke")
    await holding.belongings(db, kari, "merke", at=at)


async def count(db: AsyncSession, kind: str) -> int:
    return await db.scalar(select(func.count()).select_from(MODELS[kind])) or 0


async def forget(db: AsyncSession, kind: str) -> None:
    await retaining.forget_batch(db, kind, NOW)


@pytest.mark.parametrize("kind", MODELS)
async def test_what_is_a_day_too_young_stays_and_what_is_old_goes(db: AsyncSession, kind: str) -> None:
    days = privacy.retentions()[kind].days
    await rows_of(db, NOW - (days - 1) * DAY)
    before = await count(db, kind)
    assert before

    await forget(db, kind)
    assert await count(db, kind) == before

    await rows_of(db, NOW - (days + 1) * DAY)
    assert await count(db, kind) == 2 * before
    await forget(db, kind)
    # Of the old: a claim that nobody decided stays, and with each claim the file that it rests on.
    left = {"leader_claim": 1, "stored_file": 2}.get(kind, 0)
    assert await count(db, kind) == before + left


async def test_what_is_live_is_never_old(db: AsyncSession) -> None:
    long_ago, kari = NOW - 5000 * DAY, await holding.person(db, "merke")
    club = await holding.association(db)
    db.add_all(
        [
            Token(person_id=kari, hash=b"1", label="x", scopes=["read"], created_at=long_ago),
            Token(
                person_id=kari,
                hash=b"2",
                label="x",
                scopes=["read"],
                created_at=long_ago,
                expires_at=NOW + DAY,
            ),
            Login(person_id=kari, hash=b"1", created_at=long_ago, used_at=long_ago, expires_at=NOW + DAY),
            Invitation(
                email="a@example.no",
                role="booker",
                association_id=club,
                hash=b"1",
                created_at=long_ago,
                expires_at=NOW + DAY,
            ),
            LeaderClaim(person_id=kari, association_id=club, text="x", created_at=long_ago),
        ]
    )
    await db.flush()
    for kind in privacy.retentions():
        if kind != "person":
            await forget(db, kind)
    assert [await count(db, kind) for kind in ("token", "login", "invitation", "leader_claim")] == [
        2,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    ("kind", "booking"),
    [
        ("booking_texts", {}),
        ("booking_texts", {"state": "cancelled"}),
        ("booking_paid", {"price": {"gross": {"amount": 100, "currency": "NOK"}}}),
        ("booking_cases", {"decided_by": True, "decided_at": NOW, "state": "rejected"}),
    ],
    ids=str,
)
async def test_texts_of_bookings_go_after_their_time(
    db: AsyncSession, kind: str, booking: dict[str, Any]
) -> None:
    kari, hall = await holding.person(db, "merke"), await holding.hall(db)
    if "decided_by" in booking:
        booking = {**booking, "decided_by": await holding.person(db, "sakbehandler")}
    days = privacy.retentions()[kind].days
    young = await holding.application(db, kari, hall, "ung", ends_at=NOW - (days - 1) * DAY, **booking)
    old = await holding.application(db, kari, hall, "gammel", ends_at=NOW - (days + 1) * DAY, **booking)
    club = await holding.association(db, booker=kari)
    of_club = await holding.application(
        db, kari, hall, "laget", ends_at=NOW - 9000 * DAY, association_id=club, **booking
    )

    for other in ("booking_texts", "booking_paid", "booking_cases"):
        await forget(db, other)

    assert await holding.title_of(db, young) == "Bursdag ung"
    assert await holding.title_of(db, of_club) == "Bursdag laget"
    assert await holding.title_of(db, old) == ""
    row = (await db.scalars(select(Application).where(Application.id == old))).one()
    assert (row.purpose, row.answers, row.activity, row.people) == ("", {}, "handball", 12)


async def test_a_case_that_was_paid_for_is_kept_as_long_as_the_books(db: AsyncSession) -> None:
    kari, hall = await holding.person(db, "merke"), await holding.hall(db)
    await set_days(db, "booking_cases", 365)
    made = await holding.application(
        db,
        kari,
        hall,
        "betalt",
        ends_at=NOW - 1000 * DAY,
        decided_by=kari,
        decided_at=NOW,
        price={"gross": {"amount": 100, "currency": "NOK"}},
    )
    await forget(db, "booking_cases")
    assert await holding.title_of(db, made) == "Bursdag betalt"


LONG_AGO = NOW - 1096 * DAY
LATELY = NOW - 1094 * DAY


@pytest.mark.parametrize(
    ("columns", "is_forgotten"),
    [
        ({"created_at": LONG_AGO}, True),
        ({"created_at": LONG_AGO, "seen_at": LONG_AGO}, True),
        ({"created_at": LATELY}, False),
        ({"created_at": LONG_AGO, "seen_at": LATELY}, False),
    ],
    ids=str,
)
async def test_who_has_not_been_here_for_three_years_is_erased(
    db: AsyncSession, columns: dict[str, Any], is_forgotten: bool
) -> None:
    kari = await holding.person(db, "merke", **columns)
    await forget(db, "person")
    assert (await erased(db, kari)) is is_forgotten


async def erased(db: AsyncSession, person_id: UUID) -> bool:
    statement = select(Person.erased_at).where(Person.id == person_id)
    return (await db.scalars(statement)).one() is not None


async def coming(db: AsyncSession, person_id: UUID) -> None:
    await holding.application(db, person_id, await holding.hall(db), "x", ends_at=NOW + DAY)


async def leading(db: AsyncSession, person_id: UUID) -> None:
    await holding.association(db, leader=person_id, booker=await holding.person(db, "ola"))


async def employed(db: AsyncSession, person_id: UUID) -> None:
    db.add(RoleGrant(person_id=person_id, role="caretaker"))
    await db.flush()


async def used_by_a_program(db: AsyncSession, person_id: UUID) -> None:
    db.add(Token(person_id=person_id, hash=b"x", label="x", scopes=["read"], used_at=NOW - DAY))
    await db.flush()


async def at_a_browser(db: AsyncSession, person_id: UUID) -> None:
    db.add(Login(person_id=person_id, hash=b"x", used_at=NOW - DAY, expires_at=NOW))
    await db.flush()


@pytest.mark.parametrize("tie", [coming, leading, employed, used_by_a_program, at_a_browser])
async def test_who_is_needed_or_has_something_in_hand_is_not_forgotten(
    db: AsyncSession, tie: Callable[[AsyncSession, UUID], Awaitable[None]]
) -> None:
    """And is in nobody's way: others, who come after her, are."""
    kari = await holding.person(db, "merke", created_at=LONG_AGO)
    await tie(db, kari)
    other = await holding.person(db, "annen", created_at=LONG_AGO)

    await forget(db, "person")

    assert (await erased(db, kari), await erased(db, other)) == (False, True)


async def test_more_than_a_batch_is_told_of_and_gone_on_with(db: AsyncSession) -> None:
    """However many are not to be forgotten stand before those who are."""
    staff = [new_id() for _ in range(retaining.A_PAGE + 1)]
    db.add_all(Person(id=id_, name="Ansatt", created_at=LONG_AGO) for id_ in staff)
    await db.flush()
    db.add_all(RoleGrant(person_id=id_, role="reader") for id_ in staff)
    batch = privacy.retentions()["person"].batch
    people = [await holding.person(db, f"n{number}", created_at=LONG_AGO) for number in range(batch + 1)]

    async def left() -> int:
        is_left = (Person.id.in_(people), Person.erased_at.is_(None))
        return await db.scalar(select(func.count()).where(*is_left)) or 0

    async def told() -> int:
        await db.flush()
        kind = OutboxMessage.kind == "ForgettingDue"
        return await db.scalar(select(func.count()).select_from(OutboxMessage).where(kind)) or 0

    await forget(db, "person")
    assert (await left(), await told()) == (1, 1)
    await forget(db, "person")
    assert (await left(), await told()) == (0, 1)


async def set_days(db: AsyncSession, kind: str, days: int) -> None:
    await retaining.set_rules(db, ADMIN, RetentionIn(rules=[RuleIn(kind=kind, days=days)]), NOW)


async def test_a_municipality_may_keep_things_longer_or_shorter(db: AsyncSession) -> None:
    days = privacy.retentions()["letter"].days
    await rows_of(db, NOW - (days + 1) * DAY)
    await set_days(db, "letter", days + 2)
    await forget(db, "letter")
    assert await count(db, "letter") == 1
    await set_days(db, "letter", days)
    assert await db.scalar(select(func.count()).select_from(RetentionRule)) == 0, "the proposal needs no rule"
    await forget(db, "letter")
    assert await count(db, "letter") == 0


async def test_rules_are_set_by_administrators_within_the_law(db: AsyncSession) -> None:
    told = await retaining.set_rules(
        db, ADMIN, RetentionIn(rules=[RuleIn(kind="letter", days=7), RuleIn(kind="login", days=90)]), NOW
    )
    shown = {each.kind: each for each in told}
    assert (shown["letter"].days, shown["letter"].proposed) == (7, 180)
    assert set(shown) == set(privacy.retentions())
    entries = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "retention.set"))).all()
    assert [each.change for each in entries] == [{"kind": ["letter", "letter"], "days": [None, 7]}]

    for rules, field in (
        ([RuleIn(kind="nonsense", days=7)], "rules.0.kind"),
        ([RuleIn(kind="letter", days=7), RuleIn(kind="letter", days=8)], "rules.1.kind"),
        ([RuleIn(kind="booking_paid", days=1826)], "rules.0.days"),
    ):
        with pytest.raises(Invalid) as refused:
            await retaining.set_rules(db, ADMIN, RetentionIn(rules=rules), NOW)
        assert refused.value.facts["field"] == field
    for actor, refusal in (
        (NOBODY, SignInNeeded),
        (Actor(person_id=new_id(), grants=(Grant("case_officer"),)), Forbidden),
        (Actor(person_id=new_id(), grants=(Grant("administrator", facility_id=new_id()),)), Forbidden),
    ):
        with pytest.raises(refusal):
            await retaining.rules(db, actor)
        with pytest.raises(refusal):
            await retaining.set_rules(db, actor, RetentionIn(rules=[]), NOW)
