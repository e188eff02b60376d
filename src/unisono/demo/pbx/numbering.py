"""Numbers at the switch's edge: what is dialled by telephones, what the network brings, how numbers are shown to monitors."""

from dataclasses import dataclass
from enum import StrEnum


class NumberFormat(StrEnum):
    """How outside numbers are shown in events: as they would be dialled (0 00 44 ...), or E.164 with its plus."""

    DIALLED = "dialled"
    E164 = "e164"


@dataclass(frozen=True, slots=True)
class Site:
    """One location of the firm. `trunk` is the number of its line without extension, E.164 without plus ("390432100").

    `national` is what precedes an area code inside the country; Italy keeps the 0 as part of the number, so it is "" there.
    """

    name: str
    country: str
    area: str
    trunk: str
    national: str = "0"
    international: str = "00"
    outside: str = "0"


EMERGENCY = frozenset({"110", "112", "113", "115", "118"})
"""Reached without the outside digit; no extension may be called like these."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The sites of a switch. The first one serves devices that have none."""

    sites: tuple[Site, ...]
    format: NumberFormat = NumberFormat.DIALLED

    def site(self, name: str) -> Site:
        """The site of this name, or the first."""
        return next((site for site in self.sites if site.name == name), self.sites[0])

    def outside(self, digits: str, site_name: str) -> str:
        """The number outside that these dialled digits reach: E.164 with plus, a short service number, or "" for none."""
        if digits.startswith("+"):
            return digits if digits[1:].isdigit() and len(digits) > 6 else ""
        if digits in EMERGENCY:
            return digits
        site = self.site(site_name)
        if not digits.isdigit() or not digits.startswith(site.outside):
            return ""
        rest = digits[len(site.outside) :]
        if rest.startswith(site.international):
            number = rest[len(site.international) :]
            return "+" + number if len(number) > 5 else ""
        if site.national and rest.startswith(site.national):
            return "+" + site.country + rest[len(site.national) :] if len(rest) > 4 else ""
        if not site.national and rest.startswith(("0", "3", "8")) and len(rest) > 4:
            return "+" + site.country + rest
        if 3 <= len(rest) <= 6 and rest.startswith("1"):
            return rest
        return "+" + site.country + site.area + rest if len(rest) > 3 else ""

    def shown(self, number: str) -> str:
        """A number outside as monitors see it."""
        if self.format is NumberFormat.E164 or not number.startswith("+"):
            return number
        site = self.sites[0]
        return site.outside + site.international + number[1:]

    def extension(self, number: str) -> str:
        """The extension that an E.164 number of ours leads to; anything else comes back unchanged."""
        digits = number.removeprefix("+")
        for site in self.sites:
            if digits.startswith(site.trunk):
                return digits[len(site.trunk) :]
        return number
