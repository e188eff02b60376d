"""Brakes on guessing passwords: per sign-in name and per address, with a wait that doubles."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from unisono.kernel.errors import TooMany
from unisono.people.settings import PeopleSettings

# Wrong tries are forgotten after an hour of rest; only so many names and addresses are remembered.
FORGET_SECONDS = 3600.0
REMEMBER = 10_000
NETWORK_BITS = 64
"""Who has one address of IPv6 has all those that begin with so many bits (RFC 4291 2.5.4)."""


@dataclass(slots=True)
class _Record:
    failures: int
    last: float


class Attempts:
    """Counts tries per key and says how long the next one has to wait. Times are monotonic seconds."""

    def __init__(self, free: int, most_seconds: float) -> None:
        self._free = free
        self._most = most_seconds
        self._records: OrderedDict[Hashable, _Record] = OrderedDict()

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until `key` may try again; 0 when it may now."""
        record = self._records.get(key)
        if record is None or record.failures < self._free:
            return 0.0
        if now - record.last >= FORGET_SECONDS:
            return 0.0
        pause = min(self._most, 2.0 ** min(record.failures - self._free + 1, 20))
        return max(0.0, record.last + pause - now)

    def begin(self, key: Hashable, now: float) -> None:
        """Count a try as failed before it is made, so that many at once do not slip through."""
        record = self._records.pop(key, None)
        if record is None or now - record.last >= FORGET_SECONDS:
            record = _Record(0, now)
        record.failures += 1
        record.last = now
        self._records[key] = record
        while len(self._records) > REMEMBER:
            self._records.popitem(last=False)

    def forgive(self, key: Hashable) -> None:
        """The try was right after all: start counting afresh."""
        self._records.pop(key, None)

    def excuse(self, key: Hashable) -> None:
        """Take back one try that was right, and keep the wrong ones before it."""
        record = self._records.get(key)
        if record is not None:
            record.failures = max(0, record.failures - 1)


class Brake:
    """Slows guessing down at every door that takes passwords: per name, and per address.

    Wrong passwords for a name count by themselves where they come from an address from which its right one came lately, and
    together where they come from any other. So a stranger who guesses locks nobody out where they are used to sign in, and
    many addresses guess no quicker than one.
    """

    def __init__(self, settings: PeopleSettings) -> None:
        self._names = Attempts(settings.free_attempts, settings.lock_seconds)
        self._addresses = Attempts(settings.free_attempts_address, settings.lock_seconds)
        self._usual: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Names, each with an address from which their right password came, the latest last."""

    def wait(self, name: str, address: str, now: float) -> float:
        """Seconds until a password for this name may come from this address; 0 when it may now."""
        place = _place(address)
        return max(self._names.wait(self._key(name, place), now), self._addresses.wait(place, now) if place else 0.0)

    def begin(self, name: str, address: str, now: float) -> None:
        """Count a try as wrong before it is made, so that many at once do not slip through. Raises `TooMany`."""
        wait = self.wait(name, address, now)
        if wait > 0:
            raise refuse(wait)
        place = _place(address)
        self._names.begin(self._key(name, place), now)
        if place:
            self._addresses.begin(place, now)

    def right(self, name: str, address: str) -> None:
        """The try was right after all. What others guessed before stays counted."""
        place = _place(address)
        if (name, place) in self._usual:
            self._names.forgive((name, place))
        else:
            self._names.excuse(name)
        self._addresses.excuse(place)
        self._usual[name, place] = None
        self._usual.move_to_end((name, place))
        while len(self._usual) > REMEMBER:
            self._usual.popitem(last=False)

    def take_back(self, name: str, address: str) -> None:
        """Nobody can say whether the try was right: whoever knows did not answer."""
        place = _place(address)
        self._names.excuse(self._key(name, place))
        self._addresses.excuse(place)

    def _key(self, name: str, place: str) -> Hashable:
        """What wrong passwords count under."""
        return (name, place) if (name, place) in self._usual else name


@lru_cache(maxsize=1024)
def _place(address: str) -> str:
    """The address, or of IPv6 the network it is in; what is no address stays."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> NETWORK_BITS << NETWORK_BITS))


def refuse(seconds: float) -> TooMany:
    """The fault a person reads who has to wait."""
    whole = max(1, round(seconds + 0.5))
    wait = f"{whole} seconds" if whole < 120 else f"{round(whole / 60)} minutes"
    return TooMany("sign-in-locked", f"Too many wrong passwords. Try again in {wait}, or ask an admin.", float(whole))
