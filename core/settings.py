"""What can be set from outside: one frozen Struct, read once from the environment."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Read by `read_settings`; nothing else in the program looks at the environment."""

    database_url: str | None = None
    """None: the embedded PostgreSQL under `var_dir`."""
    owner_url: str | None = None
    """Whoever may migrate. None: `database_url` does both, and the program's own role is made from it."""
    broker_url: str | None = None
    """None: an in-process broker. amqp://… or redis://… in production."""
    demo: bool = False
    var_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str | None = None
    """Where people reach it, without a path. None: http://host:port."""
    web_workers: int = 2
    pool_size: int = 12
    """Database connections per web worker."""
    log_level: str = "info"
    keys: tuple[str, ...] = ()
    """What national numbers are sealed with, the newest first (core/vault.py). Empty: a key under `var_dir`."""
    providers: Path | None = None
    """A file that says where people sign in (people/providers.py). None: nowhere but in the demo."""
    mail_url: str | None = None
    """smtp://… or smtps://…. None: letters are kept and not sent."""
    mail_from: str = "ledig@localhost"
    sms_url: str | None = None
    """An HTTP gateway that takes text messages (core/sms.py). None: they are kept and not sent."""
    register_url: str = "https://data.brreg.no/enhetsregisteret/api"
    """Enhetsregisteret. Empty: it is not asked."""
    stripe_key: str | None = None
    """Of the installation's own account with Stripe (payments/gateway.py). None: nobody takes money online."""
    stripe_secrets: tuple[str, ...] = ()
    """What its notices are signed with; two while one replaces the other."""
    stripe_url: str | None = None
    """Somewhere else than Stripe, such as its stand-in (payments/sandbox). Never with a live key."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names besides those of municipalities and of `public_url`; with neither, any is answered."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose X-Forwarded-For is believed."""
    call_networks: tuple[str, ...] = ()
    """Networks of the inside that addresses typed in by people may lead to all the same (core/destinations.py)."""
    limits: str = ""
    """How often one client may ask, as `read_limits` has it; empty: core/rates.py's defaults."""


LIMITED = ("sign-in", "search", "feed", "write")
"""Kinds of requests that one client may make only so often."""
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*|\[[0-9a-f:.]{2,45}\]")

STRIPE_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9_]{8,200}")


class SettingsError(Exception):
    """A variable cannot be understood; the text names it and what would be right."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from DATABASE_URL, DATABASE_OWNER_URL, BROKER_URL and LEDIG_*. Raises SettingsError."""
    return Settings(
        database_url=_address(environ, "DATABASE_URL", ("postgresql://", "postgres://")),
        owner_url=_address(environ, "DATABASE_OWNER_URL", ("postgresql://", "postgres://")),
        broker_url=_address(environ, "BROKER_URL", ("amqp://", "amqps://", "redis://", "rediss://")),
        demo=_flag(environ, "LEDIG_DEMO"),
        var_dir=Path(environ.get("LEDIG_VAR") or "var").resolve(),
        host=environ.get("LEDIG_HOST") or "127.0.0.1",
        port=_number(environ, "LEDIG_PORT", 8000, 0, 65535),
        public_url=(environ.get("LEDIG_PUBLIC_URL") or "").rstrip("/") or None,
        web_workers=_number(environ, "LEDIG_WEB_WORKERS", min(os.cpu_count() or 1, 4), 1, 64),
        pool_size=_number(environ, "LEDIG_POOL_SIZE", 12, 1, 200),
        log_level=environ.get("LEDIG_LOG_LEVEL") or "info",
        keys=_words(environ, "LEDIG_KEYS"),
        providers=Path(environ["LEDIG_PROVIDERS"]).resolve() if environ.get("LEDIG_PROVIDERS") else None,
        mail_url=_address(environ, "LEDIG_MAIL_URL", ("smtp://", "smtps://")),
        mail_from=environ.get("LEDIG_MAIL_FROM") or "ledig@localhost",
        sms_url=_address(environ, "LEDIG_SMS_URL", ("https://", "http://")),
        register_url=environ.get("LEDIG_REGISTER_URL", "https://data.brreg.no/enhetsregisteret/api").rstrip(
            "/"
        ),
        **_stripe(environ),
        allowed_hosts=_hosts(environ, "LEDIG_ALLOWED_HOSTS"),
        trusted_proxies=_networks(environ, "LEDIG_TRUSTED_PROXIES"),
        call_networks=_networks(environ, "LEDIG_CALL_NETWORKS"),
        limits=_limits(environ, "LEDIG_LIMITS"),
    )


def read_limits(text: str) -> dict[str, int | None]:
    """Kind → requests a minute, None for any number; of those named. Raises SettingsError.

    `off`, or `sign-in=60,search=off`.
    """
    if text.strip().lower() == "off":
        return dict.fromkeys(LIMITED)
    limits: dict[str, int | None] = {}
    for word in _split(text):
        kind, _, number = (part.strip().lower() for part in word.partition("="))
        if kind not in LIMITED or kind in limits:
            raise SettingsError(f"{word!r}: each of {', '.join(LIMITED)} once, such as search=240; or off")
        if number != "off" and not (number.isdecimal() and 1 <= int(number) <= 1_000_000):
            raise SettingsError(f"{word!r}: write a whole number from 1 to 1000000 a minute, or off")
        limits[kind] = None if number == "off" else int(number)
    return limits


def _limits(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    try:
        read_limits(value)
    except SettingsError as error:
        raise SettingsError(f"{name}: {error}") from error
    return value


def _stripe(environ: Mapping[str, str]) -> dict[str, Any]:
    """None of it is shown in an error: these are secrets."""
    key = environ.get("LEDIG_STRIPE_KEY") or None
    secrets = _words(environ, "LEDIG_STRIPE_SECRETS")
    url = (_address(environ, "LEDIG_STRIPE_URL", ("https://", "http://")) or "").rstrip("/") or None
    if key is not None and not STRIPE_KEY.fullmatch(key):
        raise SettingsError("LEDIG_STRIPE_KEY must begin with sk_test_, sk_live_, rk_test_ or rk_live_")
    if len(secrets) > 2 or any(not secret.startswith("whsec_") for secret in secrets):
        raise SettingsError("LEDIG_STRIPE_SECRETS: one or two that begin with whsec_, with a comma between")
    if key is not None and not secrets:
        raise SettingsError("LEDIG_STRIPE_KEY needs LEDIG_STRIPE_SECRETS too: see docs/payments.md")
    if key is not None and "_live_" in key and url is not None:
        raise SettingsError("LEDIG_STRIPE_URL leads elsewhere than to Stripe: never with a live key")
    return {"stripe_key": key, "stripe_secrets": secrets, "stripe_url": url}


def _hosts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    hosts = tuple(host.lower() for host in _words(environ, name))
    for host in hosts:
        if not HOST_NAME.fullmatch(host):
            raise SettingsError(f"{name}={host!r}: write names alone, such as ledig.example.no")
    return hosts


def _networks(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    networks = _words(environ, name)
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}; write 10.0.0.7 or 10.0.0.0/24") from error
    return networks


def _address(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = environ.get(name) or None
    if value is not None and not value.startswith(schemes):
        raise SettingsError(
            f"{name} must begin with {' or '.join(schemes)}"
        )  # it may hold a password: not shown
    return value


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Between commas."""
    return _split(environ.get(name, ""))


def _split(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").lower()
    if value not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise SettingsError(f"{name}={value!r}: write yes or no")
    return value in {"1", "yes", "true"}


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = environ.get(name)
    if not value:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SettingsError(f"{name}={value!r}: write a whole number from {least} to {most}")
    return int(value)
