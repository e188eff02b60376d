"""Who calls: a number to a contact, exactly, by its last digits or by a firm's main number. Pure, well under a millisecond."""

from functools import lru_cache

from unisono.directory import keys
from unisono.directory.duplicates import EACH_ALONE, Entry, Sameness, origins, same_person
from unisono.directory.index import Index
from unisono.directory.main_number import MOST_EXTENSION, covers, firm_key, stem
from unisono.directory.model import Contact, ContactNumber, Identified, IdentifiedBy, NumberKind
from unisono.directory.views import EVERYTHING, View
from unisono.numbers.country import split_code
from unisono.numbers.supercanonical import is_valid

LEAST_DIGITS = 7
"""Last digits of a number that are enough, unless an admin sets another least."""
_MOST = 20
"""Contacts looked at behind one number; a number that more have says nothing."""
_MOST_BELOW = 400
"""Numbers looked at below a stem before it is called ambiguous."""
_MOST_VERDICTS = 20_000

_FIRMS_OWN = frozenset({NumberKind.BUSINESS, NumberKind.BUSINESS_2, NumberKind.COMPANY_MAIN, NumberKind.PRIMARY})
_PERSONS_OWN = frozenset(
    {
        NumberKind.BUSINESS,
        NumberKind.BUSINESS_2,
        NumberKind.MOBILE,
        NumberKind.PRIMARY,
        NumberKind.HOME,
        NumberKind.HOME_2,
        NumberKind.CAR,
    }
)


def identify(
    index: Index,
    canonical: str,
    view: View = EVERYTHING,
    sameness: Sameness = EACH_ALONE,
    least_digits: int = LEAST_DIGITS,
) -> Identified | None:
    """The contact behind a super-canonical number; None if nobody certain.

    `least_digits`: so many last digits are enough where a number came without its area; 0: never.
    """
    key = keys.key(canonical)
    if key is None:
        return None
    found = _exact(index, key, view, sameness)
    found = found or _by_main_number(index, canonical, view)
    if found is not None:
        return found
    country, digits = _without_area(canonical)
    return _by_last_digits(index, country, digits, view, sameness) if 0 < least_digits <= len(digits) else None


@lru_cache(maxsize=4096)
def _without_area(canonical: str) -> tuple[str, str]:
    """The country (`+39`, or "") and the digits of a number of which the telephone system has not told where it is.

    That is one without international form, and one that its country does not have: `+395464621` is how `5464621` is read
    where the location has no area. No digits for any other.
    """
    code = split_code(canonical[1:]) if canonical.startswith("+") else ""
    if not code:
        return "", "" if canonical.startswith("+") else canonical
    return ("", "") if is_valid(canonical) else (f"+{code}", canonical[1 + len(code) :])


def _by_last_digits(index: Index, country: str, digits: str, view: View, sameness: Sameness) -> Identified | None:
    """Who alone has a number that ends so, and has it in this country."""
    entries = [
        (part, at)
        for part in index.parts(view)
        for at in filter(part.counts, part.segment.with_last_digits(digits, most=_MOST))
    ]
    if not entries:
        return None
    others = same_person(index, entries[0], sameness, view)
    known_as = origins(entries[0], others)
    contacts = [part.segment.contact(at) for part, at in entries]
    if {contact.id for contact in contacts} - {origin.contact_id for origin in known_as} - {contacts[0].id}:
        return None
    ending = (number for number in contacts[0].numbers if number.canonical.endswith(digits))
    number = next((number for number in ending if number.canonical.startswith(country)), None)
    if number is None:
        return None
    return Identified(contacts[0], IdentifiedBy.LAST_DIGITS, number, (), known_as)


def _exact(index: Index, key: int, view: View, sameness: Sameness) -> Identified | None:
    found: list[tuple[int, Contact, ContactNumber, Entry]] = []
    for part in index.parts(view):
        for ordinal in filter(part.counts, part.segment.with_number(key)[:_MOST]):
            contact = part.segment.contact(ordinal)
            number = _number_matching(contact, key)
            if number is not None:
                found.append((_rank(contact, number), contact, number, (part, ordinal)))
    if not found:
        return None
    found.sort(key=lambda f: f[0])
    _, contact, number, entry = found[0]
    others = same_person(index, entry, sameness, view)
    known_as = origins(entry, others)
    same = {origin.contact_id for origin in known_as}
    alternatives = tuple(c.id for _, c, _, _ in found[1:] if c.id not in same)
    return Identified(contact, IdentifiedBy.EXACT, number, alternatives, known_as)


def _rank(contact: Contact, number: ContactNumber) -> int:
    if contact.is_firm and number.kind in _FIRMS_OWN:
        return 0
    if number.kind in _PERSONS_OWN:
        return 1
    return 2 if number.kind is NumberKind.COMPANY_MAIN else 3


def _by_main_number(index: Index, canonical: str, view: View) -> Identified | None:
    if not canonical.startswith("+"):
        return None
    for length in range(len(canonical) - 1, max(4, len(canonical) - 1 - MOST_EXTENSION), -1):
        found = canonical[:length]
        known = view.books, found
        if known in index.verdicts:
            verdict = index.verdicts[known]
        else:
            holders = _holders(index, found, view)
            if not holders:
                continue
            verdict = _judge(index, found, holders, view)
            if len(index.verdicts) >= _MOST_VERDICTS:
                index.verdicts.clear()
            index.verdicts[known] = verdict
        # The longest stem decides, also when it says nobody: a shorter one would be less certain still.
        return verdict if covers(found, canonical) else None
    return None


def _holders(index: Index, found: str, view: View) -> list[Contact]:
    key = keys.key(found)
    holders: list[Contact] = []
    if key is None:
        return holders
    for part in index.parts(view):
        holders += map(part.segment.contact, filter(part.counts, part.segment.with_stem(key)[:_MOST]))
    return holders


def _judge(index: Index, found: str, holders: list[Contact], view: View) -> Identified | None:
    """The firm that owns a stem; None where two firms have numbers below it."""
    firm = firm_key(holders[0].company)
    below = _below(index, found, view)
    if len(below) >= _MOST_BELOW or any(firm_key(contact.company) != firm for contact in (*holders, *below)):
        return None
    holders.sort(key=lambda c: not c.is_firm)
    best = holders[0]
    number = next((n for n in best.numbers if stem(n, best) == found), None)
    number = number or next((n for n in best.numbers if n.canonical.startswith(found)), None)
    if number is None:
        return None
    return Identified(best, IdentifiedBy.MAIN_NUMBER, number, tuple(c.id for c in holders[1:]))


def _below(index: Index, found: str, view: View) -> list[Contact]:
    bounds = keys.key_range(found)
    contacts: list[Contact] = []
    if bounds is None:
        return contacts
    for part in index.parts(view):
        below = part.segment.with_number_prefix(*bounds, most=_MOST_BELOW)
        contacts += map(part.segment.contact, filter(part.counts, below))
    return contacts


def _number_matching(contact: Contact, key: int) -> ContactNumber | None:
    """The contact's number with this key."""
    return next((n for n in contact.numbers if keys.key(n.canonical) == key), None)
