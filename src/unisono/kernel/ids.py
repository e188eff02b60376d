"""Identifiers that sort by the time they were made (RFC 9562, version 7)."""

import os
import time
import uuid


def new_id() -> str:
    """Return a new UUIDv7 as 32 hexadecimal digits; ids made later sort later (to the millisecond)."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | int.from_bytes(os.urandom(10)) >> 4
    value = value & ~(0b11 << 62) | 0b10 << 62
    return uuid.UUID(int=value & (1 << 128) - 1).hex
