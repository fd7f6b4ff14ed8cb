"""What every route may answer besides what it is for: problems, as the API's own document tells them."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec


class Problem(msgspec.Struct, kw_only=True):
    """RFC 9457. Named facts of the refusal stand beside these members."""

    type: str
    """`/problems/` and the refusal's name."""
    title: str
    """In the reader's language."""
    status: int
    instance: str


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem,
        description=description,
        media_type="application/problem+json",
        generate_examples=False,
    )


OPEN_READ = {
    400: _problem("malformed: the request cannot be read"),
    401: _problem("sign-in-needed: the token is not known, or has ended"),
    404: _problem("not-found: nothing there, or not for this reader"),
    422: _problem("invalid: names the field and what would be right"),
    503: _problem("busy: send the same again shortly"),
}
"""Of what anybody may read."""
READ = {**OPEN_READ, 403: _problem("forbidden: the right is missing")}
"""Of what only some may read."""
WRITE = {
    **READ,
    409: _problem(
        "time-taken, closed, limit-reached, wrong-state, in-use, already-exists: something is in the way"
    ),
    412: _problem("changed-meanwhile: read again, then decide"),
    413: _problem("too-large"),
}
"""Of what changes something."""
