"""Brakes on guessing passwords: per sign-in name and per address, with a wait that doubles."""

from collections import OrderedDict
from dataclasses import dataclass

from unisono.kernel.errors import TooMany

# Wrong tries are forgotten after an hour of rest; only so many names and addresses are remembered.
FORGET_SECONDS = 3600.0
REMEMBER = 10_000


@dataclass(slots=True)
class _Record:
    failures: int
    last: float


class Attempts:
    """Counts tries per key and says how long the next one has to wait. Times are monotonic seconds."""

    def __init__(self, free: int, most_seconds: float) -> None:
        self._free = free
        self._most = most_seconds
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        record = self._records.get(key)
        if record is None or record.failures < self._free:
            return 0.0
        if now - record.last >= FORGET_SECONDS:
            return 0.0
        pause = min(self._most, 2.0 ** min(record.failures - self._free + 1, 20))
        return max(0.0, record.last + pause - now)

    def begin(self, key: str, now: float) -> None:
        """Count a try as failed before it is made, so that many at once do not slip through."""
        record = self._records.pop(key, None)
        if record is None or now - record.last >= FORGET_SECONDS:
            record = _Record(0, now)
        record.failures += 1
        record.last = now
        self._records[key] = record
        while len(self._records) > REMEMBER:
            self._records.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The try was right after all: start counting afresh."""
        self._records.pop(key, None)

    def excuse(self, key: str) -> None:
        """Take back one try that was right, and keep the wrong ones before it."""
        record = self._records.get(key)
        if record is not None:
            record.failures = max(0, record.failures - 1)


def refuse(seconds: float) -> TooMany:
    """The fault a person reads who has to wait."""
    whole = max(1, round(seconds + 0.5))
    wait = f"{whole} seconds" if whole < 120 else f"{round(whole / 60)} minutes"
    return TooMany("sign-in-locked", f"Too many wrong passwords. Try again in {wait}, or ask an admin.", float(whole))
