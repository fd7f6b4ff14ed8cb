"""All HTML routes of telling."""

from booking.telling import inbox_pages, text_pages, unsent_pages, unsubscribe_pages

handlers = [
    *inbox_pages.handlers,
    *text_pages.handlers,
    *unsent_pages.handlers,
    *unsubscribe_pages.handlers,
]
