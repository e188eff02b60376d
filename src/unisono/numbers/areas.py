"""Where the area code of a number ends, for writing it."""

from functools import lru_cache

import phonenumbers

from unisono.numbers.supercanonical import split_national


@lru_cache(maxsize=4096)
def area_of(sc: str) -> tuple[str, str]:
    """Area (or mobile) code and subscriber's number of a super-canonical number; the code is empty where unknown."""
    _, national = split_national(sc)
    try:
        parsed = phonenumbers.parse(sc)
    except phonenumbers.NumberParseException:
        return "", national
    if phonenumbers.national_significant_number(parsed) != national:
        return "", national
    length = phonenumbers.length_of_geographical_area_code(parsed)
    length = length or phonenumbers.length_of_national_destination_code(parsed)
    return (national[:length], national[length:]) if length < len(national) else ("", national)
