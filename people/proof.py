"""What a provider's word is worth: from the claims of a checked token to who somebody is.

Claims: OpenID Connect Core 1.0 §2 and §5.1; ID-porten's and Ansattporten's own, docs.digdir.no.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer, orgnr

from people.providers import Provider

ORGANISATION = re.compile(r"0192:([0-9]{9})")
"""A Norwegian organisation number as Peppol and Altinn write it (ISO 6523, scheme 0192)."""
MOST_ORGANISATIONS = 200
LONGEST_NAME = 200
LONGEST_EMAIL = 254
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class NoProof(Exception):
    """The claims do not hold. The text says what is wrong with them, and never what they say."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Who has signed in, as her provider says. `national_number` must not be shown, logged or stored open."""

    issuer: str
    subject: str
    national_number: str | None = None
    name: str | None = None
    email: str | None = None
    acr: str | None = None
    sid: str | None = None
    represents: tuple[str, ...] = ()
    """Organisation numbers, checked, sorted."""
    id_token: str = ""

    @property
    def known_as(self) -> tuple[str, str]:
        """Kind and value of what she is found by: her national number, else what the provider calls her."""
        if self.national_number is not None:
            return "national_number", self.national_number
        return "subject", f"{self.issuer} {self.subject}"

    def __repr__(self) -> str:
        return f"Proof(issuer={self.issuer!r})"


def read_proof(provider: Provider, claims: Mapping[str, Any], id_token: str) -> Proof:
    """What the claims of a token that has been checked tell. Raises NoProof."""
    return Proof(
        issuer=provider.issuer,
        subject=subject_of(claims),
        national_number=_national_number(provider, claims),
        name=_text(claims, provider.name, LONGEST_NAME),
        email=_email(claims, provider.email),
        acr=_word(claims, "acr"),
        sid=_word(claims, "sid"),
        represents=organisations(provider, claims),
        id_token=id_token,
    )


def subject_of(claims: Mapping[str, Any]) -> str:
    """Raises NoProof. OpenID Connect Core 1.0 §2: at most 255 ASCII characters."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isascii():
        raise NoProof("sub")
    return subject


def _word(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 500 or not value.isprintable()):
        raise NoProof(name)
    return value


def _text(claims: Mapping[str, Any], names: Sequence[str], longest: int) -> str | None:
    """The first that is there, on one line."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and (text := " ".join(value.split())) and text.isprintable():
            return text[:longest]
    return None


def _email(claims: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """One that the provider does not itself doubt."""
    found = _text(claims, names, LONGEST_EMAIL + 1)
    is_doubtful = claims.get("email_verified") is False
    fits = found is not None and len(found) <= LONGEST_EMAIL and EMAIL.fullmatch(found)
    return found if fits and not is_doubtful else None


def _national_number(provider: Provider, claims: Mapping[str, Any]) -> str | None:
    if provider.national_number is None:
        return None
    value = claims.get(provider.national_number)
    if not isinstance(value, str) or not is_national_number(value, allow_synthetic=provider.allow_synthetic):
        raise NoProof(provider.national_number)
    return value


def is_national_number(number: str, *, allow_synthetic: bool) -> bool:
    """Fødselsnummer or D-number: eleven figures, a day that exists, check figures right.

    Test environments add to the month: 40 in NAV's numbers, 80 in Skatteetaten's (Tenor). python-stdnum takes the
    first for a real H-number and does not know the second.
    """
    if not re.fullmatch(r"[0-9]{11}", number):
        return False
    shift = next((shift for shift in (80, 40) if shift < int(number[2:4]) <= shift + 12), 0)
    if shift and not allow_synthetic:
        return False
    real = f"{number[:2]}{int(number[2:4]) - shift:02}{number[4:]}"
    try:
        fodselsnummer.get_birth_date(real)
    except ValidationError:
        return False
    checks = fodselsnummer.calc_check_digit1(number) + fodselsnummer.calc_check_digit2(number)
    return number[9:] == checks


def organisations(provider: Provider, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Those she may sign for, of the kinds that were asked for: Ansattporten does not watch over what is asked.

    An answer without any of them is nobody's; a number that does not check is left out.
    """
    told = claims.get("authorization_details")
    found: set[str] = set()
    for detail in told if isinstance(told, list) else []:  # pyright: ignore[reportUnknownVariableType]  # JSON
        if not isinstance(detail, dict):
            continue
        one: dict[str, Any] = detail  # pyright: ignore[reportUnknownVariableType]  # JSON
        if any(_is_asked_for(one, asked) for asked in provider.authorization_details):
            found |= _organisations_in(one)
    return tuple(sorted(found))[:MOST_ORGANISATIONS]


def _is_asked_for(told: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(asked.get(name, told.get(name)) == told.get(name) for name in ("type", "resource"))


def _organisations_in(detail: Mapping[str, Any]) -> set[str]:
    """`orgno` of the thing itself, or of its `authorized_parties` (Altinn 3); `reportees` are of Altinn 2."""
    parties: list[Any] = [detail]
    for name in ("authorized_parties", "reportees"):
        inner = detail.get(name)
        parties += inner if isinstance(inner, list) else []
    found: set[str] = set()
    for party in parties:
        one = party.get("orgno", party) if isinstance(party, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]  # JSON
        match = ORGANISATION.fullmatch(str(one.get("ID"))) if isinstance(one, dict) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]  # JSON
        if match and orgnr.is_valid(match[1]):
            found.add(match[1])
    return found
