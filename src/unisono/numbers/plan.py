"""A location made ready: patterns compiled, prefixes worked out, answers remembered. Made once for each location value."""

import re
from collections.abc import Iterable

from unisono.numbers import services
from unisono.numbers.country import country
from unisono.numbers.location import Location
from unisono.numbers.model import Direction, PhoneNumber, Role
from unisono.numbers.rules import RuleList

REMEMBERED_MOST = 8192
"""Answers kept for each location: about 3 MB when full. Then all are forgotten at once, which costs nothing to keep."""

SURELY_LONG = 10
"""Characters that a super-canonical number of an emergency has at most (`normalise.classify`)."""

Key = tuple[str, Direction, str, Role | None]


class Plan:
    """The compiled form of one `Location`."""

    def __init__(self, location: Location) -> None:
        facts = country(location.country)
        self.location = location
        self.country = facts
        self.area = location.area
        self.international = location.international_prefix or facts.international
        self.national = location.national_prefix or facts.trunk
        self.local_prefix = location.local_prefix
        self.site_prefix = location.site_prefix
        self.least, self.most = _lengths(location)
        # Without an area code, or where it is always dialled, no call outside begins with a subscriber's number.
        self.closed = location.always_dial_area_code or not self.area or not facts.trunk
        self.closed_by_choice = location.always_dial_area_code
        self.vanity = location.vanity_prefixes if location.vanity else None
        self.internal = RuleList(location.internal_rules)
        self.external = RuleList(location.external_rules)
        self.incoming = RuleList(location.in_rules)
        self.outgoing = RuleList(location.out_rules)
        self.dial = RuleList(location.dial_rules)
        self.final = RuleList(location.final_dial_rules)
        self.line = RuleList(location.line_rules)
        self.sites_in = RuleList(location.site_rules_in if location.multi_location else ())
        self.sites_out = RuleList(location.site_rules_out if location.multi_location else ())
        # Other sites' extensions that Internal rules name one by one: known by their whole number too.
        self.listed = self.internal.backwards() if location.shorten_other_sites else {}
        # Longer digits are no extension and no service; rules may know them all the same.
        ruled = self.internal or self.external or self.sites_in
        ends = [len(each.end) for each in location.ranges]
        self.listless_most = 99 if ruled else max([self.most, *ends, 6]) + len(location.outside_local)
        self.surely_outside = max(SURELY_LONG, self.listless_most)
        """A super-canonical number with more characters is an outside one, whatever else is said of it."""
        self.emergency = services.emergency(location.country)
        self.service = services.service(location.country)
        self.carrier = services.call_by_call(location.country)
        codes = {*location.call_by_call, *(each.number for each in location.lcr_providers if each.number)}
        self.carriers = tuple(sorted(codes, key=len, reverse=True))
        self.remembered: dict[Key, PhoneNumber] = {}
        self._strip = {
            (Direction.IN, Role.CONNECTED): _codes(location.strip_connected_in),
            (Direction.OUT, Role.CONNECTED): _codes(location.strip_connected_out),
            (Direction.IN, Role.FORWARDING): _codes(location.strip_forwarding),
            (Direction.OUT, Role.FORWARDING): _codes(location.strip_forwarding),
        }
        self._strip_usual = {
            Direction.IN: _codes(location.strip_incoming),
            Direction.OUT: _codes(location.strip_outgoing),
        }

    def outside(self, direction: Direction, role: Role) -> re.Pattern[str] | None:
        """Matches the outside digits to take off a number of this kind; None if there are none."""
        usual = self._strip_usual.get(direction)
        return self._strip.get((direction, role), usual) if self.location.uses_pbx else None

    def is_public_short(self, digits: str) -> bool:
        """Whether digits are an emergency or service number, which an extension never is."""
        if self.emergency.fullmatch(digits):
            return True
        return self.service is not None and self.service.fullmatch(digits) is not None

    def in_range(self, digits: str) -> bool:
        """Whether digits are an extension in one of the ranges."""
        return any(each.holds(digits, self.least, self.most) for each in self.location.ranges)

    def own_extension(self, sc: str) -> str:
        """The extension of a super-canonical number of this site; empty if it is none, or cannot be dialled inside."""
        if not self.site_prefix or not sc.startswith(self.site_prefix):
            return ""
        digits = sc[len(self.site_prefix) :]
        ours = self.in_range(digits) if self.location.ranges else self.least <= len(digits) <= self.most
        return digits if ours and digits and not self.is_public_short(digits) else ""

    def internal_number(self, digits: str) -> str:
        """The super-canonical number of an own extension; the extension itself if outside nobody can dial it."""
        if self.site_prefix and (not self.location.ranges or self.in_range(digits)):
            return self.site_prefix + digits
        return digits

    def is_internal_length(self, digits: str) -> bool:
        """Whether digits have the length of an extension."""
        return 0 < self.least <= len(digits) <= self.most


def _lengths(location: Location) -> tuple[int, int]:
    if not location.uses_pbx:
        return 0, 0
    most = max(location.internal_max, location.internal_min)
    return location.internal_min or most, most


def _codes(codes: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for a list of outside codes, longest first; `?` is a digit, `%` digits up to the next sign."""
    known = sorted((code for code in codes if code and not code.endswith("%")), key=len, reverse=True)
    parts = [re.escape(code).replace(r"\?", "[0-9]").replace("%", "[0-9]+?") for code in known]
    return re.compile("|".join(parts)) if parts else None


def plan_of(location: Location) -> Plan:
    """The plan of a location value, made when it is first asked for and kept with the value."""
    memo = location._memo
    if not memo:
        memo.append(Plan(location))
    plan = memo[0]
    assert isinstance(plan, Plan)
    return plan
