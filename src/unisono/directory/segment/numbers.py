"""The numbers of a segment: in order, by last digits, by digits in any place. A number is named by its *place* in order."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product

from unisono.directory import keys
from unisono.directory.segment.format import Sections
from unisono.directory.segment.layout import HEAD, HEAD_SHIFT
from unisono.numbers.country import split_code

_LAST = 8
"""Last digits that are sorted."""
_SCANNED = 4
"""With so few digits so many numbers contain them that reading all in order finds some soonest."""
_AT_ONCE = 8192
"""Numbers read between two breathing marks."""
_ASKED_AT_ONCE = 256
"""Look-ups between two breathing marks."""
_DEAREST = 40
"""A look-up costs about as much as reading so many numbers."""
_FEW = 8
"""Entries that are compared one by one."""


class Numbers:
    """Sorted keys of numbers, each with its contact and its kind."""

    def __init__(self, sections: Sections) -> None:
        self.keys = sections["num.key"].cast("Q")
        self.at = sections["num.at"].cast("I")
        self.kinds = sections["num.kind"]
        self._heads = sections["num.head"].cast("I")
        self._tall = sections["num.tall"].cast("I")
        self._ends = sections["rev.key"].cast("I")
        self._end_places = sections["rev.num"].cast("I")

    @cached_property
    def codes(self) -> frozenset[str]:
        """The country calling codes of all of them."""
        beginnings = (keys.text(head << HEAD_SHIFT) for head in self._heads)
        return frozenset(split_code(text[1:]) for text in beginnings if text[0] == "+") - {""}

    def between(self, low: int, high: int) -> range:
        """The places with keys from `low` up to but without `high`."""
        keys, first = self.keys, bisect_left(self.keys, low)
        if high - low == 1:  # one number: mostly few have it
            last, most = first, min(first + _FEW, len(keys))
            while last < most and keys[last] == low:
                last += 1
            if last < first + _FEW:
                return range(first, last)
        return range(first, bisect_left(keys, high, first))

    def exactly(self, key: int, kinds: int, most: int) -> list[int] | None:
        """`contacts` that have this number; None if so many entries have it that reading them takes its time."""
        keys = self.keys
        place = bisect_left(keys, key)
        if place == len(keys) or keys[place] != key:
            return []
        if place + 1 == len(keys) or keys[place + 1] != key:
            return [self.at[place]] if kinds >> self.kinds[place] & 1 else []
        places = self.between(key, key + 1)
        return self.contacts(places, kinds, most) if len(places) <= _AT_ONCE else None

    def ending(self, digits: str) -> memoryview:
        """Places of the numbers that end so; with more digits than are sorted, in as many of them as are."""
        bounds = keys.end_range(digits[-_LAST:])
        if bounds is None:
            return self._end_places[:0]
        first = bisect_left(self._ends, bounds[0] >> 32)
        return self._end_places[first : bisect_left(self._ends, bounds[1] >> 32, first)]

    def ending_exactly(self, digits: str, places: Sequence[int]) -> Sequence[int]:
        """Those of `ending` that have all the digits."""
        if len(digits) <= _LAST:
            return places
        return [place for place in places if keys.text(self.keys[place]).endswith(digits)]

    def contacts(self, places: Sequence[int], kinds: int, most: int) -> list[int]:
        """The contacts behind these numbers, each once, of these kinds, at most so many."""
        at, kind = self.at, self.kinds
        if len(places) == 1:
            return [at[places[0]]] if kinds >> kind[places[0]] & 1 else []
        found: dict[int, None] = {}
        for place in places:
            if kinds >> kind[place] & 1:
                if len(found) >= most:
                    break
                found[at[place]] = None
        return list(found)

    def containing(self, digits: str) -> Iterator[int | None]:
        """Places of the numbers with these digits in any place; may name one twice."""
        if not digits.isascii() or not digits.isdecimal() or len(digits) > 16:
            return iter(())
        asked = sum(len(heads) for heads in self._beginnings()) + 111
        if len(digits) <= _SCANNED or asked * _DEAREST > len(self.keys):
            return self._read(digits)
        return self._asked(digits)

    def _read(self, digits: str) -> Iterator[int | None]:
        wanted = digits.encode()
        for begin in range(0, len(self.keys), _AT_ONCE):
            text = keys.texts(array("Q", self.keys[begin : begin + _AT_ONCE]))
            at = text.find(wanted)
            while at >= 0:
                entry, place = divmod(at, keys.WIDTH)
                if place + len(wanted) <= keys.WIDTH:
                    yield begin + entry
                    at = text.find(wanted, (entry + 1) * keys.WIDTH)
                else:
                    # Not in one number: the end of a very long one and the beginning of the next.
                    at = text.find(wanted, at + 1)
            yield None

    def _asked(self, digits: str) -> Iterator[int | None]:
        """Few digits before them: look all beginnings up. Few behind: all endings that can be. Neither: the tall numbers."""
        nibbles = int("".join(f"{int(digit) + 1:x}" for digit in digits), 16)
        asked = 0
        for length, heads in enumerate(self._beginnings()):
            shift = 64 - 4 * (length + len(digits))
            if shift < 0:
                break
            for head in heads:
                low = (head << 4 * len(digits) | nibbles) << shift
                yield from self.between(low, low + (1 << shift))
                asked += 1
                if asked % _ASKED_AT_ONCE == 0:
                    yield None
        for behind in range(3):
            for ending in product("0123456789", repeat=behind):
                digits_last = digits + "".join(ending)
                yield from self.ending_exactly(digits_last, self.ending(digits_last))
        yield None
        for count, place in enumerate(self._tall, 1):
            if digits in keys.text(self.keys[place]):
                yield place
            if count % 1000 == 0:
                yield None

    def _beginnings(self) -> list[Sequence[int]]:
        """The different beginnings of numbers by their length, from none to `HEAD` digits."""
        found: list[Sequence[int]] = [self._heads]
        for _ in range(HEAD):
            found.append(list(dict.fromkeys([head >> 4 for head in found[-1]])))
        return found[::-1]
