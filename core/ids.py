"""New identifiers: UUID version 7 (RFC 9562 §5.7), so that rows made together lie together in an index."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """48 bits of milliseconds, 74 random bits: not to be guessed, and sorted by age."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
