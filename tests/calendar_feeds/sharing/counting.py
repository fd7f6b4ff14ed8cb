"""How many statements the program sends meanwhile."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from sqlalchemy import event


@contextmanager
def counted(app: Litestar) -> Generator[list[str]]:
    """The statements, as they are sent."""
    sent: list[str] = []
    engine = app.state.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
