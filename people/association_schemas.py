"""What goes over the wire: associations, teams, contacts, delegates, invitations and claims to lead."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.wire import Code, LongText, OptionalText, ShortText
from people.actors import DelegateRole
from people.groups import CustomerGroup

OrganisationNumber = Annotated[str, Meta(pattern=r"^[0-9]{9}(?!\n)$")]
Percent = Annotated[int, Meta(ge=0, le=100)]
Activities = Annotated[list[Code], Meta(max_length=20)]
RegisterState = Literal["active", "dissolving", "bankrupt", "deleted", "unknown"]


class In(msgspec.Struct, forbid_unknown_fields=True):
    """A body that is read: a member it does not know is refused by name."""


class AssociationIn(In, kw_only=True):
    """By organisation number where it has one, else by name alone."""

    name: ShortText
    organisation_number: OrganisationNumber | None = None
    activities: Activities = []
    youth_percent: Percent | None = None
    """How many of a hundred members are under 20."""
    email: OptionalText | None = None
    phone: OptionalText | None = None
    website: OptionalText | None = None


class AssociationPatch(In, kw_only=True):
    """Only what is given changes; null empties. Number and group are for officers."""

    name: ShortText | UnsetType = UNSET
    organisation_number: OrganisationNumber | UnsetType | None = UNSET
    activities: Activities | UnsetType = UNSET
    youth_percent: Percent | UnsetType | None = UNSET
    email: OptionalText | UnsetType | None = UNSET
    phone: OptionalText | UnsetType | None = UNSET
    website: OptionalText | UnsetType | None = UNSET
    customer_group: CustomerGroup | UnsetType | None = UNSET
    """null: the one that follows from what is known."""


class TeamIn(In, kw_only=True):
    """A group within an association."""

    name: ShortText
    age_group: OptionalText | None = None
    activity: Code | None = None


class TeamPatch(In, kw_only=True):
    """Only what is given changes."""

    name: ShortText | UnsetType = UNSET
    age_group: OptionalText | UnsetType | None = UNSET
    activity: Code | UnsetType | None = UNSET


class TeamOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    age_group: str | None
    activity: str | None


class ContactIn(In, kw_only=True):
    """Whom to reach for what."""

    title: ShortText
    name: ShortText
    email: OptionalText | None = None
    phone: OptionalText | None = None
    is_public: bool = False


class ContactPatch(In, kw_only=True):
    """Only what is given changes."""

    title: ShortText | UnsetType = UNSET
    name: ShortText | UnsetType = UNSET
    email: OptionalText | UnsetType | None = UNSET
    phone: OptionalText | UnsetType | None = UNSET
    is_public: bool | UnsetType = UNSET


class ContactOut(msgspec.Struct, kw_only=True):
    id: UUID
    title: str
    name: str
    email: str | None
    phone: str | None
    is_public: bool


class DelegateOut(msgspec.Struct, kw_only=True):
    id: UUID
    person_id: UUID
    name: str
    email: str | None
    """For leaders and officers, and of oneself."""
    role: DelegateRole
    since: datetime
    is_me: bool


class DelegatePatch(In, kw_only=True):
    role: DelegateRole


class AssociationOut(msgspec.Struct, kw_only=True):
    """What anybody may know."""

    id: UUID
    name: str
    organisation_number: str | None
    activities: list[str]
    website: str | None
    organisation_form: str | None
    is_voluntary: bool
    register_state: RegisterState | None
    """null: it has no number, or the register has not answered yet."""
    register_read_at: datetime | None
    version: int


class AssociationDetail(AssociationOut, kw_only=True):
    """With its teams and contacts; `inside` for its delegates and officers."""

    teams: list[TeamOut]
    contacts: list[ContactOut]
    """Public ones; all of them for those inside."""
    inside: "Inside | None"


class Inside(msgspec.Struct, kw_only=True):
    """What its delegates and officers see besides."""

    my_role: DelegateRole | None
    customer_group: str
    group_is_set: bool
    youth_percent: int | None
    email: str | None
    phone: str | None
    address: str | None
    postcode: str | None
    town: str | None
    delegates: list[DelegateOut]


class AssociationRow(msgspec.Struct, kw_only=True):
    """In lists of officers and of one's own."""

    id: UUID
    name: str
    organisation_number: str | None
    activities: list[str]
    customer_group: str
    group_is_set: bool
    youth_percent: int | None
    is_voluntary: bool
    register_state: RegisterState | None
    leaders: int
    """How many lead it."""
    delegates: int
    teams: int
    my_role: DelegateRole | None
    version: int


class InvitationIn(In, kw_only=True):
    email: ShortText
    role: DelegateRole


class InvitationOut(msgspec.Struct, kw_only=True):
    """Without the link: it stands in the letter and nowhere else."""

    id: UUID
    email: str
    role: str
    association_id: UUID | None
    created_at: datetime
    expires_at: datetime


class ClaimOut(msgspec.Struct, kw_only=True):
    """Somebody says that she leads an association."""

    id: UUID
    association_id: UUID
    association: str
    person_id: UUID
    person: str
    text: str
    file: str | None
    """Name of the file that shows it."""
    leaders: int
    """How many lead the association already."""
    created_at: datetime
    decided_at: datetime | None
    is_approved: bool | None
    reason: str | None


class ClaimDecision(In, kw_only=True):
    """`reason` is needed when it is not approved; she reads it."""

    approve: bool
    reason: LongText = ""
