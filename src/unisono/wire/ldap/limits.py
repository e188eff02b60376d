"""How much one message may hold. Each limit bounds the work of reading: 10 ms at worst for all of them together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes, but for `depth`: how many filters may stand within each other."""

    message: int = 1024 * 1024
    depth: int = 40
    filter: int = 16 * 1024
    attributes: int = 8 * 1024
    controls: int = 8 * 1024


LIMITS = Limits()
