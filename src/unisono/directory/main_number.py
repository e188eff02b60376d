"""When an unknown extension may be shown as a known firm, and above all when not.

A firm with direct dialling-in owns every number that begins with its *stem*: +49 89 36856-0 is the operator, 36856 the stem.
A stem is taken only from what the contacts say about it:

1. a number written with its operator's zero set apart, as DIN 5008 does (`36856-0`): what stands before the zero;
2. a number of kind company-main: without its last digit if that is a zero, else the whole number;
3. three or more business numbers of one firm that differ in their last one to three digits: what they share.

A wrong firm is worse than none. So a stem holds at least `LEAST_SUBSCRIBER` digits behind the area code (`LEAST_UNKNOWN`
behind the country code where the area is not known), at most `MOST_EXTENSION` digits may follow it, mobile and service
numbers have no stem, and a stem below which any other firm has a number is no stem at all (`identify.py` asks that).
"""

import re
import zlib
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from unisono.directory.fold import cut_words, query_words
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.numbers.country import split_code

LEAST_SUBSCRIBER = 4
LEAST_UNKNOWN = 7
MOST_EXTENSION = 5
LEAST_SHARED = 3
MOST_VARYING = 3

_OPERATOR = re.compile(r"\d\s*[-–]\s*(0{1,3})\s*$")
_OF_A_FIRM = frozenset({NumberKind.BUSINESS, NumberKind.BUSINESS_2, NumberKind.COMPANY_MAIN, NumberKind.PRIMARY})
SHARED_KINDS = frozenset({NumberKind.BUSINESS, NumberKind.BUSINESS_2, NumberKind.COMPANY_MAIN})
_LEGAL = frozenset(
    query_words(
        "srl srls spa snc sas sapa gmbh mbh ag kg ohg ek ev co cokg gbr ug se ltd limited llp llc plc inc corp sons"
    )
)
_NO_STEM = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.PAGER,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.VOICEMAIL,
    }
)


def firm_key(company: str) -> str:
    """A firm's name for comparing: folded, without its legal form; `Rossi Impianti S.r.l.` and `ROSSI IMPIANTI` are one."""
    found = query_words(company)
    return " ".join(word for word in found if word not in _LEGAL) or " ".join(found)


def firm_code(company: str) -> int:
    """A firm's name for comparing, in 32 bits; 0 if there is none."""
    return firm_code_of(" ".join(query_words(company)))


def firm_code_of(folded: str) -> int:
    """The same of a name in words, as the first of `fold.folded_forms` has it."""
    found = cut_words(folded)
    key = " ".join([word for word in found if word not in _LEGAL]) or " ".join(found)
    return zlib.crc32(key.encode()) or 1 if key else 0


def is_legal_form(company: str) -> bool:
    """Whether a name ends as a firm's does."""
    found = query_words(company)
    return len(found) > 1 and found[-1] in _LEGAL


def stem(number: ContactNumber, contact: Contact) -> str:
    """The stem this number stands for by rules 1 and 2, super-canonical; empty if none."""
    canonical = number.canonical
    if not contact.company or number.kind not in _OF_A_FIRM or not canonical.startswith("+"):
        return ""
    written = _OPERATOR.search(number.raw) if canonical.endswith("0") else None
    found = ""
    if written and canonical.endswith(written.group(1)):
        found = canonical[: -len(written.group(1))]
    elif number.kind is NumberKind.COMPANY_MAIN:
        found = canonical.removesuffix("0") if not canonical.endswith("00") else canonical[:-1]
    return found if len(found) - 1 - len(split_code(found[1:])) >= LEAST_SUBSCRIBER else ""


def shared_stem(numbers: list[str]) -> str:
    """The stem of rule 3: what `numbers` (of one firm, distinct, sorted) share, if they are evidence enough."""
    if len(numbers) < LEAST_SHARED or len({len(n) for n in numbers}) != 1:
        return ""
    first, last = numbers[0], numbers[-1]
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first))
    return first[:same] if 1 <= len(first) - same <= MOST_VARYING else ""


@lru_cache(maxsize=4096)
def covers(found: str, caller: str) -> bool:
    """Whether `caller` can be an extension below the stem `found`, by the country's numbering alone."""
    if not caller.startswith(found) or not 1 <= len(caller) - len(found) <= MOST_EXTENSION or len(caller) > 16:
        return False
    code = split_code(caller[1:])
    if not code:
        return False
    area = 0
    for example in (caller, found, found + "0"):
        known = _area(example)
        if known is None:
            return False
        area = area or known
    least = len(code) + (area + LEAST_SUBSCRIBER if area else LEAST_UNKNOWN)
    return len(found) - 1 >= least


def _area(canonical: str) -> int | None:
    """Digits of the area code; 0 where unknown, None where no firm can have a block of such numbers."""
    try:
        number = phonenumbers.parse(canonical)
    except phonenumbers.NumberParseException:
        return 0
    if phonenumbers.number_type(number) in _NO_STEM:
        return None
    return int(phonenumbers.length_of_geographical_area_code(number))
