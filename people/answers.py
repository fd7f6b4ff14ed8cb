"""What every route may answer besides what it is for: problems, as the API's own document tells them."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import SecurityRequirement
from msgspec import UNSET, UnsetType


class Problem(msgspec.Struct, kw_only=True):
    """RFC 9457. Other named facts of the refusal stand beside these members."""

    type: str
    """`/problems/` and the refusal's name."""
    title: str
    """In the reader's language."""
    status: int
    instance: str
    field: str | UnsetType = UNSET
    """What is not right in the request: a member of the body as a dotted path, a parameter or a header."""
    expected: str | UnsetType = UNSET
    """What would be right, in the reader's language."""


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem,
        description=description,
        media_type="application/problem+json",
        generate_examples=False,
    )


SHARED_READ = {
    400: _problem("malformed: the request cannot be read"),
    422: _problem("invalid: names the field and what would be right"),
    429: _problem("too-many-requests: again after `Retry-After` seconds"),
    503: _problem("busy: send the same again shortly"),
}
"""Of what belongs to no municipality."""
OPEN_READ = {
    **SHARED_READ,
    401: _problem("sign-in-needed: the token is not known, or has ended"),
    404: _problem("not-found: nothing there, or not for this reader"),
}
"""Of what anybody may read."""
READ = {**OPEN_READ, 403: _problem("forbidden: the right is missing")}
"""Of what only some may read."""
TOO_OLD = {410: _problem("cursor-too-old: read everything anew, then follow the changes from now")}
"""Of what is read on from an earlier answer."""
_WITH_BODY = {
    413: _problem("too-large"),
    415: _problem("unsupported-media-type: the body must be JSON, and say so"),
}
ASK = {**READ, **_WITH_BODY}
"""Of a question with a body, which changes nothing."""
CHANGE = {
    **READ,
    409: _problem(
        "time-taken, article-taken, closed, limit-reached, wrong-state, in-use, already-exists: something is in the way"
    ),
}
"""Of what changes something without being told more."""
WRITE = {**CHANGE, **_WITH_BODY}
"""Of what changes something as the body says."""
VERSIONED = {**WRITE, 412: _problem("changed-meanwhile: read again, then decide")}
"""Of a change that asks which version it was decided on (If-Match)."""

ANYBODY: list[SecurityRequirement] = [{}, {"token": []}]
"""For a route that answers 403 only to those who say who they are."""
