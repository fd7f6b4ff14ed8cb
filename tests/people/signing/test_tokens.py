"""What is believed of a provider's answers, and what is not: forged, foreign, old, garbled, slow, or none at all."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from core.errors import ProviderDown, SignInFailed
from core.spans import utc_now
from people.oidc import Oidc
from people.proof import Proof
from people.provider_calls import Calls
from people.providers import Credentials, Provider
from tests.people.signing.fake import NOBODY_KNOWS, Fake, faking, foreign_key, other_kind

OURS = ECKey.generate_key("P-256", {"kid": "ours"})
BACK = "http://127.0.0.1/back"


def provider_at(fake: Fake, **columns: Any) -> Provider:
    values: dict[str, Any] = {
        "key": "fake",
        "label": "Fake",
        "issuer": fake.issuer,
        "client_id": fake.client_id,
        "acr_values": ("idporten-loa-substantial",),
        "staff_acr": ("idporten-loa-high",),
        "national_number": "pid",
        "allow_synthetic": True,
        "credentials": Credentials(OURS, None),
    }
    return Provider(**{**values, **columns})


@pytest.fixture
def fake() -> Generator[Fake, None, None]:
    with faking() as found:
        yield found


@pytest.fixture
async def oidc() -> AsyncGenerator[Oidc, None]:
    """Impatient, and ready to read keys anew at once."""
    made = Oidc(Calls(longest=1.0), asked_again_after=0)
    yield made
    await made.close()


async def walk(
    oidc: Oidc,
    fake: Fake,
    token: Callable[[Fake], Any] | None = None,
    *,
    strong: bool = False,
    **columns: Any,
) -> Proof:
    """Out and back; the token is made when the nonce is known."""
    provider = provider_at(fake, **columns)
    begun = await oidc.begin(provider, redirect_uri=BACK, language="nn", strong=strong, now=utc_now())
    fake.nonce = begun.secrets.nonce
    fake.token = token(fake) if token else None
    return await oidc.finish(provider, "code", begun.secrets, redirect_uri=BACK, strong=strong, now=utc_now())


async def test_an_honest_answer_is_believed(oidc: Oidc, fake: Fake) -> None:
    proof = await walk(oidc, fake)
    assert (proof.subject, proof.national_number, proof.issuer) == ("somebody", NOBODY_KNOWS, fake.issuer)
    assert NOBODY_KNOWS not in repr(proof) + str(proof)


async def test_what_is_asked_is_pushed_and_proven(oidc: Oidc, fake: Fake) -> None:
    provider = provider_at(fake, authorization_details=({"type": "ansattporten:altinn:resource"},))
    begun = await oidc.begin(provider, redirect_uri=BACK, language="nn", strong=True, now=utc_now())
    pushed = fake.told["/par"]
    assert dict(parse_qsl(urlsplit(begun.url).query)) == {"client_id": "ledig", "request_uri": "urn:x"}
    assert pushed["code_challenge_method"] == "S256"
    assert pushed["state"] == begun.state
    assert (pushed["acr_values"], pushed["ui_locales"]) == ("idporten-loa-high", "nn nb")
    assert json.loads(pushed["authorization_details"]) == [{"type": "ansattporten:altinn:resource"}]
    assertion = jwt.decode(pushed["client_assertion"], OURS, ["ES256"])
    assert assertion.header["kid"] == "ours"
    assert (assertion.claims["iss"], assertion.claims["sub"]) == ("ledig", "ledig")
    assert assertion.claims["aud"] == fake.issuer
    assert 0 < assertion.claims["exp"] - assertion.claims["iat"] <= 120
    fake.nonce = begun.secrets.nonce


async def test_the_verifier_answers_the_challenge(oidc: Oidc, fake: Fake) -> None:
    provider = provider_at(fake)
    begun = await oidc.begin(provider, redirect_uri=BACK, language="nb", strong=False, now=utc_now())
    fake.nonce = begun.secrets.nonce
    await oidc.finish(provider, "code", begun.secrets, redirect_uri=BACK, strong=False, now=utc_now())
    verifier = fake.told["/token"]["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == fake.told["/par"]["code_challenge"]
    assert 43 <= len(verifier) <= 128


async def test_a_shared_secret_goes_by_the_header_or_the_form(oidc: Oidc, fake: Fake) -> None:
    secret = Credentials(None, "s e/cret")
    await walk(oidc, fake, credentials=secret)
    assert fake.headers["authorization"] == "Basic " + base64.b64encode(b"ledig:s+e%2Fcret").decode()
    with faking(about={"token_endpoint_auth_methods_supported": ["client_secret_post"]}) as other:
        await walk(oidc, other, credentials=secret)
        assert other.told["/token"]["client_secret"] == "s e/cret"
        assert "authorization" not in other.headers


async def test_without_pushed_requests_the_question_stands_in_the_address(oidc: Oidc, fake: Fake) -> None:
    provider = provider_at(fake, par="never")
    begun = await oidc.begin(provider, redirect_uri=BACK, language="nb", strong=False, now=utc_now())
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    assert asked["code_challenge_method"] == "S256"
    assert "client_assertion" not in asked
    assert "/par" not in fake.told


def part(value: object) -> str:
    return encoded(json.dumps(value).encode())


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(fake: Fake) -> str:
    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(fake.claims())}."


def tampered(fake: Fake) -> str:
    head, _, signature = fake.signed(fake.claims()).split(".")
    return f"{head}.{part(fake.claims(sub='else'))}.{signature}"


def with_public_key_as_secret(fake: Fake) -> str:
    """What fools those who let the token say how it is signed."""
    said = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(fake.claims())}"
    return f"{said}.{encoded(hmac.digest(fake.keys[0].as_pem(private=False), said.encode(), 'sha256'))}"


def ago(seconds: int) -> int:
    return int(time.time()) - seconds


FORGED: dict[str, Callable[[Fake], Any]] = {
    "nonce of another sign-in": lambda f: f.signed(f.claims(nonce="other")),
    "no nonce": lambda f: f.signed(f.claims(nonce=None)),
    "nonce that is no text": lambda f: f.signed(f.claims(nonce=["x"])),
    "another issuer": lambda f: f.signed(f.claims(iss="https://evil.example")),
    "the issuer with a slash more": lambda f: f.signed(f.claims(iss=f.issuer + "/")),
    "for another client": lambda f: f.signed(f.claims(aud="other")),
    "for another client too": lambda f: f.signed(f.claims(aud=["ledig", "other"])),
    "for nobody": lambda f: f.signed(f.claims(aud=None)),
    "asked for by another client": lambda f: f.signed(f.claims(azp="other")),
    "expired": lambda f: f.signed(f.claims(exp=ago(120))),
    "without end": lambda f: f.signed(f.claims(exp=None)),
    "an end that is no time": lambda f: f.signed(f.claims(exp="soon")),
    "made long ago": lambda f: f.signed(f.claims(iat=ago(3600))),
    "made in the future": lambda f: f.signed(f.claims(iat=ago(-600))),
    "made at no time": lambda f: f.signed(f.claims(iat=None)),
    "not valid yet": lambda f: f.signed(f.claims(nbf=ago(-600))),
    "known too loosely": lambda f: f.signed(f.claims(acr="idporten-loa-low")),
    "known nobody says how": lambda f: f.signed(f.claims(acr=None)),
    "acr that is no text": lambda f: f.signed(f.claims(acr=["idporten-loa-substantial"])),
    "no national number": lambda f: f.signed(f.claims(pid=None)),
    "a national number that does not check": lambda f: f.signed(f.claims(pid="01817012345")),
    "a national number that is a number": lambda f: f.signed(f.claims(pid=int(NOBODY_KNOWS))),
    "nobody": lambda f: f.signed(f.claims(sub=None)),
    "a name without end": lambda f: f.signed(f.claims(sub="x" * 300)),
    "a session that is no text": lambda f: f.signed(f.claims(sid={"a": 1})),
    "signed by somebody else": lambda f: f.signed(f.claims(), key=foreign_key()),
    "signed with a key of another kind": lambda f: f.signed(f.claims(), key=other_kind(), alg="ES256"),
    "signed with our secret": lambda f: f.signed(f.claims(), key=OURS, alg="ES256"),
    "signed with its public key": with_public_key_as_secret,
    "not signed": unsigned,
    "changed after signing": tampered,
    "an unknown key": lambda f: f.signed(f.claims(), key=RSAKey.generate_key(2048, {"kid": "unknown"})),
    "a logout token": lambda f: f.signed(f.claims(), typ="logout+jwt"),
    "a list": lambda _: "e30.W10.x",
    "no token": lambda _: "nonsense",
    "an empty token": lambda _: "",
    "a huge token": lambda _: "x" * 200_000,
    "marks": lambda _: "\u00e6.\u00f8.\u00e5",
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_refused(oidc: Oidc, fake: Fake, name: str) -> None:
    with pytest.raises(SignInFailed) as refused:
        await walk(oidc, fake, FORGED[name])
    assert NOBODY_KNOWS not in str(refused.value.facts)


async def test_the_issuer_is_compared_to_the_letter(oidc: Oidc, fake: Fake) -> None:
    fake.about["issuer"] = fake.issuer + "/"
    with pytest.raises(ProviderDown):
        await walk(oidc, fake)


async def test_staff_must_be_known_as_surely_as_was_asked(oidc: Oidc, fake: Fake) -> None:
    with pytest.raises(SignInFailed, match="sign-in-failed"):
        await walk(oidc, fake, strong=True)
    proof = await walk(oidc, fake, lambda f: f.signed(f.claims(acr="idporten-loa-high")), strong=True)
    assert provider_at(fake).is_strong(proof.acr)


async def test_a_key_that_is_new_at_the_provider_is_read_once(oidc: Oidc, fake: Fake) -> None:
    await walk(oidc, fake)
    fake.keys = [RSAKey.generate_key(2048, {"kid": "two"})]
    await walk(oidc, fake)
    assert fake.asked.count("/jwks") == 2
    with pytest.raises(SignInFailed):
        await walk(oidc, fake, FORGED["an unknown key"])
    assert fake.asked.count("/jwks") == 3


async def test_made_up_keys_do_not_make_us_ask_again_and_again(fake: Fake) -> None:
    patient = Oidc()
    for _ in range(3):
        with pytest.raises(SignInFailed):
            await walk(patient, fake, FORGED["an unknown key"])
    await patient.close()
    assert fake.asked.count("/jwks") == 1


@pytest.mark.parametrize(
    "key", [ECKey.generate_key("P-256", {"kid": "k"}), OKPKey.generate_key("Ed25519", {"kid": "k"})]
)
async def test_other_ways_to_sign_are_known(oidc: Oidc, fake: Fake, key: Any) -> None:
    """And keys that nobody can read, or that are for sealing, are left out."""
    odd: list[dict[str, Any]] = [
        {"kty": "AKP", "kid": "new"},
        {"kty": "oct", "k": "AAAA", "kid": "k"},
        {"kty": "EC", "crv": "P-256"},
        {**fake.keys[0].as_dict(private=False), "use": "enc"},
    ]
    fake.shown = [*odd, key.as_dict(private=False)]
    alg = "ES256" if isinstance(key, ECKey) else "Ed25519"
    proof = await walk(oidc, fake, lambda f: f.signed(f.claims(), key=key, alg=alg))
    assert proof.subject == "somebody"


CONFIGURATION = "/.well-known/openid-configuration"
DOWN: dict[str, dict[str, tuple[int, Any]]] = {
    "fault at configuration": {CONFIGURATION: (500, b"")},
    "garbage for configuration": {CONFIGURATION: (200, b"<html>")},
    "a list for configuration": {CONFIGURATION: (200, [])},
    "little configuration": {CONFIGURATION: (200, {"issuer": "x"})},
    "sent elsewhere": {CONFIGURATION: (302, b"")},
    "endless": {CONFIGURATION: (200, b"[" * 900_000)},
    "fault at pushing": {"/par": (503, b"busy")},
    "pushing answers nothing": {"/par": (201, {})},
    "fault at code": {"/token": (500, {"error": "server_error"})},
    "garbage for code": {"/token": (200, b"\xff\xfe")},
    "deep garbage for code": {"/token": (200, b"[" * 100_000)},
    "no token for code": {"/token": (200, {"access_token": "x"})},
    "fault at keys": {"/jwks": (502, b"")},
    "no keys": {"/jwks": (200, {"keys": []})},
    "garbage for keys": {"/jwks": (200, {"keys": [1, "x", None, {"kty": 1}]})},
}


@pytest.mark.parametrize("name", DOWN)
async def test_a_provider_that_makes_no_sense_is_down(oidc: Oidc, fake: Fake, name: str) -> None:
    fake.answers = DOWN[name]
    with pytest.raises(ProviderDown):
        await walk(oidc, fake)


REFUSED: dict[str, dict[str, tuple[int, Any]]] = {
    "PAR": {"/par": (400, {"error": "invalid_request", "error_description": f"about {NOBODY_KNOWS}"})},
    "client": {"/par": (401, {"error": "invalid_client"})},
    "code": {"/token": (400, {"error": "invalid_grant"})},
    "odd": {"/token": (400, {"error": f"\r\n{'x' * 500}"})},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_a_provider_refuses_fails_and_its_words_are_not_repeated(
    oidc: Oidc, fake: Fake, name: str
) -> None:
    fake.answers = REFUSED[name]
    with pytest.raises(SignInFailed) as refused:
        await walk(oidc, fake)
    told = refused.value.facts["reason"]
    assert NOBODY_KNOWS not in told
    assert "\n" not in told
    assert len(told) < 100


async def test_a_slow_provider_is_down_after_a_while(oidc: Oidc, fake: Fake) -> None:
    fake.slow = 2.5
    began = time.monotonic()
    with pytest.raises(ProviderDown):
        await walk(oidc, fake)
    assert time.monotonic() - began < 2


async def test_a_provider_that_is_not_there_is_down(oidc: Oidc) -> None:
    with faking() as gone:
        pass
    with pytest.raises(ProviderDown):
        await walk(oidc, gone)


async def test_a_provider_comes_back(oidc: Oidc, fake: Fake) -> None:
    fake.answers = {CONFIGURATION: (500, b"")}
    with pytest.raises(ProviderDown):
        await walk(oidc, fake)
    fake.answers = {}
    assert (await walk(oidc, fake)).subject == "somebody"


async def test_pushed_requests_that_are_required_are_not_left_out(oidc: Oidc) -> None:
    with faking(about={"pushed_authorization_request_endpoint": None}) as fake:
        with pytest.raises(ProviderDown):
            await walk(oidc, fake, par="required")
        assert (await walk(oidc, fake)).subject == "somebody"


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
async def test_no_secret_goes_to_an_address_that_is_not_secure(oidc: Oidc, endpoint: str) -> None:
    with faking(about={endpoint: "http://idporten.example/x"}) as fake, pytest.raises(ProviderDown):
        await walk(oidc, fake)


def test_the_credentials_show_nothing_of_themselves(tmp_path: Path) -> None:
    with faking() as fake:
        shown = repr(provider_at(fake, credentials=Credentials(None, "hemmelig")))
    assert "hemmelig" not in shown
    assert str(tmp_path)
