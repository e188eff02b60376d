"""Numbers and parties as the client interface shows them. Pure."""

from functools import lru_cache

import msgspec
import phonenumbers


class PartyView(msgspec.Struct, frozen=True):
    """Who is behind a number. `country` is ISO 3166-1, two letters, or "". `kind` is a `calls.model.PartyKind`."""

    number: str
    display: str
    canonical: str
    name: str = ""
    company: str = ""
    contact_id: str | None = None
    user_id: str | None = None
    country: str = ""
    restricted: bool = False
    kind: str = "unknown"
    reason: str = ""
    alternatives: int = 0


def of_party(number: str, canonical: str, *, extension: bool) -> tuple[str, str]:
    """The same for a party of a call; a colleague's number is the extension that people know them by, and has no country."""
    if extension and 0 < len(number) < len(canonical) and number.isdigit() and number[0] != "0" and canonical.endswith(number):
        return number, ""
    display, country = readable(canonical)
    return display or number, country


@lru_cache(maxsize=20_000)
def readable(canonical: str) -> tuple[str, str]:
    """A super-canonical number as people write it internationally, and its country; as it is and "" where it has none."""
    if not canonical.startswith("+"):
        return canonical, ""
    try:
        number = phonenumbers.parse(canonical)
    except phonenumbers.NumberParseException:
        return canonical, ""
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    # The metadata does not know every number (ranges kept for fiction, new ones): then the main country of the calling code.
    main = phonenumbers.region_code_for_country_code(number.country_code or 0)
    country = phonenumbers.region_code_for_number(number) or main
    return form, "" if country in ("ZZ", "001") else country
