"""Associations as pages show them: words for codes, and the ways to what this reader may do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.alphabet import alphabetical
from core.texts import N_, Texts
from people.activities import ACTIVITIES, label
from people.association_models import Invitation
from people.association_schemas import AssociationDetail, AssociationRow, ClaimOut
from people.groups import CUSTOMER_GROUPS
from people.register import Entry
from people.wording import DELEGATE_LABELS, DELEGATES_MAY, role_label

View = dict[str, Any]

REGISTER_STATES: Mapping[str, tuple[str, str]] = {
    "active": (N_("Active"), "success"),
    "dissolving": (N_("Being wound up"), "warning"),
    "bankrupt": (N_("Bankrupt"), "danger"),
    "deleted": (N_("Deleted from the register"), "danger"),
    "unknown": (N_("Not in the register"), "warning"),
}
"""What the register said → how it is told, and in which colour."""
FORMS: Mapping[str, str] = {
    "FLI": N_("Association"),
    "STI": N_("Foundation"),
    "AS": N_("Limited company"),
    "ENK": N_("Sole trader"),
    "SA": N_("Cooperative"),
    "KOMM": N_("Municipality"),
    "ORGL": N_("Part of the municipality"),
}
"""Codes of the register that clubs have; another stands for itself."""


def activity_labels(codes: Sequence[str], words: Texts) -> list[str]:
    return [words.gettext(label(code, ACTIVITIES)) for code in codes]


def activity_pairs(words: Texts) -> list[tuple[str, str]]:
    """Code and label, by label."""
    pairs = [(code, words.gettext(term.label)) for code, term in ACTIVITIES.items()]
    return sorted(pairs, key=lambda pair: alphabetical(pair[1]))


def group_pairs(words: Texts) -> list[tuple[str, str]]:
    return [(code, words.gettext(label)) for code, label in CUSTOMER_GROUPS.items()]


def role_choices(words: Texts) -> list[tuple[str, str, str]]:
    """Code, label, and what one may."""
    return [
        (role, words.gettext(label), words.gettext(DELEGATES_MAY[role]))
        for role, label in DELEGATE_LABELS.items()
    ]


def state_view(state: str | None, words: Texts) -> View | None:
    """For a tag; None when the register has not told of it."""
    if state is None:
        return None
    text, colour = REGISTER_STATES[state]
    return {"text": words.gettext(text), "colour": colour, "is_worrying": state not in {"active", "unknown"}}


def number_text(number: str | None) -> str | None:
    """In threes, as it is read aloud."""
    if number is None or len(number) != 9:
        return number
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def form_text(code: str | None, words: Texts) -> str | None:
    return None if code is None else words.gettext(FORMS[code]) if code in FORMS else code


def entry_view(entry: Entry, words: Texts) -> View:
    """What the register has just said, to be recognised."""
    place = " ".join(part for part in (entry.postcode, entry.town) if part)
    return {
        "number": number_text(entry.number),
        "name": entry.name,
        "form": form_text(entry.form, words),
        "address": ", ".join(part for part in (entry.address, place) if part) or None,
        "is_voluntary": entry.is_voluntary,
        "state": state_view(entry.state, words),
    }


def detail_view(out: AssociationDetail, words: Texts) -> View:
    """For people/association.html."""
    inside = out.inside
    place = "" if inside is None else " ".join(part for part in (inside.postcode, inside.town) if part)
    return {
        "id": out.id,
        "name": out.name,
        "number": number_text(out.organisation_number),
        "activities": activity_labels(out.activities, words),
        "website": out.website,
        "form": form_text(out.organisation_form, words),
        "is_voluntary": out.is_voluntary,
        "state": state_view(out.register_state, words),
        "read_at": out.register_read_at,
        "teams": [
            {
                "id": team.id,
                "name": team.name,
                "about": ", ".join(
                    part
                    for part in (
                        team.age_group,
                        *(activity_labels([team.activity], words) if team.activity else ()),
                    )
                    if part
                ),
            }
            for team in sorted(out.teams, key=lambda team: alphabetical(team.name))
        ],
        "contacts": out.contacts,
        "inside": inside,
        "group": None if inside is None else group_text(inside.customer_group, words),
        "address": None
        if inside is None
        else ", ".join(part for part in (inside.address, place) if part) or None,
        "delegates": []
        if inside is None
        else [
            {
                "id": each.id,
                "name": each.name or words.gettext("A person without a name"),
                "email": each.email,
                "role": each.role,
                "role_text": role_label(each.role, words),
                "since": each.since,
                "is_me": each.is_me,
            }
            for each in inside.delegates
        ],
    }


def group_text(code: str, words: Texts) -> str:
    return next((words.gettext(label) for known, label in CUSTOMER_GROUPS.items() if known == code), code)


def row_view(out: AssociationRow, words: Texts, url: str) -> View:
    """For lists."""
    return {
        "name": out.name,
        "url": url,
        "number": number_text(out.organisation_number),
        "activities": activity_labels(out.activities, words),
        "group": group_text(out.customer_group, words),
        "state": state_view(out.register_state, words),
        "role": None if out.my_role is None else role_label(out.my_role, words),
        "leaders": out.leaders,
        "delegates": out.delegates,
        "teams": out.teams,
    }


def claim_view(out: ClaimOut, words: Texts) -> View:
    """Of one who asks to lead."""
    return {
        "association": out.association,
        "person": out.person or words.gettext("A person without a name"),
        "text": out.text,
        "file": out.file,
        "leaders": out.leaders,
        "created_at": out.created_at,
        "decided_at": out.decided_at,
        "is_approved": out.is_approved,
        "reason": out.reason,
    }


def invitation_view(row: Invitation, words: Texts, *, now: datetime, revoke_url: str) -> View:
    """One that waits, or has run out."""
    return {
        "id": row.id,
        "email": row.email,
        "role": role_label(row.role, words),
        "expires_at": row.expires_at,
        "is_over": row.expires_at <= now,
        "revoke_url": revoke_url,
    }
