"""The forms of associations: what was written in them, and what is not right, each beside its field."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from core.errors import AlreadyExists, Invalid
from core.misfit import misfit
from core.texts import N_, Texts
from people.addresses import check_number

T = TypeVar("T")
Values = Mapping[str, str]

ASSOCIATION_FIELDS = (
    "name",
    "organisation_number",
    "youth_percent",
    "email",
    "phone",
    "website",
    "customer_group",
)
TEAM_FIELDS = ("name", "age_group", "activity")
CONTACT_FIELDS = ("title", "name", "email", "phone", "is_public")


def association_values(values: Values, activities: Iterable[str], *, fields: Iterable[str]) -> dict[str, Any]:
    """As the API's body has them: empty is null, a number is a number, where it is one. Raises Invalid."""
    body: dict[str, Any] = {name: values.get(name, "").strip() or None for name in fields}
    body["name"] = body.get("name") or ""
    body["activities"] = list(activities)
    if body.get("organisation_number"):
        body["organisation_number"] = check_number(body["organisation_number"])
    share = body.get("youth_percent")
    if share is not None:
        share = share.removesuffix("%").strip()
        if not share.isascii() or not share.isdecimal() or len(share) > 3:
            raise Invalid(field="youth_percent", expected=N_("a whole number from 0 to 100"))
        body["youth_percent"] = int(share)
    return body


def team_values(values: Values) -> dict[str, Any]:
    return {
        "name": values.get("name", "").strip(),
        "age_group": values.get("age_group", "").strip() or None,
        "activity": values.get("activity", "") or None,
    }


def contact_values(values: Values) -> dict[str, Any]:
    return {
        "title": values.get("title", "").strip(),
        "name": values.get("name", "").strip(),
        "email": values.get("email", "").strip() or None,
        "phone": values.get("phone", "").strip() or None,
        "is_public": bool(values.get("is_public")),
    }


def read_as(kind: type[T], body: dict[str, Any]) -> T:
    """The Struct that the API reads, too. Raises Invalid with the field."""
    for name in ("name", "title"):
        if body.get(name) == "":
            raise Invalid(field=name, expected=NEEDED[name])
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise misfit(str(error)) from error


NEEDED: Mapping[str, str] = {"name": N_("a name"), "title": N_("what it is about")}


def told(refusal: Invalid | AlreadyExists, words: Texts) -> dict[str, str]:
    """Field → what to write there, as a sentence."""
    field = str(refusal.facts.get("field", "body")).split(".", maxsplit=1)[0]
    if isinstance(refusal, AlreadyExists):
        return {field: words.gettext("This exists already.")}
    return {field: words.gettext("Write %(expected)s.", expected=refusal.expected(words.gettext))}


def form_of(thing: Any, fields: Iterable[str]) -> dict[str, Any]:
    """What a form is filled in with, of a row or Struct."""
    return {name: getattr(thing, name, None) for name in fields}
