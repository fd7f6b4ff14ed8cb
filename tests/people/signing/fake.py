"""A provider that says whatever a test wants, over real HTTP on this machine: for what no honest one would say."""

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, cast
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.people.signing.numbers import synthetic

NOBODY_KNOWS = synthetic(3000)


@dataclass
class Fake:
    """What it says. `slow`: seconds before each answer; `told`: forms that it was sent, by path."""

    port: int = 0
    client_id: str = "ledig"
    keys: list[Any] = field(default_factory=lambda: [RSAKey.generate_key(2048, {"kid": "one"})])
    shown: list[dict[str, Any]] | None = None
    """The JWKS, where it is not simply that of `keys`."""
    nonce: str = ""
    token: Any = None
    """The id_token to hand out; None: an honest one."""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    """Path → status and body (bytes, or what becomes JSON), instead of the usual."""
    slow: float = 0
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    told: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def claims(self, **more: Any) -> dict[str, Any]:
        """Honest ones, but for those said; None leaves one out."""
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "somebody",
            "iat": now,
            "exp": now + 120,
            "nonce": self.nonce,
            "acr": "idporten-loa-substantial",
            "pid": NOBODY_KNOWS,
        }
        return {name: value for name, value in {**honest, **more}.items() if value is not None}

    def signed(self, claims: dict[str, Any], *, key: Any = None, alg: str = "RS256", **header: Any) -> str:
        key = key or self.keys[0]
        return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, [alg])

    def answer(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/.well-known/openid-configuration":
                endpoints = {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/auth",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "pushed_authorization_request_endpoint": f"{self.issuer}/par",
                    "end_session_endpoint": f"{self.issuer}/logout",
                }
                told = {**endpoints, **self.about}
                return 200, {name: value for name, value in told.items() if value is not None}
            case "/jwks":
                return 200, {"keys": self.shown or [key.as_dict(private=False) for key in self.keys]}
            case "/par":
                return 201, {"request_uri": "urn:x", "expires_in": 60}
            case "/token":
                token = self.signed(self.claims()) if self.token is None else self.token
                return 200, {"id_token": token, "access_token": "secret-access", "token_type": "Bearer"}
            case _:
                return 404, {}


class _Handler(BaseHTTPRequestHandler):
    fake: ClassVar[Fake]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # http.server's own name
        self._answer()

    def do_POST(self) -> None:  # http.server's own name
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.fake.told[self.path] = dict(parse_qsl(body.decode()))
        self.fake.headers = {name.lower(): value for name, value in self.headers.items()}
        self._answer()

    def _answer(self) -> None:
        time.sleep(self.fake.slow)
        status, content = self.fake.answer(self.path.partition("?")[0])
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{self.fake.issuer}/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has given up

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's own name
        """Says nothing."""


@contextmanager
def faking(**says: Any) -> Generator[Fake, None, None]:
    """One that listens."""
    fake = Fake(**says)
    handler = cast("type[BaseHTTPRequestHandler]", type("Handler", (_Handler,), {"fake": fake}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def foreign_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


def other_kind() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "one"})
