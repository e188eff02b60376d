"""What stands anywhere in the values of an attribute: its words, the values that have each, and all endings of words in order.

A *word* is a run of bytes that are letters, digits or above ASCII. A piece of such bytes that stands in a value stands in one
of its words, and a word that holds it has an ending that begins with it: a range of endings gives the words, these the values.
Nothing has to be compared. With other pieces than one such the values are compared, which are few if a word in them is rare.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain

from unisono.directory.segment.attributes import Attribute
from unisono.directory.segment.format import Sections, Writer

WITHIN = (Attribute.CN, Attribute.SN, Attribute.GIVEN_NAME, Attribute.O)
"""Attributes of which all words are known."""
_BLANKS = bytes(code if code >= 0x80 or chr(code).isalnum() or chr(code) == "\n" else 0x20 for code in range(256))
_PLACE_BITS = 6
_PLACE = (1 << _PLACE_BITS) - 1
_LONGEST = _PLACE + 1
"""Bytes of a word that are known; values with a longer one are noted, to be compared."""


def words_of(text: bytes) -> list[bytes]:
    """The words of a value."""
    return text.translate(_BLANKS).split()


def write_within(writer: Writer, slot: int, texts: Sequence[bytes]) -> None:
    """The words of these values, which are sorted."""
    words: dict[bytes, list[int]] = {}
    long: list[int] = []
    for number, line in enumerate(b"\n".join(texts).translate(_BLANKS).split(b"\n")):
        for word in line.split():
            if len(word) > _LONGEST:
                long.append(number)
                word = word[:_LONGEST]
            found = words.get(word)
            if found is None:
                words[word] = [number]
            else:
                found.append(number)
    ordered = sorted(words)
    writer.section(f"w{slot}.text", [b"\n", b"\n".join(ordered), b"\n" * bool(ordered)])
    writer.section(f"w{slot}.start", [array("I", accumulate(map((1).__add__, map(len, ordered)), initial=1))])
    writer.section(f"w{slot}.posts", [array("I", accumulate((len(words[word]) for word in ordered), initial=0))])
    writer.section(f"w{slot}.at", [array("I", chain.from_iterable(map(words.__getitem__, ordered)))])
    writer.section(f"w{slot}.long", [array("I", long)])
    del words
    writer.section(f"w{slot}.end", [_endings(ordered)])


def _endings(words: Sequence[bytes]) -> "array[int]":
    """Every ending of every word, in order, as the word's number and where in it the ending begins."""
    # Sorted as bytes with that behind them, which is quicker than by a key.
    endings = [
        b"%b\0%b" % (word[at:], (number << _PLACE_BITS | at).to_bytes(4))
        for number, word in enumerate(words)
        for at in range(len(word))
    ]
    endings.sort()
    return array("I", [int.from_bytes(ending[-4:]) for ending in endings])


class Within:
    """The words of one attribute's values."""

    __slots__ = ("_at", "_data", "_endings", "_posts", "_starts", "long")

    def __init__(self, sections: Sections, slot: int) -> None:
        self._data = sections[f"w{slot}.text"]
        self._starts = sections[f"w{slot}.start"].cast("I")
        self._posts = sections[f"w{slot}.posts"].cast("I")
        self._at = sections[f"w{slot}.at"].cast("I")
        self._endings = sections[f"w{slot}.end"].cast("I")
        self.long = sections[f"w{slot}.long"].cast("I")
        """Numbers of values with a word of which only the beginning is known."""

    def _ending(self, code: int) -> bytes:
        starts, word = self._starts, code >> _PLACE_BITS
        return bytes(self._data[starts[word] + (code & _PLACE) : starts[word + 1] - 1])

    def values(self, piece: bytes) -> Iterator[Sequence[int]]:
        """Numbers of the values that have a word with this piece, some at a time; may name one twice."""
        endings, at, posts = self._endings, self._at, self._posts
        place = bisect_left(endings, piece, key=self._ending)
        while place < len(endings) and self._ending(code := endings[place]).startswith(piece):
            word = code >> _PLACE_BITS
            yield at[posts[word] : posts[word + 1]]
            place += 1

    def count(self, piece: bytes) -> int:
        """How many endings begin so."""
        first = bisect_left(self._endings, piece, key=self._ending)
        return bisect_left(self._endings, piece + b"\xff", first, key=self._ending) - first

    def values_count(self, piece: bytes) -> int:
        """About how many values have a word with this piece."""
        return self.count(piece) * len(self._at) // max(1, len(self._starts) - 1)
