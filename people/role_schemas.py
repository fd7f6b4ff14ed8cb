"""What goes over the wire about persons and the roles they hold, for those who administer them."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from core.texts import N_
from core.wire import ShortText
from people.actors import DelegateRole, Role
from people.groups import CUSTOMER_GROUPS

ROLES_DO: dict[Role, str] = {
    "administrator": N_("May do everything, and gives roles to others."),
    "facility_manager": N_("Keeps places, hours and closures, answers requests and changes bookings."),
    "case_officer": N_(
        "Answers requests and changes bookings. Over the whole municipality: associations too."
    ),
    "finance": N_("Reads bookings and who they are for."),
    "caretaker": N_("Reads bookings, and closes."),
    "reader": N_("Reads bookings."),
}
PersonGroup = Literal["resident", "other", "commercial", "internal"]
PERSON_GROUPS: dict[PersonGroup, str] = {group: CUSTOMER_GROUPS[group] for group in get_args(PersonGroup)}
"""Customer groups a person may be in: `other` lives elsewhere. Code and label."""
assert tuple(ROLES_DO) == get_args(Role), "each is told of"


class RoleIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A role to be given: over a facility, or a resource, or with neither over the whole municipality."""

    person_id: UUID
    role: Role
    facility_id: UUID | None = None
    resource_id: UUID | None = None


class RoleOut(msgspec.Struct, kw_only=True):
    """Who has which role where. `ended_at` None: it is in force."""

    id: UUID
    person_id: UUID
    person: str
    role: Role
    facility_id: UUID | None
    """Of a resource's grant too: where it lies is told by `facility`."""
    facility: str | None
    resource_id: UUID | None
    resource: str | None
    created_at: datetime
    granted_by: str | None
    """Name. None: the operator, or from before it was written down."""
    ended_at: datetime | None


class InviteIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Somebody to be asked by e-mail to take a role."""

    email: ShortText
    role: Role
    facility_id: UUID | None = None
    resource_id: UUID | None = None


class RoleInvitationOut(msgspec.Struct, kw_only=True):
    """A letter that waits for an answer. The link itself stands in the letter alone."""

    id: UUID
    email: str
    role: Role
    facility_id: UUID | None
    facility: str | None
    resource_id: UUID | None
    resource: str | None
    created_at: datetime
    expires_at: datetime
    invited_by: str | None


class DelegationOut(msgspec.Struct):
    """An association that the person acts for."""

    association_id: UUID
    association: str
    role: DelegateRole


class PersonOut(msgspec.Struct, kw_only=True):
    """A person in a list of those found."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    customer_group: str
    seen_at: datetime | None
    """When she last signed in."""
    associations: list[str]
    """Names of those she acts for, at most ten, by name."""


class PersonDetail(PersonOut, kw_only=True):
    """What staff may see of her."""

    postcode: str | None
    language: str | None
    notices: list[str]
    created_at: datetime
    tokens: int
    """How many programs act for her now."""
    roles: list[RoleOut]
    """Those in force first, then the ended, the latest first; at most a hundred."""
    delegations: list[DelegationOut]
    """By name; at most a hundred."""
    version: int


class PersonPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What staff may change about a person: what follows from where she lives and works, nothing of her own."""

    customer_group: PersonGroup
