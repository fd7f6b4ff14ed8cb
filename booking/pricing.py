"""What wished or made bookings cost, and what they take of stocks: asked by applying, deciding, moving and quoting."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from booking.schemas import ApplicationIn, QuoteIn
from booking.stock import Stake, ordered_in, stakes_of
from booking.verdicts import holder_group
from core.errors import Invalid
from core.spans import Span
from core.texts import N_
from people.actors import Actor
from resources.facts import Bookable
from resources.prices import FREE, Price, Usage
from resources.tariff_queries import priceables
from resources.tariffs import Ask, Ordered, Priceable, price


class Pricing(Struct, frozen=True, kw_only=True):
    """All that decides what bookings of one application cost. Nothing of it but the use, and which articles how many
    times, is the word of whoever asks.
    """

    known: Mapping[UUID, Priceable] = field(default_factory=dict[UUID, Priceable])
    """By resource."""
    group: str = "resident"
    """The customer group of who has it, as the municipality knows it."""
    usage: Usage = "ordinary"
    ordered: tuple[Ordered, ...] = ()

    def at(self, resource_id: UUID) -> Priceable | None:
        return self.known.get(resource_id)

    def price(self, bookable: Bookable, span: Span, quantity: int) -> Price:
        """Of one booking, with the articles that are offered at its place. Raises Invalid."""
        known = self.known.get(bookable.facts.id)
        if known is None:
            return FREE
        return price(
            known,
            Ask(
                span=span,
                zone=bookable.zone,
                customer_group=self.group,
                usage=self.usage,
                quantity=quantity,
                articles=self.ordered,
                of_many=True,
            ),
        )

    def stakes(self, bookable: Bookable, span: Span) -> tuple[Stake, ...]:
        """What goes with one booking."""
        return stakes_of(self.known.get(bookable.facts.id), self.ordered, span, bookable.zone)

    def all_stakes(
        self, wishes: Iterable[tuple[UUID, Span]], bookables: Mapping[UUID, Bookable]
    ) -> list[Stake]:
        """Of many wishes (resource and span): which stocks are concerned."""
        return [stake for resource_id, span in wishes for stake in self.stakes(bookables[resource_id], span)]


async def pricing_for(
    db: AsyncSession,
    actor: Actor,
    bookables: Mapping[UUID, Bookable],
    *,
    person_id: UUID | None,
    association_id: UUID | None,
    usage: str = "ordinary",
    ordered: Sequence[Ordered] = (),
) -> Pricing:
    """For whoever has, or would have, the bookings; one statement, and one more for the group where it matters."""
    known = await priceables(db, sorted(bookables))
    is_priced = any(each.tariff is not None or each.articles for each in known.values())
    group = await holder_group(
        db,
        actor,
        bookables,
        person_id=person_id,
        association_id=association_id,
        is_priced=is_priced,
    )
    return Pricing(known=known, group=group, usage=cast(Usage, usage), ordered=tuple(ordered))


async def pricing_asked(
    db: AsyncSession, actor: Actor, bookables: Mapping[UUID, Bookable], form: ApplicationIn | QuoteIn
) -> Pricing:
    """For what the actor asks for. Raises Invalid for an article that is offered at none of the places."""
    pricing = await pricing_for(
        db,
        actor,
        bookables,
        person_id=actor.person_id,
        association_id=form.association_id,
        usage=form.usage,
        ordered=[Ordered(each.article, each.quantity) for each in form.articles],
    )
    offered = {article.key for each in pricing.known.values() for article in each.articles}
    for place, each in enumerate(pricing.ordered):
        if each.key not in offered:
            raise Invalid(
                field=f"articles.{place}.article",
                expected=sorted(offered) or N_("no article: none is offered here"),
            )
    return pricing


async def pricing_of(db: AsyncSession, actor: Actor, bookables: Mapping[UUID, Bookable], row: Any) -> Pricing:
    """For bookings of an application that was made: `row` has its person_id, association_id, usage and articles."""
    return await pricing_for(
        db,
        actor,
        bookables,
        person_id=row.person_id,
        association_id=row.association_id,
        usage=row.usage or "ordinary",
        ordered=ordered_in(row.articles or ()),
    )
