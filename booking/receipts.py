"""What a receipt tells beside the bookings: the answers that were given, and the repeats that were missed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from booking.schemas import ApplicationOut
from booking.told import title_of
from booking.views import View
from core.texts import Texts
from resources import policy_queries
from resources.questions import Question, answered

MOST_MISSED = 60


async def questions_of(db: AsyncSession, out: ApplicationOut) -> list[Question]:
    """What its resources ask; nothing when nothing was answered."""
    if not out.answers:
        return []
    asked = await policy_queries.questions_of(db, sorted({each.resource_id for each in out.bookings}))
    return list({question.key: question for questions in asked for question in questions}.values())


def answer_pairs(questions: Sequence[Question], out: ApplicationOut, texts: Texts) -> list[tuple[str, str]]:
    """Question and answer, in the reader's language."""
    return answered(questions, out.answers, texts.language, yes=texts.gettext("Yes"), no=texts.gettext("No"))


def missed_views(told: Sequence[str], texts: Texts) -> list[View]:
    """The repeats that were refused, of the receipt's address."""
    views: list[View] = []
    for each in told[:MOST_MISSED]:
        day, _, type_ = each.partition(".")
        title = title_of(type_)
        try:
            if title is not None:
                views.append({"day": date.fromisoformat(day), "title": texts.gettext(title)})
        except ValueError:
            continue
    return views
