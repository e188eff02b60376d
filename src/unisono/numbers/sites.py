"""Several sites: the rules by which each knows the extensions of the others, made from their ranges.

An extension that a site uses itself is never given to another one, and of two other sites with the same extension the
first in the order of locations has it; so the numbers that all can dial are unique.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from unisono.numbers.location import DdiRange, Location, RangeMode
from unisono.numbers.model import Rule
from unisono.numbers.rules import RuleList


def link(locations: Sequence[Location]) -> list[Location]:
    """The same locations, in the same order, with fresh generated rules where `multi_location` and rules are on."""
    return [_linked(location, locations) for location in locations]


def _linked(location: Location, all_sites: Sequence[Location]) -> Location:
    if not (location.multi_location and location.auto_create_rules):
        inside: tuple[Rule, ...] = ()
        outside: tuple[Rule, ...] = ()
    else:
        others = [each for each in all_sites if each is not location and each.name != location.name]
        pairs = [pair for other in others if other.multi_location for pair in _rules(other)]
        inside, outside = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    if (inside, outside) == (location.site_rules_in, location.site_rules_out):
        return location
    return replace(location, site_rules_in=inside, site_rules_out=outside)


def _rules(site: Location) -> Iterator[tuple[Rule, Rule]]:
    """For each range of a site: extension to super-canonical number, and back."""
    if not site.site_prefix:
        return
    for extensions in site.ranges:
        for pattern in range_patterns(extensions, site.internal_min or site.internal_max, site.internal_max):
            yield (
                Rule(f"^({pattern})$", f"{site.site_prefix}\\1", auto_created=True, for_location=site.name),
                Rule(f"^{re.escape(site.site_prefix)}({pattern})$", "\\1", auto_created=True, for_location=site.name),
            )


def range_patterns(extensions: DdiRange, least: int, most: int) -> list[str]:
    """Patterns that together match exactly the extensions of a range; most ranges need few."""
    if extensions.mode is RangeMode.FIRST_DIGIT:
        first = f"[{extensions.begin}-{extensions.end}]"
        return [first + "[0-9]" * (length - 1) for length in range(max(least, 1), most + 1)]
    found = []
    for length in range(len(extensions.begin), len(extensions.end) + 1):
        low = extensions.begin if length == len(extensions.begin) else "0" * length
        high = extensions.end if length == len(extensions.end) else "9" * length
        found += _between(low, high)
    return found


def _between(low: str, high: str) -> list[str]:
    """Patterns for all digit texts of one length from `low` to `high`."""
    if not low or (set(low) == {"0"} and set(high) == {"9"}):
        return ["[0-9]" * len(low)]
    if low[0] == high[0]:
        return [low[0] + rest for rest in _between(low[1:], high[1:])]
    first, last = int(low[0]), int(high[0])
    found: list[str] = []
    if set(low[1:]) - {"0"}:
        found += [low[0] + rest for rest in _between(low[1:], "9" * (len(low) - 1))]
        first += 1
    tail: list[str] = []
    if set(high[1:]) - {"9"}:
        tail = [high[0] + rest for rest in _between("0" * (len(high) - 1), high[1:])]
        last -= 1
    if first <= last:
        found.append((str(first) if first == last else f"[{first}-{last}]") + "[0-9]" * (len(low) - 1))
    return found + tail


def claimed_twice(locations: Sequence[Location]) -> list[tuple[str, str, DdiRange]]:
    """Pairs of linked sites with a range in common, for the admin page: (first, second, the second's range)."""
    found = []
    linked = [each for each in locations if each.multi_location]
    for place, site in enumerate(linked):
        known = RuleList(tuple(pair[0] for pair in _rules(site)))
        for other in linked[place + 1 :]:
            found += [(site.name, other.name, each) for each in other.ranges
                      if known.find(each.begin) or known.find(each.end)]  # fmt: skip
    return found
