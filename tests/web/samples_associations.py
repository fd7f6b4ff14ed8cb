"""Something to show in the templates of associations."""

from typing import Any, Final

from people.association_views import claim_view, detail_view, entry_view, group_pairs
from tests.web.clubs import (
    ACTIVITIES,
    CLAIM,
    CLUB,
    CLUB_OFFER,
    CONTACT,
    DECIDED,
    ENGLISH,
    ENTRY,
    FORM,
    LAST,
    LIST,
    LISTED,
    NO_PAGES,
    PATHS,
    PEOPLE,
    ROWS,
    STAFF_OFFER,
    STRANGERS,
    TEAM,
    decision,
    invitation,
    new,
    one_delegate,
    page,
    way,
)
from tests.web.contexts import Sample


def sample(name: str, template: str, context: dict[str, Any], **other: bool) -> Sample:
    return Sample(name=name, template=f"people/{template}.html", context=context, **other)


SAMPLES: Final[list[Sample]] = [
    sample("invitation", "invitation", invitation(CLUB_OFFER)),
    sample(
        "invitation-staff",
        "invitation",
        invitation(STAFF_OFFER, may=None, is_known=False),
        is_signed_in=False,
    ),
    sample(
        "associations",
        "association_mine",
        {
            "associations": ROWS,
            "claims": [{**claim_view(CLAIM, ENGLISH), "url": "/solvik/associations/1"}],
            "new_url": "/solvik/associations/new",
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "associations-none",
        "association_mine",
        {"associations": [], "claims": [], "new_url": "/solvik/associations/new", **NO_PAGES},
    ),
    sample("association", "association", page()),
    sample(
        "association-public",
        "association",
        page(association=detail_view(STRANGERS, ENGLISH), may_lead=False, may_book=False, may_claim=True),
        is_signed_in=False,
    ),
    sample("association-new", "association_new", new(entry=entry_view(ENTRY, ENGLISH))),
    sample(
        "association-new-wrong",
        "association_new",
        new(
            errors={"organisation_number": "This exists already.", "activities": "No."},
            known_url="/solvik/associations/1",
        ),
    ),
    sample("association-new-silent", "association_new", new(is_silent=True, chosen=[])),
    sample(
        "association-edit",
        "association_edit",
        {
            "name": CLUB,
            "form": FORM,
            "chosen": ["football"],
            "errors": {"website": "Write the address of a web site."},
            "refused": {"title": "Somebody has changed this since you read it."},
            "version": 3,
            "activities": ACTIVITIES,
            "groups": group_pairs(ENGLISH),
            "is_officer": True,
            **PATHS,
        },
    ),
    sample("association-people", "association_people", PEOPLE),
    sample(
        "association-people-wrong",
        "association_people",
        {
            **PEOPLE,
            "delegates": [],
            "invitations": [],
            "errors": {"email": "Write an e-mail address.", "role": "?"},
        },
    ),
    sample("association-delegate", "association_delegate", one_delegate(1)),
    sample(
        "association-delegate-me",
        "association_delegate",
        one_delegate(0, may_hand_over=False, refused=LAST, errors={"role": "Choose."}),
    ),
    sample("association-team", "association_team", TEAM),
    sample(
        "association-team-new",
        "association_team",
        {**TEAM, "team": None, "end_url": None, "errors": {"name": "Write a name."}},
    ),
    sample("association-contact", "association_contact", CONTACT),
    sample(
        "association-contact-new",
        "association_contact",
        {**CONTACT, "contact": None, "end_url": None, "errors": {"email": "Write an e-mail address."}},
    ),
    sample(
        "association-list",
        "association_list",
        {"associations": ROWS, "previous_url": "?previous", "next_url": "?next", **LIST},
    ),
    sample("association-list-none", "association_list", {"associations": [], **NO_PAGES, **LIST}),
    sample(
        "leader-claim", "leader_claim", {**way(), "errors": {"text": "Write why.", "file": "Choose a file."}}
    ),
    sample("leader-sign", "leader_claim", way(may_sign=True)),
    sample("leader-waits", "leader_claim", way(claims=True)),
    sample("leader-leads", "leader_claim", way(leads=True)),
    sample(
        "leader-claims",
        "leader_claims",
        {"claims": LISTED, "decided": False, "other_url": "?decided", **NO_PAGES},
    ),
    sample(
        "leader-claims-decided",
        "leader_claims",
        {
            "claims": [{**each, "is_approved": True} for each in LISTED],
            "decided": True,
            "other_url": "?",
            **NO_PAGES,
        },
    ),
    sample(
        "leader-decide", "leader_decide", decision(errors={"decision": "Choose.", "reason": "Write why."})
    ),
    sample("leader-decided", "leader_decide", decision(claim=DECIDED, may_decide=False, file_url=None)),
]
