"""Associations that do not exist, as the templates are given them."""

from typing import Any, Final
from uuid import UUID

from core.texts import texts
from people.actors import DelegateRole
from people.association_schemas import (
    AssociationDetail,
    AssociationRow,
    ClaimOut,
    ContactOut,
    DelegateOut,
    Inside,
    TeamOut,
)
from people.association_views import (
    activity_pairs,
    claim_view,
    detail_view,
    group_pairs,
    role_choices,
    row_view,
)
from people.invitations import Offer
from people.leading import Way
from people.register import Entry
from tests.web.contexts import NOW

ENGLISH: Final = texts("en")
ID: Final = UUID(int=1)
CLUB: Final = "Solvik idrettslag"
CLUB_OFFER: Final = Offer(
    role="booker", association_id=None, association=CLUB, place=None, invited_by="Anne", expires_at=NOW
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


def delegate(number: int, name: str, role: DelegateRole) -> DelegateOut:
    return DelegateOut(
        id=UUID(int=number),
        person_id=UUID(int=number),
        name=name,
        email="anne@solvik.example",
        role=role,
        since=NOW,
        is_me=number == 1,
    )


INSIDE: Final = Inside(
    my_role="leader",
    customer_group="children_youth",
    group_is_set=True,
    youth_percent=70,
    email="post@solvik.example",
    phone="51 97 30 00",
    address="Skoleveien 3",
    postcode="4070",
    town="RANDABERG",
    delegates=[
        delegate(1, "Anne Lagleder", "leader"),
        delegate(2, "Ola Hansen", "booker"),
        delegate(3, "", "treasurer"),
    ],
)
DETAIL: Final = AssociationDetail(
    id=ID,
    name=CLUB,
    organisation_number="974760673",
    activities=["handball", "football", "gymnastics"],
    website="https://solvik.example",
    organisation_form="FLI",
    is_voluntary=True,
    register_state="dissolving",
    register_read_at=NOW,
    version=3,
    teams=[
        TeamOut(id=ID, name="Jenter 14", age_group="13-19", activity="handball"),
        TeamOut(id=UUID(int=2), name="Senior", age_group=None, activity=None),
    ],
    contacts=[
        ContactOut(
            id=ID,
            title="Leder i styret",
            name="Anne Lagleder",
            email="anne@solvik.example",
            phone="+47 51 97 30 00",
            is_public=True,
        ),
        ContactOut(
            id=UUID(int=2), title="Materialforvalter", name="Ola", email=None, phone=None, is_public=False
        ),
    ],
    inside=INSIDE,
)
STRANGERS: Final = AssociationDetail(
    id=ID,
    name="Solvik musikkorps",
    organisation_number=None,
    activities=[],
    website=None,
    organisation_form=None,
    is_voluntary=False,
    register_state=None,
    register_read_at=None,
    version=1,
    teams=[],
    contacts=[],
    inside=None,
)
ROW: Final = AssociationRow(
    id=ID,
    name=CLUB,
    organisation_number="974760673",
    activities=["handball"],
    customer_group="association",
    group_is_set=False,
    youth_percent=None,
    is_voluntary=True,
    register_state="bankrupt",
    leaders=1,
    delegates=3,
    teams=2,
    my_role="leader",
    version=1,
)
ROWS: Final = [row_view(ROW, ENGLISH, "/solvik/associations/1")]
ENTRY: Final = Entry(
    number="974760673",
    state="active",
    name="SOLVIK IDRETTSLAG",
    form="FLI",
    address="Skoleveien 3",
    postcode="4070",
    town="RANDABERG",
    is_voluntary=True,
)
CLAIM: Final = ClaimOut(
    id=ID,
    association_id=ID,
    association=CLUB,
    person_id=ID,
    person="Kari Nordmann",
    text="Valgt på årsmøtet 12. mars.\nProtokollen ligger ved.",
    file="protokoll.pdf",
    leaders=0,
    created_at=NOW,
    decided_at=None,
    is_approved=None,
    reason=None,
)
FORM: Final = {
    "name": CLUB,
    "organisation_number": "974760673",
    "youth_percent": "70",
    "email": "",
    "phone": "",
    "website": "",
    "customer_group": "",
}
ACTIVITIES: Final = activity_pairs(ENGLISH)
PATHS: Final = {"post_url": "/solvik/x", "back_url": "/solvik/associations/1"}
LAST: Final[dict[str, Any]] = {
    "title": "Somebody else must become leader first.",
    "explanation": "Make somebody else leader before you leave.",
    "conflicts": [],
    "alternatives": [],
}


def page(**other: Any) -> dict[str, Any]:
    return {
        "association": detail_view(DETAIL, ENGLISH),
        "path": "/solvik/associations/1",
        "team_path": "/solvik/teams",
        "contact_path": "/solvik/contacts",
        "may_lead": True,
        "may_book": True,
        "may_claim": False,
        "search_url": "/solvik/",
        **other,
    }


def new(**other: Any) -> dict[str, Any]:
    return {
        "form": FORM,
        "chosen": ["handball"],
        "errors": {},
        "entry": None,
        "is_silent": False,
        "known_url": None,
        "activities": ACTIVITIES,
        "idempotency_key": "0192",
        **PATHS,
        **other,
    }


def one_delegate(number: int, **other: Any) -> dict[str, Any]:
    return {
        "association": CLUB,
        "association_url": "/solvik/associations/1",
        "delegate": detail_view(DETAIL, ENGLISH)["delegates"][number],
        "roles": role_choices(ENGLISH),
        "form": {"role": "leader", "stays": "yes"},
        "errors": {},
        "refused": None,
        "may_lead": True,
        "may_hand_over": True,
        "path": "/solvik/delegates/1",
        "back_url": "/solvik/associations/1/people",
        **other,
    }


def way(**other: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"leads": False, "may_sign": False, "claims": False, "has_leader": True, **other}
    return {
        "way": Way(association=CLUB, **known),
        "form": {"text": ""},
        "errors": {},
        "idempotency_key": "0192",
        **PATHS,
    }


def decision(**other: Any) -> dict[str, Any]:
    return {
        "claim": claim_view(CLAIM, ENGLISH),
        "association_url": "/solvik/associations/1",
        "file_url": "/solvik/leader-claims/1/file",
        "form": {"decision": "", "reason": ""},
        "errors": {},
        "may_decide": True,
        **PATHS,
        **other,
    }


DECIDED: Final = {
    **claim_view(CLAIM, ENGLISH),
    "decided_at": NOW,
    "is_approved": False,
    "reason": "Feil lag.",
}
LISTED: Final = [{**claim_view(CLAIM, ENGLISH), "url": "/solvik/staff/leader-claims/1"}]
NO_PAGES: Final = {"previous_url": None, "next_url": None}
LIST: Final = {
    "form": {"text": "", "group": "", "state": ""},
    "groups": group_pairs(ENGLISH),
    "states": [("active", "Active"), ("none", "Not read yet")],
    "list_url": "/solvik/staff/associations",
    "sheet_url": "/solvik/staff/associations.csv",
    "claims_url": "/solvik/staff/leader-claims",
    "new_url": "/solvik/associations/new",
}
PEOPLE: Final = {
    "name": CLUB,
    "delegates": [
        {**each, "url": f"/solvik/delegates/{number}"}
        for number, each in enumerate(detail_view(DETAIL, ENGLISH)["delegates"])
    ],
    "invitations": [
        {
            "email": f"{word}@solvik.example",
            "role": "Booker",
            "expires_at": NOW,
            "is_over": word == "over",
            "revoke_url": f"/solvik/{word}",
        }
        for word in ("open", "over")
    ],
    "roles": role_choices(ENGLISH),
    "form": {"email": "", "role": "booker"},
    "errors": {},
    "idempotency_key": "0192",
    **PATHS,
}
TEAM: Final = {
    "team": "Jenter 14",
    "form": {"name": "Jenter 14", "age_group": "13-19", "activity": "handball"},
    "errors": {},
    "activities": ACTIVITIES,
    "end_url": "/solvik/end",
    **PATHS,
}
CONTACT: Final = {
    "contact": "Leder i styret",
    "form": {"title": "Leder i styret", "name": "Anne", "email": "", "phone": "", "is_public": True},
    "errors": {},
    "end_url": "/solvik/end",
    **PATHS,
}
