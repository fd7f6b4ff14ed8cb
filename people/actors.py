"""Who asks: a person with the roles she holds here, or nobody in particular."""

from typing import Literal
from uuid import UUID

import msgspec

Role = Literal["administrator", "facility_manager", "case_officer", "finance", "caretaker", "reader"]


class Grant(msgspec.Struct, frozen=True):
    """A role over the whole municipality (both None), one facility or one resource."""

    role: Role
    facility_id: UUID | None = None
    resource_id: UUID | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The one whose rights are asked for. `person_id` None: somebody who has not signed in."""

    person_id: UUID | None = None
    name: str = ""
    language: str | None = None
    customer_group: str = "resident"
    associations: tuple[UUID, ...] = ()
    """Those she may act for."""
    grants: tuple[Grant, ...] = ()
    may_write: bool = True
    """False for a token that only reads."""


NOBODY = Actor()
