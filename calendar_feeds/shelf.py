"""What feeds keep in memory: calendars as they were last sent, and what each secret is of."""

import asyncio
import zlib
from collections import OrderedDict
from typing import Final

from calendar_feeds.scopes import Scope

AT_ONCE: Final = 100_000
"""Bytes up to which it takes no longer than changing threads."""
LEVEL: Final = 6
MOST_SCOPES: Final = 100_000


class Shelf:
    """By tag, `most` bytes at most: whichever nobody has asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self.scopes: dict[bytes, Scope] = {}
        """Hash of a secret → what it is of, which never becomes another thing. Whether it still opens is asked."""

    def find(self, tag: str) -> bytes | None:
        """As it was put there, if it is there still."""
        found = self._kept.get(tag)
        if found is not None:
            self._kept.move_to_end(tag)
        return found

    def put(self, tag: str, content: bytes) -> None:
        """What would not fit at all is left out."""
        if tag in self._kept or len(content) > self._most:
            return
        self._kept[tag] = content
        self._size += len(content)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])

    def know(self, secret_hash: bytes, scope: Scope) -> None:
        """Of so many at most; then it is learnt anew."""
        if len(self.scopes) >= MOST_SCOPES:
            self.scopes.clear()
        self.scopes[secret_hash] = scope


async def zipped(plain: bytes) -> bytes:
    """Alike each time: no time and no name stands in it."""
    return _zipped(plain) if len(plain) < AT_ONCE else await asyncio.to_thread(_zipped, plain)


def _zipped(plain: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    return packer.compress(plain) + packer.flush()
