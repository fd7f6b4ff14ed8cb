"""What a line of tests/web/rights.py means: who gets through, what the rest are told, and how a line is proposed."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from tests.web.cast import (
    DELEGATE_ROLES,
    HERSELF,
    NOBODY,
    PARTS,
    PERSONAL,
    READING,
    SCOPES,
    STAFF_ROLES,
    WEAK,
    Part,
)
from tests.web.towns import Route

HELD_BY = {"municipality": 0, "facility": 1, "resource": 2, "anywhere": 3}
"""How narrow a grant is enough: it must be over the municipality, or at least over the facility, and so on."""
PERSONS = ("citizen", *DELEGATE_ROLES)
ALL_STAFF = " ".join(STAFF_ROLES)


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets through to a route, and what the rest are told. Make it with `Only`, or take one of those below."""

    staff: Mapping[str, str] = {}
    """Staff role → how narrow its grant may be, of HELD_BY."""
    also: frozenset[str] = frozenset()
    """Other parts that may."""
    others: int = 403
    """For who may not: 403, or 404 where the thing is not hers to know of."""
    sees: Mapping[str, str] = {}
    """Who knows of the thing and may not do this with it: 403 where others get 404. As `staff`; other parts → ""."""
    out_of_reach: int | None = None
    """For a grant of a right role that does not reach there, when that is not `others`."""
    nobody: int | None = 401
    """None: who has not signed in may, too."""
    held: int | None = None
    """What those who may are told for the town's sake: it is in no state for it, or made-up ids are unknown."""
    odd: Mapping[str, int] = {}
    """Part → status, where nothing of the above says it."""


def Only(  # noqa: N802  # reads as a word of the table
    staff: str = "",
    also: str = "",
    *,
    at: str = "municipality",
    others: int = 403,
    sees: str = "",
    out_of_reach: int | None = None,
    nobody: int | None = 401,
    held: int | None = None,
    odd: Mapping[str, int] | None = None,
) -> Right:
    """`staff` and `sees`: words, staff roles as `role` (grants as narrow as `at`) or `role@facility`."""
    return Right(
        staff=_scoped(staff, at),
        also=frozenset(also.split()),
        others=others,
        sees=_scoped(sees, at),
        out_of_reach=out_of_reach,
        nobody=nobody,
        held=held,
        odd=odd or {},
    )


def _scoped(words: str, at: str) -> dict[str, str]:
    pairs = (word.partition("@") for word in words.split())
    return {name: scope or (at if name in STAFF_ROLES else "") for name, _, scope in pairs}


EVERYONE = "citizen leader booker treasurer weak personal herself"
ANYBODY = Only(ALL_STAFF, f"{EVERYONE} reading", at="anywhere", nobody=None)
SIGNED_IN = Only(ALL_STAFF, f"{EVERYONE} reading", at="anywhere")
"""Also by a token that only reads."""
SIGNED_IN_WRITES = Only(ALL_STAFF, EVERYONE, at="anywhere")


def expected(right: Right, part: Part) -> int | None:
    """The status that the part gets; None: she may."""
    if part is NOBODY:
        return right.nobody
    if part.name in right.odd:
        return right.odd[part.name]
    if part.name in right.also:
        return None
    if part in {READING, PERSONAL, WEAK}:
        return _lessened(right, part)
    if part is HERSELF and "administrator" in right.staff:
        return None
    if part.staff is not None:
        role, scope = part.staff
        if _reaches(right.staff, role, scope):
            return None
        if right.out_of_reach is not None and role in right.staff:
            return right.out_of_reach
        return 403 if _reaches(right.sees, role, scope) else right.others
    return 403 if part.name in right.sees else right.others


def _lessened(right: Right, part: Part) -> int | None:
    """An administrator with less than her rights: a citizen, who is asked to sign in more surely where that helps."""
    if part is READING:
        return 403
    if part is WEAK and "administrator" in right.staff and right.others == 403:
        return 401
    return right.others


def _reaches(allowed: Mapping[str, str], role: str, scope: str) -> bool:
    if role not in allowed:
        return False
    return HELD_BY.get(scope, HELD_BY["anywhere"]) <= HELD_BY[allowed[role]]


def passes(right: Right, status: int) -> bool:
    """Whether an answer with this status says: you may."""
    return status == right.held if right.held is not None else status < 400


def key_of(route: Route) -> str:
    """As it stands in the table: `GET /api/{m}/facilities/{facility_id}`."""
    return re.sub(r":(str|uuid|path|int)}", "}", str(route))


def suggestion(name: str, told: Mapping[str, int]) -> str:
    """The line that says what was told: part → status. With a warning where no line can."""
    may = {part for part, status in told.items() if status < 400}
    held = None
    if not may and told["herself"] not in {401, 403, 404}:
        held = told["herself"]
        may = {part for part, status in told.items() if status == held}
    if len(may) == len(told):
        return f'    "{name}": ANYBODY,' if held is None else f'    "{name}": replace(ANYBODY, held={held}),'
    words: dict[str, Any] = {
        "staff": _narrowed(may),
        "also": " ".join(part for part in (*PERSONS, "reading", "personal", "weak") if part in may),
        "others": told["citizen"] if told["citizen"] in {403, 404} else 403,
        "nobody": None if "nobody" in may else told["nobody"],
        "held": held,
    }
    if not words["staff"] and "herself" in may:
        words["also"] = f"{words['also']} herself".strip()
    if words["others"] == 404:
        denied = {part for part, status in told.items() if status == 403}
        words["sees"] = " ".join([part for part in PERSONS if part in denied] + [_narrowed(denied)]).strip()
    out = {told[f"{role}@elsewhere"] for role in STAFF_ROLES if role in may} - {
        words["others"],
        200,
        201,
        204,
        303,
    }
    if len(out) == 1:
        words["out_of_reach"] = out.pop()
    right = Only(**words)
    for known, text in (
        (ANYBODY, "ANYBODY"),
        (SIGNED_IN, "SIGNED_IN"),
        (SIGNED_IN_WRITES, "SIGNED_IN_WRITES"),
    ):
        if all(expected(known, part) == expected(right, part) for part in PARTS) and held is None:
            return f'    "{name}": {text},'
    wrong = [part.name for part in PARTS if _differs(right, part, told[part.name])]
    defaults = {
        "staff": "",
        "also": "",
        "others": 403,
        "nobody": 401,
        "held": None,
        "sees": "",
        "out_of_reach": None,
    }
    shown = ", ".join(f"{key}={value!r}" for key, value in words.items() if value != defaults[key])
    warning = f"  # but {', '.join(f'{part} {told[part]}' for part in wrong)}" if wrong else ""
    return f'    "{name}": Only({shown}),{warning}'.replace("'", '"')


def _differs(right: Right, part: Part, status: int) -> bool:
    wanted = expected(right, part)
    return not passes(right, status) if wanted is None else wanted != status


def _narrowed(may: set[str]) -> str:
    """Staff roles that may, each with the narrowest grant that does."""
    found: list[str] = []
    for role in STAFF_ROLES:
        scopes = [
            scope for scope in SCOPES if (role if scope == "municipality" else f"{role}@{scope}") in may
        ]
        if scopes:
            narrowest = "anywhere" if scopes[-1] == "elsewhere" else scopes[-1]
            found.append(role if narrowest == "municipality" else f"{role}@{narrowest}")
    return " ".join(found)
