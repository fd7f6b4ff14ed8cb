"""From claims to who somebody is: numbers checked, names taken, organisations verified."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.logins import agent_of
from people.proof import NoProof, is_national_number, read_proof
from people.providers import Credentials, Provider
from tests.people.signing.numbers import synthetic

NAV, TENOR = synthetic(7, add=40), synthetic(7, add=80)


def provider(**columns: Any) -> Provider:
    values: dict[str, Any] = {
        "key": "x",
        "label": "X",
        "issuer": "https://x.example",
        "client_id": "c",
        "credentials": Credentials(None, "s"),
        "national_number": "pid",
        "allow_synthetic": True,
        "authorization_details": ({"type": "ansattporten:altinn:resource", "resource": "urn:altinn:one"},),
    }
    return Provider(**{**values, **columns})


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "s", "pid": TENOR, **more}


@pytest.mark.parametrize("number", [NAV, TENOR])
def test_made_up_numbers_are_taken_where_a_provider_says_so(number: str) -> None:
    assert is_national_number(number, allow_synthetic=True)
    assert not is_national_number(number, allow_synthetic=False)


@pytest.mark.parametrize(
    "number",
    [
        "",
        TENOR[:-1],
        TENOR + "0",
        TENOR[:-1] + str((int(TENOR[-1]) + 1) % 10),
        TENOR[:-2] + str((int(TENOR[-2]) + 1) % 10) + TENOR[-1],
        " " + TENOR,
        "\u0661" * 11,
        "99999999999",
        "00000000000",
        "abcdefghijk",
    ],
)
def test_what_does_not_check_is_no_national_number(number: str) -> None:
    assert not is_national_number(number, allow_synthetic=True)


@given(st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_no_figures_break_the_check(number: str) -> None:
    if is_national_number(number, allow_synthetic=False):
        assert is_national_number(number, allow_synthetic=True)


def test_names_and_addresses_are_taken_as_they_may_be() -> None:
    proof = read_proof(provider(), claims(name=" Kari \n Nordmann ", email="kari@test.no"), "t")
    assert (proof.name, proof.email) == ("Kari Nordmann", "kari@test.no")
    first = read_proof(provider(name=("nickname", "name")), claims(name="Kari", nickname=""), "t")
    assert first.name == "Kari"
    for odd in ({"email": "x\r\nBcc: y@z.no"}, {"email": "no address"}, {"email": 1}, {"email": "a" * 300}):
        assert read_proof(provider(), claims(**odd), "t").email is None
    doubted = claims(email="kari@test.no", email_verified=False)
    assert read_proof(provider(), doubted, "t").email is None
    for odd_name in ({"name": 1}, {"name": "\0"}, {"name": "\u202e"}, {"name": "\ud800"}):
        assert read_proof(provider(), claims(**odd_name), "t").name is None


def test_she_is_found_by_number_where_there_is_one() -> None:
    assert read_proof(provider(), claims(), "t").known_as == ("national_number", TENOR)
    other = read_proof(provider(national_number=None), claims(), "t")
    assert other.known_as == ("subject", "https://x.example s")
    assert other.national_number is None


@pytest.mark.parametrize("sid", [1, "x" * 501, "\ud800", ["x"]])
def test_a_session_that_is_no_word_is_no_proof(sid: Any) -> None:
    with pytest.raises(NoProof, match="sid"):
        read_proof(provider(), claims(sid=sid), "t")


def altinn(*ids: str, **more: Any) -> dict[str, Any]:
    """As Ansattporten answers about Altinn 3."""
    return {
        "type": "ansattporten:altinn:resource",
        "resource": "urn:altinn:one",
        "authorized_parties": [
            {"orgno": {"authority": "iso6523-actorid-upis", "ID": id_}, "unit_type": "FLI"} for id_ in ids
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("told", "represents"),
    [
        ([altinn("0192:964965137")], ("964965137",)),
        ([altinn("0192:974760673", "0192:964965137")], ("964965137", "974760673")),
        ([altinn("0192:964965138")], ()),
        ([altinn("964965137")], ()),
        ([altinn("0184:964965137")], ()),
        ([altinn("0192:964965137", type="other")], ()),
        ([altinn("0192:964965137", resource="urn:altinn:two")], ()),
        ([altinn("0192:964965137", resource=["urn:altinn:one"])], ()),
        ([altinn(), {"type": "x"}, None, 1, "x"], ()),
        ([altinn(authorized_parties={"x": 1})], ()),
        ([altinn(authorized_parties=[None, {"orgno": 1}, {"orgno": {"ID": None}}])], ()),
        ([altinn(orgno={"ID": "0192:964965137"})], ("964965137",)),
        ([altinn(reportees=[{"ID": "0192:964965137", "Name": "Klubben"}])], ("964965137",)),
        ({"type": "x"}, ()),
        (None, ()),
    ],
)
def test_only_organisations_that_were_asked_for_and_check_are_represented(
    told: Any, represents: tuple[str, ...]
) -> None:
    assert read_proof(provider(), claims(authorization_details=told), "t").represents == represents
    unasked = read_proof(provider(authorization_details=()), claims(authorization_details=told), "t")
    assert unasked.represents == ()


@pytest.mark.parametrize(
    ("header", "agent"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge, Windows",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/140.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome, Android",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari, iPhone",
        ),
        ("curl/8", None),
        ("<script>alert(1)</script>", None),
        ("", None),
        (None, None),
    ],
)
def test_of_a_browser_only_its_name_and_system_are_kept(header: str | None, agent: str | None) -> None:
    assert agent_of(header) == agent
