"""Lists in pages: an opaque cursor that says where the next page begins."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from core.errors import Invalid
from core.texts import N_

T = TypeVar("T")

MOST = 200
CURSOR = r"^[A-Za-z0-9_-]*(?!\n)$"
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """`next` is the cursor of the page after this; None on the last."""

    items: list[T]
    next: str | None = None


def write_cursor(*position: Any) -> str:
    """A position in a sorted list (sort key, then id), for the address bar."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(cursor: str | None, *types: type[Any]) -> tuple[Any, ...] | None:
    """The position that `write_cursor` wrote. Raises Invalid for anything else."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        values = msgspec.json.decode(raw, type=list[Any])
        position = tuple(msgspec.convert(value, kind) for value, kind in zip(values, types, strict=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Invalid(field="cursor", expected=N_("the `next` of the page before")) from error
    if any(_cannot_be(part) for part in position):
        raise Invalid(field="cursor", expected=N_("the `next` of the page before"))
    return position


def _cannot_be(part: Any) -> bool:
    """What no cursor of ours holds and a database would stumble over."""
    match part:
        case str():
            return "\0" in part
        case datetime():
            return part.tzinfo is None or not 1900 < part.year < 2200
        case int():
            return not 0 <= part < 2**31
        case _:
            return False
