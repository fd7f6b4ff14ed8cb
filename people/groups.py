"""Which tariff group is somebody in? Pure rules and their words."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from core.texts import N_

CustomerGroup = Literal["children_youth", "association", "commercial", "resident", "internal", "other"]
CUSTOMER_GROUPS: Mapping[CustomerGroup, str] = {
    "children_youth": N_("Children and youth"),
    "association": N_("Association"),
    "commercial": N_("Commercial"),
    "resident": N_("Resident"),
    "internal": N_("The municipality's own"),
    "other": N_("Other"),
}
"""Group → label. Tariffs go by it."""
YOUTH_PERCENT = 50
"""From this share of members under 20 on, an association counts as one for children and youth."""

INTERNAL_FORMS = frozenset({"KOMM", "ORGL", "KF"})
"""The municipality, its units (schools stand here) and its own undertakings. Codes: Enhetsregisteret,
`/organisasjonsformer`."""
COMMERCIAL_FORMS = frozenset(
    {"AS", "ASA", "ANS", "DA", "ENK", "KS", "NUF", "SE", "SA", "BA", "PRE", "TVAM", "EØFG", "UTLA"}
)
ASSOCIATION_FORMS = frozenset({"FLI"})


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What of an association decides its group. Without a form: one that stands in no register."""

    organisation_form: str | None = None
    is_voluntary: bool = False
    """Stands in Frivillighetsregisteret."""
    youth_percent: int | None = None


def group_of(known: Known) -> CustomerGroup:
    """The group that follows, where no officer has set another.

    The municipality's own go first; then whoever stands in Frivillighetsregisteret is voluntary whatever its form.
    Only voluntary ones are asked for the share of youth.
    """
    form = known.organisation_form
    if form in INTERNAL_FORMS:
        return "internal"
    if known.is_voluntary or form is None or form in ASSOCIATION_FORMS:
        is_young = known.youth_percent is not None and known.youth_percent >= YOUTH_PERCENT
        return "children_youth" if is_young else "association"
    return "commercial" if form in COMMERCIAL_FORMS else "other"
