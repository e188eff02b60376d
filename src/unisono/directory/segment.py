"""An immutable, compact index over the contacts of one book: built once, read by every look-up, replaced as a whole.

A contact is an *ordinal*: its place in the order of folded display names, so that small ordinals come first in a list. Nothing
here is one Python object per contact or word: records, ids and words are runs of bytes with arrays of offsets beside them.
About 450 bytes per contact in all.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from unisono.directory import keys
from unisono.directory.model import Contact, ContactNumber
from unisono.directory.pack import unpack

WIDTH = 17
"""Bytes per number in the digit text: a plus sign or a blank, sixteen digits, padded with NUL."""


class Texts:
    """A sequence of byte strings in one run of bytes."""

    __slots__ = ("_data", "_starts")

    def __init__(self, parts: Sequence[bytes]) -> None:
        starts = array("Q", [0])
        total = 0
        for part in parts:
            total += len(part)
            starts.append(total)
        self._data = b"".join(parts)
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:
        return self._data[self._starts[index] : self._starts[index + 1]]

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self._data) + 8 * len(self._starts)


class Segment:
    """One book's index; made by `build.Builder`."""

    __slots__ = (
        "_folded",
        "_ids",
        "_ids_at",
        "_number_at",
        "_number_digits",
        "_number_keys",
        "_posting_starts",
        "_postings",
        "_records",
        "_stem_at",
        "_stems",
        "_words",
    )

    def __init__(
        self,
        *,
        records: Texts,
        folded: Texts,
        ids: Texts,
        ids_at: "array[int]",
        words: Texts,
        posting_starts: "array[int]",
        postings: "array[int]",
        number_keys: "array[int]",
        number_at: "array[int]",
        number_digits: bytes,
        stems: "array[int]",
        stem_at: "array[int]",
    ) -> None:
        self._records = records
        self._folded = folded
        self._ids = ids
        self._ids_at = ids_at
        self._words = words
        self._posting_starts = posting_starts
        self._postings = postings
        self._number_keys = number_keys
        self._number_at = number_at
        self._number_digits = number_digits
        self._stems = stems
        self._stem_at = stem_at

    def __len__(self) -> int:
        return len(self._records)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        arrays = (
            self._ids_at,
            self._posting_starts,
            self._postings,
            self._number_keys,
            self._number_at,
            self._stems,
            self._stem_at,
        )
        texts = (self._records, self._folded, self._ids, self._words)
        return (
            sum(len(a) * a.itemsize for a in arrays) + sum(text.size for text in texts) + len(self._number_digits)
        )

    def contact(self, ordinal: int) -> Contact:
        """The contact itself."""
        return unpack(self._records[ordinal])

    def contacts(self) -> Iterator[Contact]:
        """All, in the order of their names."""
        return (unpack(self._records[i]) for i in range(len(self._records)))

    def folded(self, ordinal: int) -> bytes:
        """The contact's words for scoring: see `build.folded_line`."""
        return self._folded[ordinal]

    def find(self, contact_id: str) -> int | None:
        """The ordinal of an id."""
        wanted = contact_id.encode()
        at = bisect_left(self._ids, wanted)
        return self._ids_at[at] if at < len(self._ids) and self._ids[at] == wanted else None

    # Numbers

    def with_number(self, key: int) -> list[int]:
        """Ordinals of the contacts that have exactly this number (a key of `keys`)."""
        low = bisect_left(self._number_keys, key)
        high = bisect_right(self._number_keys, key, low)
        return list(self._number_at[low:high])

    def with_prefix(self, low_key: int, high_key: int, most: int) -> list[int]:
        """Ordinals of contacts whose numbers lie in this range of keys, in the order of numbers, at most `most` of them."""
        low = bisect_left(self._number_keys, low_key)
        high = bisect_left(self._number_keys, high_key, low)
        return list(self._number_at[low : min(high, low + most)])

    def with_stem(self, key: int) -> list[int]:
        """Ordinals of the contacts that give this stem."""
        low = bisect_left(self._stems, key)
        high = bisect_right(self._stems, key, low)
        return list(self._stem_at[low:high])

    def with_digits(self, digits: bytes, most: int) -> list[tuple[int, int, bytes]]:
        """Numbers that contain these digits: (ordinal, place of the first one, the whole number with its plus sign)."""
        found: list[tuple[int, int, bytes]] = []
        text, at = self._number_digits, self._number_digits.find(digits)
        while at >= 0 and len(found) < most:
            entry, place = divmod(at, WIDTH)
            start = entry * WIDTH
            found.append((self._number_at[entry], place, text[start : start + WIDTH].rstrip(b"\0")))
            at = text.find(digits, start + WIDTH)
        return found

    # Words

    def with_word(self, word: bytes) -> "array[int]":
        """Ordinals of the contacts that have this folded word."""
        at = bisect_left(self._words, word)
        if at < len(self._words) and self._words[at] == word:
            return self._postings[self._posting_starts[at] : self._posting_starts[at + 1]]
        return array("I")

    def with_word_prefix(self, prefix: bytes) -> "array[int]":
        """Ordinals of the contacts that have a word with this prefix; may name one twice."""
        low = bisect_left(self._words, prefix)
        # No folded word holds the byte 0xFF: it is not in UTF-8.
        high = bisect_left(self._words, prefix + b"\xff", low)
        return self._postings[self._posting_starts[low] : self._posting_starts[high]]


def number_matching(contact: Contact, key: int) -> ContactNumber | None:
    """The contact's number with this key."""
    return next((n for n in contact.numbers if keys.key(n.canonical) == key), None)
