"""Sorted texts, and which contacts have each: the values of an attribute, looked up by their beginning or by what is in them.

Iterators give None about once in a millisecond: a breathing mark.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from unisono.directory.segment.attributes import Attribute
from unisono.directory.segment.format import Sections
from unisono.directory.segment.within import WITHIN, Within, words_of

_VALUES_AT_FIRST = 2048
_VALUES_AT_ONCE = 32_768
"""Values read between two breathing marks: few at first, because often those hold as many hits as are wanted."""
_COMPARED_AT_ONCE = 1000
"""Values compared one by one between two breathing marks."""
_FEW = 500
"""Endings of words of which the values are compared one by one rather than read all values."""


class Texts(Sequence[bytes]):
    """Sorted byte strings, a line feed before and behind each."""

    __slots__ = ("_data", "_starts")

    def __init__(self, data: memoryview, starts: memoryview) -> None:
        self._data = data
        self._starts = starts.cast("I")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return bytes(self._data[self._starts[index] : self._starts[index + 1] - 1])

    def between(self, first: int, last: int) -> list[str]:
        """Those from number `first` up to but without `last`."""
        if first == last:
            return []
        return bytes(self._data[self._starts[first] : self._starts[last] - 1]).decode().split("\n")

    def holding(self, piece: str) -> Iterator[tuple[str, int]]:
        """Those that have a piece, with its place."""
        text, wanted = bytes(self._data), piece.encode()
        at = text.find(wanted)
        while at >= 0:
            first = text.rindex(b"\n", 0, at) + 1
            last = text.index(b"\n", at)
            yield text[first:last].decode(), len(text[first:at].decode())
            at = text.find(wanted, last)

    def starting(self, prefix: bytes) -> tuple[int, int]:
        """The number of the first one that begins so, and of the first one behind those."""
        first = bisect_left(self, prefix)
        # No text holds the byte 0xFF: it is not in UTF-8.
        return first, bisect_left(self, prefix + b"\xff", first)


class Values:
    """The sorted distinct folded values of one attribute, and which contacts have each."""

    __slots__ = ("_data", "_post_starts", "_posts", "_starts", "_within", "texts")

    def __init__(self, sections: Sections, slot: Attribute) -> None:
        self._within = Within(sections, slot) if slot in WITHIN and f"w{slot}.end" in sections else None
        self._data = sections[f"v{slot}.text"]
        starts = sections[f"v{slot}.start"]
        self._starts = starts.cast("I")
        self.texts = Texts(self._data, starts)
        self._post_starts = sections[f"v{slot}.posts"].cast("I")
        self._posts = sections[f"v{slot}.at"].cast("I")

    def exactly(self, value: bytes) -> memoryview:
        """Ordinals of one value, rising."""
        at = bisect_left(self.texts, value)
        return self.between(at, at + (at < len(self.texts) and self.texts[at] == value))

    def range(self, low: bytes, high: bytes) -> memoryview:
        """Ordinals of the values from `low` up to but without `high`."""
        first = bisect_left(self.texts, low)
        return self.between(first, bisect_left(self.texts, high, first))

    def between(self, first: int, last: int) -> memoryview:
        """Ordinals of the values number `first` up to but without `last`."""
        return self._posts[self._post_starts[first] : self._post_starts[last]]

    def holding(self, pieces: tuple[bytes, ...], anchored_start: bool, anchored_end: bool) -> Iterator[int | None]:
        """Ordinals of the values that have these pieces (`stands_in`)."""
        word, within = longest_word(pieces), self._within
        plain = pieces == (word,) and not anchored_start and not anchored_end
        if within is not None and word and (plain or within.count(word) <= _FEW):
            return self._by_word(within, word, pieces, anchored_start, anchored_end, plain=plain)
        return self._by_reading(pieces, anchored_start, anchored_end)

    def count(self, pieces: Iterable[bytes]) -> int | None:
        """About how many have these pieces, or more; None if they are found by reading all values."""
        word, within = longest_word(pieces), self._within
        return within.values_count(word) if within is not None and word else None

    def _by_word(
        self, within: Within, word: bytes, pieces: tuple[bytes, ...], anchored_start: bool, anchored_end: bool, *, plain: bool
    ) -> Iterator[int | None]:
        looked = 0
        for numbers in chain(within.values(word), (within.long,)):
            exactly = plain and numbers is not within.long
            for number in numbers:
                if exactly or stands_in(self.texts[number], pieces, anchored_start, anchored_end):
                    yield from self.between(number, number + 1)
                looked += 1
                if looked % _COMPARED_AT_ONCE == 0:
                    yield None

    def _by_reading(self, pieces: tuple[bytes, ...], anchored_start: bool, anchored_end: bool) -> Iterator[int | None]:
        marked = [b"\n" * (anchored_start and n == 0) + piece for n, piece in enumerate(pieces)]
        marked[-1] += b"\n" * anchored_end
        longest = max(marked, key=len)
        for begin, text in self._blocks():
            at = text.find(longest)
            while at >= 0:
                first = text.rindex(b"\n", 0, at + longest.startswith(b"\n"))
                last = text.index(b"\n", first + 1)
                if len(pieces) == 1 or stands_in(text[first + 1 : last], pieces, anchored_start, anchored_end):
                    number = self._at(begin + first + 1)
                    yield from self.between(number, number + 1)
                at = text.find(longest, last)
            yield None

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        """All the values some at a time, with a line feed before and behind each; and the place of the first in the text."""
        starts, count = self._starts, len(self.texts)
        first, size = 0, _VALUES_AT_FIRST
        while first < count:
            begin = starts[first] - 1
            yield begin, bytes(self._data[begin : starts[min(first + size, count)]])
            first += size
            size = min(2 * size, _VALUES_AT_ONCE)

    def _at(self, place: int) -> int:
        """The number of the value that stands at this place of the text."""
        return bisect_right(self._starts, place) - 1


def longest_word(pieces: Iterable[bytes]) -> bytes:
    """The longest word in any of the pieces; b"" if there is none."""
    return max((word for piece in pieces for word in words_of(piece)), key=len, default=b"")


def stands_in(value: bytes, pieces: Sequence[bytes], anchored_start: bool, anchored_end: bool) -> bool:
    """Whether a value has these pieces in this order, one behind the other; anchored ones begin and end it."""
    at, last = 0, len(pieces) - 1
    for number, piece in enumerate(pieces):
        if anchored_end and number == last:
            whole = anchored_start and last == 0
            return value == piece if whole else value.endswith(piece) and len(value) - len(piece) >= at
        found = value.find(piece, at)
        if found < 0 or (anchored_start and number == 0 and found != 0):
            return False
        at = found + len(piece)
    return True
