"""What goes over the wire: arrangements."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from booking.schemas import In
from core.wire import Instant, LongText, OptionalText, ShortText

Language = Literal["nb", "nn", "en"]
Descriptions = dict[Language, LongText]
PictureTexts = dict[Language, OptionalText]
Website = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^https?://[!#-;=?-~]+(?!\n)$")]
"""In ASCII, without spaces, quotes and angles."""


class ArrangementTimeIn(In, kw_only=True):
    """When and where. Of a pool it takes all there is."""

    resource_id: UUID
    start: Instant
    end: Instant


class ArrangementIn(In, kw_only=True):
    """A public event. Its times are taken like any other; `displace` ends the bookings that are in the way."""

    title: ShortText
    description: Descriptions = {}
    organiser: ShortText
    website: Website | None = None
    times: Annotated[list[ArrangementTimeIn], msgspec.Meta(min_length=1, max_length=50)]
    displace: bool = False


class ArrangementPatch(In, kw_only=True):
    """What is told of it. Its times are moved and cancelled as bookings are."""

    title: ShortText | msgspec.UnsetType = msgspec.UNSET
    description: Descriptions | msgspec.UnsetType = msgspec.UNSET
    organiser: ShortText | msgspec.UnsetType = msgspec.UNSET
    website: Website | msgspec.UnsetType | None = msgspec.UNSET
    picture_alt: PictureTexts | msgspec.UnsetType = msgspec.UNSET


class ArrangementTime(msgspec.Struct, kw_only=True):
    """When and where."""

    booking_id: UUID
    resource_id: UUID
    resource_name: str
    facility_id: UUID
    facility_name: str
    start: datetime
    end: datetime


class ArrangementOut(msgspec.Struct, kw_only=True):
    """Everybody may read it."""

    id: UUID
    application_id: UUID
    title: str
    description: dict[str, str]
    organiser: str
    website: str | None
    has_picture: bool
    """At `/{m}/arrangements/{id}/picture`."""
    picture_alt: dict[str, str]
    times: list[ArrangementTime]
    """That stand, by start; those that are over, too."""
    cancelled: bool
    version: int


class ArrangementMade(ArrangementOut, kw_only=True):
    displaced: list[UUID]
    """Bookings that were ended by it."""
