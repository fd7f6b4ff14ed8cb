"""Forms of pages, filled in so that whoever may is answered with success. Of the rest, see towns.py."""

from tests.web import (
    rights_boards,
    rights_caldav,
    rights_cases,
    rights_doors,
    rights_feeds,
    rights_incoming,
    rights_money_invoices,
    rights_money_pages,
    rights_money_staff,
    rights_partners,
    rights_policies,
    rights_queue,
    rights_sharing,
    rights_telling,
    rights_waiting,
)
from tests.web.towns import ASKED, DAY, Form


def _versioned(**fields: str) -> Form:
    return lambda _: {"version": "1", **fields}


TIMES = {"on": str(DAY), "from_time": "10:00", "to_time": "11:00"}
assert ASKED.length.total_seconds() == 3600, "as TIMES says"
FORMS: dict[str, Form] = {
    "POST /{m}/sign-in": lambda _: {"persona": "citizen"},
    "POST /{m}/me": _versioned(name="Kari", email="", phone="", postcode="", language="nb"),
    "POST /{m}/me/tokens": lambda _: {"label": "Nettsiden", "days": "30"},
    "POST /{m}/me/erasure": lambda _: {"confirm": "yes"},
    "POST /{m}/staff/people/{person_id}/roles": lambda town: {
        "role": "caretaker",
        "place": f"facility:{town.ids['facility']}",
    },
    "POST /{m}/staff/people/{person_id}/group": _versioned(customer_group="internal"),
    "POST /{m}/staff/roles": lambda town: {
        "email": "ny@example.org",
        "role": "caretaker",
        "place": f"resource:{town.ids['resource']}",
    },
    "POST /{m}/resources/{resource_id}/book": lambda _: {
        **TIMES,
        "title": "Trening",
        "quantity": "1",
        "if_refused": "fail",
        "action": "book",
    },
    "POST /{m}/associations/new": lambda _: {"name": "Ny klubb"},
    "POST /{m}/associations/{association_id}/edit": _versioned(name="Nytt navn"),
    "POST /{m}/associations/{association_id}/people": lambda _: {"email": "per@example.no", "role": "booker"},
    "POST /{m}/delegates/{delegate_id}": lambda _: {"role": "leader"},
    "POST /{m}/associations/{association_id}/teams/new": lambda _: {"name": "Gutter 12"},
    "POST /{m}/teams/{team_id}": lambda _: {"name": "Gutter 13"},
    "POST /{m}/associations/{association_id}/contacts/new": lambda _: {"title": "Kasserer", "name": "Per"},
    "POST /{m}/contacts/{contact_id}": lambda _: {"title": "Leder", "name": "Per"},
    "POST /{m}/associations/{association_id}/lead": lambda _: {"text": "Se årsmøtet."},
    "POST /{m}/staff/leader-claims/{claim_id}": lambda _: {"decision": "approve", "reason": ""},
    "POST /{m}/bookings/{booking_id}/cancel": _versioned(reason="Syk"),
    "POST /{m}/bookings/{booking_id}/move": _versioned(**TIMES, price_ore="60000"),  # as its tariff says
    "POST /{m}/requests/{application_id}": lambda town: {
        "version": "1",
        "reason": "",
        f"decision-{town.ids['booking']}": "approve",
    },
    **rights_queue.FORMS,
    **rights_cases.FORMS,
    **rights_telling.FORMS,
    **rights_policies.FORMS,
    **rights_waiting.FORMS,
    **rights_boards.FORMS,
    **rights_feeds.FORMS,
    **rights_sharing.FORMS,
    **rights_caldav.FORMS,
    **rights_incoming.FORMS,
    **rights_partners.FORMS,
    **rights_doors.FORMS,
    **rights_money_pages.FORMS,
    **rights_money_invoices.FORMS,
    **rights_money_staff.FORMS,
}
"""Pages whose form must be filled in → how, so that whoever may is answered with success."""
