"""The file that says where people sign in: read, or refused by name, and never a secret repeated."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from core.settings import SettingsError
from people.providers import read_providers
from web.cli import main

ENTRY = """
[[provider]]
key = "id-porten"
label = { nb = "ID-porten", en = "ID-porten (BankID)" }
issuer = "https://idporten.no"
client_id = "abc"
private_key = "key.jwk"
acr_values = ["idporten-loa-substantial"]
staff_acr = ["idporten-loa-high"]
national_number = "pid"
"""
KEY = ECKey.generate_key("P-256", {"kid": "k1"}).as_dict(private=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "key.jwk").write_text(json.dumps(KEY))
    (tmp_path / "secret").write_text("hemmelig\n")
    return tmp_path


def put(folder: Path, text: str) -> Path:
    path = folder / "providers.toml"
    path.write_text(text)
    return path


def test_no_file_is_no_provider() -> None:
    assert not read_providers(None)
    assert read_providers(None).of("sandnes") == ()


def test_what_stands_in_the_file_is_read(folder: Path) -> None:
    found = read_providers(put(folder, ENTRY)).one("sandnes", "id-porten")
    assert found is not None
    assert found.credentials.algorithm == "ES256"
    assert [found.label_in(language) for language in ("nb", "nn", "en")] == [
        *("ID-porten", "ID-porten", "ID-porten (BankID)"),
    ]
    assert (found.par, found.audience, found.allow_synthetic) == ("if offered", "citizens", False)
    assert not found.takes_back_token
    assert str(KEY["d"]) not in repr(found)


def test_each_municipality_has_its_own_and_those_of_all(folder: Path) -> None:
    entra = ENTRY.replace('"id-porten"', '"entra"').replace(
        'national_number = "pid"',
        'client_secret = "secret"\nmunicipalities = ["sandnes"]\naudience = "staff"\nlabel_',
    )
    entra = entra.replace("label_", "").replace('private_key = "key.jwk"\n', "")
    providers = read_providers(put(folder, entra + ENTRY))
    assert [each.key for each in providers.of("sandnes")] == ["id-porten", "entra"]
    assert [each.key for each in providers.of("time")] == ["id-porten"]
    assert providers.one("time", "entra") is None
    one = providers.one("sandnes", "entra")
    assert one is not None
    assert one.credentials.secret == "hemmelig"
    assert one.takes_back_token


@pytest.mark.parametrize(
    ("asked", "strong", "acr", "enters"),
    [
        ('["low"]', False, "low", True),
        ('["low"]', False, "idporten-loa-high", True),
        ('["low"]', False, "other", False),
        ('["low"]', False, None, False),
        ("[]", False, None, True),
        ('["low"]', True, "low", False),
        ('["low"]', True, "idporten-loa-high", True),
    ],
)
def test_how_surely_one_must_be_known(
    folder: Path, asked: str, strong: bool, acr: str | None, enters: bool
) -> None:
    text = ENTRY.replace('["idporten-loa-substantial"]', asked)
    found = read_providers(put(folder, text)).one("x", "id-porten")
    assert found is not None
    assert found.accepts(acr, strong=strong) is enters
    assert found.is_strong(acr) is (acr == "idporten-loa-high")


def replaced(old: str, new: str) -> str:
    assert old in ENTRY
    return ENTRY.replace(old, new)


NONSENSE = {
    "issuer": [
        replaced("https://idporten.no", "http://idporten.no"),
        replaced("https://idporten.no", "idporten"),
        replaced("https://idporten.no", "https://idporten.no?x=1"),
        replaced("https://idporten.no", "https://[::1"),
    ],
    "client_id": [replaced('"abc"', '" "')],
    "key": [replaced('"id-porten"', '"../x"'), replaced('"id-porten"', '"ID"')],
    "label": [
        replaced('{ nb = "ID-porten", en = "ID-porten (BankID)" }', "{}"),
        replaced("{ nb", "{ xx"),
        replaced('{ nb = "ID-porten", en = "ID-porten (BankID)" }', '" "'),
    ],
    "private_key": [
        replaced('"key.jwk"', '"missing.jwk"'),
        replaced('"key.jwk"', '"secret"'),
        replaced('"key.jwk"', '"public.jwk"'),
        replaced('"key.jwk"', '"short.jwk"'),
        replaced('"key.jwk"', '"shared.jwk"'),
        replaced('"key.jwk"', '"odd.jwk"'),
        replaced('private_key = "key.jwk"\n', ""),
        replaced('"key.jwk"', '"key.jwk"\nclient_secret = "secret"'),
    ],
    "scopes": [ENTRY + 'scopes = ["profile"]\n'],
    "acr_values": [replaced('["idporten-loa-substantial"]', '["a b"]')],
    "authorization_details": [ENTRY + 'authorization_details = [{ resource = "x" }]\n'],
    "municipalities": [ENTRY + 'municipalities = ["Sandnes/"]\n'],
    "par": [ENTRY + 'par = "perhaps"\n'],
    "audience": [ENTRY + 'audience = "all"\n'],
    "clientid": [ENTRY + 'clientid = "x"\n'],
    "two providers": [ENTRY + ENTRY],
    "Expected": ["provider = 1\n"],
    "providers.toml": ["[[provider\n"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in NONSENSE.items() for text in texts]
)
def test_nonsense_is_refused_by_name(folder: Path, name: str, text: str) -> None:
    short = RSAKey.generate_key(2048).as_dict(private=True)
    (folder / "public.jwk").write_text(json.dumps(ECKey.import_key(KEY).as_dict(private=False)))
    (folder / "short.jwk").write_text(json.dumps({**short, "n": "AQAB"}))
    (folder / "shared.jwk").write_text(json.dumps(OctKey.generate_key(256).as_dict()))
    (folder / "odd.jwk").write_text(json.dumps({**KEY, "alg": "none"}))
    with pytest.raises(SettingsError, match=name) as refused:
        read_providers(put(folder, text))
    told = str(refused.value)
    assert "LEDIG_PROVIDERS" in told
    assert "hemmelig" not in told
    assert str(KEY["d"]) not in told


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LEDIG_PROVIDERS"):
        read_providers(tmp_path / "none.toml")


def test_no_web_server_makes_keys_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two machines would each know everybody as somebody else."""
    monkeypatch.setenv("LEDIG_PROVIDERS", str(put(folder, ENTRY)))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nowhere")
    monkeypatch.delenv("LEDIG_KEYS", raising=False)
    with pytest.raises(SystemExit) as refused:
        main(["web"])
    assert refused.value.code == 2
    assert "LEDIG_KEYS" in capsys.readouterr().err
