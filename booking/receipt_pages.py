"""HTML routes of what came of an application: the receipt, and later the case as the applicant sees it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from booking import showing
from booking.schemas import ApplicationOut
from booking.told import title_of
from booking.views import View, application_view
from core.texts import Texts
from people.actors import Actor
from people.desk import AtDesk
from resources import policy_queries
from resources.questions import Question, answered

MOST_MISSED = 60


@get("/applications/{application_id:uuid}")
async def application(desk: AtDesk, application_id: FromPath[UUID]) -> Response[str]:
    """The receipt, and later the case as the applicant sees it."""

    async def work(db: AsyncSession, actor: Actor) -> tuple[ApplicationOut, list[Question]]:
        out = await showing.application(db, actor, desk.tenant, application_id, desk.now)
        return out, await questions_of(db, out)

    found, questions = await desk.read(work)
    query = desk.request.query_params
    view = application_view(
        found,
        desk.actor,
        base=desk.base,
        now=desk.now,
        is_new="new" in query,
        missed=_missed_views(query.getall("missed", []), desk.texts),
        texts=desk.texts,
        answers=answer_pairs(questions, found, desk.texts),
    )
    return desk.page("booking/receipt.html", application=view)


async def questions_of(db: AsyncSession, out: ApplicationOut) -> list[Question]:
    """What its resources ask; nothing when nothing was answered."""
    if not out.answers:
        return []
    asked = await policy_queries.questions_of(db, sorted({each.resource_id for each in out.bookings}))
    return list({question.key: question for questions in asked for question in questions}.values())


def answer_pairs(questions: Sequence[Question], out: ApplicationOut, texts: Texts) -> list[tuple[str, str]]:
    """Question and answer, in the reader's language."""
    return answered(questions, out.answers, texts.language, yes=texts.gettext("Yes"), no=texts.gettext("No"))


def _missed_views(told: Sequence[str], texts: Texts) -> list[View]:
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


handlers = [application]
