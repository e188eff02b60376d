"""From the digits of an external number to its super-canonical form: `+`, country, area, subscriber.

Germany, Italy and most other countries are computed here, because their prefixes are one text; for the others (Brazil,
Russia, North America ...) libphonenumber decides. Numbers that are possible but not assigned are numbers too: whole
ranges are kept for fiction.
"""

import re
from functools import cache

import phonenumbers

from unisono.numbers.country import COUNTRY_CODES, Country, country_of_code, national_pattern, region_of, split_code
from unisono.numbers.model import NumberKind, PhoneNumber
from unisono.numbers.plan import Plan

E164_MOST = 15
"""Digits of an international number, ITU-T E.164 6.2."""


_Read = tuple[Country, str] | PhoneNumber
"""The country a number belongs to with its digits there, or the number itself where that is not all."""


def external(plan: Plan, text: str) -> PhoneNumber:
    """The super-canonical number of digits dialled or written at a location; `text` may begin with `+`."""
    found = _read(plan, text)
    return found if isinstance(found, PhoneNumber) else _number(*found)


def external_text(plan: Plan, text: str) -> str:
    """The text of `external` alone, in half the time; "" if it is no number."""
    found = _read(plan, text)
    if isinstance(found, PhoneNumber):
        return found.supercanonical
    facts, rest = found
    return f"+{facts.code}{rest}" if rest and len(facts.code) + len(rest) <= E164_MOST else ""


@cache
def stands_as_written(beginning: str) -> bool:
    """Whether a number that begins so, with `+` and four digits, is what `_international` gives of it whatever follows."""
    code = split_code(beginning[1:])
    facts = country_of_code(code) if code else None
    return facts is not None and facts.simple and (facts.keeps_zero or beginning[1 + len(code)] != "0")


def _read(plan: Plan, text: str) -> _Read:
    if text.startswith("+"):
        return _international(text[1:])
    prefix = plan.international
    if prefix and text.startswith(prefix):
        return _international(text[len(prefix) :])
    if text.startswith("00"):
        return _international(text[2:])
    if plan.local_prefix:
        text = text.removeprefix(plan.local_prefix)
    return _national(plan, text)


def _international(digits: str) -> _Read:
    """A number from its country code on."""
    digits = digits.removeprefix("00")
    code = split_code(digits)
    if not code:
        return PhoneNumber("", NumberKind.INVALID, reason="unknown-country-code")
    facts = country_of_code(code)
    if facts is None:
        return _checked(f"+{digits}", "", len(digits) - len(code), frozenset())
    rest = digits[len(code) :]
    if not facts.simple:
        return _by_library(f"+{digits}", facts)
    if rest[:1] == "0" and not facts.keeps_zero and not national_pattern(facts.region).fullmatch(rest):
        rest = rest.lstrip("0")
    return facts, rest


def _national(plan: Plan, text: str) -> _Read:
    """A number without country code: with the national prefix, or of the own area."""
    facts = plan.country
    if plan.national and plan.national != facts.trunk and not facts.keeps_zero and text.startswith(plan.national):
        return facts, text[len(plan.national) :]
    if not facts.simple:
        return _by_library(_with_area(plan, text), facts)
    if facts.trunk and text.startswith(facts.trunk):
        return facts, text[1:]
    if len(text) >= 10 and text.startswith(facts.code) and _lost_its_plus(plan, text):
        return _international(text)
    return facts, plan.area + text if _is_local(plan, text) else text


def _is_local(plan: Plan, text: str) -> bool:
    """Whether digits without a national prefix are a subscriber of the own area."""
    facts = plan.country
    if not plan.area:
        return False
    if facts.trunk:
        # 12 34 56 78 9 in France is a whole number that lost its 0: with an area code it would be too long.
        return len(plan.area) + len(text) in facts.lengths or len(text) not in facts.lengths
    if text[:1] == "0" or len(text) > 8:
        return False
    return not (text[:1] == "8" and is_valid(f"+{facts.code}{text}"))  # 803116, a free number of six digits


def _with_area(plan: Plan, text: str) -> str:
    """A local number of a country that libphonenumber reads, with its area code."""
    facts, length = plan.country, len(text)
    if facts.nanp:
        return plan.area + text if length == 7 and len(plan.area) == 3 else text
    missing = plan.area and length not in facts.lengths and length + len(plan.area) in facts.lengths
    prefixed = bool(facts.trunk) and text.startswith(facts.trunk) and length - len(facts.trunk) in facts.lengths
    return facts.trunk + plan.area + text if missing and not prefixed else text


def _lost_its_plus(plan: Plan, text: str) -> bool:
    """Whether digits that begin with the own country code are an international number without `+` or `00`."""
    return is_valid(f"+{text}") and not is_valid(f"+{plan.country.code}{plan.area if _is_local(plan, text) else ''}{text}")


def is_valid(text: str) -> bool:
    """Whether its country has such a number, which begins with `+`."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text)))
    except phonenumbers.NumberParseException:
        return False


def _by_library(text: str, facts: Country, tries: int = 15) -> PhoneNumber:
    """What libphonenumber makes of a number, asked again until it takes no more prefix off its own answer."""
    try:
        parsed = phonenumbers.parse(text, facts.region)
    except phonenumbers.NumberParseException:
        return PhoneNumber("", NumberKind.INVALID, reason="too-short" if len(text) < 5 else "not-a-number")
    owner = facts if str(parsed.country_code) == facts.code else country_of_code(str(parsed.country_code)) or facts
    national_number = phonenumbers.national_significant_number(parsed)
    again = f"+{owner.code}{national_number}"
    if again != text and not owner.simple and tries:
        return _by_library(again, owner, tries - 1)
    return _number(owner, national_number)


def _number(facts: Country, rest: str) -> PhoneNumber:
    region = region_of(facts, rest) if facts.shared else facts.region
    return _checked(f"+{facts.code}{rest}", region, len(rest), facts.lengths)


def _checked(text: str, region: str, length: int, lengths: frozenset[int]) -> PhoneNumber:
    if len(text) - 1 > E164_MOST:
        return PhoneNumber("", NumberKind.INVALID, region, reason="too-long")
    if not length:
        return PhoneNumber("", NumberKind.INVALID, region, reason="too-short")
    if not lengths or length in lengths:
        return PhoneNumber(text, NumberKind.EXTERNAL, region)
    return PhoneNumber(text, NumberKind.EXTERNAL, region, reason="too-short" if length < max(lengths) else "too-long")


def split_national(sc: str) -> tuple[str, str]:
    """Country code and national number of a super-canonical text; two empty texts if it is none."""
    if not re.fullmatch(r"\+[0-9]+", sc):
        return "", ""
    code = split_code(sc[1:])
    return (code, sc[1 + len(code) :]) if code in COUNTRY_CODES else ("", "")
