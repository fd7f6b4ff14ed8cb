"""What only the program may read: sealed and hashed under keys that change, and nothing without them."""

import stat
from pathlib import Path

import pytest

from core.settings import Settings, SettingsError
from core.vault import Unopenable, Vault, new_key, read_key, vault_of

ONE, TWO = read_key(new_key()), read_key(new_key())


def test_what_is_sealed_opens_with_any_of_the_keys_and_with_no_other() -> None:
    sealed = Vault([ONE]).seal("hemmelig")
    assert Vault([TWO, ONE]).opened(sealed) == "hemmelig"
    assert b"hemmelig" not in sealed
    assert Vault([ONE]).seal("hemmelig") != sealed
    for vault, text in ((Vault([TWO]), sealed), (Vault([ONE]), sealed[:-1]), (Vault([ONE]), b"")):
        with pytest.raises(Unopenable):
            vault.opened(text)


def test_hashes_follow_from_key_kind_and_value() -> None:
    both = Vault([ONE, TWO])
    assert both.hashes("a", "x") == [Vault([ONE]).hash("a", "x"), Vault([TWO]).hash("a", "x")]
    assert both.hash("a", "x") == both.hashes("a", "x")[0]
    others = {both.hash("a", "y"), both.hash("b", "x"), Vault([TWO]).hash("a", "x"), both.hash("a\0x", "")}
    assert both.hash("a", "x") not in others
    assert len(others) == 4


def test_the_newest_key_has_a_name_that_tells_nothing_of_it() -> None:
    assert Vault([ONE, TWO]).newest == Vault([ONE]).newest != Vault([TWO]).newest
    assert ONE.hex()[:16] not in Vault([ONE]).newest


@pytest.mark.parametrize("text", ["", "kort", "x" * 43 + "!", "æ" * 43, "A" * 86])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match="LEDIG_KEYS") as refused:
        vault_of(Settings(keys=(text,)))
    assert not text or text not in str(refused.value)


def test_a_machine_without_keys_makes_one_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first = vault_of(Settings(var_dir=tmp_path / "var"))
    assert vault_of(Settings(var_dir=tmp_path / "var")).opened(first.seal("x")) == "x"
    (kept,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
