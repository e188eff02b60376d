"""Contacts that are sorted in memory and written as one segment.

Rows are taken as columns of texts. What costs something is then done once per distinct text, or for a whole column in one call:
that is several times quicker than contact by contact.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, compress
from typing import BinaryIO

import msgspec

from unisono.directory import keys
from unisono.directory.fold import Reading, Token, read_many, runs_of
from unisono.directory.main_number import firm_code_of, stem
from unisono.directory.model import Contact, NumberKind
from unisono.directory.segment import layout
from unisono.directory.segment.attributes import INDEXED, KIND_NUMBER, NUMBERS, Attribute
from unisono.directory.segment.format import Writer
from unisono.directory.segment.reader import Meta
from unisono.directory.segment.record import (
    assemble,
    id_key,
    partial_attribute,
    partial_attributes,
    tail_of,
    values_of,
)
from unisono.directory.segment.within import WITHIN, write_within

MOST_WORD = 64
"""Letters of a word that are kept."""
MOST_WORDS = 60
"""Words of a value that are kept."""
_OWN_WORDS = layout.WORDY - {Attribute.SN, Attribute.GIVEN_NAME}
"""Attributes whose words are not in the displayed name already."""
_NUMBER_SLOTS = {int(slot): KIND_NUMBER[slot.kind] for slot in sorted(NUMBERS) if slot.kind is not None}


class _Column:
    """The values of one attribute: which row has which text. Rows rise; one that has several values comes several times."""

    __slots__ = ("distinct", "numbers", "readings", "rows", "several", "texts")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.texts: list[str] = []
        self.several = False
        self.distinct: Sequence[str] = ()
        self.numbers: Sequence[int] = ()
        """For every text its place in `distinct`."""
        self.readings: Sequence[Reading] = ()
        """Forms and words of every distinct text."""

    def count(self) -> None:
        """Find out which texts are equal."""
        self.distinct = list(dict.fromkeys(self.texts))
        places = dict(zip(self.distinct, range(len(self.distinct)), strict=True))
        self.numbers = list(map(places.__getitem__, self.texts))

    def encoded(self, slot: int, rows: int) -> Sequence[bytes]:
        """The attribute of every row as LDAP sends it; b"" for rows without."""
        parts = list(partial_attributes(slot, self.distinct))
        if len(self.rows) == rows and not self.several:
            return list(map(parts.__getitem__, self.numbers))
        found = [b""] * rows
        for row, number in zip(self.rows, self.numbers, strict=True):
            found[row] = parts[number]
        if self.several:
            values: defaultdict[int, list[bytes]] = defaultdict(list)
            for row, text in zip(self.rows, self.texts, strict=True):
                values[row].append(text.encode())
            for row, texts in values.items():
                if len(texts) > 1:
                    found[row] = partial_attribute(slot, texts)
        return found


class Run:
    """Takes contacts, writes their segment."""

    def __init__(self, book: str, tokens: dict[str, Token]) -> None:
        self._book = book
        self._tokens = tokens
        self._columns: defaultdict[int, _Column] = defaultdict(_Column)
        self._ids: list[bytes] = []
        self._tails: list[bytes] = []
        self._flags: list[int] = []
        self._companies: list[str] = []
        self._more_words: list[tuple[int, str]] = []
        self._stems: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, contact: Contact) -> None:
        """Take one contact."""
        row = len(self._ids)
        values = values_of(contact)
        columns = self._columns
        for slot, texts in values:
            column = columns[slot]
            column.rows.append(row)
            column.texts.append(texts[0])
            if len(texts) > 1:
                column.several = True
                for text in texts[1:]:
                    column.rows.append(row)
                    column.texts.append(text)
        flags, tail = tail_of(contact, values, self._book)
        self._ids.append(id_key(contact.id))
        self._flags.append(flags)
        self._tails.append(tail)
        self._companies.append(contact.company)
        shown = values[0][1][0]
        if contact.first_name not in shown or contact.last_name not in shown:
            self._more_words.append((row, f"{contact.first_name} {contact.last_name}"))
        if len(contact.addresses) > 1:
            self._more_words += [(row, address.city) for address in contact.addresses[1:]]
        if contact.company:
            for number in contact.numbers:
                if number.canonical[-1:] == "0" or number.kind is NumberKind.COMPANY_MAIN:
                    key = keys.key(stem(number, contact))
                    if key is not None:
                        self._stems.append((key, row))

    def write(self, file: BinaryIO, pause: Callable[[], None], final: bool = True) -> str:
        """Sort and write everything; the digest. `final`: not to be merged, which writes anew what follows from the rest."""
        for slot, column in self._columns.items():
            column.count()
            if slot in INDEXED:
                column.readings = list(read_many(column.distinct, self._tokens))
            pause()
        names = self._columns[Attribute.CN]
        sort_keys = [_first(reading) for reading in names.readings]
        order = sorted(range(len(self)), key=list(map(sort_keys.__getitem__, names.numbers)).__getitem__)
        ordinals = array("I", bytes(4 * len(order)))
        for ordinal, row in enumerate(order):
            ordinals[row] = ordinal
        writer = Writer(file)
        writer.section("meta", [msgspec.msgpack.encode(Meta(self._book))])
        self._write_records(writer, order)
        pause()
        layout.write_ids(writer, b"".join([self._ids[row] for row in order]))
        firms = self._firms(ordinals)
        writer.section("firm", [firms])
        self._write_texts(writer, ordinals, pause, final)
        self._write_numbers(writer, ordinals, firms)
        return writer.finish(len(order))

    def _write_records(self, writer: Writer, order: Sequence[int]) -> None:
        masks = self._flags[:]
        encoded = []
        for slot, column in sorted(self._columns.items()):
            bit = 1 << slot
            for row in column.rows:
                masks[row] |= bit
            encoded.append(column.encoded(slot, len(order)))
        attributes: list[bytes] = []
        records: list[bytes] = []
        rows = zip(self._ids, masks, zip(*encoded, strict=True), self._tails, strict=True) if encoded else ()
        for row, (contact_id, mask, parts, tail) in enumerate(rows):
            masks[row], shown, record = assemble(contact_id, mask, parts, tail, self._book)
            attributes.append(shown)
            records.append(record)
        layout.write_masks(writer, [masks[row] for row in order])
        sizes = array("H", [len(attributes[row]) for row in order])
        layout.write_attributes(writer, sizes, map(attributes.__getitem__, order))
        writer.section("start", [array("I", accumulate([len(records[row]) // 2 for row in order], initial=0))])
        writer.section("record", layout.batches(map(records.__getitem__, order)))

    def _firms(self, ordinals: "array[int]") -> "array[int]":
        column = self._columns[Attribute.O]
        codes = [firm_code_of(_first(reading).decode()) for reading in column.readings]
        firms = array("I", bytes(4 * len(ordinals)))
        for row, number in zip(column.rows, column.numbers, strict=True):
            firms[ordinals[row]] = codes[number]
        return firms

    def _write_texts(self, writer: Writer, ordinals: "array[int]", pause: Callable[[], None], final: bool) -> None:
        words: defaultdict[str, list[int]] = defaultdict(list)
        long: set[int] = set()
        for slot in sorted(INDEXED):
            pause()
            values = _Values(self._columns[slot], ordinals)
            values.write(writer, slot, final)
            if slot in _OWN_WORDS:
                values.add_words(words, long)
            del self._columns[slot]
        more = read_many([text for _, text in self._more_words], self._tokens)
        for (row, _), (_, found) in zip(self._more_words, more, strict=True):
            _add_words(found, [ordinals[row]], words, long)
        pause()
        ordered = sorted((word.encode(), found) for word, found in words.items())
        posts = [sorted(set(found)) if len(found) > 1 else found for _, found in ordered]
        texts, of_words = [word for word, _ in ordered], _joined(posts)
        layout.write_words(writer, texts, *of_words)
        layout.write_common(writer, texts, *of_words, len(ordinals) if final else 0)
        writer.section("long", [array("I", sorted(long))])
        pause()

    def _write_numbers(self, writer: Writer, ordinals: "array[int]", firms: "array[int]") -> None:
        texts: list[str] = []
        at, kinds = array("I"), bytearray()
        for slot, kind in _NUMBER_SLOTS.items():
            column = self._columns[slot]
            texts += column.texts
            at.extend(map(ordinals.__getitem__, column.rows))
            kinds += bytes((kind,)) * len(column.texts)
        numbers, ends = keys.many(texts)
        if len(numbers) < len(texts):
            good = [keys.key(text) is not None for text in texts]
            at, kinds = array("I", compress(at, good)), bytearray(compress(kinds, good))
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
        ordered = (
            array("Q", map(numbers.__getitem__, order)),
            array("I", map(at.__getitem__, order)),
            bytes(map(kinds.__getitem__, order)),
        )
        layout.write_numbers(writer, *ordered)
        ends = array("I", map(ends.__getitem__, order))
        order = sorted(range(len(ends)), key=ends.__getitem__)
        layout.write_ends(writer, array("I", map(ends.__getitem__, order)), array("I", order))
        stems = [(key, ordinals[row]) for key, row in self._stems]
        layout.write_stems(writer, stems, layout.shared_stems(*ordered, firms))


class _Values:
    """The values of one attribute, sorted."""

    def __init__(self, column: _Column, ordinals: "array[int]") -> None:
        self._column = column
        self._at = list(map(ordinals.__getitem__, column.rows))
        self._contacts = contacts = len(ordinals)
        # By text, and then by ordinal. Small integers are sorted quickest.
        codes = [number * contacts + at for number, at in zip(column.numbers, self._at, strict=True)]
        codes.sort()
        self._posts = array("I", [code % contacts for code in codes])
        counts = Counter(column.numbers)
        self._starts = list(accumulate(map(counts.__getitem__, range(len(column.distinct))), initial=0))

    def write(self, writer: Writer, slot: int, final: bool) -> None:
        """Write them."""
        single: dict[bytes, int] = {}
        several: defaultdict[bytes, list[int]] = defaultdict(list)
        for number, (forms, _) in enumerate(self._column.readings):
            for form in forms:
                if single.setdefault(form, number) != number:
                    several[form].append(number)
        texts = sorted(single)
        starts, posts = array("I", [0]), array("I")
        for text in texts:
            number = single[text]
            found: Sequence[int] = self._posts[self._starts[number] : self._starts[number + 1]]
            if text in several:
                of_others = (self._posts[self._starts[n] : self._starts[n + 1]] for n in several[text])
                found = sorted({*found, *chain.from_iterable(of_others)})
            posts.extend(found)
            starts.append(len(posts))
        layout.write_values(writer, slot, texts, starts, posts)
        if final and slot in WITHIN:
            write_within(writer, slot, texts)
        if slot in layout.FORWARD and texts:
            ranks = dict(zip(texts, range(1, len(texts) + 1), strict=True))
            of_text = [ranks[forms[0]] if forms else 0 for forms, _ in self._column.readings]
            of = array("I", bytes(4 * self._contacts))
            # Backwards, so that the first of several values stays.
            for at, number in zip(reversed(self._at), reversed(self._column.numbers), strict=True):
                of[at] = of_text[number]
            writer.section(f"v{slot}.of", [of])

    def add_words(self, words: defaultdict[str, list[int]], long: set[int]) -> None:
        """Add the contacts to what their words have so far."""
        starts, posts = self._starts, self._posts.tolist()
        for number, (_, found) in enumerate(self._column.readings):
            _add_words(found, posts[starts[number] : starts[number + 1]], words, long)


def _add_words(found: Sequence[str], at: Sequence[int], words: defaultdict[str, list[int]], long: set[int]) -> None:
    if len(found) > MOST_WORDS:
        long.update(at)
        found = found[:MOST_WORDS]
    for word in found:
        if len(word) > MOST_WORD:
            word = word[:MOST_WORD]
            long.update(at)
        if word.isalpha():
            words[word].extend(at)
        else:
            for run in runs_of(word):
                words[run].extend(at)


def _first(reading: Reading) -> bytes:
    return reading[0][0] if reading[0] else b""


def _joined(groups: Iterable[Sequence[int]]) -> tuple["array[int]", "array[int]"]:
    """Where each group begins, and all of them one behind the other."""
    starts, posts = array("I", [0]), array("I")
    for group in groups:
        posts.extend(group)
        starts.append(len(posts))
    return starts, posts
