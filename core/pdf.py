"""Documents as PDF that a screen reader can read, by typst."""

from datetime import datetime
from typing import Any

import msgspec
import typst


def written(source: bytes, name: str, content: msgspec.Struct, made_at: datetime) -> bytes:
    """As PDF/UA-1, with its fonts in it; the same content is the same bytes. `source` finds it as JSON under `name`.

    Signs that no font of ours has cost it the mark of the standard, not the document: it is tagged all the same. Takes
    tens of milliseconds: call it in a thread.
    """
    told = {name: msgspec.json.encode(_plain(msgspec.to_builtins(content))).decode()}
    try:
        return _compiled(source, told, made_at, ["ua-1"])
    except typst.TypstError:
        return _compiled(source, told, made_at, [])


def _compiled(source: bytes, told: dict[str, str], made_at: datetime, standards: Any) -> bytes:
    made: Any = typst.compile(
        source,
        format="pdf",
        sys_inputs=told,
        ignore_system_fonts=True,
        pdf_standards=standards,
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(made, bytes), "one document, not a file for each page"
    return made


def _plain(value: Any) -> Any:
    """Without signs that are not seen and turn the order of others; unbreakable spaces are spaces."""
    if isinstance(value, str):
        return "".join(
            sign if sign in "\n\t\xa0" or sign.isprintable() else " " if sign.isspace() else ""
            for sign in value
        )
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]  # the same
    return value
