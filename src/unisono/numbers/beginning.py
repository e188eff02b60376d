"""What the beginning of a number, as somebody types it, can mean at a location: for search by prefix. Pure."""

from unisono.numbers.clean import to_ascii
from unisono.numbers.location import Location
from unisono.numbers.plan import plan_of


def beginnings(text: str, location: Location) -> tuple[str, ...]:
    """The super-canonical beginnings that these first digits can stand for; none if there is no digit.

    0432 55 at an Italian site is +39043255; 55 is an extension, a subscriber of the own area, a mobile number without its
    prefix, or a country code without its plus sign.
    """
    plan = plan_of(location)
    digits = "".join(char for char in to_ascii(text) if char.isdecimal())
    if not digits:
        return ()
    if text.lstrip().startswith("+"):
        return (f"+{digits}",)
    for prefix in (plan.international, "00"):
        if prefix and digits.startswith(prefix) and len(digits) > len(prefix):
            return (f"+{digits[len(prefix) :]}",)
    code = f"+{plan.country.code}"
    trunk = plan.national
    if plan.country.keeps_zero and digits.startswith("0"):
        return (code + digits,)
    if trunk and digits.startswith(trunk):
        return (code + digits[len(trunk) :],)
    return tuple(dict.fromkeys((digits, f"{code}{plan.area}{digits}", code + digits, f"+{digits}")))
