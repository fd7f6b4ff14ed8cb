"""What would come of an application, said before it is sent. Never writes. Where it would go better: alternatives."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import stock
from booking.alternatives import Alternative as Alternative
from booking.alternatives import alternatives as alternatives
from booking.apply import Refused, check_holder, judge, spans_of
from booking.browse import visible_all
from booking.claims import Board, window_of
from booking.guard import Allowance, allowance, open_board
from booking.models import Application
from booking.occurrences import Wished, wished
from booking.pricing import pricing_asked
from booking.schemas import ApplicationIn
from booking.stock import Stake
from booking.verdicts import verdict_for
from core.errors import AssociationNeeded, NotFound, ProfileIncomplete, Refusal
from core.ids import new_id
from core.spans import DAY, Span
from core.tenants import Tenant
from people.actors import Actor
from people.service import check_applicant
from resources.facts import Bookable
from resources.policies import Verdict
from resources.prices import Price
from resources.tariffs import Priceable


class Preview(Struct, frozen=True):
    """Each wish in order of time, with every reason why it cannot be had; no reasons: it can."""

    bookable: Bookable
    """Of the first wanted time."""
    bookables: Mapping[UUID, Bookable]
    """Of all, some of a repeat may be wanted elsewhere."""
    wishes: Sequence[tuple[Wished, Sequence[Refusal]]]
    verdicts: Sequence[Verdict | None]
    """Of each wish, whether it can be had or not; None where the clock shows no such time."""
    holder_refusal: Refusal | None
    """What is wrong with who asks, whatever the time."""
    prices: Sequence[Price | None]
    """Of each wish; None as above."""
    known: Mapping[UUID, Priceable] = {}
    """What decides the price at each of the places."""

    @property
    def allowed(self) -> bool:
        return self.holder_refusal is None and not any(reasons for _, reasons in self.wishes)


async def preview(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ApplicationIn, now: datetime
) -> Preview:
    """The very judgement of `apply`, without locks and without writing. Raises NotFound, Invalid."""
    wishes = wished(form, tenant)
    spans = [wish.span for wish in wishes if isinstance(wish.span, Span)]
    span = Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else Span(now, now + DAY)
    bookables = await visible_all(db, actor, sorted({wish.resource_id for wish in wishes}), span, now)
    if not all(bookable.units for bookable in bookables.values()):
        raise NotFound(what="resource", field="resource_id")
    limits, holder_refusal = Allowance(None, ()), None
    if actor.person_id is not None:
        limits = await allowance(db, actor, form.association_id, bookables, now, lock=False)
        try:
            await check_applicant(db, actor, form.association_id, form.team_id)
            check_holder(form.association_id, bookables)
        except (ProfileIncomplete, AssociationNeeded) as refusal:
            holder_refusal = refusal
    pricing = await pricing_asked(db, actor, bookables, form)
    board = await _board(db, bookables, spans, pricing.all_stakes(spans_of(wishes), bookables), now)
    application = Application(
        id=new_id(), person_id=actor.person_id, association_id=form.association_id, people=form.people
    )
    _, refused = judge(application, wishes, bookables, board, limits, pricing, now=now, hold=False)
    return Preview(
        bookables.get(form.times[0].resource_id) or next(iter(bookables.values())),
        bookables,
        [(wish, _reasons(wish, refused)) for wish in wishes],
        [
            verdict_for(bookables[wish.resource_id], wish.span, group=pricing.group, people=form.people)
            if isinstance(wish.span, Span)
            else None
            for wish in wishes
        ],
        holder_refusal,
        [
            pricing.price(bookables[wish.resource_id], wish.span, wish.quantity)
            if isinstance(wish.span, Span)
            else None
            for wish in wishes
        ],
        pricing.known,
    )


async def _board(
    db: AsyncSession,
    bookables: Mapping[UUID, Bookable],
    spans: Sequence[Span],
    stakes: Sequence[Stake],
    now: datetime,
) -> Board:
    if not spans:
        return Board((), now)
    unit_ids = {unit.id for bookable in bookables.values() for unit in bookable.units}
    board = await open_board(db, unit_ids | stock.units_of(stakes), window_of(spans, bookables), now)
    board.stocks = await stock.look(db, stakes)
    return board


def _reasons(wish: Wished, refused: Sequence[Refused]) -> Sequence[Refusal]:
    return next((each.reasons for each in refused if each.wish is wish), ())
