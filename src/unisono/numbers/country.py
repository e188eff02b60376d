"""Facts about a country's numbering, from libphonenumber's metadata, loaded for a country when it is first met."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS_OF_CODE
from phonenumbers import PhoneMetadata

from unisono.numbers.unfit import Unfit

COUNTRY_CODES = frozenset(str(code) for code in REGIONS_OF_CODE)
"""All country calling codes in use (ITU-T E.164)."""

KEEPS_ZERO = frozenset({"39", "378", "225", "229", "242"})
"""Codes behind which land lines begin with 0 as part of themselves: Italy and San Marino keep the 0 of the area code."""

TIME_ZONES = {
    "IT": "Europe/Rome", "SM": "Europe/Rome", "VA": "Europe/Rome", "DE": "Europe/Berlin", "AT": "Europe/Vienna",
    "CH": "Europe/Zurich", "GB": "Europe/London", "FR": "Europe/Paris", "ES": "Europe/Madrid", "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels", "LU": "Europe/Luxembourg", "SI": "Europe/Ljubljana", "HR": "Europe/Zagreb",
    "PL": "Europe/Warsaw", "CZ": "Europe/Prague", "IE": "Europe/Dublin", "PT": "Europe/Lisbon",
}  # fmt: skip
"""The zone of countries that have one, as a default for a location."""


@dataclass(frozen=True, slots=True)
class Country:
    """What has to be known to write a number of one country calling code in its international form.

    `region`: the main country of the code. `trunk`: the national prefix of people (0 in Germany, none in Italy).
    `simple`: prefix and number part by that text alone; otherwise libphonenumber has to decide.
    `lengths`: digits that a national significant number can have. `others`: further countries of
    the same code, each with a pattern of its numbers, which decides alone if the last item says so.
    """

    region: str
    code: str
    trunk: str
    international: str
    simple: bool
    keeps_zero: bool
    lengths: frozenset[int]
    others: tuple[tuple[str, re.Pattern[str], bool], ...]

    @property
    def shared(self) -> bool:
        """Whether several countries use the code."""
        return bool(self.others) or self.nanp

    @property
    def nanp(self) -> bool:
        """Whether it belongs to the North American Numbering Plan."""
        return self.code == "1"


@lru_cache(maxsize=64)
def country(region: str) -> Country:
    """The facts of a country by its ISO 3166 alpha-2 code; ValueError if there is none."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        raise Unfit("country", f"{region!r} is not a country with telephone numbers (ISO 3166, two capital letters)")
    trunk = metadata.national_prefix or ""
    parsing = metadata.national_prefix_for_parsing or ""
    code = str(metadata.country_code)
    # Russia's preferred prefix is written 8~10: a pause after the 8.
    prefix = (metadata.preferred_international_prefix or metadata.international_prefix or "").replace("~", "")
    return Country(
        region,
        code,
        trunk,
        prefix if prefix.isdigit() else "00",
        simple=trunk in ("", "0") and parsing in (trunk, "0|180020") and not metadata.national_prefix_transform_rule,
        keeps_zero=code in KEEPS_ZERO,
        lengths=frozenset(metadata.general_desc.possible_length if metadata.general_desc else ()),
        others=_others(int(code), region),
    )


@lru_cache(maxsize=64)
def country_of_code(code: str) -> Country | None:
    """The facts of the main country behind a calling code; None for codes that belong to no country (+800)."""
    regions = REGIONS_OF_CODE.get(int(code), ())
    return country(regions[0]) if regions and regions[0] != "001" else None


def _others(code: int, region: str) -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    found = []
    for other in REGIONS_OF_CODE.get(code, ()):
        if other == region or code == 1:
            continue
        metadata = PhoneMetadata.metadata_for_region(other, None)
        leading = metadata.leading_digits if metadata else None
        found.append((other, re.compile(leading) if leading else national_pattern(other), bool(leading)))
    return tuple(found)


def split_code(digits: str) -> str:
    """The country calling code at the beginning of international digits (no `+`), empty if there is none."""
    for length in (2, 3, 1):
        if digits[:length] in COUNTRY_CODES:
            return digits[:length]
    return ""


def region_of(of: Country, national: str) -> str:
    """The country a national number of this code belongs to (Jersey shares +44 with Great Britain)."""
    if of.nanp:
        return _north_american(national[:3]) or of.region
    for region, pattern, decides in of.others:
        if decides and pattern.match(national):
            return region
        if not decides and pattern.fullmatch(national):
            return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{of.code}{national}")) or of.region
    return of.region


@lru_cache(maxsize=64)
def national_pattern(region: str) -> re.Pattern[str]:
    """Matches every national number of a country that libphonenumber thinks of, whole."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    known = metadata.general_desc if metadata else None
    return re.compile((known and known.national_number_pattern) or "(?!)")


@lru_cache(maxsize=1024)
def _north_american(area: str) -> str:
    # Any subscriber of the area will do: the country depends on the area code alone.
    for subscriber in ("2345678", "5550123"):
        found = phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}{subscriber}"))
        if found:
            return str(found)
    return ""
