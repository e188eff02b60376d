"""Which contacts of a segment are worth scoring for a query. Pure, and bounded whatever is asked."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from unisono.directory import keys
from unisono.directory.segment import Attribute, Segment

SCORED = 200
"""Candidates scored in one segment: whole words before beginnings, then in the order of names."""
_READ = 3000
"""Postings read for a single word that few have; what lies behind them is reached by typing on."""
_AT_ONCE = 512
"""Bytes of bitmaps compared in one go."""
_NUMBERS = 600

Run = tuple[bytes, bool]
"""A run of letters or digits that a contact's word has to begin with, or, if True, to be."""


def likely(segment: Segment, runs: Sequence[Run]) -> Iterator[tuple[int, Sequence[int]]]:
    """Groups of contacts that have all of these, the likeliest first, each with the most points that it can have.

    A group is in the order of names. Some are in several groups.
    """
    if len(runs) > 1:
        yield 100, with_words(segment, runs)
        return
    run, whole = runs[0]
    yield 100, segment.names_from(run)[:SCORED]
    yield 97, segment.with_word(run)[:SCORED]
    if not whole:
        common = segment.common(run)
        if common is not None:
            yield 85, list(islice(_in_all([common], range(len(segment))), SCORED))
        else:
            yield 85, sorted(set(segment.with_word_prefix(run)[:_READ]))[:SCORED]


def with_words(segment: Segment, runs: Sequence[Run], among: Iterable[int] | None = None) -> list[int]:
    """Contacts that have all of these, at most `SCORED`: those with a name that begins with one of them, then the others.

    `among`: only these contacts count.
    """
    heavy, light = [], []
    for run, whole in runs:
        common = None if whole else segment.common(run)
        if common is not None:
            heavy.append(common)
        else:
            light.append(segment.with_word(run) if whole else segment.with_word_prefix(run))
    names = [segment.names_from(run) for run, _ in runs]
    if among is None and not light:
        first = chain.from_iterable(islice(_in_all(heavy, name), SCORED // 2) for name in names)
        return _some(first, islice(_in_all(heavy, range(len(segment))), SCORED))
    light.sort(key=len)
    together: Iterable[int] = among if among is not None else light.pop(0)
    for common in heavy:
        together = [at for at in together if common[at >> 3] >> (at & 7) & 1]
    together = set(together)
    for found in light:
        together.intersection_update(found)
    if len(together) <= SCORED:
        return sorted(together)
    named = (at for at in together if any(at in name for name in names))
    return _some(heapq.nsmallest(SCORED // 2, named), heapq.nsmallest(SCORED, together))


def one_by_one(segment: Segment, runs: Sequence[Run]) -> Iterator[int]:
    """Contacts that have all of these, for one who needs only the first of them; may name one twice."""
    heavy = [bits for run, whole in runs if not whole and (bits := segment.common(run)) is not None]
    if len(runs) == 1:
        yield from segment.names_from(runs[0][0])[:SCORED]
    if len(heavy) == len(runs):
        yield from _in_all(heavy, range(len(segment)))
    elif len(runs) == 1 and not runs[0][1]:
        yield from segment.with_word_prefix(runs[0][0])
    else:
        yield from with_words(segment, runs)


def _some(first: Iterable[int], others: Iterable[int]) -> list[int]:
    return sorted(islice(dict.fromkeys(chain(first, others)), SCORED))


def _in_all(bitmaps: Sequence[memoryview], among: range) -> Iterator[int]:
    """The contacts of a range that are in all bitmaps, rising."""
    for begin in range(among.start >> 3, (among.stop + 7) >> 3, _AT_ONCE):
        together = -1
        for bits in bitmaps:
            together &= int.from_bytes(bits[begin : begin + _AT_ONCE], "little")
        while together:
            at = (together & -together).bit_length() - 1
            together &= together - 1
            if 8 * begin + at in among:
                yield 8 * begin + at


# Numbers


def forms(digits: str) -> list[tuple[str, bool]]:
    """As typed; and without the trunk zero, which then has to stand right behind the country code."""
    found = [(digits, False)]
    if digits.startswith("0") and len(digits) > 3:
        found.append((digits[1:], True))
    return found


def beginning(segment: Segment, digits: str, plus: bool) -> Iterator[memoryview]:
    """Contacts with numbers that begin so: internationally; unless `plus`, also nationally in any country, and local ones."""
    for canonical in _beginnings(segment, digits, plus):
        bounds = keys.key_range(canonical)
        if bounds is not None:
            yield segment.numbered(*bounds)


def _beginnings(segment: Segment, digits: str, plus: bool) -> Iterator[str]:
    yield "+" + digits
    if not plus:
        yield digits
        for form, _ in forms(digits):
            yield from (f"+{code}{form}" for code in segment.codes)


def with_number(segment: Segment, digits: str, plus: bool, limit: int) -> dict[int, int]:
    """Contacts by digits, with their score: whole numbers, then beginnings, then endings, then any place."""
    found: dict[int, int] = {}
    for canonical in _beginnings(segment, digits, plus):
        bounds = keys.key_range(canonical)
        if bounds is not None:
            for at in segment.with_number(bounds[0]):
                found[at] = 100 if plus else 95
            for at in segment.numbered(*bounds)[:_NUMBERS]:
                found.setdefault(at, 90 if plus else 80)
    if not plus and len(found) < limit:
        for at in segment.with_last_digits(digits, most=_NUMBERS):
            found.setdefault(at, 65)
    if not plus and len(found) < limit:
        for entry in segment.with_digits(digits):
            if entry is not None:
                found.setdefault(entry, 45)
                if len(found) >= limit:
                    break
    return found


def has_digits(segment: Segment, ordinal: int, digits: str) -> bool:
    """Whether a contact has these digits in any place of a number."""
    wanted = digits.encode()
    for first, last in ((Attribute.TELEPHONE_NUMBER, Attribute.FACSIMILE), (Attribute.PRIMARY_PHONE, Attribute.HOME_FACSIMILE)):
        # Quick, and sometimes wrong where a number meets what stands behind it.
        if wanted in bytes(segment.slice(ordinal, first, last)):
            return any(wanted in value for a in range(first, last + 1) for value in segment.values(ordinal, Attribute(a)))
    return False
