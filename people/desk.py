"""One request at the desk: in which municipality, in which language, when, and, once a transaction is open, who.

Every route takes a `desk` and gives it the work to do. The desk opens the one transaction, finds the actor in it,
runs the work, again when PostgreSQL broke a deadlock, and answers after the commit.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import Invalid, KeyReused, NotFound, SignInNeeded
from core.idempotency import answer_of, claim_key, keep_answer
from core.page import render
from core.settings import Settings
from core.spans import utc_now
from core.tenants import Tenant
from core.texts import N_, Texts, pick_language, texts
from people.actors import NOBODY, Actor
from people.frame import frame, is_https, login_cookie, own_host, remember_language
from people.rules import demand_person
from people.service import actor_of_login, actor_of_token

T = TypeVar("T")
Work = Callable[[AsyncSession, Actor], Awaitable[T]]
AnyRequest = Request[Any, Any, Any]

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,200}")
VERSION_PATTERN = re.compile(r'(?:W/)?"(\d{1,9})"')


class Desk:
    """What a handler knows before it has asked the database."""

    def __init__(self, request: AnyRequest, database: Database, tenant: Tenant) -> None:
        self.request = request
        self.database = database
        self.tenant = tenant
        self.now: datetime = utc_now()
        self.language = pick_language(
            request.query_params.get("lang"),
            request.cookies.get("language"),
            request.headers.get("accept-language"),
            tenant.languages,
        )
        self.texts: Texts = texts(self.language, tenant.zone_name)
        self.actor: Actor = NOBODY
        """Known once a transaction has been opened."""

    @property
    def at_own_host(self) -> bool:
        """Whether the municipality's own host name was used, so that paths carry no slug."""
        return own_host(self.request)

    def url(self, path: str, **query: object) -> str:
        """A path of this municipality, as the reader's address bar would write it."""
        tail = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        return ("" if self.at_own_host else f"/{self.tenant.slug}") + path + (f"?{tail}" if tail else "")

    def address(self, path: str) -> str:
        """A path with scheme and host, for letters and for whoever sends people here.

        The host is the municipality's own or the installation's, never one that whoever asks has made up.
        """
        settings: Settings = self.request.app.state.settings
        public = settings.public_url or f"http://{settings.host}:{settings.port}"
        if self.at_own_host:
            public = f"{'https' if is_https(self.request) else 'http'}://{self.request.headers['host']}"
        return public + (self.url(path) or "/")

    def page(
        self, template: str, *, status: int = 200, notice: str | None = None, **values: object
    ) -> Response[str]:
        """A page of this municipality, in the reader's language. Call it after the transaction, when she is known."""
        around = frame(self.request, self.tenant, self.language, actor=self.actor, notice=notice)
        html = render(template, around, **values)
        response = Response(
            html,
            status_code=status,
            media_type="text/html",
            headers={"Cache-Control": "private, no-cache"},
        )
        return remember_language(self.request, response, self.language)

    @property
    def base(self) -> str:
        """What every path of this municipality begins with; nothing on a host of its own."""
        return self.url("")

    @property
    def cookie_name(self) -> str:
        return login_cookie(self.request, self.tenant.slug)

    def keep_cookie(self, response: Response[Any], name: str, value: str, *, lasts: timedelta) -> None:
        """For this browser alone, out of reach of scripts, and not sent with what other sites send here."""
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            httponly=True,
            secure=is_https(self.request),
            samesite="lax",
        )

    def drop_cookie(self, response: Response[Any], name: str) -> None:
        """With the same words as it was set with: without them a browser keeps it."""
        self.keep_cookie(response, name, "", lasts=timedelta(0))

    async def read(self, work: Work[T]) -> T:
        """The work in a transaction of its own."""
        async with self.database.transaction(self.tenant.id) as db:
            return await work(db, await self._find_actor(db))

    async def change(self, work: Work[T]) -> T:
        """The same, run again when PostgreSQL broke a deadlock."""

        async def once(db: AsyncSession) -> T:
            return await work(db, await self._find_actor(db))

        return await self.database.run(self.tenant.id, once)

    async def once(self, key: str, work: Work[str]) -> str:
        """A change that a form asks for, carried out once however often the same form is sent; it answers a path.

        Another form under the same key is another change: people go back, choose anew and send again.
        """
        body = await self.request.body()
        form = b"\0".join([key.encode(), self.request.url.path.encode(), body])
        form_key = hashlib.sha256(form).hexdigest()

        async def once(db: AsyncSession, actor: Actor) -> str:
            if not key or actor.person_id is None:
                return await work(db, actor)
            row_id, earlier = await self._claim_key(db, actor, form_key, body)
            if earlier is not None:
                return earlier[1].decode()
            path = await work(db, actor)
            await keep_answer(db, row_id, 303, path.encode())
            return path

        return await self.change(once)

    async def answer(self, work: Work[T], *, status: int = 200) -> Response[T]:
        """A change with a JSON answer. With an Idempotency-Key, the same request again gets the answer of the first.

        A refusal is not kept: the same request later may well succeed. Raises KeyReused for another request under
        the same key.
        """
        body = await self.request.body()
        key = self._idempotency_key()

        async def once(db: AsyncSession, actor: Actor) -> tuple[int, bytes, int | None]:
            row_id = None
            if key is not None and actor.person_id is not None:
                row_id, earlier = await self._claim_key(db, actor, key, body)
                if earlier is not None:
                    return earlier[0], earlier[1], version_in(earlier[1])
            result = await work(db, actor)
            encoded = msgspec.json.encode(result)
            if row_id is not None:
                await keep_answer(db, row_id, status, encoded)
            return status, encoded, getattr(result, "version", None)

        code, encoded, version = await self.change(once)
        headers = {} if version is None else {"ETag": f'"{version}"'}
        content: Any = encoded
        return Response(content, status_code=code, media_type="application/json", headers=headers)

    def check_key(self) -> None:
        """For a change that is the same however often it is asked for. Raises Invalid for a key that is none."""
        self._idempotency_key()

    def if_match(self) -> int | None:
        """The version that the request was made against; None when it does not say. Raises Invalid for nonsense."""
        header = self.request.headers.get("if-match")
        if header is None or header.strip() == "*":
            return None
        match = VERSION_PATTERN.fullmatch(header.strip())
        if match is None:
            raise Invalid(field="If-Match", expected=N_('the ETag of what was read, such as "3"'))
        return int(match[1])

    async def _find_actor(self, db: AsyncSession) -> Actor:
        scheme, _, secret = self.request.headers.get("authorization", "").partition(" ")
        cookie = self.request.cookies.get(self.cookie_name)
        if scheme:
            if scheme.lower() != "bearer" or not secret:
                raise SignInNeeded(field="Authorization", expected=N_("Bearer and a token"))
            self.actor = await actor_of_token(db, secret.strip(), self.now)
        elif cookie:
            self.actor = await actor_of_login(db, cookie, self.now)
            self._speak(self.actor.language)
        return self.actor

    def _speak(self, language: str | None) -> None:
        """The language of her profile, unless this browser has been told another."""
        told = self.request.query_params.get("lang") or self.request.cookies.get("language")
        if language in self.tenant.languages and not told:
            self.language, self.texts = language, texts(language, self.tenant.zone_name)

    def _idempotency_key(self) -> str | None:
        if self.request.method == "GET":
            return None
        key = self.request.headers.get("idempotency-key")
        if key is not None and not KEY_PATTERN.fullmatch(key):
            raise Invalid(field="Idempotency-Key", expected=N_("1 to 200 visible ASCII characters"))
        return key

    async def _claim_key(
        self, db: AsyncSession, actor: Actor, key: str, body: bytes
    ) -> tuple[Any, tuple[int, bytes] | None]:
        """Our new row's id, or what the first request with this key was answered (after waiting for it)."""
        asked = hashlib.sha256(
            b"\0".join([self.request.method.encode(), self.request.url.path.encode(), body])
        ).digest()
        person_id = demand_person(actor)
        row_id = await claim_key(db, person_id, key, asked, self.now)
        if row_id is not None:
            return row_id, None
        earlier = await answer_of(db, person_id, key)
        if earlier.request_hash != asked or earlier.answer is None:
            raise KeyReused(field="Idempotency-Key", expected=N_("a new key for a new request"))
        return None, (earlier.status or 200, earlier.answer)


class Versioned(msgspec.Struct):
    """What an ETag is made of, where an answer has it."""

    version: int | None = None


def version_in(answer: bytes) -> int | None:
    """Of an answer that was kept."""
    return msgspec.json.decode(answer, type=Versioned).version if answer.startswith(b"{") else None


AtDesk = NamedDependency[Desk]
"""How a handler asks for it."""


async def open_desk(request: AnyRequest, m: FromPath[str]) -> Desk:
    """The desk of the municipality in the path. Raises NotFound."""
    tenant: Tenant | None = request.scope["state"].get("tenant")
    if tenant is None or tenant.slug != m:
        raise NotFound(what="municipality")
    return Desk(request, request.app.state.database, tenant)
