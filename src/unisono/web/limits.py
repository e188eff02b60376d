"""Brakes on how often one address or session may ask. Pure; times are monotonic seconds."""

from collections import OrderedDict

from unisono.kernel.errors import TooMany

# So many keys are remembered; the one that rested longest goes first, and by then its bucket is full again.
REMEMBER = 20_000


class Buckets:
    """A token bucket per key: `burst` requests at once, `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one token. 0.0: there was one; else the seconds until there will be."""
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        granted = left >= 1.0
        self._left[key] = (left - 1.0 if granted else left, now)
        if len(self._left) > REMEMBER:
            self._left.popitem(last=False)
        return 0.0 if granted else (1.0 - left) / self._rate

    def check(self, key: str, now: float) -> None:
        """Raise `TooMany` where there was no token."""
        wait = self.take(key, now)
        if wait > 0:
            raise TooMany("too-many-requests", "Too many requests; slow down.", round(wait + 0.05, 1))
