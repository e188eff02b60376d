"""How much one message may hold. Each limit bounds the work of reading: about 0.5 microseconds a byte at worst."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes, but for `depth`: how many filters may stand within each other."""

    message: int = 1024 * 1024
    depth: int = 40
    filter: int = 64 * 1024
    attributes: int = 32 * 1024
    controls: int = 32 * 1024


LIMITS = Limits()
