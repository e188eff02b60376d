"""How long answers took, counted so that it costs hardly anything. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds."""
OPERATIONS = ("bind", "compare", "extended", "search", "write")


class Times:
    """Answers of each operation by the first of `BOUNDS` that they kept (the last number: none), and their seconds in all."""

    def __init__(self) -> None:
        self.counts = {operation: [0] * (len(BOUNDS) + 1) for operation in OPERATIONS}
        self.seconds = dict.fromkeys(OPERATIONS, 0.0)

    def took(self, operation: str, seconds: float) -> None:
        """An answer took so long, from its turn to its last word."""
        self.counts[operation][bisect_left(BOUNDS, seconds)] += 1
        self.seconds[operation] += seconds

    def add(self, counts: Mapping[str, Sequence[int]], seconds: Mapping[str, float]) -> None:
        """Add those of another one."""
        for operation, numbers in counts.items():
            self.counts[operation] = [own + other for own, other in zip(self.counts[operation], numbers, strict=True)]
            self.seconds[operation] += seconds[operation]
