"""What goes over the wire about articles: what may be ordered along with a booking, and what it costs."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.money import Money, VatCode
from core.wire import Code, OptionalText
from people.groups import CustomerGroup
from resources.schemas import Capacity, In, ShortTranslated, Translated
from resources.tariff_schemas import MoneyIn

ArticleKind = Literal["article", "deposit"]
ArticleUnit = Literal["piece", "started_hour", "occasion"]
Groups = Annotated[list[CustomerGroup], Meta(max_length=6)]
MostOrdered = Annotated[int, Meta(ge=1, le=10_000)]


class NewArticle(In, kw_only=True):
    """Chairs, a key, cleaning, a deposit. With neither `facility_id` nor `resource_id` it is offered everywhere.

    `stock` is how many there are at once; left out, there is always enough. `customer_groups` pay for it, others get
    it free; empty: all pay. A mandatory one goes with every booking there, once.
    """

    key: Code
    name: ShortTranslated
    description: Translated = Translated()
    kind: ArticleKind = "article"
    facility_id: UUID | None = None
    resource_id: UUID | None = None
    stock: Capacity | None = None
    unit: ArticleUnit = "piece"
    price: MoneyIn = MoneyIn(amount=0)
    """Of one unit; nothing: free."""
    includes_vat: bool = True
    vat_code: VatCode = "full"
    vat_reason: OptionalText = ""
    """Of what is exempt: the paragraph."""
    customer_groups: Groups = []
    is_mandatory: bool = False
    max_quantity: MostOrdered = 1
    """Of one booking."""
    valid_from: date | None = None
    valid_until: date | None = None
    """The last local day; of the day on which the booking starts."""


class ArticlePatch(In, kw_only=True):
    """Only what is given changes. A stock can be raised at any time, and lowered to what is claimed."""

    name: ShortTranslated | UnsetType = UNSET
    description: Translated | UnsetType = UNSET
    kind: ArticleKind | UnsetType = UNSET
    facility_id: UUID | UnsetType | None = UNSET
    resource_id: UUID | UnsetType | None = UNSET
    stock: Capacity | UnsetType | None = UNSET
    unit: ArticleUnit | UnsetType = UNSET
    price: MoneyIn | UnsetType = UNSET
    includes_vat: bool | UnsetType = UNSET
    vat_code: VatCode | UnsetType = UNSET
    vat_reason: OptionalText | UnsetType = UNSET
    customer_groups: Groups | UnsetType = UNSET
    is_mandatory: bool | UnsetType = UNSET
    max_quantity: MostOrdered | UnsetType = UNSET
    valid_from: date | UnsetType | None = UNSET
    valid_until: date | UnsetType | None = UNSET


class ArticleOut(msgspec.Struct, kw_only=True):
    """An article as it stands. `unit_id` is the pooled unit that its stock is."""

    id: UUID
    key: str
    name: ShortTranslated
    description: Translated
    kind: ArticleKind
    facility_id: UUID | None
    resource_id: UUID | None
    unit_id: UUID | None
    stock: int | None
    unit: ArticleUnit
    price: Money
    includes_vat: bool
    vat_code: VatCode
    vat_reason: str
    customer_groups: list[CustomerGroup]
    is_mandatory: bool
    max_quantity: int
    valid_from: date | None
    valid_until: date | None
    is_ended: bool
    version: int
