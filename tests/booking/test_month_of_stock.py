"""The month again, with chairs to order along and a key that goes with every booking: never more out than there are.

The facility, the people and what they try are those of `month.py`; what must hold is held by `invariants.py`, which
counts places of stocks as those of any pool, and knows which booking must have claimed what.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking.schemas import ApplicationIn, ArticleIn, WishIn
from resources import article_service
from resources.article_schemas import ArticlePatch
from tests import priced
from tests.booking.month import KINDS, Month, Try
from tests.booking.month_machine import run_months
from tests.conftest import Urls

CHAIRS, STOCK, KEYS = "stoler", 40, 3


class Furnished(Month):
    """With two stocks, of which one goes with every booking."""

    async def prepare(self) -> None:
        await super().prepare()
        async with self.database.transaction(self.tenant.id) as db:
            at = self.hall.facility_id
            self.chairs = await priced.article(db, CHAIRS, stock_at=at, stock=STOCK)
            await priced.article(db, "nokkel", stock_at=at, stock=KEYS, is_mandatory=True)

    async def _apply(self, db: AsyncSession, it: Try, *, hold: bool = False) -> Any:
        actor, span = self._applicant(it), self._span(it)
        wish = WishIn(resource_id=self._place(it), start=span.start, end=span.end)
        number = it.one % STOCK
        ordered = [ArticleIn(article=CHAIRS, quantity=number)] if number else []
        form = ApplicationIn(times=[wish], title="Fest", hold=hold, articles=ordered)
        return await applying.apply(db, actor, self.tenant, form, self.now)

    async def _restock(self, db: AsyncSession, it: Try) -> Any:
        """More chairs or fewer, as far as that can be."""
        manager = self.managers[it.who % len(self.managers)]
        body = ArticlePatch(stock=STOCK - 20 + it.one % 30)
        return await article_service.change(db, manager, self.chairs, body=body, version=None, now=self.now)


def test_a_month_with_chairs(database_urls: Urls) -> None:
    done = run_months(database_urls, Furnished, (*KINDS, "apply", "apply", "restock"), steps=50)
    assert all(done[kind] for kind in ("apply", "hold", "decide", "restock")), done
    assert done["apply: article-taken"], done
