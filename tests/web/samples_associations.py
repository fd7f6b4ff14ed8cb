"""Something to show in the templates of associations."""

from typing import Any, Final

from people.invitations import Offer
from tests.web.contexts import NOW, Sample

CLUB_OFFER: Final = Offer(
    role="booker",
    association_id=None,
    association="Solvik idrettslag",
    place=None,
    invited_by="Anne",
    expires_at=NOW,
)
STAFF_OFFER: Final = Offer(
    role="caretaker",
    association_id=None,
    association=None,
    place="Solvikhallen",
    invited_by=None,
    expires_at=NOW,
)


def invitation(offer: Offer, **other: Any) -> dict[str, Any]:
    return {
        "offer": offer,
        "role": "Booker",
        "may": "Bestiller for laget.",
        "is_known": True,
        "idempotency_key": "0192",
        "post_url": "/solvik/invitations/x",
        "sign_in_url": "/solvik/sign-in",
        **other,
    }


SAMPLES: Final[list[Sample]] = [
    Sample(name="invitation", template="people/invitation.html", context=invitation(CLUB_OFFER)),
    Sample(
        name="invitation-staff",
        template="people/invitation.html",
        context=invitation(STAFF_OFFER, may=None, is_known=False),
        is_signed_in=False,
    ),
]
