"""An immutable index over the contacts of one layer of a book, read in place: no process that has it open copies it.

A contact is an *ordinal*: its place in the order of folded display names, so that small ordinals come first in a list.
Nothing here waits. What may take long is an iterator that gives None about once in a millisecond: a breathing mark, at which
its reader may let others run, or stop.
"""

import mmap
import os
from binascii import hexlify
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import TypeAlias

import msgspec

from unisono.directory import keys
from unisono.directory.fold import folded_forms
from unisono.directory.model import Contact
from unisono.directory.segment.attributes import ALL_KINDS, INDEXED, Attribute
from unisono.directory.segment.format import Sections, SegmentDamaged
from unisono.directory.segment.layout import FORWARD, SHARED_STEM, place_of
from unisono.directory.segment.numbers import Numbers
from unisono.directory.segment.record import ID_IN_TAIL, SLOTS, decode, id_key, values_in
from unisono.directory.segment.values import Texts, Values, stands_in

Block: TypeAlias = tuple[Sequence[int], Sequence[bytes], Sequence[bytes]]
"""Of contacts one behind the other: the sizes of their attributes, their ids, their attributes."""

MOST = 1 << 62
_BELOW = tuple((1 << slot) - 1 for slot in range(len(Attribute) + 2))
_HAVING_MOST = 64
_EMPTY = memoryview(b"")
_NO_ORDINALS = memoryview(b"").cast("I")


class Meta(msgspec.Struct):
    """What a segment says about itself."""

    book: str


class Segment:
    """One layer's index; made by `builder.SegmentBuilder`."""

    def __init__(self, data: bytes | mmap.mmap, where: str = "in memory", file: int = -1) -> None:
        self._memory = data
        self._known_having: dict[int, list[bool]] = {}
        self._known_rows: dict[tuple[Attribute, Attribute], Callable[[int], tuple[bytes, memoryview]]] = {}
        self._file = file
        self._where = where
        sections = self.sections = Sections(memoryview(data), where)
        try:
            self.meta = msgspec.msgpack.decode(sections["meta"], type=Meta)
            self._masks = sections["mask"].cast("Q").tolist()
            self.hex_ids = not any(mask & ID_IN_TAIL for mask in self._masks)
            """Whether every id is 32 hexadecimal digits; only then there are `rows` and a `block`."""
            self._mask_of = sections["mask.of"].cast("H" if len(sections["mask.of"]) == 2 * sections.contacts else "I")
            self._starts = sections["start"].cast("I")
            self._at = sections["at"].cast("I")
            self._sizes = sections["size"].cast("H")
            self._attributes = sections["attribute"]
            self._records = sections["record"]
            self._offsets = sections["record"].cast("H")
            self._ids = sections["id"]
            self._id_table = sections["id.table"].cast("I")
            self._firms = sections["firm"].cast("I")
            self._words = Texts(sections["word.text"], sections["word.start"])
            keys_of_common = bytes(sections["common.key"]).split(b"\n")
            size = (sections.contacts + 7) // 8
            bits = sections["common.bits"]
            self._common = {key: bits[size * n : size * n + size] for n, key in enumerate(keys_of_common) if len(bits) and key}
            self._long = sections["long"].cast("I")
            self._word_posts = sections["word.posts"].cast("I")
            self._word_at = sections["word.at"].cast("I")
            self.numbers = Numbers(sections)
            self._stems = sections["stem"].cast("Q")
            self._stem_at = sections["stem.at"].cast("I")
            self._of = [
                sections[f"v{slot}.of"].cast("I") if f"v{slot}.of" in sections else None for slot in range(len(Attribute) + 1)
            ]
            self._values = {slot: Values(sections, slot) for slot in Attribute if slot.indexed}
            self._texts = [
                self._values[Attribute(slot)].texts if slot in INDEXED else Texts(_EMPTY, _EMPTY)
                for slot in range(len(Attribute) + 1)
            ]
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
        self.sections.verify()

    @property
    def where(self) -> str:
        """The name of its file."""
        return self._where

    @property
    def intact(self) -> bool:
        """Whether the file still has its size: reading one that was cut off while open would end the process."""
        return self._file < 0 or os.lseek(self._file, 0, os.SEEK_END) == self.sections.size

    def __len__(self) -> int:
        return int(self.sections.contacts)

    @property
    def size(self) -> int:
        """Bytes of the file, or in memory."""
        return self.sections.size

    @property
    def digest(self) -> str:
        """Names the contents: equal for equal contents."""
        return self.sections.digest

    @property
    def book(self) -> str:
        """The book that its contacts belong to."""
        return self.meta.book

    # Contacts

    def contact(self, ordinal: int) -> Contact:
        """The contact itself."""
        contact_id, mask = bytes(self._ids[16 * ordinal : 16 * ordinal + 16]), self._masks[self._mask_of[ordinal]]
        record = bytes(self._records[2 * self._starts[ordinal] : 2 * self._starts[ordinal + 1]])
        return decode(contact_id, mask, bytes(self.attributes(ordinal)), record, self.meta.book)

    def contacts(self) -> Iterator[Contact]:
        """All, in the order of their names."""
        return map(self.contact, range(len(self)))

    def id(self, ordinal: int) -> bytes:
        """The contact's id."""
        if self._masks[self._mask_of[ordinal]] & ID_IN_TAIL:
            return self.contact(ordinal).id.encode()
        return self._ids[16 * ordinal : 16 * ordinal + 16].hex().encode()

    def find(self, contact_id: str) -> int | None:
        """The ordinal of an id."""
        wanted = id_key(contact_id)
        ids, table = self._ids, self._id_table
        mask = len(table) - 1
        place = place_of(wanted, len(table))
        while number := table[place]:
            if ids[16 * number - 16 : 16 * number] == wanted and self.id(number - 1).decode() == contact_id:
                return number - 1
            place = place + 1 & mask
        return None

    def folded(self, ordinal: int, attribute: Attribute = Attribute.CN) -> bytes:
        """The first form (`fold.folded_forms`) of the first value of an attribute of `FORWARD`; b"" if there is none."""
        of = self._of[attribute]
        number = of[ordinal] if of is not None else 0
        return self._texts[attribute][number - 1] if number else b""

    def rank(self, ordinal: int, attribute: Attribute) -> int:
        """The place of that value among all of this segment: equal for contacts with equal values; 0 if there is none."""
        of = self._of[attribute]
        return of[ordinal] if of is not None else 0

    def firm(self, ordinal: int) -> int:
        """Its firm's name for comparing (`main_number.firm_code`); 0 if there is none."""
        return self._firms[ordinal]

    # Attributes, as LDAP sends them

    def has(self, ordinal: int, attribute: Attribute) -> bool:
        """Whether the contact has it."""
        return bool(self._masks[self._mask_of[ordinal]] >> attribute & 1)

    def having(self, ordinals: Iterable[int], mask: int) -> list[int]:
        """Those that have any of the attributes of a mask."""
        have = self._known_having.get(mask)
        if have is None:
            if len(self._known_having) >= _HAVING_MOST:
                self._known_having.clear()
            have = self._known_having[mask] = [bool(of & mask) for of in self._masks]
        mask_of = self._mask_of
        return [ordinal for ordinal in ordinals if have[mask_of[ordinal]]]

    def mask(self, ordinal: int) -> int:
        """The attributes that the contact has, as bits."""
        return self._masks[self._mask_of[ordinal]] & SLOTS

    def attributes(self, ordinal: int) -> memoryview:
        """Every attribute as a PartialAttribute (RFC 4511 4.1.7), one behind the other."""
        return self._attributes[self._at[ordinal] : self._at[ordinal + 1]]

    def attribute(self, ordinal: int, attribute: Attribute) -> memoryview:
        """One of them; empty if the contact has not got it."""
        mask = self._masks[self._mask_of[ordinal]]
        if not mask >> attribute & 1:
            return _EMPTY
        base = self._at[ordinal]
        at = self._starts[ordinal] + (mask & _BELOW[attribute]).bit_count()
        return self._attributes[base + self._offsets[at] : base + self._offsets[at + 1]]

    def slice(self, ordinal: int, first: Attribute, last: Attribute) -> memoryview:
        """Those from slot `first` to slot `last`, both counted in."""
        mask = self._masks[self._mask_of[ordinal]]
        base, start = self._at[ordinal], self._starts[ordinal]
        begin = start + (mask & _BELOW[first]).bit_count()
        end = start + (mask & _BELOW[last + 1]).bit_count()
        return self._attributes[base + self._offsets[begin] : base + self._offsets[end]]

    def rows(self, ordinals: Iterable[int], first: Attribute, last: Attribute) -> Iterator[tuple[bytes, memoryview]]:
        """`id` and `slice` of many, which is quicker than one by one."""
        return map(self._known_rows.get((first, last)) or self._row_of(first, last), ordinals)

    def block(self, begin: int, end: int) -> Block:
        """What is quickest for contacts one behind the other."""
        assert self.hex_ids
        sizes = self._sizes[begin:end].tolist()
        ids = unpack("32s" * len(sizes), hexlify(self._ids[16 * begin : 16 * end]))
        return sizes, ids, list(map(BytesIO(self._attributes[self._at[begin] : self._at[end]]).read, sizes))

    def _row_of(self, first: Attribute, last: Attribute) -> Callable[[int], tuple[bytes, memoryview]]:
        """What gives the row of an ordinal: a function that has all it needs at hand."""
        assert self.hex_ids
        ats, starts, offsets, mask_of = self._at, self._starts, self._offsets, self._mask_of
        attributes, ids = self._attributes, self._ids
        # For every mask the first and the last offset that count.
        spans = [((mask & _BELOW[first]).bit_count(), (mask & _BELOW[last + 1]).bit_count()) for mask in self._masks]

        def row(ordinal: int) -> tuple[bytes, memoryview]:
            begin, end = spans[mask_of[ordinal]]
            base, start = ats[ordinal], starts[ordinal]
            found = attributes[base + offsets[start + begin] : base + offsets[start + end]]
            return hexlify(ids[16 * ordinal : 16 * ordinal + 16]), found

        self._known_rows[first, last] = row
        return row

    def values(self, ordinal: int, attribute: Attribute) -> list[bytes]:
        """The values of one attribute as UTF-8, as the source wrote them; numbers super-canonical."""
        found = self.attribute(ordinal, attribute)
        return values_in(attribute, bytes(found)) if found else []

    def sort_key(self, ordinal: int, attribute: Attribute) -> bytes:
        """What to sort by: the first value, folded; b"" if there is none, which belongs at the end."""
        if attribute in FORWARD:
            return self.folded(ordinal, attribute)
        values = self.values(ordinal, attribute)
        return next(iter(folded_forms(values[0].decode())), b"") if values else b""

    # Numbers: keys are those of `keys`, digits are ASCII, `kinds` is a mask (`attributes.kinds_of`)

    def with_number(self, key: int, kinds: int = ALL_KINDS) -> list[int]:
        """Ordinals of the contacts that have exactly this number."""
        return self.numbers.contacts(self.numbers.between(key, key + 1), kinds, MOST)

    def with_number_prefix(self, low: int, high: int, kinds: int = ALL_KINDS, most: int = MOST) -> list[int]:
        """Ordinals of contacts whose numbers lie in this range (`keys.key_range`), in the order of numbers, at most `most`."""
        return self.numbers.contacts(self.numbers.between(low, high), kinds, most)

    def with_last_digits(self, digits: str, kinds: int = ALL_KINDS, most: int = MOST) -> list[int]:
        """Ordinals of contacts whose numbers end so."""
        numbers = self.numbers
        return numbers.contacts(numbers.ending_exactly(digits, numbers.ending(digits)), kinds, most)

    def numbered(self, low: int, high: int) -> memoryview:
        """Ordinals of all kinds of numbers in this range, in the order of numbers; may name one twice."""
        places = self.numbers.between(low, high)
        return self.numbers.at[places.start : places.stop]

    @property
    def codes(self) -> frozenset[str]:
        """The country calling codes of all numbers."""
        return self.numbers.codes

    def number_count(self, low: int, high: int) -> int:
        """How many numbers of all kinds lie in this range."""
        return len(self.numbers.between(low, high))

    def last_digits_count(self, digits: str) -> int:
        """How many numbers of all kinds, at most, end so."""
        return len(self.numbers.ending(digits))

    def with_digits(self, digits: str, kinds: int = ALL_KINDS) -> Iterator[int | None]:
        """Ordinals of contacts that have these digits, one behind the other, in any place of a number; may name one twice."""
        numbers = self.numbers
        for place in numbers.containing(digits):
            if place is None:
                yield None
            elif kinds >> numbers.kinds[place] & 1:
                yield numbers.at[place]

    def numbers_with(self, digits: str) -> Iterator[tuple[int, str] | None]:
        """The same for all kinds, with the number that has the digits, super-canonical."""
        numbers = self.numbers
        for place in numbers.containing(digits):
            yield None if place is None else (numbers.at[place], keys.text(numbers.keys[place]))

    def with_stem(self, key: int) -> list[int]:
        """Ordinals of the contacts that give this stem (see `main_number`)."""
        low = bisect_left(self._stems, key)
        high = bisect_right(self._stems, key, low)
        return [at & ~SHARED_STEM for at in self._stem_at[low:high]]

    # Values, folded (`fold.folded_value`) on both sides. A contact has a value if it has one of its `fold.folded_forms`.

    def with_value(self, attribute: Attribute, folded: bytes) -> memoryview:
        """Ordinals of the contacts with this value of an indexed attribute, rising."""
        return self._values[attribute].exactly(folded)

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
        if attribute.indexed:
            return self._values[attribute].holding(pieces, anchored_start, anchored_end)
        return self._scan(attribute, lambda form: stands_in(form, pieces, anchored_start, anchored_end))

    def within_count(self, attribute: Attribute, pieces: Iterable[bytes]) -> int | None:
        """About how many values of an attribute have these pieces, or more; None if they are found by reading all values."""
        return self._values[attribute].count(pieces) if attribute.indexed else None

    def _scan(self, attribute: Attribute, fits: Callable[[bytes], bool]) -> Iterator[int | None]:
        bit = 1 << attribute
        having = [bool(mask & bit) for mask in self._masks]
        for ordinal, number in enumerate(self._mask_of):
            if having[number]:
                values = self.values(ordinal, attribute)
                if any(fits(form) for value in values for form in folded_forms(value.decode())):
                    yield ordinal
            if ordinal % 256 == 255:
                yield None

    # Words of names, firms, e-mail addresses, departments and towns, for search as you type: runs of letters or of digits

    @property
    def words(self) -> Texts:
        """All of them, in order."""
        return self._words

    def with_word(self, word: bytes) -> memoryview:
        """Ordinals of the contacts that have this folded word, rising."""
        at = bisect_left(self._words, word)
        if at < len(self._words) and self._words[at] == word:
            return self._word_at[self._word_posts[at] : self._word_posts[at + 1]]
        return _NO_ORDINALS

    def with_word_prefix(self, prefix: bytes) -> memoryview:
        """Ordinals of the contacts that have a word with this beginning; may name one twice."""
        return self.with_words(*self._words.starting(prefix))

    def with_words(self, first: int, last: int) -> memoryview:
        """The same for the words number `first` up to but without `last`."""
        return self._word_at[self._word_posts[first] : self._word_posts[last]]

    def common(self, prefix: bytes) -> memoryview | None:
        """Which contacts have a word with this beginning, a bit for each; None for beginnings that few have."""
        return self._common.get(prefix)

    def names_from(self, prefix: bytes) -> range:
        """The contacts whose folded name begins so."""
        everybody = range(len(self))
        first = bisect_left(everybody, prefix, key=self.folded)
        return range(first, bisect_left(everybody, prefix + b"\xff", first, key=self.folded))
