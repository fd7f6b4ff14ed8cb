"""Who asks: a person with the roles she holds here, or nobody in particular; and what she may ask about."""

from typing import Literal
from uuid import UUID

import msgspec

Role = Literal["administrator", "facility_manager", "case_officer", "finance", "caretaker", "reader"]
DelegateRole = Literal["leader", "booker", "treasurer"]


class Grant(msgspec.Struct, frozen=True):
    """A role over the whole municipality (both None), one facility or one resource."""

    role: Role
    facility_id: UUID | None = None
    resource_id: UUID | None = None


class Place(msgspec.Struct, frozen=True):
    """Where something is to be done. A resource is named with its facility; neither: the whole municipality."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None


class Club(msgspec.Struct, frozen=True):
    """The association that something is done for or with."""

    association_id: UUID


Thing = Place | Club
EVERYWHERE = Place()


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The one whose rights are asked for. `person_id` None: somebody who has not signed in."""

    person_id: UUID | None = None
    name: str = ""
    language: str | None = None
    customer_group: str = "resident"
    associations: tuple[UUID, ...] = ()
    """Those she may act for: its leaders and bookers."""
    leads: tuple[UUID, ...] = ()
    """Those of them that she leads."""
    treasures: tuple[UUID, ...] = ()
    """Those whose money she keeps: she reads what they have, and books nothing."""
    grants: tuple[Grant, ...] = ()
    """Staff roles that are in force."""
    withheld: tuple[Grant, ...] = ()
    """Staff roles that she holds, but must sign in more surely to use."""
    may_write: bool = True
    """False for a token that only reads."""
    unread: int = 0
    """Messages to her that she has not opened; counted for a browser's login alone."""
    login_id: UUID | None = None
    """The browser's login she came with; None for programs."""

    def role_in(self, association_id: UUID) -> DelegateRole | None:
        """What she is in the association."""
        if association_id in self.leads:
            return "leader"
        if association_id in self.associations:
            return "booker"
        return "treasurer" if association_id in self.treasures else None

    @property
    def knows(self) -> tuple[UUID, ...]:
        """Associations whose bookings she may read."""
        return self.associations + self.treasures


NOBODY = Actor()
