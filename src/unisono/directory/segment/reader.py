"""An immutable index over the contacts of one layer of a book, read in place: no process that has it open copies it.

A contact is an *ordinal*: its place in the order of folded display names, so that small ordinals come first in a list.
Nothing here waits. What may take long is an iterator that gives None about once in a millisecond: a breathing mark, at which
its reader may let others run, or stop.
"""

import mmap
import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from unisono.directory import keys
from unisono.directory.fold import folded_forms, folded_value
from unisono.directory.model import Contact, ContactNumber
from unisono.directory.segment.attributes import ALL_KINDS, Attribute
from unisono.directory.segment.format import Sections, SegmentDamaged
from unisono.directory.segment.record import ID_IN_TAIL, SLOTS, decode, is_hex_id, values_in

WIDTH = 17
"""Bytes per number in the digit text: a plus sign or a blank, sixteen digits, padded with NUL."""
MOST = 1 << 62
_BELOW = tuple((1 << slot) - 1 for slot in range(len(Attribute) + 2))
_NUMBERS_AT_ONCE = 32_768
_VALUES_AT_ONCE = 32_768
_EMPTY = memoryview(b"")
_NO_ORDINALS = memoryview(b"").cast("I")


class Meta(msgspec.Struct):
    """What a segment says about itself."""

    book: str


class Texts(Sequence[bytes]):
    """Byte strings one behind the other, and where each begins; `gap` bytes stand between two of them."""

    __slots__ = ("_data", "_gap", "_starts")

    def __init__(self, data: memoryview, starts: memoryview, gap: int = 0) -> None:
        self._data = data
        self._starts = starts.cast("I")
        self._gap = gap

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return bytes(self._data[self._starts[index] : self._starts[index + 1] - self._gap])


class Values:
    """The sorted distinct folded values of one attribute, and which contacts have each."""

    __slots__ = ("_data", "_post_starts", "_posts", "_starts", "texts")

    def __init__(self, sections: Sections, slot: int) -> None:
        self._data = sections[f"v{slot}.text"]
        starts = sections[f"v{slot}.start"]
        self._starts = starts.cast("I")
        self.texts = Texts(self._data, starts, 1)
        self._post_starts = sections[f"v{slot}.posts"].cast("I")
        self._posts = sections[f"v{slot}.at"].cast("I")

    def range(self, low: bytes, high: bytes) -> memoryview:
        """Ordinals of the values from `low` up to but without `high`."""
        first = bisect_left(self.texts, low)
        return self.between(first, bisect_left(self.texts, high, first))

    def between(self, first: int, last: int) -> memoryview:
        """Ordinals of the values number `first` up to but without `last`."""
        return self._posts[self._post_starts[first] : self._post_starts[last]]

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """All the values some at a time, with a line feed before and behind each; and the place of the first in the text."""
        starts, count = self._starts, len(self.texts)
        for first in range(0, count, _VALUES_AT_ONCE):
            begin = starts[first] - 1
            yield begin, bytes(self._data[begin : starts[min(first + _VALUES_AT_ONCE, count)]])

    def at(self, place: int) -> int:
        """The number of the value that stands at this place of the text."""
        return bisect_right(self._starts, place) - 1


class Segment:
    """One layer's index; made by `builder.SegmentBuilder`."""

    def __init__(self, data: bytes | mmap.mmap, where: str = "in memory", file: int = -1) -> None:
        self._memory = data
        self._file = file
        self._where = where
        sections = self._sections = Sections(memoryview(data), where)
        try:
            self.meta = msgspec.msgpack.decode(sections["meta"], type=Meta)
            self._masks = sections["mask"].cast("Q")
            self._starts = sections["start"].cast("I")
            self._records = sections["record"]
            self._offsets = sections["record"].cast("H")
            self._ids = sections["id"]
            self._by_id = sections["by_id"].cast("I")
            self._lines = Texts(sections["line"], sections["line.start"])
            self._words = Texts(sections["word"], sections["word.start"])
            self._word_posts = sections["word.posts"].cast("I")
            self._word_at = sections["word.at"].cast("I")
            self._numbers = _Numbers(sections, "num")
            self._reversed = _Numbers(sections, "rev")
            self._digits = sections["digits"]
            self._stems = sections["stem"].cast("Q")
            self._stem_at = sections["stem.at"].cast("I")
            self._values = {slot: Values(sections, slot) for slot in Attribute if slot.indexed}
        except (KeyError, TypeError, ValueError, msgspec.DecodeError) as error:
            raise SegmentDamaged(where, f"a part of it is missing or makes no sense ({error})") from error

    @classmethod
    def open(cls, path: Path, *, verify: bool = False) -> "Segment":
        """Open a segment's file. Raises `SegmentDamaged`; `verify` reads all of it and compares its digest."""
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SegmentDamaged(path.name, f"it cannot be opened ({error.strerror})") from error
        try:
            if os.fstat(file).st_size == 0:
                raise SegmentDamaged(path.name, "it is empty")
            found = cls(mmap.mmap(file, 0, access=mmap.ACCESS_READ), path.name, file)
            if verify:
                found.verify()
        except BaseException:
            os.close(file)
            raise
        return found

    def close(self) -> None:
        """Give the file back. Slices that somebody still holds stay good until they are dropped."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        # The mapping goes when its last view does.
        self.__dict__ = {"_file": -1, "_where": self._where}

    def verify(self) -> None:
        """Read all of it and compare its digest, a second for a million contacts. Raises `SegmentDamaged`."""
        self._sections.verify()

    @property
    def intact(self) -> bool:
        """Whether the file still has its size: reading one that was cut off while open would end the process."""
        return self._file < 0 or os.lseek(self._file, 0, os.SEEK_END) == self._sections.size

    def __len__(self) -> int:
        return int(self._sections.contacts)

    @property
    def size(self) -> int:
        """Bytes of the file, or in memory."""
        return self._sections.size

    @property
    def digest(self) -> str:
        """Names the contents: equal for equal contents."""
        return self._sections.digest

    @property
    def book(self) -> str:
        """The book that its contacts belong to."""
        return self.meta.book

    # Contacts

    def contact(self, ordinal: int) -> Contact:
        """The contact itself."""
        record = bytes(self._records[2 * self._starts[ordinal] : 2 * self._starts[ordinal + 1]])
        return decode(bytes(self._ids[16 * ordinal : 16 * ordinal + 16]), self._masks[ordinal], record, self.meta.book)

    def contacts(self) -> Iterator[Contact]:
        """All, in the order of their names."""
        return map(self.contact, range(len(self)))

    def id(self, ordinal: int) -> bytes:
        """The contact's id."""
        if self._masks[ordinal] & ID_IN_TAIL:
            return self.contact(ordinal).id.encode()
        return self._ids[16 * ordinal : 16 * ordinal + 16].hex().encode()

    def find(self, contact_id: str) -> int | None:
        """The ordinal of an id."""
        wanted = id_key(contact_id)
        ids, by_id = self._ids, self._by_id
        at = bisect_left(by_id, wanted, key=lambda ordinal: bytes(ids[16 * ordinal : 16 * ordinal + 16]))
        if at == len(by_id):
            return None
        found = by_id[at]
        return found if ids[16 * found : 16 * found + 16] == wanted and self.id(found).decode() == contact_id else None

    def folded(self, ordinal: int) -> bytes:
        """The contact's words for scoring: see `builder.folded_line`."""
        return self._lines[ordinal]

    # Attributes, as LDAP sends them

    def has(self, ordinal: int, attribute: Attribute) -> bool:
        """Whether the contact has it."""
        return bool(self._masks[ordinal] >> attribute & 1)

    def mask(self, ordinal: int) -> int:
        """The attributes that the contact has, as bits."""
        return self._masks[ordinal] & SLOTS

    def attributes(self, ordinal: int) -> memoryview:
        """Every attribute as a PartialAttribute (RFC 4511 4.1.7), one behind the other."""
        at = self._starts[ordinal]
        count = (self._masks[ordinal] & SLOTS).bit_count()
        return self._records[2 * at + self._offsets[at] : 2 * at + self._offsets[at + count]]

    def attribute(self, ordinal: int, attribute: Attribute) -> memoryview:
        """One of them; empty if the contact has not got it."""
        mask = self._masks[ordinal]
        if not mask >> attribute & 1:
            return _EMPTY
        start = self._starts[ordinal]
        at = start + (mask & _BELOW[attribute]).bit_count()
        return self._records[2 * start + self._offsets[at] : 2 * start + self._offsets[at + 1]]

    def slice(self, ordinal: int, first: Attribute, last: Attribute) -> memoryview:
        """Those from slot `first` to slot `last`, both counted in."""
        mask = self._masks[ordinal]
        start = self._starts[ordinal]
        begin = start + (mask & _BELOW[first]).bit_count()
        end = start + (mask & _BELOW[last + 1]).bit_count()
        return self._records[2 * start + self._offsets[begin] : 2 * start + self._offsets[end]]

    def values(self, ordinal: int, attribute: Attribute) -> list[bytes]:
        """The values of one attribute as UTF-8, as the source wrote them; numbers super-canonical."""
        found = self.attribute(ordinal, attribute)
        return values_in(attribute, bytes(found)) if found else []

    def sort_key(self, ordinal: int, attribute: Attribute) -> bytes:
        """What to sort by: the first value, folded; b"" if there is none, which belongs at the end."""
        values = self.values(ordinal, attribute)
        return folded_value(values[0].decode()) if values else b""

    # Numbers: keys are those of `keys`, digits are ASCII, `kinds` is a mask (`attributes.kinds_of`)

    def with_number(self, key: int, kinds: int = ALL_KINDS) -> list[int]:
        """Ordinals of the contacts that have exactly this number."""
        return self._numbers.range(key, key + 1, kinds, MOST)

    def with_number_prefix(self, low: int, high: int, kinds: int = ALL_KINDS, most: int = MOST) -> list[int]:
        """Ordinals of contacts whose numbers lie in this range (`keys.key_range`), in the order of numbers, at most `most`."""
        return self._numbers.range(low, high, kinds, most)

    def with_last_digits(self, digits: str, kinds: int = ALL_KINDS, most: int = MOST) -> list[int]:
        """Ordinals of contacts whose numbers end so."""
        bounds = keys.end_range(digits)
        return self._reversed.range(*bounds, kinds, most) if bounds else []

    def number_count(self, low: int, high: int) -> int:
        """How many numbers of all kinds lie in this range."""
        return self._numbers.count(low, high)

    def last_digits_count(self, digits: str) -> int:
        """How many numbers of all kinds end so."""
        bounds = keys.end_range(digits)
        return self._reversed.count(*bounds) if bounds else 0

    def with_digits(self, digits: str, kinds: int = ALL_KINDS) -> Iterator[int | None]:
        """Ordinals of contacts that have these digits, one behind the other, in any place of a number; may name one twice."""
        for found in self.digit_places(digits, kinds):
            yield None if found is None else found[0]

    def digit_places(self, digits: str, kinds: int = ALL_KINDS) -> Iterator[tuple[int, int, bytes] | None]:
        """The same with the place of the first digit and the whole number with its plus sign (or a blank)."""
        wanted = digits.encode()
        if not wanted.isdigit():
            return
        step = _NUMBERS_AT_ONCE * WIDTH
        for begin in range(0, len(self._digits), step):
            text = bytes(self._digits[begin : begin + step])
            at = text.find(wanted)
            while at >= 0:
                entry, place = divmod(at, WIDTH)
                start = entry * WIDTH
                number = begin // WIDTH + entry
                if kinds >> self._numbers.kinds[number] & 1:
                    yield self._numbers.at[number], place, text[start : start + WIDTH].rstrip(b"\0")
                at = text.find(wanted, start + WIDTH)
            yield None

    def with_stem(self, key: int) -> list[int]:
        """Ordinals of the contacts that give this stem (see `main_number`)."""
        low = bisect_left(self._stems, key)
        high = bisect_right(self._stems, key, low)
        return self._stem_at[low:high].tolist()

    # Values, folded (`fold.folded_value`) on both sides. A contact has a value if it has one of its `fold.folded_forms`.

    def with_value(self, attribute: Attribute, folded: bytes) -> memoryview:
        """Ordinals of the contacts with this value of an indexed attribute, rising."""
        values = self._values[attribute]
        at = bisect_left(values.texts, folded)
        if at < len(values.texts) and values.texts[at] == folded:
            return values.between(at, at + 1)
        return _NO_ORDINALS

    def with_value_prefix(self, attribute: Attribute, folded: bytes) -> memoryview:
        """Ordinals of the contacts with a value of an indexed attribute that begins so, in the order of values; may repeat."""
        # No folded value holds the byte 0xFF: it is not in UTF-8.
        return self._values[attribute].range(folded, folded + b"\xff")

    def value_count(self, attribute: Attribute, low: bytes | None, high: bytes | None) -> int:
        """How many ordinals, at most, lie behind the values from `low` up to but without `high`; None: no bound."""
        return len(self._values[attribute].range(low or b"", b"\xff" if high is None else high))

    def with_value_between(self, attribute: Attribute, low: bytes | None, high: bytes | None) -> Iterator[int | None]:
        """Ordinals of the contacts with a value from `low` to `high`, both counted in, in the order of values; may repeat."""
        if attribute.indexed:
            found = self._values[attribute].range(low or b"", b"\xff" if high is None else high + b"\0")
            for begin in range(0, len(found), 1000):
                yield from found[begin : begin + 1000].tolist()
                yield None
        else:
            yield from self._scan(attribute, lambda form: (low is None or low <= form) and (high is None or form <= high))

    def with_value_within(
        self, attribute: Attribute, pieces: tuple[bytes, ...], anchored_start: bool = False, anchored_end: bool = False
    ) -> Iterator[int | None]:
        """Ordinals of the contacts with a value that has these pieces in this order, one behind the other; may repeat.

        `anchored_start`: the first piece begins the value; `anchored_end`: the last one ends it. Any attribute may be asked.
        """
        whole = tuple(pieces)
        if not attribute.indexed:
            yield from self._scan(attribute, lambda form: _within(form, whole, anchored_start, anchored_end))
            return
        values = self._values[attribute]
        marked = [b"\n" * (anchored_start and n == 0) + piece for n, piece in enumerate(whole)]
        marked[-1] += b"\n" * anchored_end
        longest = max(marked, key=len)
        for begin, text in values.blocks():
            at = text.find(longest)
            while at >= 0:
                first = text.rindex(b"\n", 0, at + longest.startswith(b"\n"))
                last = text.index(b"\n", first + 1)
                if len(whole) == 1 or _within(text[first + 1 : last], whole, anchored_start, anchored_end):
                    number = values.at(begin + first + 1)
                    yield from values.between(number, number + 1)
                at = text.find(longest, last)
            yield None

    def _scan(self, attribute: Attribute, fits: Callable[[bytes], bool]) -> Iterator[int | None]:
        bit = 1 << attribute
        for ordinal, mask in enumerate(self._masks):
            if mask & bit:
                values = self.values(ordinal, attribute)
                if any(fits(form) for value in values for form in folded_forms(value.decode())):
                    yield ordinal
            if ordinal % 256 == 255:
                yield None

    # Words of names, firms, e-mail addresses, departments and towns, for search as you type

    def with_word(self, word: bytes) -> memoryview:
        """Ordinals of the contacts that have this folded word, rising."""
        at = bisect_left(self._words, word)
        if at < len(self._words) and self._words[at] == word:
            return self._word_at[self._word_posts[at] : self._word_posts[at + 1]]
        return _NO_ORDINALS

    def with_word_prefix(self, prefix: bytes) -> memoryview:
        """Ordinals of the contacts that have a word with this beginning; may name one twice."""
        low = bisect_left(self._words, prefix)
        high = bisect_left(self._words, prefix + b"\xff", low)
        return self._word_at[self._word_posts[low] : self._word_posts[high]]


class _Numbers:
    """Sorted keys of numbers, each with its contact and its kind."""

    __slots__ = ("_keys", "at", "kinds")

    def __init__(self, sections: Sections, name: str) -> None:
        self._keys = sections[f"{name}.key"].cast("Q")
        self.at = sections[f"{name}.at"].cast("I")
        self.kinds = sections[f"{name}.kind"]

    def count(self, low: int, high: int) -> int:
        first = bisect_left(self._keys, low)
        return bisect_left(self._keys, high, first) - first

    def range(self, low: int, high: int, kinds: int, most: int) -> list[int]:
        first = bisect_left(self._keys, low)
        last = bisect_left(self._keys, high, first)
        if last - first == 1:
            return [self.at[first]] if most and kinds >> self.kinds[first] & 1 else []
        if kinds == ALL_KINDS and most >= last - first:
            return list(dict.fromkeys(self.at[first:last]))
        found: dict[int, None] = {}
        for place in range(first, last):
            if len(found) >= most:
                break
            if kinds >> self.kinds[place] & 1:
                found[self.at[place]] = None
        return list(found)


def _within(value: bytes, pieces: Sequence[bytes], anchored_start: bool, anchored_end: bool) -> bool:
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


@lru_cache(maxsize=1024)
def id_key(contact_id: str) -> bytes:
    """The sixteen bytes by which an id is found."""
    return bytes.fromhex(contact_id) if is_hex_id(contact_id) else blake2b(contact_id.encode(), digest_size=16).digest()


def number_matching(contact: Contact, key: int) -> ContactNumber | None:
    """The contact's number with this key."""
    return next((n for n in contact.numbers if keys.key(n.canonical) == key), None)
