"""What people type in as an address is called by the front door alone, and can neither stall nor fill the program."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.calling import FAILED, CallFailed, CallRefused, Limits, call, networks, unpacked
from core.spans import utc_now

LOOPBACK = networks(["127.0.0.0/8"])
LIMITS = Limits(patience_seconds=5, connect_seconds=2, body_bytes=50_000)
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
NAME = "kalender.example.no"


class Host:
    """Answers whoever asks with the bytes in `says`, in order, the last for ever; `asked` are the requests."""

    def __init__(self, *says: bytes) -> None:
        self.says, self.asked = list(says) or [HELLO], list[str]()
        self.port = 0
        self.server_names: list[str | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.says.pop(0) if len(self.says) > 1 else self.says[0])
        writer.close()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Handler, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int, None]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def leading_to(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


def certified(folder: Path, host: Host, name: str = NAME) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side, of the name, and the side of a caller that trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = folder / f"{name}.pem"
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(pem)
    serving.sni_callback = lambda _socket, asked, _context: host.server_names.append(asked)
    return serving, ssl.create_default_context(cafile=str(pem))


async def test_a_name_is_resolved_once_and_that_address_connected_to(tmp_path: Path) -> None:
    host, resolved = Host(), list[tuple[str, int]]()
    serving, trust = certified(tmp_path, host)

    async def resolve(name: str, port: int) -> Sequence[str]:
        resolved.append((name, port))
        return ["127.0.0.1"]

    async with listening(host.serve, serving) as port:
        answer = await call(
            "GET",
            f"https://{NAME}:{port}/a.ics?b=c",
            headers={"If-None-Match": '"1"'},
            limits=LIMITS,
            allow=LOOPBACK,
            resolve=resolve,
            trust=trust,
        )
    assert (answer.status, answer.body, resolved) == (200, b"hello", [(NAME, port)])
    assert host.server_names == [NAME]
    asked = host.asked[0].lower()
    assert asked.startswith("get /a.ics?b=c http/1.1\r\n")
    assert f"\r\nhost: {NAME}:{port}\r\n" in asked
    assert '\r\nif-none-match: "1"\r\n' in asked
    assert "cookie" not in asked


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    host = Host()
    serving, trust = certified(tmp_path, host, "other.example.no")
    async with listening(host.serve, serving) as port:
        with pytest.raises(CallFailed) as failed:
            await call(
                "GET", f"https://{NAME}:{port}/", limits=LIMITS, allow=LOOPBACK,
                resolve=leading_to("127.0.0.1"), trust=trust,
            )  # fmt: skip
    assert (failed.value.why, host.asked) == ("certificate", [])


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    host = Host()
    serving, _ = certified(tmp_path, host)
    async with listening(host.serve, serving) as port:
        with pytest.raises(CallFailed) as failed:
            await call(
                "GET",
                f"https://{NAME}:{port}/",
                limits=LIMITS,
                allow=LOOPBACK,
                resolve=leading_to("127.0.0.1"),
            )
    assert (failed.value.why, host.asked) == ("certificate", [])


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("1.1.1.1", "10.0.0.1"), ("::1",), ("::ffff:127.0.0.1",), ("64:ff9b::7f00:1",)],
    ids=str,
)
async def test_a_name_that_leads_inside_is_not_called(addresses: tuple[str, ...]) -> None:
    with pytest.raises(CallRefused) as refused:
        await call("GET", f"https://{NAME}/", limits=LIMITS, allow=(), resolve=leading_to(*addresses))
    assert refused.value.why == "inside"


async def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed() -> None:
    """DNS rebinding: what was looked at is what is connected to, so a second answer is never asked for."""
    host, answers = Host(), [["127.0.0.1"], ["127.0.0.2"]]

    async def resolve(_name: str, _port: int) -> Sequence[str]:
        return answers.pop(0)

    async with listening(host.serve) as port:
        url = f"http://{NAME}:{port}/"
        only = networks(["127.0.0.1"])
        assert (await call("GET", url, limits=LIMITS, allow=only, resolve=resolve)).status == 200
        with pytest.raises(CallRefused):
            await call("GET", url, limits=LIMITS, allow=only, resolve=resolve)
    assert len(host.asked) == 1


async def test_http_is_for_networks_that_are_allowed_alone() -> None:
    with pytest.raises(CallRefused) as refused:
        await call("GET", f"http://{NAME}/", limits=LIMITS, allow=LOOPBACK, resolve=leading_to("1.1.1.1"))
    assert refused.value.why == "scheme"


async def test_the_next_address_is_tried_when_one_cannot_be_reached() -> None:
    host = Host()
    async with listening(host.serve) as port:
        answer = await call(
            "POST", f"http://{NAME}:{port}/", body=b"{}", limits=LIMITS, allow=LOOPBACK,
            resolve=leading_to("127.0.0.9", "127.0.0.1"),
        )  # fmt: skip
    assert (answer.status, len(host.asked)) == (200, 1)


async def failing(
    *says: bytes,
    method: str = "GET",
    redirects: int = 0,
    limits: Limits = LIMITS,
) -> str:
    """Why the call of a host that says so failed."""
    host = Host(*says)
    async with listening(host.serve) as port:
        with pytest.raises(CallFailed) as failed:
            await call(
                method, f"http://127.0.0.1:{port}/", limits=limits, allow=LOOPBACK, redirects=redirects
            )
    assert FAILED[failed.value.why]
    return failed.value.why


def moved(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


async def test_a_redirect_is_an_answer_unless_it_is_to_be_followed() -> None:
    host = Host(moved("/b"), HELLO, moved("/b"))
    async with listening(host.serve) as port:
        url = f"http://127.0.0.1:{port}/a"
        followed = await call("GET", url, limits=LIMITS, allow=LOOPBACK, redirects=1)
        answer = await call("GET", url, limits=LIMITS, allow=LOOPBACK)
    assert (followed.status, answer.status, answer.headers["location"]) == (200, 302, "/b")
    assert [line.split()[1] for line in host.asked] == ["/a", "/b", "/a"]


@pytest.mark.parametrize(
    "to",
    [
        "https://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "https://user:secret@kalender.example.no/",
        "file:///etc/passwd",
        "https://[::1]:5432/",
        "http://1.1.1.1/",
        "https://[/",
    ],
)
async def test_a_redirect_to_the_inside_is_not_followed(to: str) -> None:
    assert await failing(moved(to), redirects=3) == "redirect"


async def test_redirects_end() -> None:
    assert await failing(moved("/again"), redirects=3) == "redirect"


async def test_a_redirect_of_something_that_was_sent_is_not_followed() -> None:
    assert await failing(moved("/b", 307), method="POST", redirects=3) == "redirect"


async def test_a_redirect_from_https_to_http_is_not_followed(tmp_path: Path) -> None:
    plain = Host()
    async with listening(plain.serve) as plain_port:
        host = Host(moved(f"http://127.0.0.1:{plain_port}/"))
        serving, trust = certified(tmp_path, host)
        async with listening(host.serve, serving) as port:
            with pytest.raises(CallFailed) as failed:
                await call(
                    "GET", f"https://{NAME}:{port}/", limits=LIMITS, allow=LOOPBACK, redirects=3,
                    resolve=leading_to("127.0.0.1"), trust=trust,
                )  # fmt: skip
    assert (failed.value.why, plain.asked) == ("redirect", [])


async def test_a_secret_does_not_go_along_to_another_host() -> None:
    other = Host()
    async with listening(other.serve) as other_port:
        host = Host(moved(f"http://127.0.0.1:{other_port}/"))
        async with listening(host.serve) as port:
            await call(
                "GET", f"http://127.0.0.1:{port}/", headers={"Authorization": "Bearer s3cret"}, limits=LIMITS,
                allow=LOOPBACK, redirects=1,
            )  # fmt: skip
    assert "s3cret" in host.asked[0]
    assert "s3cret" not in other.asked[0]


@pytest.mark.parametrize("value", ["a\r\nX: y", "bøhall", " a"])
async def test_a_header_that_cannot_be_sent_is_refused(value: str) -> None:
    with pytest.raises(CallRefused) as refused:
        await call(
            "GET", "https://127.0.0.1/", headers={"Authorization": value}, limits=LIMITS, allow=LOOPBACK
        )
    assert refused.value.why == "header"


def packed(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_what_is_packed_is_unpacked() -> None:
    host = Host(packed(gzip.compress(b"hello") + gzip.compress(b" again")))
    async with listening(host.serve) as port:
        answer = await call("GET", f"http://127.0.0.1:{port}/", limits=LIMITS, allow=LOOPBACK)
    assert answer.body == b"hello again"


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (packed(gzip.compress(bytes(20_000_000))), "too_large"),
        (packed(gzip.compress(bytes(50_001))), "too_large"),
        (packed(gzip.compress(b"") * 1000), "broken"),
        (packed(gzip.compress(b"hello")[:-4]), "broken"),
        (packed(b"hello"), "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello", "encoding"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1_000_000), "too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000), "too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "broken"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 8_000 + b"Content-Length: 0\r\n\r\n", "too_large"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000_000, "broken"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000, "broken"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 10, "broken"),
        (b"", "broken"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "broken"),
        (bytes(range(256)) * 40, "broken"),
    ],
    ids=range(17),
)
async def test_answers_that_are_too_large_or_broken_end(says: bytes, why: str) -> None:
    assert await failing(says) == why


async def test_a_bomb_is_never_unpacked() -> None:
    with pytest.raises(CallFailed):
        unpacked(gzip.compress(bytes(50_000_000)), 1000)
    assert unpacked(gzip.compress(bytes(1000)), 1000) == bytes(1000)


@pytest.mark.parametrize("drop", [b"X", b"X: y\r\n", b"1\r\nx\r\n"], ids=["line", "headers", "body"])
async def test_an_answer_that_drips_is_cut_off(drop: bytes) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        if drop.startswith(b"1"):
            writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    async with listening(drip) as port:
        short = Limits(patience_seconds=0.3, body_bytes=10**9)
        with pytest.raises(CallFailed) as failed:
            await call("GET", f"http://127.0.0.1:{port}/", limits=short, allow=LOOPBACK)
    assert failed.value.why == "too_slow"


async def test_a_host_that_says_nothing_is_given_up() -> None:
    given_up = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the caller hangs up
        writer.close()
        given_up.set()

    async with listening(hang) as port:
        with pytest.raises(CallFailed) as failed:
            await call(
                "GET", f"http://127.0.0.1:{port}/", limits=Limits(patience_seconds=0.2), allow=LOOPBACK
            )
        await given_up.wait()
    assert failed.value.why == "too_slow"


async def test_a_name_that_leads_nowhere_and_a_closed_door_are_told_apart() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(CallFailed) as failed:
        await call("GET", f"https://{NAME}/", limits=LIMITS, allow=(), resolve=resolve)
    assert failed.value.why == "unresolved"
    async with listening(Host().serve) as port:
        pass
    with pytest.raises(CallFailed) as failed:
        await call("GET", f"http://127.0.0.1:{port}/", limits=LIMITS, allow=LOOPBACK)
    assert failed.value.why == "unreachable"
