"""The form by which a calendar is attached or changed, read from what was sent. Pure."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from calendar_feeds.incoming.schemas import ImportIn, ImportKind, ImportPatch
from core.texts import N_, Texts
from core.wire import has_nul, id_in

EVERY: Mapping[str, str] = {
    "15": N_("every quarter of an hour"),
    "60": N_("every hour"),
    "360": N_("four times a day"),
    "1440": N_("once a day"),
}
FIELDS = ("place", "address", "label", "kind", "association_id", "shows_title", "every_minutes")


class Filled(msgspec.Struct, frozen=True):
    """The form as it was sent, and what is wrong in it by field."""

    form: dict[str, str]
    errors: dict[str, str]
    resource_id: UUID | None = None

    def wanted(self) -> ImportIn:
        """Asked only when nothing is wrong."""
        assert self.resource_id is not None, "it would be wrong"
        kind: ImportKind = "bookings" if self.form["kind"] == "bookings" else "closures"
        return ImportIn(
            resource_id=self.resource_id,
            address=self.form["address"],
            label=self.form["label"],
            kind=kind,
            association_id=id_in(self.form["association_id"]) if kind == "bookings" else None,
            shows_title=self.form["shows_title"] == "yes",
            every_minutes=int(self.form["every_minutes"]),
        )


def empty(place: str) -> Filled:
    """Before anything was sent."""
    form = dict.fromkeys(FIELDS, "")
    return Filled({**form, "place": place, "kind": "closures", "every_minutes": "60"}, {})


def read_new(values: Mapping[str, str], texts: Texts) -> Filled:
    """Of a calendar to attach."""
    form = {name: values.get(name, "").strip() for name in FIELDS}
    errors = _words(form, texts)
    resource_id = id_in(form["place"].removeprefix("resource:"))
    if resource_id is None:
        errors["place"] = texts.gettext("Choose where.")
    if not form["address"]:
        errors["address"] = texts.gettext("Write the address of the calendar.")
    if form["kind"] not in {"closures", "bookings"}:
        errors["kind"] = texts.gettext("Choose what the calendar brings.")
    if form["kind"] == "bookings" and id_in(form["association_id"]) is None:
        errors["association_id"] = texts.gettext("Choose whose the bookings are.")
    return Filled(form, errors, resource_id)


def read_change(
    values: Mapping[str, str], texts: Texts
) -> tuple[dict[str, str], dict[str, str], ImportPatch]:
    """Form, errors and the change; an address that is left empty stays."""
    form = {name: values.get(name, "").strip() for name in ("address", "label", "every_minutes")}
    errors = _words(form, texts)
    if errors:
        return form, errors, ImportPatch()
    change = ImportPatch(label=form["label"], every_minutes=int(form["every_minutes"]))
    if form["address"]:
        change.address = form["address"]
    return form, errors, change


def _words(form: Mapping[str, str], texts: Texts) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not form["label"]:
        errors["label"] = texts.gettext("Write what everybody shall read.")
    elif len(form["label"]) > 200 or has_nul(form["label"]):
        errors["label"] = texts.gettext("Write at most 200 letters.")
    if len(form["address"]) > 2000 or has_nul(form["address"]):
        errors["address"] = texts.gettext("Write less.")
    if form["every_minutes"] not in EVERY:
        errors["every_minutes"] = texts.gettext("Choose how often.")
    return errors
