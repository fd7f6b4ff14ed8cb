"""Where in the books a line stands: an article's own account, else its resource's, its facility's, the municipality's.
Pure.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

PARTS: Final = ("account", "department", "project", "product")


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """What one of these says. Empty parts are left to the wider one."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None
    article: str | None = None
    account: str = ""
    department: str = ""
    project: str = ""
    product: str = ""


def account_of(
    codes: Sequence[Code], *, facility_id: UUID | None, resource_id: UUID | None, article: str | None
) -> dict[str, str]:
    """Each part from the narrowest code that has it; only parts that are not empty.

    An article is narrower than a resource: cleaning is booked as cleaning wherever it was ordered.
    """
    fitting: list[tuple[int, Code]] = []
    for code in codes:
        if code.article is not None:
            if article is not None and code.article == article:
                fitting.append((0, code))
        elif code.resource_id is not None:
            if code.resource_id == resource_id:
                fitting.append((1, code))
        elif code.facility_id is not None:
            if code.facility_id == facility_id:
                fitting.append((2, code))
        else:
            fitting.append((3, code))
    fitting.sort(key=lambda pair: pair[0])
    found: dict[str, str] = {}
    for part in PARTS:
        value = next((getattr(code, part) for _, code in fitting if getattr(code, part)), "")
        if value:
            found[part] = value
    return found
