"""Where people sign in: the providers that the operator names in a file, each for some municipalities or for all.

What stands in the file is told in docs/sign-in.md. Whatever makes no sense is refused by name when the program starts.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from core.settings import SettingsError
from core.texts import LANGUAGES

SIGNING = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""How a provider may sign, and we: each with a private key, none with a shared secret."""
ALGORITHM = {"RSA": "RS256", "P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "Ed25519"}
"""What a key signs with when it does not say."""
KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_RSA_BITS = 2048


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[[provider]]` as it stands in the file."""

    key: str
    """In addresses: `/sandnes/sign-in/id-porten`."""
    label: str | dict[str, str]
    """What people know it by, once or in each language."""
    issuer: str
    client_id: str
    private_key: str | None = None
    """File with our private key as a JWK, for private_key_jwt."""
    client_secret: str | None = None
    """File with a shared secret, where the provider knows no better."""
    assertion_audience: Literal["issuer", "token_endpoint"] = "issuer"
    """Whom private_key_jwt is addressed to. Entra wants the token endpoint."""
    scopes: tuple[str, ...] = ("openid", "profile")
    acr_values: tuple[str, ...] = ()
    """How surely people must be known: one of these, or of `staff_acr`. Empty: as the provider likes."""
    staff_acr: tuple[str, ...] = ()
    """What is sure enough for staff roles. Empty: any."""
    par: Literal["required", "if offered", "never"] = "if offered"
    national_number: str | None = None
    """Claim that holds it. None: she is known by what the provider calls her."""
    allow_synthetic: bool = False
    """Whether made-up numbers (month + 40 or + 80) are taken: of test environments only."""
    name: tuple[str, ...] = ("name",)
    """Claims to take her name from: the first that is there."""
    email: tuple[str, ...] = ("email",)
    authorization_details: tuple[dict[str, Any], ...] = ()
    """What is asked about the organisations she may sign for (RFC 9396). Empty: nothing."""
    sign_out_hint: Literal["client_id", "id_token"] | None = None
    """What tells the provider who signs out. None: our client_id where the id_token holds a national number, which
    would stand in an address then; else the id_token.
    """
    municipalities: tuple[str, ...] = ()
    """Slugs. Empty: all."""
    audience: Literal["citizens", "staff"] = "citizens"
    """For whom it stands on the page of ways to sign in."""


class Credentials:
    """What we prove with who we are. Shows nothing of itself."""

    def __init__(self, key: RSAKey | ECKey | OKPKey | None, secret: str | None) -> None:
        self.key = key
        self.secret = secret

    @property
    def algorithm(self) -> str:
        assert self.key is not None, "asked of a provider with a key"
        return _algorithm(self.key)


class Provider(Entry, frozen=True, kw_only=True):
    """One, ready for use."""

    credentials: Credentials

    @property
    def takes_back_token(self) -> bool:
        """Whether the id_token must be kept, for signing out."""
        if self.sign_out_hint is None:
            return self.national_number is None
        return self.sign_out_hint == "id_token"

    def label_in(self, language: str) -> str:
        """In that language, else in the one there is."""
        if isinstance(self.label, str):
            return self.label
        return self.label.get(language) or next(iter(self.label.values()))

    def accepts(self, acr: str | None, *, strong: bool) -> bool:
        """Whether who is known like this may enter; `strong`: where staff's certainty was asked for."""
        if strong:
            return self.is_strong(acr)
        return not self.acr_values or acr in (*self.acr_values, *self.staff_acr)

    def is_strong(self, acr: str | None) -> bool:
        """Whether that is sure enough for staff roles."""
        return not self.staff_acr or acr in self.staff_acr


class Providers:
    """All of the installation."""

    def __init__(self, providers: Sequence[Provider] = ()) -> None:
        self._all = tuple(providers)

    def of(self, slug: str) -> tuple[Provider, ...]:
        """The municipality's, citizens' first, else in the file's order."""
        found = [each for each in self._all if not each.municipalities or slug in each.municipalities]
        return tuple(sorted(found, key=lambda each: each.audience == "staff"))

    def one(self, slug: str, key: str) -> Provider | None:
        return next((each for each in self.of(slug) if each.key == key), None)

    def __bool__(self) -> bool:
        return bool(self._all)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    provider: list[Entry] = []


def read_providers(path: Path | None) -> Providers:
    """Those of the file; none without one. Raises SettingsError, which never repeats a secret."""
    if path is None:
        return Providers()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text()), _File)
    except OSError as error:
        raise SettingsError(f"LEDIG_PROVIDERS: {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"LEDIG_PROVIDERS: {path}: {error}") from error
    keys = [entry.key for entry in found.provider]
    for key in keys:
        if keys.count(key) > 1:
            raise SettingsError(f"LEDIG_PROVIDERS: {path}: two providers are called {key!r}")
    return Providers([_ready(entry, path) for entry in found.provider])


def _ready(entry: Entry, path: Path) -> Provider:
    try:
        _check(entry)
        credentials = _credentials(entry, path.parent)
    except ValueError as error:
        raise SettingsError(f"LEDIG_PROVIDERS: {path}: provider {entry.key!r}: {error}") from error
    return Provider(**msgspec.structs.asdict(entry), credentials=credentials)


def _check(entry: Entry) -> None:
    """Raises ValueError."""
    labels = {"": entry.label} if isinstance(entry.label, str) else entry.label
    wrongs = {
        "key: small letters, figures and hyphens, beginning with a letter": not KEY.fullmatch(entry.key),
        f"label: a text, or texts for {', '.join(LANGUAGES)}": not labels
        or not all(text.strip() for text in labels.values())
        or not (isinstance(entry.label, str) or labels.keys() <= LANGUAGES.keys()),
        "issuer: an https address without query and fragment": not is_secure(entry.issuer)
        or bool({"?", "#"} & set(entry.issuer)),
        "client_id: what the provider calls us": not entry.client_id.strip(),
        "scopes: openid is needed": "openid" not in entry.scopes,
        "acr_values, staff_acr, scopes, name, email: words without blanks": any(
            not word or not word.isprintable() or " " in word
            for word in (*entry.acr_values, *entry.staff_acr, *entry.scopes, *entry.name, *entry.email)
        ),
        "authorization_details: each has a type": not all(
            isinstance(each.get("type"), str) and each["type"] for each in entry.authorization_details
        ),
        "municipalities: slugs": not all(SLUG.fullmatch(slug) for slug in entry.municipalities),
    }
    for expected, is_wrong in wrongs.items():
        if is_wrong:
            raise ValueError(expected)


def is_secure(address: str) -> bool:
    """https, or a server on this very machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
        assert parts.port is None or parts.port > 0, "a port is a positive number"
    except (ValueError, AssertionError):
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def _credentials(entry: Entry, folder: Path) -> Credentials:
    """Raises ValueError."""
    match entry.private_key, entry.client_secret:
        case str(name), None:
            return Credentials(_private_key(_text("private_key", folder / name)), None)
        case None, str(name):
            secret = _text("client_secret", folder / name).strip()
            if not secret or not secret.isprintable():
                raise ValueError(f"client_secret: {folder / name} holds no secret")
            return Credentials(None, secret)
        case _:
            raise ValueError("one of private_key and client_secret")


def _text(field: str, path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{field}: {path} cannot be read: {type(error).__name__}") from error


def _private_key(text: str) -> RSAKey | ECKey | OKPKey:
    expected = f"private_key: a private key as a JWK, RSA of {LEAST_RSA_BITS} bits or more, EC or Ed25519"
    try:
        key = JWKRegistry.import_key(json.loads(text))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(expected) from error
    if not isinstance(key, RSAKey | ECKey | OKPKey) or not key.is_private or _algorithm(key) not in SIGNING:
        raise ValueError(expected)
    if isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_RSA_BITS:
        raise ValueError(expected)
    return key


def _algorithm(key: RSAKey | ECKey | OKPKey) -> str:
    named = key.get("alg")
    return str(named) if named else ALGORITHM.get(str(key.get("crv") or key.key_type), "none")
