"""What goes out to a provider over the network, and what comes back: its description of itself, its keys, its answers.

Discovery: OpenID Connect Discovery 1.0; private_key_jwt: RFC 7523. Make no call in a transaction. Nothing of what is
sent or answered gets into a log but the path, the status and a provider's error code.
"""

import asyncio
import base64
import json
import logging
import secrets
import time
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote_plus, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from core.errors import ProviderDown, SignInFailed
from people.providers import Provider, is_secure

logger = logging.getLogger("ledig")

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
LONGEST_CALL = 10.0
"""Seconds, for a server that says a little now and then."""
LARGEST_ANSWER = 500_000
KEPT_SECONDS = 3600.0
"""How long what a provider says of itself, and its keys, are believed."""
ASSERTION_LASTS = 60
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        optional = (self.pushed_authorization_request_endpoint, self.end_session_endpoint)
        needed = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        return (*needed, *(each for each in optional if each is not None))


class Calls:
    """Make one per process. Remembers what providers say of themselves."""

    def __init__(self, *, longest: float = LONGEST_CALL) -> None:
        # The environment is not looked at: what can be set stands in core/settings.py.
        self._http = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        self._longest = longest
        self._metadata: dict[str, tuple[float, Metadata]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}

    async def close(self) -> None:
        await self._http.aclose()

    async def metadata(self, provider: Provider) -> Metadata:
        """Raises ProviderDown, also when it claims to be another."""
        kept = self._metadata.get(provider.issuer)
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = msgspec.convert(await self._get(provider, url), Metadata)
        except msgspec.ValidationError as error:
            raise down(provider, f"its configuration makes no sense: {error}") from error
        if found.issuer != provider.issuer:
            raise down(provider, "its configuration names another issuer")
        if not all(is_secure(address) for address in found.addresses):
            raise down(provider, "its configuration names an address that is not https")
        self._metadata[provider.issuer] = (time.monotonic(), found)
        return found

    async def keys(self, provider: Provider, about: Metadata, *, is_second: bool) -> tuple[KeySet, float]:
        """And when they were read."""
        kept = self._keys.get(about.jwks_uri)
        if kept is None or is_second or time.monotonic() - kept[0] >= KEPT_SECONDS:
            kept = (time.monotonic(), _key_set(provider, await self._get(provider, about.jwks_uri)))
            self._keys[about.jwks_uri] = kept
        return kept[1], kept[0]

    async def _get(self, provider: Provider, url: str) -> dict[str, Any]:
        status, answer = await self._ask(provider, "GET", url)
        if status != 200 or answer is None:
            raise down(provider, f"{urlsplit(url).path} answers {status}")
        return answer

    async def post(
        self, provider: Provider, about: Metadata, url: str, form: dict[str, str], now: datetime
    ) -> dict[str, Any]:
        """As the client that we are. Raises SignInFailed for a no, ProviderDown for what is no answer."""
        headers, proof = _authentication(provider, about, now)
        status, answer = await self._ask(provider, "POST", url, data={**form, **proof}, headers=headers)
        if answer is not None and 200 <= status < 300:
            return answer
        if answer is not None and 400 <= status < 500 and isinstance(answer.get("error"), str):
            raise SignInFailed(reason=f"{urlsplit(url).path}: {_plain(answer['error'])}")
        raise down(provider, f"{urlsplit(url).path} answers {status}")

    async def _ask(
        self, provider: Provider, method: str, url: str, **more: Any
    ) -> tuple[int, dict[str, Any] | None]:
        """Status, and the JSON object if it is one."""
        try:
            async with asyncio.timeout(self._longest), self._http.stream(method, url, **more) as answer:
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise down(provider, f"{urlsplit(url).path} answers without end")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise down(provider, f"{urlsplit(url).path}: {type(error).__name__}") from error
        try:
            found = json.loads(bytes(body))
        except (ValueError, RecursionError):
            return answer.status_code, None
        return answer.status_code, cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _authentication(
    provider: Provider, about: Metadata, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Headers, and members of the form, that prove who we are."""
    credentials, me = provider.credentials, provider.client_id
    if credentials.key is None:
        assert credentials.secret is not None, "one of the two"
        if "client_secret_basic" in about.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(me)}:{quote_plus(credentials.secret)}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
        return {}, {"client_secret": credentials.secret}
    issued = int(now.timestamp())
    is_issuer = provider.assertion_audience == "issuer"
    claims = {
        "iss": me,
        "sub": me,
        "aud": about.issuer if is_issuer else about.token_endpoint,
        "iat": issued,
        "exp": issued + ASSERTION_LASTS,
        "jti": secrets.token_urlsafe(16),
    }
    named = {name: credentials.key.get(name) for name in ("kid", "x5t", "x5t#S256", "x5c")}
    header = {"alg": credentials.algorithm, **{name: value for name, value in named.items() if value}}
    signed = jwt.encode(header, claims, credentials.key, [credentials.algorithm])
    return {}, {"client_assertion_type": ASSERTION, "client_assertion": signed}


def _key_set(provider: Provider, told: dict[str, Any]) -> KeySet:
    """The keys for signing that can be read; others are left out."""
    keys: list[Any] = []
    shown: Any = told.get("keys")
    for data in shown if isinstance(shown, list) else []:  # pyright: ignore[reportUnknownVariableType]  # JSON
        if not isinstance(data, dict) or data.get("kty") == "oct":  # pyright: ignore[reportUnknownMemberType]  # JSON
            continue  # a secret that is shown is none
        try:
            key = JWKRegistry.import_key(cast("dict[str, Any]", data))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            continue  # of a kind that we do not know
        if key.get("use") in {None, "sig"}:
            keys.append(key)
    if not keys:
        raise down(provider, "it shows no key")
    return KeySet(keys)


def _plain(text: str) -> str:
    """An error code of another's, fit for a log."""
    return "".join(
        letter for letter in text[:60] if letter.isascii() and (letter.isalnum() or letter in "_-")
    )


def down(provider: Provider, why: str) -> ProviderDown:
    """Noted, since nobody else will see why."""
    logger.warning("sign-in at %s: %s", provider.key, why)
    return ProviderDown(provider=provider.key)
