"""Which contacts of a segment answer a condition: from the cheapest index range, the rest tested on the record. Pure.

Everything is an iterator of ordinals, each at most once, with a None about once in a millisecond at the longest: a breathing
mark, at which the reader may let others run, count, or stop.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias, assert_never

from unisono.directory import keys
from unisono.directory.fold import folded_forms, folded_value
from unisono.directory.ldap.condition import (
    All,
    Always,
    Any,
    BookHolds,
    BookIs,
    Condition,
    Has,
    IdBetween,
    IdIs,
    Never,
    NumberEnds,
    NumberHolds,
    NumberIn,
    NumberLike,
    TextBegins,
    TextBetween,
    TextHolds,
    TextIs,
    Without,
    any_of,
)
from unisono.directory.segment import Segment
from unisono.directory.segment.attributes import KIND_NUMBER, NUMBERS, Attribute

Ordinals: TypeAlias = Iterator[int | None]

_TESTS_A_BREATH = 128
_TEXTS_A_TEST = 200
"""Looking for something in so many texts of an attribute costs as much as testing one candidate."""
_SET_MOST = 20_000
"""Ordinals of an index range that are made a set, to be intersected with another."""
_SET_LEAST = 64
_AT_ONCE = 4096
"""Ordinals handed on between two breathing marks."""
_QUICK_TESTS = 128
_QUICK_MASKS = 1024
"""Contacts tested by their records, and by their masks only, in an answer that is given at once."""
_QUICK_BREATHS = 3
_ENDS_MOST = 8


def matches(segment: Segment, condition: Condition) -> Ordinals:
    """The ordinals of the contacts of which the condition is true."""
    match condition:
        case Never():
            return iter(())
        case Always():
            return iter(range(len(segment)))
        case TextIs(attribute) | TextBegins(attribute) | TextHolds(attribute) | TextBetween(attribute) if not attribute.indexed:
            return _scan(segment, condition)
        case All(of):
            return _all(segment, of)
        case Any(of):
            return _any(segment, of)
        case Has() | Without() | IdBetween():
            return _scan(segment, condition)
        case IdIs(contact_id):
            found = segment.find(contact_id)
            return iter(() if found is None else (found,))
        case BookIs() | BookHolds():
            return _in_steps(range(len(segment) if _is_book(segment.book, condition) else 0))
        case NumberLike(pieces):
            return _tested(segment, _distinct(segment, segment.with_digits(max(pieces, key=len).lstrip("+"))), (condition,))
        case NumberHolds(digits, kinds):
            return _distinct(segment, segment.with_digits(digits, kinds))
        case TextHolds(attribute, pieces, start, end):
            return _distinct(segment, segment.with_value_within(attribute, pieces, start, end))
        case TextBetween(attribute, low, high):
            return _distinct(segment, segment.with_value_between(attribute, low, high))
        case NumberIn():
            return _distinct(segment, _numbers_in(segment, condition))
        case NumberEnds(digits, kinds):
            return _distinct(segment, _numbers_ending(segment, digits, kinds))
        case TextIs() | TextBegins():
            return _distinct(segment, _in_steps(_range(segment, condition)))
        case _:
            assert_never(condition)


def quick(segment: Segment, condition: Condition, most: int) -> Sequence[int] | None:
    """The first hits, more than `most` of them if there are more, each once; None if that would take a millisecond."""
    match condition:
        case NumberIn(low, high, kinds) if high == low + 1:
            return segment.numbers.exactly(low, kinds, most + 1)
        case Never():
            return ()
        case IdIs(contact_id):
            found = segment.find(contact_id)
            return () if found is None else (found,)
        case NumberIn(low, high, kinds):
            numbers = segment.numbers
            places: Sequence[int] = numbers.between(low, high)
            return numbers.contacts(places, kinds, most + 1) if len(places) <= _AT_ONCE else None
        case NumberEnds(digits, kinds):
            numbers = segment.numbers
            places = numbers.ending(digits)
            if len(places) > _AT_ONCE:
                return None
            return numbers.contacts(numbers.ending_exactly(digits, places), kinds, most + 1)
        case TextIs(attribute) | TextBegins(attribute) if attribute.indexed:
            return _first(_range(segment, condition), most)
        case TextHolds(attribute, pieces, start, end) if attribute.indexed:
            return _begun(segment.with_value_within(attribute, pieces, start, end), most)
        case NumberHolds(digits, kinds):
            return _begun(segment.with_digits(digits, kinds), most)
        case Any(of):
            return _quick_any(segment, of, most)
        case All(of):
            return _quick_all(segment, of, most)
    return None


def _first(posts: Sequence[int], most: int) -> Sequence[int] | None:
    """The first of these, each once."""
    if len(posts) < 2:
        return posts
    found = dict.fromkeys(posts[: most + most // 2 + 16])
    if len(found) > most or len(posts) <= most + most // 2 + 16:
        return list(found)
    return list(dict.fromkeys(posts)) if len(posts) <= _AT_ONCE else None


def _begun(found: Iterator[int | None], most: int) -> Sequence[int] | None:
    """What an iterator finds within a few breaths, if that is enough or all."""
    hits: dict[int, None] = {}
    breaths = 0
    for ordinal in found:
        if ordinal is not None:
            hits[ordinal] = None
            if len(hits) > most:
                break
            continue
        breaths += 1
        if breaths > _QUICK_BREATHS:
            return None
    return list(hits)


def _quick_any(segment: Segment, of: Sequence[Condition], most: int) -> Sequence[int] | None:
    found: dict[int, None] = {}
    for one in of:
        some = quick(segment, one, most)
        if some is None:
            return None
        found.update(dict.fromkeys(some))
        if len(found) > most:
            break
    return list(found)


def _quick_all(segment: Segment, of: Sequence[Condition], most: int) -> Sequence[int] | None:
    needed = [one.mask for one in of if isinstance(one, Has)]
    others = [one for one in of if not isinstance(one, Has)]
    if not others:
        return None
    first = others[0] if len(others) == 1 else min(others, key=lambda one: cost(segment, one))
    others.remove(first)
    for tests in (_QUICK_TESTS,) if others else (2 * most + 16, _QUICK_MASKS):
        some = quick(segment, first, tests)
        if some is None:
            return None
        found: Sequence[int] = some[:tests]
        for mask in needed:
            found = segment.having(found, mask)
        if others:
            found = [ordinal for ordinal in found if all(holds(segment, ordinal, one) for one in others)]
        if len(found) > most or len(some) <= tests:
            return found
    return None


def cost(segment: Segment, condition: Condition) -> int:
    """About how many candidates have to be looked at."""
    match condition:
        case Never():
            return 0
        case IdIs():
            return 1
        case BookIs() | BookHolds():
            return len(segment) if _is_book(segment.book, condition) else 0
        case NumberIn(low, high):
            return segment.number_count(low, high)
        case NumberEnds(digits):
            return segment.last_digits_count(digits)
        case TextIs(attribute, folded) if attribute.indexed:
            return len(segment.with_value(attribute, folded))
        case TextBegins(attribute, folded) if attribute.indexed:
            return len(segment.with_value_prefix(attribute, folded))
        case NumberHolds() | NumberLike():
            return 10 + len(segment) // _TEXTS_A_TEST
        case TextHolds(attribute, pieces) if attribute.indexed:
            few = segment.within_count(attribute, pieces)
            return 10 + len(segment) // _TEXTS_A_TEST if few is None else few
        case TextBetween(attribute, low, high) if attribute.indexed:
            return segment.value_count(attribute, low, high)
        case All(of):
            return min(cost(segment, one) for one in of)
        case Any(of):
            return sum(cost(segment, one) for one in of)
        case _:
            return 2 * len(segment) + 1


def holds(segment: Segment, ordinal: int, condition: Condition) -> bool:
    """Whether the condition is true of one contact, by its record."""
    match condition:
        case Has(mask):
            return bool(segment.mask(ordinal) & mask)
        case Always():
            return True
        case Never():
            return False
        case All(of):
            return all(holds(segment, ordinal, one) for one in of)
        case Any(of):
            return any(holds(segment, ordinal, one) for one in of)
        case Without(leaf):
            return not holds(segment, ordinal, leaf)
        case IdIs(contact_id):
            return segment.id(ordinal) == contact_id.encode()
        case IdBetween(low, high):
            found = segment.id(ordinal).decode()
            return (low is None or low <= found) and (high is None or found <= high)
        case BookIs() | BookHolds():
            return _is_book(segment.book, condition)
        case TextIs() | TextBegins() | TextHolds() | TextBetween():
            return _text_holds(segment, ordinal, condition)
        case NumberIn() | NumberEnds() | NumberHolds() | NumberLike():
            return _number_holds(segment, ordinal, condition)
        case _:
            assert_never(condition)


@lru_cache(maxsize=1024)
def _is_book(book: str, condition: BookIs | BookHolds) -> bool:
    have = folded_value(book)
    if isinstance(condition, BookIs):
        return have == condition.folded
    return in_order(have, condition.pieces, condition.start, condition.end)


def _text_holds(segment: Segment, ordinal: int, condition: TextIs | TextBegins | TextHolds | TextBetween) -> bool:
    fits = _text_test(condition)
    values = segment.values(ordinal, condition.attribute)
    return any(fits(form) for value in values for form in folded_forms(value.decode()) if form)


@lru_cache(maxsize=256)
def _text_test(condition: TextIs | TextBegins | TextHolds | TextBetween) -> Callable[[bytes], bool]:
    match condition:
        case TextIs(_, folded):
            return folded.__eq__
        case TextBegins(_, folded):
            return lambda form: form.startswith(folded)
        case TextHolds(_, pieces, start, end):
            return lambda form: in_order(form, pieces, start, end)
        case TextBetween(_, low, high):
            return lambda form: (low is None or low <= form) and (high is None or form <= high)
        case _:
            assert_never(condition)


def in_order(value: bytes, pieces: Sequence[bytes], start: bool, end: bool) -> bool:
    """Whether the pieces stand in the value one behind the other."""
    at, last = 0, len(pieces) - 1
    for number, piece in enumerate(pieces):
        if start and number == 0:
            if not value.startswith(piece):
                return False
            found = 0
        elif end and number == last:
            return len(value) - len(piece) >= at and value.endswith(piece)
        else:
            found = value.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not end or at == len(value)


def _number_holds(segment: Segment, ordinal: int, condition: NumberIn | NumberEnds | NumberHolds | NumberLike) -> bool:
    fits = _number_test(condition)
    return any(
        fits(value.decode())
        for attribute in _attributes_of(condition.kinds)
        if segment.has(ordinal, attribute)
        for value in segment.values(ordinal, attribute)
    )


@lru_cache(maxsize=64)
def _attributes_of(kinds: int) -> tuple[Attribute, ...]:
    return tuple(a for a in sorted(NUMBERS) if a.kind is not None and kinds >> KIND_NUMBER[a.kind] & 1)


@lru_cache(maxsize=256)
def _number_test(condition: NumberIn | NumberEnds | NumberHolds | NumberLike) -> Callable[[str], bool]:
    match condition:
        case NumberIn(low, high):
            return lambda number: (key := keys.key(number)) is not None and low <= key < high
        case NumberEnds(digits):
            return lambda number: keys.key(number) is not None and number.removeprefix("+").endswith(digits)
        case NumberHolds(digits):
            return lambda number: keys.key(number) is not None and digits in number
        case NumberLike(pieces, start, end):
            wanted = [piece.encode() for piece in pieces]
            return lambda number: keys.key(number) is not None and in_order(number.encode(), wanted, start, end)
        case _:
            assert_never(condition)


def _range(segment: Segment, condition: TextIs | TextBegins | NumberIn | NumberEnds) -> Sequence[int]:
    """Ordinals straight from an index; may repeat."""
    match condition:
        case TextIs(attribute, folded):
            return segment.with_value(attribute, folded)
        case TextBegins(attribute, folded):
            return segment.with_value_prefix(attribute, folded)
        case NumberIn(low, high, kinds):
            return segment.with_number(low, kinds) if high == low + 1 else segment.with_number_prefix(low, high, kinds)
        case NumberEnds(digits, kinds):
            return segment.with_last_digits(digits, kinds)
        case _:
            assert_never(condition)


def _in_steps(found: Sequence[int]) -> Iterator[int | None]:
    for begin in range(0, len(found), _AT_ONCE):
        yield from found[begin : begin + _AT_ONCE]
        yield None


def _numbers_in(segment: Segment, condition: NumberIn) -> Iterator[int | None]:
    """Like `Segment.with_number_prefix`, in steps."""
    numbers = segment.numbers
    places = numbers.between(condition.low, condition.high)
    for begin in range(0, len(places), _AT_ONCE):
        yield from numbers.contacts(places[begin : begin + _AT_ONCE], condition.kinds, _AT_ONCE)
        yield None


def _numbers_ending(segment: Segment, digits: str, kinds: int) -> Iterator[int | None]:
    """Like `Segment.with_last_digits`, in steps: where too many end so, by one digit more."""
    if segment.last_digits_count(digits) <= _AT_ONCE or len(digits) >= _ENDS_MOST:
        yield from segment.with_last_digits(digits, kinds)
        yield None
        return
    for exactly in (digits, f"+{digits}"):
        key = keys.key(exactly)
        yield from segment.with_number(key, kinds) if key is not None else ()
    for digit in "0123456789":
        yield from _numbers_ending(segment, digit + digits, kinds)


def _distinct(segment: Segment, found: Iterable[int | None]) -> Ordinals:
    seen = bytearray(len(segment))
    for ordinal in found:
        if ordinal is None:
            yield None
        elif not seen[ordinal]:
            seen[ordinal] = 1
            yield ordinal


def _any(segment: Segment, of: Sequence[Condition]) -> Ordinals:
    books = [one for one in of if isinstance(one, BookIs | BookHolds)]
    if any(_is_book(segment.book, one) for one in books):
        return _in_steps(range(len(segment)))
    if books:
        return matches(segment, any_of(one for one in of if one not in books))
    if any(cost(segment, one) > 2 * len(segment) for one in of):
        return _scan(segment, Any(tuple(of)))
    return _distinct(segment, (ordinal for one in of for ordinal in matches(segment, one)))


def _all(segment: Segment, of: Sequence[Condition]) -> Ordinals:
    ordered = sorted(of, key=lambda one: cost(segment, one))
    first, others = ordered[0], ordered[1:]
    if cost(segment, first) > len(segment):
        return _scan(segment, All(tuple(of)))
    kept: list[Condition] = []
    sets: list[Collection[int]] = []
    if cost(segment, first) > _SET_LEAST:
        for one in others:
            if isinstance(one, (TextIs, TextBegins, NumberIn, NumberEnds)) and cost(segment, one) <= _SET_MOST:
                sets.append(frozenset(_range(segment, one)))
            else:
                kept.append(one)
    else:
        kept = others
    found = matches(segment, first)
    for members in sets:
        found = _within(found, members)
    return _tested(segment, found, kept)


def _within(found: Ordinals, members: Collection[int]) -> Ordinals:
    for number, ordinal in enumerate(found):
        if ordinal is None or ordinal in members:
            yield ordinal
        elif number % 4096 == 0:
            yield None


def _tested(segment: Segment, found: Ordinals, conditions: Sequence[Condition]) -> Ordinals:
    for number, ordinal in enumerate(found, 1):
        if ordinal is None:
            yield None
        elif all(holds(segment, ordinal, one) for one in conditions):
            yield ordinal
        if number % _TESTS_A_BREATH == 0:
            yield None


def _scan(segment: Segment, condition: Condition) -> Ordinals:
    return _tested(segment, iter(range(len(segment))), (condition,))
