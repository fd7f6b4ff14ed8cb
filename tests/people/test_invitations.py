"""Being invited by e-mail: who may invite, what the letter says, and a link that works once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.errors import Forbidden, Gone, Invalid, LimitReached, NotFound, SignInNeeded
from core.mail_models import Letter
from people import invitations
from people.actors import EVERYWHERE, NOBODY, Actor, Place
from people.association_models import Invitation
from people.models import Delegate, RoleGrant
from people.service import actor_of_login, hash_of, sign_in
from tests import make
from tests.people.clubs import NOW, administrator, at_browser, club, delegate, invite, link, officer


async def test_the_letter_says_who_invites_to_what_and_only_the_hash_is_kept(db: AsyncSession) -> None:
    association_id, leader = await club(db)

    secret = await invite(db, leader, association_id=association_id)

    letter = (await db.scalars(select(Letter))).one()
    assert letter.subject == "Invitation from Viking"
    assert "Anne Lagleder" in letter.text or "invites you to act for Viking as: Booker." in letter.text
    assert link(secret) in letter.text
    row = (await db.scalars(select(Invitation))).one()
    assert row.hash == hash_of(secret)
    assert row.expires_at == NOW + timedelta(days=14)
    assert secret not in str((await db.execute(text("SELECT i::text FROM invitation i"))).all())


async def test_who_accepts_is_a_delegate_at_once(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    secret = await invite(db, leader, association_id=association_id)
    guest = await at_browser(db)

    await invitations.accept(db, guest, secret, NOW)

    row = await delegate(db, guest, association_id)
    assert row is not None
    assert (row.role, row.ended_at) == ("booker", None)
    actions = set(await db.scalars(select(AuditEntry.action)))
    assert {"invitation.sent", "invitation.accepted", "delegate.joined"} <= actions


async def test_who_had_left_comes_back_in_the_new_role(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    guest = await at_browser(db)
    db.add(Delegate(person_id=guest.person_id, association_id=association_id, role="leader", ended_at=NOW))
    await db.flush()

    await invitations.accept(
        db, guest, await invite(db, leader, role="treasurer", association_id=association_id), NOW
    )

    row = await delegate(db, guest, association_id)
    assert row is not None
    assert (row.role, row.ended_at) == ("treasurer", None)


async def test_a_leader_who_accepts_less_stays_leader(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    person_id = leader.person_id
    assert person_id is not None
    herself = await actor_of_login(db, await sign_in(db, person_id, NOW), NOW)

    await invitations.accept(db, herself, await invite(db, leader, association_id=association_id), NOW)

    row = await delegate(db, leader, association_id)
    assert row is not None
    assert row.role == "leader"


async def test_a_link_works_once(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    secret = await invite(db, leader, association_id=association_id)
    await invitations.accept(db, await at_browser(db), secret, NOW)

    late = await at_browser(db)
    with pytest.raises(Gone):
        await invitations.accept(db, late, secret, NOW)
    assert await delegate(db, late, association_id) is None


async def test_a_link_is_too_old_after_a_fortnight(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    secret = await invite(db, leader, association_id=association_id)
    guest = await at_browser(db)

    with pytest.raises(Gone):
        await invitations.accept(db, guest, secret, NOW + timedelta(days=14))
    with pytest.raises(Gone):
        await invitations.offer(db, secret, NOW + timedelta(days=14))
    await invitations.accept(db, guest, secret, NOW + timedelta(days=14, seconds=-1))


async def test_a_link_that_was_withdrawn_works_no_longer(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    secret = await invite(db, leader, association_id=association_id)
    row = (await invitations.open_invitations(db, leader, association_id=association_id))[0]

    await invitations.revoke(db, leader, row.id, NOW)

    with pytest.raises(Gone):
        await invitations.accept(db, await at_browser(db), secret, NOW)
    with pytest.raises(NotFound):
        await invitations.revoke(db, leader, row.id, NOW)
    assert await invitations.open_invitations(db, leader, association_id=association_id) == []


async def test_inviting_again_withdraws_the_older_link(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    first = await invite(db, leader, association_id=association_id)
    second = await invite(db, leader, email="Ola@Example.no", role="leader", association_id=association_id)

    with pytest.raises(Gone):
        await invitations.offer(db, first, NOW)
    assert (await invitations.offer(db, second, NOW)).role == "leader"


async def test_who_may_no_longer_invite_leaves_no_way_back(db: AsyncSession) -> None:
    """A leader who is about to be put out could else invite herself."""
    association_id, leader = await club(db)
    secret = await invite(db, leader, role="leader", association_id=association_id)
    row = await delegate(db, leader, association_id)
    assert row is not None
    row.ended_at = NOW
    await db.flush()

    with pytest.raises(Gone):
        await invitations.accept(db, await at_browser(db), secret, NOW)


async def test_a_made_up_link_is_not_found(db: AsyncSession) -> None:
    for secret in ("x", "", "a" * 43, "\u2028"):
        with pytest.raises(NotFound):
            await invitations.accept(db, await at_browser(db), secret, NOW)


async def test_nobody_and_programs_accept_nothing(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    secret = await invite(db, leader, association_id=association_id)

    with pytest.raises(SignInNeeded):
        await invitations.accept(db, NOBODY, secret, NOW)
    with pytest.raises(Forbidden):
        await invitations.accept(db, Actor(person_id=leader.person_id), secret, NOW)


async def test_only_leaders_and_officers_invite_to_an_association(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    assert leader.person_id is not None
    booker = Actor(person_id=leader.person_id, associations=(association_id,))
    treasurer = Actor(person_id=leader.person_id, treasures=(association_id,))
    other, _ = await make.association(db)
    elsewhere = Actor(person_id=leader.person_id, associations=(other,), leads=(other,))
    for actor in (booker, treasurer, elsewhere):
        with pytest.raises(Forbidden):
            await invite(db, actor, association_id=association_id)
        with pytest.raises(Forbidden):
            await invitations.open_invitations(db, actor, association_id=association_id)
    with pytest.raises(SignInNeeded):
        await invite(db, NOBODY, association_id=association_id)

    assert await invite(db, await officer(db), association_id=association_id)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ola",
        "ola@",
        "@example.no",
        "ola@example",
        "ola@example.no\nBcc: all@example.no",
        "ola@example.no\r",
        "Ola <ola@example.no>",
        "ola@example.no, per@example.no",
        "ola..o@example.no",
        "ola@-example.no",
        "ola@example..no",
        "x" * 65 + "@example.no",
        "ola@" + "x." * 130 + "no",
        "ola\0@example.no",
        "øla@example.no",
    ],
)
async def test_an_address_that_is_none_is_refused(db: AsyncSession, email: str) -> None:
    association_id, leader = await club(db)
    with pytest.raises(Invalid) as refused:
        await invite(db, leader, email=email, association_id=association_id)
    assert refused.value.facts["field"] == "email"


async def test_a_name_with_line_ends_does_not_get_into_the_head_of_a_letter(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    await db.execute(text("UPDATE association SET name = E'Viking\\r\\nBcc: all@example.no'"))

    await invite(db, leader, association_id=association_id)

    assert (await db.scalars(select(Letter.subject))).one() == "Invitation from Viking Bcc: all@example.no"


@pytest.mark.parametrize("role", ["administrator", "case_officer", "", "owner"])
async def test_a_role_of_another_kind_is_refused(db: AsyncSession, role: str) -> None:
    association_id, leader = await club(db)
    with pytest.raises(Invalid):
        await invite(db, leader, role=role, association_id=association_id)
    with pytest.raises(Invalid):
        await invite(db, await administrator(db), role="leader")


async def test_links_that_can_be_used_at_once_are_bounded(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    for n in range(invitations.MOST_OPEN):
        db.add(
            Invitation(
                email=f"{n}@example.no",
                role="booker",
                association_id=association_id,
                hash=hash_of(str(n)),
                expires_at=NOW + timedelta(days=1),
            )
        )
    await db.flush()
    with pytest.raises(LimitReached):
        await invite(db, leader, association_id=association_id)


async def test_staff_is_invited_to_a_role_at_a_place(db: AsyncSession) -> None:
    hall = await make.hall(db)
    boss = await administrator(db)
    guest = await at_browser(db)

    await invitations.accept(
        db, guest, await invite(db, boss, role="caretaker", place=Place(hall.facility_id, hall.whole)), NOW
    )
    again = await invite(db, boss, role="caretaker", place=Place(None, hall.whole))
    await invitations.accept(db, guest, again, NOW)

    grants = (await db.scalars(select(RoleGrant).where(RoleGrant.person_id == guest.person_id))).all()
    assert [(row.role, row.facility_id, row.resource_id) for row in grants] == [
        ("caretaker", None, hall.whole)
    ]
    assert grants[0].granted_by == boss.person_id


async def test_an_administrator_of_one_facility_invites_there_and_nowhere_else(db: AsyncSession) -> None:
    hall, other = await make.hall(db), await make.hall(db)
    boss = await administrator(db, facility_id=hall.facility_id)

    secret = await invite(db, boss, role="caretaker", place=Place(hall.facility_id, hall.whole))
    assert (await invitations.offer(db, secret, NOW)).place == "Hele hallen"
    for place in (EVERYWHERE, Place(other.facility_id), Place(None, other.whole)):
        with pytest.raises(Forbidden):
            await invite(db, boss, role="caretaker", place=place)
    with pytest.raises(Invalid):
        await invite(db, boss, role="caretaker", place=Place(hall.facility_id, other.whole))

    everywhere = await administrator(db)
    await invite(db, everywhere, role="reader", email="per@example.no")
    assert [row.role for row in await invitations.open_invitations(db, boss)] == ["caretaker"]
    assert len(await invitations.open_invitations(db, everywhere)) == 2
    for row in await invitations.open_invitations(db, everywhere):
        if row.resource_id is None:
            with pytest.raises(NotFound):
                await invitations.revoke(db, boss, row.id, NOW)
