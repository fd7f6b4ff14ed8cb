"""The forms in which staff set what hire costs: what stands in them, and what is meant by it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from core.errors import Invalid
from core.ids import new_id
from core.money import VAT_NAMES, ore_in
from core.texts import N_, Texts
from core.wire import id_in
from people.groups import CUSTOMER_GROUPS
from resources.price_words import PAYMENTS, USAGES
from resources.tariff_schemas import (
    OrdinaryLine,
    PlaceIn,
    RenewIn,
    ShortTranslated,
    TariffLineIn,
    TariffLineOut,
    TierLine,
    facts_of,
    ordinary_of,
)

LANGUAGES: Final = ("nb", "nn", "en")
KINDS: Final = {
    "base": N_("A price for the time"),
    "supplement": N_("A supplement, added to the price"),
    "discount": N_("A discount, in per cent"),
}
UNITS: Final = {
    "hour": N_("for each hour, by the minute"),
    "started_hour": N_("for each started hour"),
    "quarter": N_("for each started quarter of an hour"),
    "day": N_("for each day"),
    "weekend": N_("for each weekend"),
    "occasion": N_("for the whole booking"),
}
HOURS: Final = {
    "any": N_("all hours"),
    "ordinary": N_("ordinary hours only"),
    "outside": N_("outside ordinary hours only"),
}
HOLIDAY: Final = 8
MOST_KEPT: Final = 12
"""Tiers that a form holds."""
AMOUNTS: Final = ("price", "minimum", "most")
AMOUNT = N_("Write an amount in kroner, such as 655 or 655.50.")
WRONG: Final[Mapping[str, str]] = {
    "text": N_("Write what it is in at least one language, in at most 200 letters."),
    "name": N_("Write a name in at least one language, in at most 200 letters."),
    "key": N_("Write a short word of a–z, numbers and hyphens, beginning with a letter."),
    "until": N_("Write a time that is later than the one before."),
    "percent": N_("Write per cent, such as 25 or 12.5."),
    "unit": N_("Choose what the price is for."),
    "vat_code": N_("Choose a VAT code."),
    "vat_reason": N_("Write why it is exempt, such as the paragraph of the law."),
    "minutes": N_("Write a whole number of minutes, the longest not shorter than the shortest."),
    "valid_from": N_("Write a day that exists."),
    "valid_until": N_("Write a day that exists, not before the first."),
    "most": N_("Write an amount that is not less than the minimum."),
    "only_base": N_("Only a price for the time has this."),
    "line": N_("This line cannot be understood."),
    "tier": N_("Write whole hours and per cent; the later one cancels, the more is kept."),
    "try": N_("Write a day and times that exist, the end after the start."),
}
FIELD_OF: Final[Mapping[str, str]] = {
    "text": "text_nb",
    "until_time": "until",
    "max_minutes": "max_minutes",
    "vat_reason": "vat_reason",
    "valid_until": "valid_until",
    "unit": "unit",
    "vat_code": "vat_code",
    "percent": "percent",
    "minimum": "minimum",
    "most": "most",
    "price": "price",
}
"""Member that a refusal names → the field it is told at."""
SAID_BY: Final[Mapping[str, str]] = {
    "text": "text",
    "until_time": "until",
    "max_minutes": "minutes",
    "minimum": "only_base",
}


class Wrong(Exception):
    """A form that says nothing that could be meant. `errors`: field → what would be right, in the reader's words."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def say(texts: Texts, what: str) -> str:
    """Of WRONG, in the reader's language."""
    return texts.gettext(WRONG[what])


def line_form(line: TariffLineOut | None) -> dict[str, str]:
    """The form of a line, or of a new one."""
    if line is None:
        return {"kind": "base", "unit": "hour", "hours": "any", "vat_code": "exempt", "payment": "invoice",
                "includes_vat": "yes", "per_place": "yes"}  # fmt: skip
    return {
        "kind": line.kind,
        **{f"text_{code}": getattr(line.text, code) or "" for code in LANGUAGES},
        **{f"group-{group}": "yes" for group in line.customer_groups},
        **{f"usage-{usage}": "yes" for usage in line.usages},
        **{f"day-{day}": "yes" for day in line.weekdays},
        "from": line.from_time or "",
        "until": (line.until_time or "").replace("24:00", "00:00"),
        "hours": line.hours,
        "min_minutes": str(line.min_minutes or ""),
        "max_minutes": str(line.max_minutes or ""),
        "unit": line.unit or "",
        "price": kroner(line.price.amount),
        "percent": "" if line.percent is None else hundredths(line.percent),
        "minimum": "" if line.minimum is None else kroner(line.minimum.amount),
        "most": "" if line.most is None else kroner(line.most.amount),
        "per_place": "yes" if line.per_place else "",
        "includes_vat": "yes" if line.includes_vat else "",
        "vat_code": line.vat_code or "",
        "vat_reason": line.vat_reason,
        "payment": line.payment,
        "valid_from": "" if line.valid_from is None else line.valid_from.isoformat(),
        "valid_until": "" if line.valid_until is None else line.valid_until.isoformat(),
    }


def read_line(form: Mapping[str, str], texts: Texts) -> TariffLineIn:
    """What was written. Raises Wrong."""
    typed, errors = _typed(form, texts)
    is_discount = form.get("kind") == "discount"
    values: dict[str, Any] = {
        "kind": form.get("kind") or "base",
        "text": {code: text for code in LANGUAGES if (text := form.get(f"text_{code}", ""))},
        "customer_groups": [group for group in CUSTOMER_GROUPS if form.get(f"group-{group}")],
        "usages": [usage for usage in USAGES if form.get(f"usage-{usage}")],
        "weekdays": [day for day in range(1, HOLIDAY + 1) if form.get(f"day-{day}")],
        "from_time": clock_in(form.get("from", "")),
        "until_time": until_in(form.get("until", "")),
        "hours": form.get("hours") or "any",
        "min_minutes": number_in(form.get("min_minutes", "")),
        "max_minutes": number_in(form.get("max_minutes", "")),
        "unit": None if is_discount else form.get("unit") or None,
        "percent": basis_points(form.get("percent", "")) if is_discount else None,
        "per_place": bool(form.get("per_place")),
        "includes_vat": bool(form.get("includes_vat")),
        "vat_code": None if is_discount else form.get("vat_code") or None,
        "vat_reason": form.get("vat_reason", ""),
        "payment": form.get("payment") or "invoice",
        **{name: value for name, value in typed.items() if name not in AMOUNTS or not is_discount},
    }
    if errors:
        raise Wrong(errors)
    try:
        line = msgspec.convert(values, TariffLineIn, strict=False)
        facts_of(line, "line", new_id())
    except msgspec.ValidationError as error:
        raise Wrong(_told(error, texts)) from error
    except Invalid as refusal:
        member = str(refusal.facts["field"]).rpartition(".")[2]
        said = WRONG.get(SAID_BY.get(member, member), WRONG["line"])
        raise Wrong({FIELD_OF.get(member, "kind"): texts.gettext(said)}) from refusal
    return line


def _typed(form: Mapping[str, str], texts: Texts) -> tuple[dict[str, Any], dict[str, str]]:
    """Amounts and days, and what is wrong with them."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in AMOUNTS:
        written = form.get(name, "")
        ore = ore_in(written)
        if ore is None:
            errors[name] = texts.gettext(AMOUNT)
        elif written or name == "price":
            found[name] = {"amount": ore}
    for name in ("valid_from", "valid_until"):
        found[name] = day_in(form.get(name, ""))
        if found[name] is None and form.get(name):
            errors[name] = texts.gettext(WRONG[name])
    if form.get("percent") and basis_points(form["percent"]) is None:
        errors["percent"] = say(texts, "percent")
    return found, errors


def _told(error: msgspec.ValidationError, texts: Texts) -> dict[str, str]:
    """The member that is named at the end of msgspec's sentence: `… - at `$.until_time``."""
    member = str(error).rpartition("$.")[2].rstrip("`").partition(".")[0].partition("[")[0]
    said = WRONG.get(SAID_BY.get(member, member), WRONG["line"])
    field = {"text": "text_nb", "from_time": "from", "until_time": "until"}.get(member, member)
    return {field or "kind": texts.gettext(said)}


def hours_form(hours: Sequence[OrdinaryLine]) -> dict[str, str]:
    """Ordinary hours by weekday; of several lines of a weekday the form holds two."""
    form: dict[str, str] = {}
    seen: dict[int, int] = {}
    for line in hours:
        place = seen.get(line.weekday, 0)
        seen[line.weekday] = place + 1
        form[f"hours-{line.weekday}-{place}-from"] = line.from_time
        form[f"hours-{line.weekday}-{place}-until"] = line.until_time.replace("24:00", "00:00")
    return form


def read_hours(form: Mapping[str, str], texts: Texts) -> list[OrdinaryLine]:
    """Raises Wrong."""
    lines: list[OrdinaryLine] = []
    for day in range(1, HOLIDAY + 1):
        for place in range(2):
            at = f"hours-{day}-{place}-"
            since, until = form.get(at + "from", ""), form.get(at + "until", "")
            if not since and not until:
                continue
            try:
                values = {"weekday": day, "from_time": since, "until_time": until_in(until)}
                line = msgspec.convert(values, OrdinaryLine)
                ordinary_of([line])
            except (msgspec.ValidationError, Invalid) as error:
                raise Wrong({at + "until": say(texts, "until")}) from error
            lines.append(line)
    return lines


def read_name(form: Mapping[str, str], texts: Texts) -> ShortTranslated:
    """Raises Wrong."""
    told = {code: text for code in LANGUAGES if (text := form.get(f"name_{code}", ""))}
    try:
        if not told:
            raise msgspec.ValidationError("nothing")
        return msgspec.convert(told, ShortTranslated)
    except msgspec.ValidationError as error:
        raise Wrong({"name_nb": say(texts, "name")}) from error


def read_place(value: str) -> PlaceIn | None:
    """`facility:<id>` or `resource:<id>`."""
    kind, _, told = value.partition(":")
    found = id_in(told)
    if found is None or kind not in {"facility", "resource"}:
        return None
    return PlaceIn(facility_id=found) if kind == "facility" else PlaceIn(resource_id=found)


def read_renewal(form: Mapping[str, str], texts: Texts) -> RenewIn:
    """Raises Wrong."""
    errors: dict[str, str] = {}
    day, change = day_in(form.get("renew_from", "")), basis_points(form.get("renew_change", ""), signed=True)
    if day is None:
        errors["renew_from"] = say(texts, "valid_from")
    if change is None:
        errors["renew_change"] = say(texts, "percent")
    try:
        return msgspec.convert(
            {"valid_from": day, "change": change, "round_to": form.get("round_to") or "krone"}, RenewIn
        )
    except msgspec.ValidationError as error:
        raise Wrong(errors or {"renew_change": say(texts, "percent")}) from error


def tiers_form(tiers: Sequence[TierLine]) -> dict[str, str]:
    """Hours before the start, and per cent."""
    form: dict[str, str] = {}
    for number, tier in enumerate(tiers):
        form[f"tier-{number}-hours"] = hundredths(tier.minutes_before * 100 // 60)
        form[f"tier-{number}-percent"] = str(tier.fee_percent)
    return form


def read_tiers(form: Mapping[str, str], texts: Texts) -> list[TierLine]:
    """Raises Wrong."""
    found: list[TierLine] = []
    for number in range(MOST_KEPT):
        hours, percent = form.get(f"tier-{number}-hours", ""), form.get(f"tier-{number}-percent", "")
        if not hours and not percent:
            continue
        try:
            minutes = basis_points(hours, most=876_000)
            values = {
                "minutes_before": None if minutes is None else minutes * 60 // 100,
                "fee_percent": percent,
            }
            found.append(msgspec.convert(values, TierLine, strict=False))
        except msgspec.ValidationError as error:
            raise Wrong({f"tier-{number}-hours": say(texts, "tier")}) from error
    return found


# What people type.


def kroner(ore: int) -> str:
    """As it is typed in: `655` or `655.50`."""
    return f"{ore // 100}" if ore % 100 == 0 else f"{ore // 100}.{ore % 100:02}"


def hundredths(number: int) -> str:
    """`12.5` of 1250."""
    return kroner(number).rstrip("0").rstrip(".") if number % 100 else kroner(number)


def basis_points(text: str, *, signed: bool = False, most: int = 100_000) -> int | None:
    """1250 of `12,5`; None for what is none."""
    plain = text.strip().removesuffix("%").strip()
    is_minus = signed and plain[:1] in {"-", "−"}
    found = ore_in(plain[1:] if is_minus else plain.removeprefix("+")) if plain else None
    if found is None or found > most:
        return None
    return -found if is_minus else found


def clock_in(text: str) -> str | None:
    return text[:5] or None


def until_in(text: str) -> str | None:
    """Midnight at the end is 24:00."""
    return "24:00" if text[:5] == "00:00" else text[:5] or None


def day_in(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def number_in(text: str) -> Any:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text or None


def places_named(places: Iterable[tuple[UUID, str, UUID, str]]) -> list[tuple[str, str]]:
    """Facilities, each followed by its resources, as `read_place` reads them; of id and name of both."""
    names: dict[str, str] = {}
    for facility_id, facility, resource_id, resource in sorted(places, key=lambda each: (each[1], each[3])):
        names.setdefault(f"facility:{facility_id}", facility)
        names[f"resource:{resource_id}"] = f"{facility}: {resource}"
    return list(names.items())


def choices(texts: Texts) -> dict[str, list[tuple[str, str]]]:
    """All that can be chosen in the forms, in words."""

    def told(names: Mapping[Any, str]) -> list[tuple[str, str]]:
        return [(code, texts.gettext(name)) for code, name in names.items()]

    return {
        "kinds": told(KINDS),
        "units": told(UNITS),
        "hours": told(HOURS),
        "groups": told(CUSTOMER_GROUPS),
        "usages": told(USAGES),
        "payments": told(PAYMENTS),
        "vat_codes": told(VAT_NAMES),
        "weekdays": [
            *((str(day), texts.weekday(date(2024, 1, day))) for day in range(1, HOLIDAY)),
            (str(HOLIDAY), texts.gettext("public holidays")),
        ],
    }
