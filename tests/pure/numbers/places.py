"""Three places with their dial plans, for the tests of the orders."""

from dataclasses import replace
from typing import Any

from unisono.numbers import Direction, Location, normalise

IN, OUT, STORED = Direction.IN, Direction.OUT, Direction.STORED
UDINE = Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0")
MUNICH = Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3)
BOSTON = replace(Location.simple("Boston", "US", "617", trunk="555", ranges=["0100-0199"], outside="9"), strip_incoming=())


def read(raw: str, site: Location, direction: Direction, **how: Any) -> tuple[str, str]:
    found = normalise(raw, site, direction, **how)
    return found.supercanonical, found.kind.value
