"""The code flow of OpenID Connect, as ID-porten, Ansattporten and Entra speak it: what we ask, and what we believe.

Core 1.0; PKCE: RFC 7636; pushed requests (PAR): RFC 9126; private_key_jwt: RFC 7523; `iss` in answers: RFC 9207;
RP-Initiated Logout 1.0; Back-Channel Logout 1.0. Every call here goes out on the network: make none in a transaction.

Refused is SignInFailed, whose fact `reason` is for the log. No token, code or claim ever gets there.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from core.errors import ProviderDown, SignInFailed
from people.proof import NoProof, Proof, read_proof, subject_of
from people.provider_calls import Calls, Metadata, down
from people.providers import SIGNING, Provider

ASKED_AGAIN_AFTER = 10.0
"""Seconds between two readings of a provider's keys because of one that is not known: anybody can make one up."""
CLOCK_SKEW = 60
OLDEST_TOKEN = 600
"""Seconds: a token is made when the code is handed in."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOCALES = {"nb": "nb", "nn": "nn nb", "en": "en"}


class Secrets(msgspec.Struct, frozen=True):
    """What a sign-in under way must remember until she comes back."""

    nonce: str
    verifier: str


class Begun(msgspec.Struct, frozen=True):
    """A sign-in under way: where to send her, the state she comes back with, and what to remember."""

    url: str
    state: str
    secrets: Secrets


class Ended(msgspec.Struct, frozen=True):
    """What a logout token says: of whom, of which of her sessions, and its own number."""

    subject: str | None
    sid: str | None
    jti: str


class Oidc:
    """Make one per process."""

    def __init__(self, calls: Calls | None = None, *, asked_again_after: float = ASKED_AGAIN_AFTER) -> None:
        self._calls = calls or Calls()
        self._asked_again_after = asked_again_after

    async def close(self) -> None:
        await self._calls.close()

    async def begin(
        self, provider: Provider, *, redirect_uri: str, language: str, strong: bool, now: datetime
    ) -> Begun:
        """Where to send her. `strong`: she is to be known as surely as staff must.

        Raises SignInFailed, ProviderDown.
        """
        about = await self._calls.metadata(provider)
        made = Secrets(nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))
        state = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(made.verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": made.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
            "ui_locales": LOCALES.get(language, language),
        }
        levels = provider.staff_acr if strong else provider.acr_values
        if levels:
            asked["acr_values"] = " ".join(levels)
        if provider.authorization_details:
            asked["authorization_details"] = json.dumps(provider.authorization_details)
        endpoint = about.pushed_authorization_request_endpoint
        if provider.par == "required" or (provider.par == "if offered" and endpoint is not None):
            if endpoint is None:
                raise down(provider, "it takes no pushed requests, and they are required")
            asked = {
                "client_id": provider.client_id,
                "request_uri": await self._push(provider, about, endpoint, asked, now),
            }
        return Begun(_with_query(about.authorization_endpoint, asked), state, made)

    async def _push(
        self, provider: Provider, about: Metadata, endpoint: str, asked: dict[str, str], now: datetime
    ) -> str:
        answer = await self._calls.post(provider, about, endpoint, asked, now)
        uri = answer.get("request_uri")
        if not isinstance(uri, str) or not uri:
            raise down(provider, "its answer to a pushed request names no request_uri")
        return uri

    async def finish(
        self,
        provider: Provider,
        code: str,
        made: Secrets,
        *,
        redirect_uri: str,
        strong: bool,
        now: datetime,
    ) -> Proof:
        """Who she is. Raises SignInFailed, ProviderDown."""
        about = await self._calls.metadata(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": made.verifier,
            "client_id": provider.client_id,
        }
        answer = await self._calls.post(provider, about, about.token_endpoint, form, now)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise down(provider, "its answer to a code holds no id_token")
        claims = await self._claims(provider, about, token, now)
        if claims.get("nonce") != made.nonce:
            raise SignInFailed(reason="nonce")
        try:
            proof = read_proof(provider, claims, token)
        except NoProof as error:
            raise SignInFailed(reason=f"claim {error}") from error
        if not provider.accepts(proof.acr, strong=strong):
            raise SignInFailed(reason="acr")
        return proof

    async def ended(self, provider: Provider, token: str, now: datetime) -> Ended:
        """What a logout token tells (Back-Channel Logout 1.0 §2.6). Raises SignInFailed, ProviderDown."""
        about = await self._calls.metadata(provider)
        claims = await self._claims(provider, about, token, now, of="logout")
        sid, jti = claims.get("sid"), claims.get("jti")
        events: Any = claims.get("events")
        if "nonce" in claims or not isinstance(events, dict) or LOGOUT_EVENT not in events:
            raise SignInFailed(reason="no logout token")
        if not (isinstance(jti, str) and 0 < len(jti) <= 500 and jti.isprintable()):
            raise SignInFailed(reason="jti")
        if sid is not None and not (isinstance(sid, str) and len(sid) <= 500 and sid.isprintable()):
            raise SignInFailed(reason="sid")
        if sid is None and "sub" not in claims:
            raise SignInFailed(reason="neither sub nor sid")
        try:
            return Ended(subject_of(claims) if "sub" in claims else None, sid, jti)
        except NoProof as error:
            raise SignInFailed(reason="sub") from error

    async def sign_out_address(
        self, provider: Provider, id_token: str | None, *, back_to: str, language: str
    ) -> str | None:
        """Where she ends her sign-in at the provider; None when it offers nothing. Raises ProviderDown."""
        about = await self._calls.metadata(provider)
        if about.end_session_endpoint is None:
            return None
        asked = {
            **({"id_token_hint": id_token} if id_token is not None else {}),
            "client_id": provider.client_id,
            "post_logout_redirect_uri": back_to,
            "ui_locales": LOCALES.get(language, language),
        }
        return _with_query(about.end_session_endpoint, asked)

    async def origins(self, provider: Provider) -> set[str]:
        """Where pages of the provider's stand: they may frame our front-channel logout."""
        pages: list[str | None] = [provider.issuer]
        try:
            about = await self._calls.metadata(provider)
            pages += [about.authorization_endpoint, about.end_session_endpoint]
        except ProviderDown:
            pass  # noted; its own name is known in any case
        return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, filter(None, pages))}

    async def check_answers_issuer(self, provider: Provider, issuer: str | None) -> None:
        """Whether the answer that she brings is this provider's (RFC 9207). Raises SignInFailed, ProviderDown."""
        about = await self._calls.metadata(provider)
        if issuer is None and not about.authorization_response_iss_parameter_supported:
            return
        if issuer != provider.issuer:
            raise SignInFailed(reason="iss of the answer")

    async def _claims(
        self, provider: Provider, about: Metadata, token: str, now: datetime, *, of: str = "id"
    ) -> Mapping[str, Any]:
        """Of a token that this provider has signed for us, just now. Raises SignInFailed, ProviderDown."""
        read = await self._signed(provider, about, token)
        claims, seconds = read.claims, now.timestamp()
        audience = claims.get("aud")
        audiences: list[Any] = audience if isinstance(audience, list) else [audience]  # pyright: ignore[reportUnknownVariableType]  # JSON
        issued, expires = claims.get("iat"), claims.get("exp")
        wrongs = {
            "typ": of == "id" and "logout" in str(read.header.get("typ", "")).lower(),
            "iss": claims.get("iss") != provider.issuer,
            # None but us: whoever else could hand it in might be somebody else's client.
            "aud": audiences != [provider.client_id],
            "azp": claims.get("azp", provider.client_id) != provider.client_id,
            "exp": (of == "id" or expires is not None) and not _is_time(expires, least=seconds - CLOCK_SKEW),
            "iat": not _is_time(issued, least=seconds - OLDEST_TOKEN, most=seconds + CLOCK_SKEW),
            "nbf": "nbf" in claims and not _is_time(claims["nbf"], most=seconds + CLOCK_SKEW),
        }
        for claim, is_wrong in wrongs.items():
            if is_wrong:
                raise SignInFailed(reason=claim)
        return claims

    async def _signed(self, provider: Provider, about: Metadata, token: str) -> jwt.Token:
        """Signed with a key of the provider's; read anew, once, when it names one that is not known."""
        for is_second in (False, True):
            keys, read_at = await self._calls.keys(provider, about, is_second=is_second)
            try:
                registry = JWSRegistry(algorithms=SIGNING, strict_check_header=False)
                return jwt.decode(token, keys, SIGNING, registry)
            except InvalidKeyIdError as error:
                if is_second or time.monotonic() - read_at < self._asked_again_after:
                    raise SignInFailed(reason="kid") from error
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise SignInFailed(reason=f"token: {type(error).__name__}") from error
        raise AssertionError("the second time ends it")


def _is_time(value: object, *, least: float = 0, most: float = float("inf")) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least < value <= most


def _with_query(url: str, values: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(values)}"
