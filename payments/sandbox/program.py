"""The stand-in as one thing: its routes, keys, idempotency, and what goes wrong on command."""

import asyncio
import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from payments.sandbox import pages
from payments.sandbox.books import PLATFORM, Books, Refused, paged
from payments.sandbox.connecting import Connecting
from payments.sandbox.notices import Manner, Notices
from payments.sandbox.paying import Paying
from payments.sandbox.wire import Answer, HangUp, Json, Request, listed, listening, page, sent_to, told

KEY: Final = "sk_test_ledig_sandbox"
"""The only one it takes."""
LISTS: Final = {
    "charges": "charge",
    "disputes": "dispute",
    "events": "event",
    "payment_intents": "payment_intent",
    "refunds": "refund",
}
NO_HOST: Final = {"error": {"type": "api_error", "message": "An error occurred on our end"}}


class Faults(msgspec.Struct):
    """What goes wrong from now on, in requests whose `method path` begins with `only`."""

    only: str = ""
    slow_seconds: float = 0.0
    """It is done at once, and answered so much later."""
    down: bool = False
    """Nothing is done, nothing is answered."""
    hang_up: int = 0
    """So many times it is done and not answered."""
    fail: int = 0
    """So many times nothing is done and 500 is answered, and again for the same idempotency key."""


class Sandbox:
    """One stand-in on one port."""

    def __init__(self, base_url: str, *, notices_url: str | None, secret: str, file: Path | None) -> None:
        self.url = base_url
        self.books = Books(file)
        self.notices = Notices(self.books, notices_url, secret)
        self.paying = Paying(self.books, self.notices, base_url)
        self.connecting = Connecting(self.books, self.notices, base_url)
        self.faults = Faults()
        self.asked: list[str] = []
        """`POST /v1/refunds`, of all that came to the API."""

    def forward(self, length: timedelta) -> None:
        """The clock here goes on by so much."""
        self.books.ahead += length
        self.paying.tick()

    async def handle(self, request: Request) -> Answer:
        """Every request."""
        if request.path.startswith("/v1/"):
            return await self._api(request)
        try:
            answer = self._control(request) if request.path.startswith("/_control") else self._page(request)
        except Refused as refused:
            return page(pages.unknown(), refused.status)
        if request.method == "POST":
            self.books.save()
        return answer

    async def _api(self, request: Request) -> Answer:
        what = f"{request.method} {request.path}"
        self.asked.append(what)
        faults = self.faults if what.startswith(self.faults.only) else Faults()
        if faults.down:
            raise HangUp
        answer = self._answer(request, faults)
        await asyncio.sleep(faults.slow_seconds)
        if faults.hang_up:
            faults.hang_up -= 1
            raise HangUp
        return answer

    def _answer(self, request: Request, faults: Faults) -> Answer:
        """Idempotent requests: https://docs.stripe.com/api/idempotent_requests

        The first answer to a key is kept for a day whether it is good or a 500, and given again with
        `Idempotent-Replayed`; other parameters under the same key are refused; what was refused before anything was
        begun is not kept. Keys are each account's own.
        """
        self.paying.tick()
        account = request.headers.get("stripe-account", PLATFORM)
        name = request.headers.get("idempotency-key")
        if not self._knows(request):
            return told(401, Refused(401, "Invalid API Key provided", kind="invalid_request_error").said)
        if request.method != "POST" or name is None:
            return self._done(request, account, faults)
        key = f"{account}\n{name}"
        asked = hashlib.sha256(f"{request.path}\n".encode() + request.body).hexdigest()
        self.books.forget_keys()
        kept = self.books.answers.get(key)
        if kept is not None and kept["asked"] != asked:
            text = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            return told(400, Refused(400, text, kind="idempotency_error").said)
        if kept is not None:
            return Answer(kept["status"], kept["body"].encode(), **{"idempotent-replayed": "true"})
        answer = self._done(request, account, faults)
        if answer.status < 400 or answer.status >= 500:
            self.books.answers[key] = {
                "asked": asked,
                "at": self.books.now(),
                "status": answer.status,
                "body": answer.body.decode(),
            }
        self.books.save()
        return answer

    def _knows(self, request: Request) -> bool:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            value = b64decode(value).decode().partition(":")[0]
        return value == KEY

    def _done(self, request: Request, account: str, faults: Faults) -> Answer:
        if faults.fail:
            faults.fail -= 1
            return told(500, NO_HOST)
        try:
            if account != PLATFORM:
                self.connecting.one(account)
            return told(200, self._call(request, account))
        except Refused as refused:
            return told(refused.status, refused.said)

    def _call(self, request: Request, account: str) -> Json:
        words = request.path.removeprefix("/v1/").split("/")
        form = request.form if request.method == "POST" else request.query
        expand = [str(each) for each in listed(form.pop("expand", {}))]
        if request.method == "GET" and len(words) == 1 and words[0] in LISTS:
            return self._list(account, words[0], form, expand)
        found = (
            self._written(account, words, form) if request.method == "POST" else self._read(account, words)
        )
        if found is None:
            raise Refused(404, f"Unrecognized request URL ({request.method}: {request.path})")
        return self.paying.expanded(account, found, expand)

    def _written(self, account: str, words: list[str], form: Json) -> Json | None:
        match words:
            case ["checkout", "sessions"]:
                return self.paying.open_session(account, form)
            case ["checkout", "sessions", ref, "expire"]:
                return self.paying.end_session(account, ref)
            case ["refunds"]:
                return self.paying.refund(account, form)
            case ["accounts"]:
                return self.connecting.make(form)
            case ["account_links"]:
                return self.connecting.link(form)
            case _:
                return None

    def _read(self, account: str, words: list[str]) -> Json | None:
        match words:
            case ["checkout", "sessions", ref]:
                return self.paying.session(account, ref)
            case ["accounts", ref]:
                return self.connecting.one(ref)
            case ["balance"]:
                return self.paying.balance(account)
            case [many, ref] if many in LISTS:
                return self.books.one(account, LISTS[many], ref)
            case _:
                return None

    def _list(self, account: str, many: str, form: Json, expand: list[str]) -> Json:
        found = self.books.all(account, LISTS[many])
        for name in ("payment_intent", "charge", "type"):
            if name in form:
                found = iter([each for each in found if each.get(name) == form[name]])
        made = paged(found, form, f"/v1/{many}")
        made["data"] = [self.paying.expanded(account, each, expand) for each in made["data"]]
        return made

    def _page(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case method, ["pay", account, ref]:
                self.paying.tick()
                return self._pay(method, account, ref, request)
            case method, ["setup", token]:
                return self._setup(method, token, request)
            case _:
                return page(pages.unknown(), 404)

    def _pay(self, method: str, account: str, ref: str, request: Request) -> Answer:
        found = self.paying.session(account, ref)
        if found["status"] != "open":
            return page(pages.over(found))
        if method != "POST":
            return page(pages.checkout(found))
        form = request.form
        if form.get("action") == "back" and found["cancel_url"]:
            return sent_to(found["cancel_url"])
        self.paying.pay(account, ref, str(form.get("card", "")))
        if found["status"] == "open":
            return page(pages.checkout(found, is_declined=True))
        return sent_to(found["success_url"].replace("{CHECKOUT_SESSION_ID}", ref))

    def _setup(self, method: str, token: str, request: Request) -> Answer:
        """A link that is used or too old leads to `refresh_url`: https://docs.stripe.com/api/account_links/create"""
        link = self.connecting.opened(token)
        if link is None:
            old = self.books.links.get(token)
            return page(pages.unknown(), 404) if old is None else sent_to(old["refresh_url"])
        if method != "POST":
            return page(pages.onboarding(self.connecting.one(link["account"])))
        link["expires_at"] = 0
        if request.form.get("action") == "done":
            self.connecting.activate(link["account"])
        return sent_to(link["return_url"])

    def _control(self, request: Request) -> Answer:
        """What tests and the curious tell it to do: see docs/payments.md."""
        said: Json = json.loads(request.body or b"{}")
        match request.path:
            case "/_control/faults":
                self.faults = msgspec.convert(said, Faults)
            case "/_control/notices":
                self.notices.manner = msgspec.convert(said, Manner)
            case "/_control/release":
                self.notices.release()
            case "/_control/settle":
                self.paying.settle()
            case "/_control/forward":
                self.forward(timedelta(seconds=said["seconds"]))
            case "/_control/activate":
                self.connecting.activate(said["account"])
            case "/_control/restrict":
                self.connecting.restrict(said["account"])
            case "/_control/pay":
                self.paying.pay(said["account"], said["session"], said["card"])
            case _:
                return told(404, {})
        return told(200, {"accounts": self.books.accounts(), "sent": self.notices.sent[-100:]})


@asynccontextmanager
async def serving(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    notices_url: str | None = None,
    secret: str = "",
    file: Path | None = None,
    accounts: tuple[str, ...] = (),
) -> AsyncGenerator[Sandbox, None]:
    """A stand-in that answers, with these accounts connected and active."""
    made = Sandbox("", notices_url=notices_url, secret=secret, file=file)

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            if made.paying.tick():
                made.books.save()

    async with listening(made.handle, host, port) as found:
        made.url = made.paying.base_url = made.connecting.base_url = f"http://{host}:{found}"
        for ref in accounts:
            if ref not in made.books.objects.get(PLATFORM, {}):
                made.connecting.make({"business_profile": {"name": ref}}, ref=ref)
                made.connecting.activate(ref)
        ticking = asyncio.create_task(tick())
        try:
            yield made
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
            await made.notices.stop()
            made.books.save()
