"""Which contacts of a segment are worth scoring for a query. Pure, and bounded whatever is asked."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from unisono.directory import keys
from unisono.directory.breathing import Breathing, first_of
from unisono.directory.segment import Attribute, Segment

SCORED = 200
"""Candidates scored in one segment: whole words before beginnings, then in the order of names."""
_READ = 3000
"""Postings read for a single word that few have; what lies behind them is reached by typing on."""
_AT_ONCE = 512
"""Bytes of bitmaps compared in one go, or postings."""
_BLOCKS = 32
"""So many times that between two breaths."""
_CHUNK = 8_192
"""Postings put into a set in one go."""
_SOUGHT = 8
"""In a list so many times as long as another one the contacts of that are looked for, instead of reading it."""
_NUMBERS = 600
_CHECKED = 128
"""Contacts whose numbers are read between two breaths."""

Run = tuple[bytes, bool]
"""A run of letters or digits that a contact's word has to begin with, or, if True, to be."""


def likely(segment: Segment, runs: Sequence[Run]) -> Iterator[tuple[int, Sequence[int]] | None]:
    """Groups of contacts that have all of these, the likeliest first, each with the most points that it can have; it breathes.

    A group is in the order of names. Some are in several groups.
    """
    if len(runs) > 1:
        found = yield from with_words(segment, runs)
        yield 100, found
        return
    run, whole = runs[0]
    yield 100, segment.names_from(run)[:SCORED]
    yield 97, segment.with_word(run)[:SCORED]
    if not whole:
        common = segment.common(run)
        if common is not None:
            found = yield from first_of(_in_all([common], range(len(segment))), SCORED)
            yield 85, found
        else:
            yield 85, sorted(set(segment.with_word_prefix(run)[:_READ]))[:SCORED]


def with_words(
    segment: Segment, runs: Sequence[Run], among: Sequence[memoryview] | None = None
) -> Breathing[list[int]]:
    """Contacts that have all of these, at most `SCORED`: those with a name that begins with one of them, then the others.

    `among`: only contacts in one of these lists count.
    """
    heavy: list[memoryview] = []
    light = [] if among is None else [(among, False)]
    for run, whole in runs:
        common = None if whole else segment.common(run)
        if common is not None:
            heavy.append(common)
        else:
            light.append(([segment.with_word(run) if whole else segment.with_word_prefix(run)], whole))
    names = [segment.names_from(run) for run, _ in runs]
    if not light:
        named = yield from _each(_in_all(heavy, name) for name in names)
        all_ = yield from first_of(_in_all(heavy, range(len(segment))), SCORED)
        return _some(named, all_)
    rising = yield from _in_lists(light, heavy)
    all_ = yield from first_of(_having(heavy, rising, range(len(segment))), SCORED + 1)
    if len(all_) <= SCORED:
        return all_
    named = yield from _each(_having(heavy, rising, name) for name in names)
    return _some(sorted(named)[: SCORED // 2], all_)


def _each(several: Iterable[Iterator[int | None]]) -> Breathing[list[int]]:
    found: list[int] = []
    for one in several:
        found += yield from first_of(one, SCORED // 2)
    return list(dict.fromkeys(found))


def _in_lists(
    lists: Sequence[tuple[Sequence[memoryview], bool]], bitmaps: Sequence[memoryview]
) -> Breathing[Sequence[int]]:
    """Contacts that are in all of these lists, rising; each comes in pieces, and with whether it is one piece that rises.

    Only one that is in a single list may come twice. The shortest list is read; others are, if they do not rise.
    `bitmaps`: those that are not in all of these may be left out.
    """
    (pieces, rises), *others = sorted(lists, key=lambda each: sum(map(len, each[0])))
    if not others and rises:
        return pieces[0]
    if not others and len(pieces) == 1:
        return sorted(pieces[0])
    together: set[int] = set()
    for some in _chunks(pieces):
        together.update(_in_bitmaps(bitmaps, some))
        yield
    for pieces, rises in others:
        if rises and len(together) * _SOUGHT < len(pieces[0]):
            together = {at for at in together if _is_in(pieces[0], at)}
            yield
            continue
        kept: set[int] = set()
        for some in _chunks(pieces) if together else ():
            kept.update(together.intersection(some))
            yield
        together = kept
    return sorted(together)


def _chunks(pieces: Iterable[memoryview]) -> Iterator[memoryview]:
    for piece in pieces:
        for begin in range(0, len(piece), _CHUNK):
            yield piece[begin : begin + _CHUNK]


def _is_in(rising: memoryview, at: int) -> bool:
    place = bisect_left(rising, at)
    return place < len(rising) and bool(rising[place] == at)


def _having(bitmaps: Sequence[memoryview], rising: Sequence[int], among: range) -> Iterator[int | None]:
    """Those of a rising list that are in a range and in all bitmaps."""
    end = bisect_left(rising, among.stop)
    for begin in range(bisect_left(rising, among.start), end, _AT_ONCE):
        yield from _in_bitmaps(bitmaps, rising[begin : min(end, begin + _AT_ONCE)])
        yield None


def _in_bitmaps(bitmaps: Sequence[memoryview], among: Sequence[int]) -> Sequence[int]:
    for bits in bitmaps:
        among = [at for at in among if bits[at >> 3] >> (at & 7) & 1]
    return among


def one_by_one(segment: Segment, runs: Sequence[Run]) -> Iterator[int | None]:
    """Contacts that have all of these, for one who needs only the first of them; may name one twice. It breathes."""
    heavy = [bits for run, whole in runs if not whole and (bits := segment.common(run)) is not None]
    if len(runs) == 1:
        yield from segment.names_from(runs[0][0])[:SCORED]
    if len(heavy) == len(runs):
        yield from _in_all(heavy, range(len(segment)))
    elif len(runs) == 1 and not runs[0][1]:
        yield from segment.with_word_prefix(runs[0][0])
    else:
        yield from (yield from with_words(segment, runs))


def _some(named: Iterable[int], others: Iterable[int]) -> list[int]:
    return sorted(islice(dict.fromkeys(chain(named, others)), SCORED))


def _in_all(bitmaps: Sequence[memoryview], among: range) -> Iterator[int | None]:
    """The contacts of a range that are in all bitmaps, rising."""
    for number, begin in enumerate(range(among.start >> 3, (among.stop + 7) >> 3, _AT_ONCE), 1):
        together = -1
        for bits in bitmaps:
            together &= int.from_bytes(bits[begin : begin + _AT_ONCE], "little")
        while together:
            at = (together & -together).bit_length() - 1
            together &= together - 1
            if 8 * begin + at in among:
                yield 8 * begin + at
        if number % _BLOCKS == 0:
            yield None


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


def with_number(segment: Segment, digits: str, plus: bool, limit: int) -> Breathing[dict[int, int]]:
    """Contacts by digits, with their score: whole numbers, then beginnings, then endings, then any place."""
    found: dict[int, int] = {}
    for canonical in _beginnings(segment, digits, plus):
        bounds = keys.key_range(canonical)
        if bounds is not None:
            for at in segment.with_number(bounds[0]):
                found[at] = 100 if plus else 95
            for at in segment.numbered(*bounds)[:_NUMBERS]:
                found.setdefault(at, 90 if plus else 80)
            yield
    if not plus and len(found) < limit:
        for at in segment.with_last_digits(digits, most=_NUMBERS):
            found.setdefault(at, 65)
    if not plus and len(found) < limit:
        for entry in segment.with_digits(digits):
            if entry is None:
                yield
                continue
            found.setdefault(entry, 45)
            if len(found) >= limit:
                break
    return found


def with_digits(segment: Segment, among: Iterable[int], digits: str) -> Iterator[int | None]:
    """Those that have these digits in any place of a number. It breathes."""
    for number, at in enumerate(among, 1):
        if _has_digits(segment, at, digits):
            yield at
        if number % _CHECKED == 0:
            yield None


def _has_digits(segment: Segment, ordinal: int, digits: str) -> bool:
    wanted = digits.encode()
    for first, last in ((Attribute.TELEPHONE_NUMBER, Attribute.FACSIMILE), (Attribute.PRIMARY_PHONE, Attribute.HOME_FACSIMILE)):
        # Quick, and sometimes wrong where a number meets what stands behind it.
        if wanted in bytes(segment.slice(ordinal, first, last)):
            return any(wanted in value for a in range(first, last + 1) for value in segment.values(ordinal, Attribute(a)))
    return False
