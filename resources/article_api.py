"""JSON routes of articles: what can be ordered along with a booking."""

from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from people.actors import Actor
from people.answers import CHANGE, OPEN_READ, VERSIONED, WRITE
from people.desk import AtDesk
from resources import article_service
from resources.article_schemas import ArticleOut, ArticlePatch, NewArticle


@get("/articles", summary="What can be ordered along with a booking", responses=OPEN_READ)
async def articles(desk: AtDesk) -> list[ArticleOut]:
    """All that is offered now, where the reader may see it. What one pays for it stands in the quote."""
    return await desk.read(lambda db, actor: article_service.listed(db, actor, now=desk.now))


@get("/articles/{article_id:uuid}", summary="An article", responses=OPEN_READ)
async def article(desk: AtDesk, article_id: FromPath[UUID]) -> Response[ArticleOut]:
    """The ETag goes into If-Match of a change."""

    async def work(db: AsyncSession, actor: Actor) -> ArticleOut:
        return await article_service.article(db, actor, article_id, now=desk.now)

    return await desk.answer(work)


@post("/articles", summary="Add an article", responses=WRITE)
async def add_article(desk: AtDesk, data: JSONBody[NewArticle]) -> Response[ArticleOut]:
    """With `stock`, a pooled unit is made along with it: never more of it is booked at once."""
    return await desk.answer(lambda db, actor: article_service.add(db, actor, data, now=desk.now), status=201)


@patch("/articles/{article_id:uuid}", summary="Change an article", responses=VERSIONED)
async def change_article(
    desk: AtDesk, article_id: FromPath[UUID], data: JSONBody[ArticlePatch]
) -> Response[ArticleOut]:
    """What is booked keeps its price. A stock below what is claimed is refused with `conflicts`."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: article_service.change(
            db, actor, article_id, body=data, version=version, now=desk.now
        )
    )


@delete("/articles/{article_id:uuid}", summary="No longer offer an article", responses=CHANGE)
async def end_article(desk: AtDesk, article_id: FromPath[UUID]) -> None:
    """Who has it booked keeps it."""
    version = desk.if_match()
    await desk.change(
        lambda db, actor: article_service.end(db, actor, article_id, version=version, now=desk.now)
    )


handlers = [articles, article, add_article, change_article, end_article]
