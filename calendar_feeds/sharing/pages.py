"""HTML routes of the house: weeks for other sites, how to share a calendar, and the open data in words."""

from litestar import Router

from calendar_feeds.sharing import embed_pages, share_pages

pages = Router(
    path="/{m:str}", include_in_schema=False, route_handlers=[*embed_pages.handlers, *share_pages.handlers]
)
