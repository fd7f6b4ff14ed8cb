"""Who may do what with telling people, and their forms filled in."""

from msgspec.structs import replace

from tests.web.entitled import ANYBODY, SIGNED_IN, SIGNED_IN_WRITES, Only, Right
from tests.web.towns import Form, Town

SEALED = replace(ANYBODY, held=404)
"""Anybody who has a link that we have sealed; the town's ids are none."""
HER_OWN = Only("", "herself", others=404)
"""Whoever it is to, and nobody else, whatever they are."""

RIGHTS: dict[str, Right] = {
    "GET /{m}/letters/{letter_id}/html": ANYBODY,  # in the demo alone
    "GET /{m}/letters/{letter_id}/calendar": ANYBODY,  # the same
    "GET /{m}/messages": SIGNED_IN,
    "GET /{m}/messages/{notice_id}": replace(HER_OWN, odd={"reading": 404}),
    "POST /{m}/messages/read": SIGNED_IN_WRITES,
    "GET /api/{m}/messages": SIGNED_IN,
    "POST /api/{m}/messages/{notice_id}/read": HER_OWN,
    "GET /{m}/staff/texts": Only("administrator"),
    "GET /{m}/staff/texts/edit": Only("administrator"),
    "POST /{m}/staff/texts/edit": Only("administrator"),
    "GET /{m}/staff/messages": Only("administrator"),
    "POST /{m}/staff/messages/resend": Only("administrator"),
    "GET /{m}/unsubscribe/{secret}": SEALED,
    "POST /{m}/unsubscribe/{secret}": SEALED,
}
"""Route → who may, as in tests/web/rights.py."""


def _text(_town: Town) -> dict[str, str]:
    return {
        "version": "0",
        "kind": "moved",
        "language": "nb",
        "subject": "Flyttet: {title}",
        "text": "Nå: {times}",
        "action": "save",
    }


FORMS: dict[str, Form] = {
    "POST /{m}/staff/texts/edit": _text,
    "POST /{m}/staff/messages/resend": lambda _: {"what": "left"},
}
"""Route → its form, filled in so that whoever may is answered with success."""
