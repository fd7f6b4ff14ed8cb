"""Who becomes an association's leader without being invited: whoever may sign for it, or proves it to an officer."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit, files, mail
from core.db import AnyRow
from core.errors import AlreadyDecided, AlreadyExists, Forbidden, Invalid, NotFound
from core.files_models import StoredFile
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_, Texts
from core.texts import texts as texts_of
from core.wire import has_nul
from people import association_queries as queries
from people import queries as person_queries
from people.actors import Actor
from people.addresses import one_line
from people.association_models import LeaderClaim
from people.association_schemas import ClaimDecision, ClaimOut
from people.associations import ANY
from people.delegates import join
from people.models import Association, Delegate
from people.reads import note_reads
from people.rules import demand, demand_at_browser, demand_person, may

LONGEST_TEXT = 5000


class Way(msgspec.Struct, frozen=True):
    """How the reader can come to lead the association."""

    association: str
    leads: bool
    """She does already."""
    may_sign: bool
    """The provider has said that she may sign for it: at once, then."""
    claims: bool
    """She has asked, and nobody has answered."""
    has_leader: bool


async def way(db: AsyncSession, actor: Actor, association_id: UUID) -> Way:
    """Raises NotFound, SignInNeeded, Forbidden."""
    row = await queries.association(db, association_id)
    if row is None:
        raise NotFound(what="association")
    person_id = demand_at_browser(actor)
    leaders = await queries.leaders(db, association_id)
    return Way(
        association=row.name,
        leads=person_id in leaders,
        may_sign=await _may_sign(db, actor, row),
        claims=await queries.open_claim(db, association_id, person_id) is not None,
        has_leader=bool(leaders),
    )


async def take_lead(db: AsyncSession, actor: Actor, association_id: UUID, now: datetime) -> Delegate:
    """At once, for whoever may sign for the organisation as the provider says of her login.

    Raises NotFound, SignInNeeded, Forbidden.
    """
    row = await queries.lock_association(db, association_id)
    if row is None:
        raise NotFound(what="association")
    person_id = demand_at_browser(actor)
    if not await _may_sign(db, actor, row):
        raise Forbidden(action="association.lead")
    joined = await join(db, person_id, association_id, role="leader", by=person_id, now=now)
    waiting = await queries.open_claim(db, association_id, person_id)
    if waiting is not None:
        _decide(waiting, is_approved=True, by=None, reason=None, now=now)
    await db.flush()
    return joined


async def claim(
    db: AsyncSession,
    actor: Actor,
    association_id: UUID,
    *,
    text: str,
    file: files.Checked | None,
    now: datetime,
) -> LeaderClaim:
    """Ask to be leader; an officer reads it. Raises NotFound, SignInNeeded, Forbidden, Invalid, AlreadyExists."""
    if await queries.lock_association(db, association_id) is None:
        raise NotFound(what="association")
    person_id = demand_at_browser(actor)
    if not text.strip() or len(text) > LONGEST_TEXT or has_nul(text):
        raise Invalid(field="text", expected=N_("why you lead the association, in at most 5000 letters"))
    if person_id in await queries.leaders(db, association_id):
        raise AlreadyExists(field="association_id")
    if await queries.open_claim(db, association_id, person_id) is not None:
        raise AlreadyExists(field="association_id")
    file_id = None if file is None else files.store(db, file, person_id)
    await db.flush()
    row = LeaderClaim(
        id=new_id(),
        person_id=person_id,
        association_id=association_id,
        text=text.strip(),
        file_id=file_id,
        created_at=now,
    )
    db.add(row)
    audit.note(db, person_id, "leader_claim.sent", table="leader_claim", row_id=row.id, now=now)
    await db.flush()
    return row


async def claims(
    db: AsyncSession, actor: Actor, *, waiting: bool, cursor: str | None, limit: int, now: datetime
) -> Page[ClaimOut]:
    """Those that wait for an answer, or are answered; the oldest first. Raises SignInNeeded, Forbidden."""
    demand(actor, "association.read", ANY)
    after = read_cursor(cursor, datetime, UUID)
    found = await queries.claims_page(
        db, waiting=waiting, after=after and (after[0], after[1]), limit=limit + 1
    )
    page = found[:limit]
    await note_reads(db, actor, [row.LeaderClaim.person_id for row in page], "claim", now)
    last = page[-1].LeaderClaim if len(found) > limit else None
    return Page(
        [claim_out(row) for row in page], None if last is None else write_cursor(last.created_at, last.id)
    )


async def one_claim(db: AsyncSession, actor: Actor, claim_id: UUID, now: datetime) -> ClaimOut:
    """For officers. Raises NotFound, SignInNeeded, Forbidden."""
    demand(actor, "association.read", ANY)
    row = await queries.claim(db, claim_id)
    if row is None:
        raise NotFound(what="leader_claim")
    await note_reads(db, actor, [row.LeaderClaim.person_id], "claim", now)
    return claim_out(row)


async def own_claims(db: AsyncSession, actor: Actor) -> list[ClaimOut]:
    """Of the person's own, those that wait."""
    found = await queries.claims_of(db, demand_person(actor, writes=False))
    return [claim_out(row) for row in found]


async def decide(
    db: AsyncSession,
    actor: Actor,
    claim_id: UUID,
    *,
    body: ClaimDecision,
    now: datetime,
    texts: Texts,
) -> ClaimOut:
    """Yes makes her leader at once; she gets a letter, in her language, else that of `texts`.

    Raises NotFound, SignInNeeded, Forbidden, AlreadyDecided, and Invalid for a no without a reason.
    """
    demand(actor, "association.manage")
    found = await queries.claim(db, claim_id)
    if found is None:
        raise NotFound(what="leader_claim")
    await queries.lock_association(db, found.LeaderClaim.association_id)
    row = await queries.lock_claim(db, claim_id)
    if row is None or row.decided_at is not None:
        raise AlreadyDecided
    reason = body.reason.strip()
    if not body.approve and not reason:
        raise Invalid(field="reason", expected=N_("why not: the person reads it"))
    _decide(row, is_approved=body.approve, by=actor.person_id, reason=reason or None, now=now)
    if body.approve:
        await join(db, row.person_id, row.association_id, role="leader", by=actor.person_id, now=now)
    action = "leader_claim.approved" if body.approve else "leader_claim.rejected"
    audit.note(db, actor.person_id, action, table="leader_claim", row_id=row.id, now=now)
    await _tell(db, row, found, texts)
    await db.flush()
    decided = await queries.claim(db, claim_id)
    assert decided is not None, "it is locked"
    return claim_out(decided)


async def proof(db: AsyncSession, actor: Actor, claim_id: UUID, now: datetime) -> StoredFile:
    """The file of the claim, for the officer and for who sent it. Raises NotFound, SignInNeeded."""
    person_id = demand_person(actor, writes=False)
    found = await queries.claim(db, claim_id)
    row = None if found is None else found.LeaderClaim
    if row is None or row.file_id is None:
        raise NotFound(what="file")
    if row.person_id != person_id:
        if not may(actor, "association.read", ANY):
            raise NotFound(what="file")
        await note_reads(db, actor, [row.person_id], "claim", now)
    kept = await files.stored(db, row.file_id)
    if kept is None:
        raise NotFound(what="file")
    return kept


def claim_out(found: AnyRow) -> ClaimOut:
    row: LeaderClaim = found.LeaderClaim
    return ClaimOut(
        id=row.id,
        association_id=row.association_id,
        association=found.association,
        person_id=row.person_id,
        person=found.person,
        text=row.text,
        file=found.file,
        leaders=found.leaders,
        created_at=row.created_at,
        decided_at=row.decided_at,
        is_approved=row.is_approved,
        reason=row.reason,
    )


async def _may_sign(db: AsyncSession, actor: Actor, row: Association) -> bool:
    if actor.login_id is None or row.organisation_number is None:
        return False
    return row.organisation_number in await queries.represented_by(db, actor.login_id)


def _decide(
    row: LeaderClaim, *, is_approved: bool, by: UUID | None, reason: str | None, now: datetime
) -> None:
    row.decided_at, row.is_approved, row.decided_by, row.reason = now, is_approved, by, reason


async def _tell(db: AsyncSession, row: LeaderClaim, found: AnyRow, words: Texts) -> None:
    person = await person_queries.person(db, row.person_id)
    if person is None or person.email is None:
        return
    if person.language is not None:
        words = texts_of(person.language, str(words.zone))
    association = one_line(found.association)
    if row.is_approved:
        subject = words.gettext("You now lead %(association)s", association=association)
        told = words.gettext(
            "You are now registered as leader of %(association)s, and may book for it and invite others.",
            association=association,
        )
    else:
        subject = words.gettext("About leading %(association)s", association=association)
        told = words.gettext(
            "You have not been registered as leader of %(association)s.", association=association
        )
    reason = [words.gettext("Reason: %(reason)s", reason=row.reason)] if row.reason else []
    municipality = one_line(await queries.municipality_name(db))
    text = "\n\n".join((told, *reason, municipality))
    mail.write(
        db,
        address=person.email,
        language=words.language,
        subject=subject,
        text=text,
        person_id=row.person_id,
    )
