"""What only the program may read: sealed under keys that the operator can change, and hashes to find it by.

A value is sealed with the first key and opened with any. Its hashes, one for each key, the first key's first, tell
nothing to whoever has no key: national numbers could otherwise be listed and tried. Fernet: see the documentation
of PyPI `cryptography`; HKDF: RFC 5869.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.ids import new_id
from core.settings import Settings, SettingsError

KEY_BYTES = 32
KEYS_FILE = "keys"
"""Under the settings' `var_dir`, where the operator names no keys: one line a key, the newest first."""


class Vault:
    """Make one per process. `keys`: 32 bytes each, the newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        assert keys, "a vault has a key"
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"seal"))) for key in keys])
        self._hash_keys = [_derived(key, b"hash") for key in keys]
        self.newest = hashlib.sha256(self._hash_keys[0]).hexdigest()[:16]
        """Names the first key: what is sealed and hashed under another is due for `resealed`."""

    def seal(self, value: str) -> bytes:
        """For `opened` alone; twice the same value looks different."""
        return self._fernet.encrypt(value.encode())

    def opened(self, sealed: bytes) -> str:
        """What was sealed. Raises Unopenable when its key is gone or it was tampered with."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise Unopenable from error

    def hashes(self, kind: str, value: str) -> list[bytes]:
        """To find the value by, under each key, the newest first. Values of two kinds never meet."""
        return [hmac.digest(key, f"{kind}\0{value}".encode(), "sha256") for key in self._hash_keys]

    def hash(self, kind: str, value: str) -> bytes:
        """Under the newest key: what is written."""
        return self.hashes(kind, value)[0]


class Unopenable(Exception):
    """Sealed under a key that is no longer among LEDIG_KEYS, or changed since."""


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ledig " + purpose).derive(key)


def vault_of(settings: Settings) -> Vault:
    """Under LEDIG_KEYS; without them under a key of this machine's own, made on first use. Raises SettingsError."""
    return Vault([read_key(text) for text in settings.keys or _own_keys(settings.var_dir / KEYS_FILE)])


def new_key() -> str:
    """As it stands in LEDIG_KEYS."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip("=")


def read_key(text: str) -> bytes:
    """Raises SettingsError, which does not repeat the key."""
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise SettingsError("LEDIG_KEYS: a key is 32 bytes in base64: see `ledig keys new`") from error
    if len(key) != KEY_BYTES:
        raise SettingsError("LEDIG_KEYS: a key is 32 bytes in base64: see `ledig keys new`")
    return key


def _own_keys(path: Path) -> list[str]:
    """Those of the file; when there is none it is made, whole, whoever comes first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{new_id()}")
        draft.touch(mode=0o600)
        draft.write_text(new_key() + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its key holds
        finally:
            draft.unlink()
    return path.read_text().split()
