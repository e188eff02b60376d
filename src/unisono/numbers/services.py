"""Emergency and service numbers by country: what is never an extension, and what has no international form.

Emergency numbers come from libphonenumber (ITU-T E.129 presentations), with the additions that a national plan treats as
such. `SERVICE` holds short numbers that are public wherever they are dialled, also inside a range of extensions of the
same length: harmonised numbers for services of social value (116xxx, Decision 2007/116/EC) and directory enquiries (118xx).
Operators' customer services (187, 190, ...) and 115 in Germany are not in it: firms use them as
extensions; where they are not, an External rule says so.
"""

import re
from functools import lru_cache

from phonenumbers import PhoneMetadata

EMERGENCY_MORE = {
    "IT": "114|117|1515|1522|1530",  # children, finance police, forest fires, violence, coast guard
    "AT": "140",  # mountain rescue
    "CH": "1414",  # air rescue
    "FR": "114|115|119|191|196",
    "ES": "061|062|080|085|088|091|092",
    "GB": "18000",  # text relay
}
SERVICE = {
    "DE": r"116\d{3}|118\d{2}|1180\d{2}",
    "AT": r"116\d{3}|118\d{2,3}",
    "GB": r"116\d{3}|118\d{3}",
    "FR": r"116\d{3}|118\d{3}",
    "ES": r"116\d{3}|118\d{2}",
}
_CALL_BY_CALL = {
    "DE": r"010(?:0\d{2}|[1-9]\d)",  # 010xy and 0100yy
    "AT": r"10\d{2}",
    "IT": r"10\d{2,3}(?=0|3)",
    "CH": r"10[78]\d{2}",
}


@lru_cache(maxsize=64)
def emergency(region: str) -> re.Pattern[str]:
    """Matches the emergency numbers of a country, whole."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    known = (metadata.emergency and metadata.emergency.national_number_pattern) if metadata else ""
    return re.compile("|".join(f"(?:{each})" for each in (known, EMERGENCY_MORE.get(region, ""), "112") if each))


@lru_cache(maxsize=64)
def service(region: str) -> re.Pattern[str] | None:
    """Matches the service numbers that are never extensions; None where none are known."""
    pattern = SERVICE.get(region, r"116\d{3}" if region in _HARMONISED else "")
    return re.compile(pattern) if pattern else None


# Members of CEPT that took over the harmonised range and are not in the table above.
_HARMONISED = frozenset(
    {"IT", "CH", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "GR", "HU", "IE", "LT", "LV"}
    | {"LU", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI"}
)


@lru_cache(maxsize=64)
def short_codes(region: str) -> re.Pattern[str] | None:
    """Matches every short number libphonenumber knows, for numbers that are no extensions."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    known = metadata.short_code if metadata else None
    return re.compile(known.national_number_pattern) if known and known.national_number_pattern else None


def is_short_code(region: str, digits: str) -> bool:
    """Whether digits that are no extension are a public short number rather than a local subscriber's.

    A local number of four or more digits may look like a premium text-message code; only numbers that begin with 1
    (ITU-T E.164 leaves it to services in Europe) or have three digits are taken for codes.
    """
    if len(digits) > 6 or not (digits[0] == "1" or len(digits) <= 3):
        return False
    known = short_codes(region)
    return known is not None and known.fullmatch(digits) is not None


@lru_cache(maxsize=64)
def call_by_call(region: str) -> re.Pattern[str] | None:
    """Matches, at the beginning of a dialled national number, a code that chooses a carrier for one call."""
    pattern = _CALL_BY_CALL.get(region)
    return re.compile(pattern) if pattern else None
