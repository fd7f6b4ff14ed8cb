"""What can be set from outside: one frozen Struct, read once from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path

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
    )


def _address(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = environ.get(name) or None
    if value is not None and not value.startswith(schemes):
        raise SettingsError(
            f"{name} must begin with {' or '.join(schemes)}"
        )  # it may hold a password: not shown
    return value


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
