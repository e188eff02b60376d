"""Least-cost routing: which carrier takes a call to a destination at a time of the week."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unisono.numbers.location import LcrProvider, LcrZone, Location

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Route:
    """The zone a destination lies in, the prefix that decided, and the carrier at that time (None: the usual one)."""

    zone: LcrZone
    prefix: str
    provider: LcrProvider | None

    def __str__(self) -> str:
        return f"zone {self.zone.name} ({self.prefix}): {self.provider.name if self.provider else 'no provider'}"


def route(location: Location, sc: str, at: datetime) -> Route | None:
    """The route of a super-canonical number; None outside all zones.

    The longest prefix wins; between equal ones the zone without any provider, then the first.
    """
    best: tuple[int, bool, LcrZone, str] | None = None
    for zone in location.lcr_zones:
        for prefix in zone.prefixes:
            rank = (len(prefix), not zone.carried)
            if sc.startswith(prefix) and prefix and (best is None or rank > best[:2]):
                best = (*rank, zone, prefix)
    if best is None:
        return None
    return Route(best[2], best[3], _provider(location, best[2], local_time(location, at)))


def local_time(location: Location, at: datetime) -> datetime:
    """The time on the wall of the location; a naive time, and one where no zone is set, is taken as it is."""
    if not location.timezone or at.tzinfo is None:
        return at
    try:
        return at.astimezone(ZoneInfo(location.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return at


def _provider(location: Location, zone: LcrZone, at: datetime) -> LcrProvider | None:
    day = zone.saturday if at.weekday() == 5 else zone.sunday if at.weekday() == 6 else zone.weekday
    slot = at.hour * 2 + at.minute // 30
    place = _DIGITS.find(day[slot : slot + 1] or "0")
    return location.lcr_providers[place - 1] if 0 < place <= len(location.lcr_providers) else None
