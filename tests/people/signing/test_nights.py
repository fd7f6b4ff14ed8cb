"""What is of no use any more is forgotten by night."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import utc_now
from people.identity_models import SignInAttempt, SpentToken
from people.models import Login
from people.tasks import forget_sign_ins
from tests import make


async def test_sign_ins_that_came_to_nothing_and_tokens_of_ended_logins_are_forgotten(
    db: AsyncSession,
) -> None:
    now = utc_now()
    person_id, _ = await make.person(db)
    for n, ends_at in enumerate((now - timedelta(minutes=1), now + timedelta(minutes=1))):
        mark = bytes([n]) * 32
        db.add(
            SignInAttempt(
                hash=mark,
                browser_hash=mark,
                provider="x",
                sealed=b"x",
                wants_strong=False,
                next_path="/",
                expires_at=ends_at,
            )
        )
        db.add(SpentToken(hash=mark, expires_at=ends_at))
        db.add(Login(person_id=person_id, hash=mark, id_token=b"sealed", expires_at=ends_at))
    db.add(
        Login(person_id=person_id, hash=b"e" * 32, id_token=b"x", expires_at=now + timedelta(1), ended_at=now)
    )
    await db.flush()

    await forget_sign_ins(db, now)

    for table in (SignInAttempt, SpentToken):
        assert list(await db.scalars(select(table.hash).where(table.hash.in_([b"\0" * 32, b"\1" * 32])))) == [
            b"\1" * 32
        ]
    kept = select(func.count()).where(Login.person_id == person_id, Login.id_token.is_not(None))
    assert await db.scalar(kept) == 1
