"""Contacts that are sorted in memory and written as one segment.

What costs something is done once per distinct text, or for a whole column in one call: that is several times quicker than
contact by contact.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, compress
from operator import or_
from typing import BinaryIO

import msgspec

from unisono.directory import keys
from unisono.directory.fold import Forms, Token, read_many, runs_of
from unisono.directory.main_number import firm_code_of
from unisono.directory.model import Contact
from unisono.directory.segment import layout
from unisono.directory.segment.attributes import INDEXED, KIND_NUMBER, NUMBERS, Attribute
from unisono.directory.segment.columns import Column, Columns
from unisono.directory.segment.format import Writer
from unisono.directory.segment.reader import Meta
from unisono.directory.segment.record import assemble, partial_attribute, partial_attributes
from unisono.directory.segment.within import WITHIN, write_within

MOST_WORD = 64
"""Letters of a word that are kept."""
MOST_WORDS = 60
"""Words of a value that are kept."""
_OWN_WORDS = layout.WORDY - {Attribute.SN, Attribute.GIVEN_NAME}
"""Attributes whose words are not in the displayed name already."""
_NUMBER_SLOTS = {int(slot): KIND_NUMBER[slot.kind] for slot in sorted(NUMBERS) if slot.kind is not None}


class _Counted:
    """A column of which is known which texts are equal. `numbers`: for every row its text's place in `distinct`; 0 is ""."""

    __slots__ = ("column", "distinct", "forms", "numbers", "places", "words")

    def __init__(self, column: Column) -> None:
        self.column = column
        self.places: defaultdict[str, int] = defaultdict()
        self.places.default_factory = self.places.__len__  # a new text has the next place
        self.places[""] = 0
        self.numbers = list(map(self.places.__getitem__, column.texts))
        for text in chain.from_iterable(column.more.values()):
            self.places[text]
        self.distinct = list(self.places)
        self.forms: Sequence[Forms] = ()
        self.words: Sequence[Sequence[str]] = ()
        """Of every distinct text."""

    def read(self, tokens: dict[str, Token]) -> None:
        """Find out forms and words."""
        forms, words = read_many(self.distinct[1:], tokens)
        self.forms, self.words = [(), *forms], [(), *words]

    def more(self) -> Iterable[tuple[int, int]]:
        """Row and number of every further text."""
        return ((row, self.places[text]) for row, texts in self.column.more.items() for text in texts)

    def encoded(self, slot: int) -> Sequence[bytes]:
        """The attribute of every row as LDAP sends it; b"" for rows without."""
        parts = [b"", *partial_attributes(slot, self.distinct[1:])]
        found = list(map(parts.__getitem__, self.numbers))
        for row, texts in self.column.more.items():
            found[row] = partial_attribute(slot, [text.encode() for text in (self.column.texts[row], *texts)])
        return found


class Run:
    """Takes contacts, writes their segment."""

    def __init__(self, book: str, tokens: dict[str, Token]) -> None:
        self._book = book
        self._tokens = tokens
        self._contacts = Columns(book)

    def __len__(self) -> int:
        return len(self._contacts)

    def add(self, contact: Contact) -> None:
        """Take one contact."""
        self._contacts.add(contact)

    def write(self, file: BinaryIO, pause: Callable[[], None], final: bool = True) -> str:
        """Sort and write everything; the digest. `final`: not to be merged, which writes anew what follows from the rest.

        What is to be merged has no digest, and nothing that something is found by in it: no table of ids, no starts of words
        and values, no common beginnings, no heads of numbers and no list of tall ones.
        """
        columns = {}
        for slot, column in sorted(self._contacts.all().items()):
            columns[slot] = counted = _Counted(column)
            if slot in INDEXED:
                counted.read(self._tokens)
            pause()
        order: Sequence[int] = ()
        if columns:
            names = columns[Attribute.CN]
            sort_keys = list(map(_first, names.forms))
            order = sorted(range(len(self)), key=list(map(sort_keys.__getitem__, names.numbers)).__getitem__)
        ordinals = array("I", bytes(4 * len(order)))
        for ordinal, row in enumerate(order):
            ordinals[row] = ordinal
        writer = Writer(file, kept=final)
        writer.section("meta", [msgspec.msgpack.encode(Meta(self._book))])
        self._write_records(writer, columns, order)
        pause()
        layout.write_ids(writer, b"".join(map(self._contacts.ids.__getitem__, order)))
        firms = _firms(columns.get(Attribute.O), order)
        writer.section("firm", [firms])
        self._write_texts(writer, columns, order, ordinals, pause, final)
        self._write_numbers(writer, columns, ordinals, firms, final)
        return writer.finish(len(order))

    def _write_records(self, writer: Writer, columns: dict[int, _Counted], order: Sequence[int]) -> None:
        contacts = self._contacts
        masks: Sequence[int] = contacts.flags
        for slot, counted in columns.items():
            bits = [0, *[1 << slot] * (len(counted.distinct) - 1)]
            masks = list(map(or_, masks, map(bits.__getitem__, counted.numbers)))
        encoded = [counted.encoded(slot) for slot, counted in columns.items()]
        all_masks: list[int] = []
        attributes: list[bytes] = []
        records: list[bytes] = []
        rows = zip(contacts.ids, masks, zip(*encoded, strict=True), contacts.tails, strict=True) if encoded else ()
        for contact_id, mask, parts, tail in rows:
            mask, shown, record = assemble(contact_id, mask, parts, tail, self._book)
            all_masks.append(mask)
            attributes.append(shown)
            records.append(record)
        layout.write_masks(writer, list(map(all_masks.__getitem__, order)))
        sizes = array("H", list(map(len, map(attributes.__getitem__, order))))
        layout.write_attributes(writer, sizes, map(attributes.__getitem__, order))
        lengths = [len(records[row]) // 2 for row in order]
        writer.section("start", [array("I", accumulate(lengths, initial=0))])
        writer.section("record", layout.batches(map(records.__getitem__, order)))

    def _write_texts(
        self,
        writer: Writer,
        columns: dict[int, _Counted],
        order: Sequence[int],
        ordinals: "array[int]",
        pause: Callable[[], None],
        final: bool,
    ) -> None:
        words: defaultdict[str, list[int]] = defaultdict(list)
        long: set[int] = set()
        for slot in sorted(INDEXED):
            pause()
            counted = columns.pop(slot, None) or _Counted(Column())
            _write_values(writer, slot, counted, order, ordinals, final)
            if slot in _OWN_WORDS:
                _add_words_of(counted, ordinals, words, long)
        more = self._contacts.more_words
        _, read = read_many([text for _, text in more], self._tokens)
        for (row, _), found in zip(more, read, strict=True):
            _add_words(found, [ordinals[row]], words, long)
        pause()
        ordered = sorted((word.encode(), found) for word, found in words.items())
        posts = [sorted(set(found)) if len(found) > 1 else found for _, found in ordered]
        texts, of_words = [word for word, _ in ordered], _joined(posts)
        layout.write_words(writer, texts, *of_words)
        layout.write_common(writer, texts, *of_words, len(ordinals))
        writer.section("long", [array("I", sorted(long))])
        pause()

    def _write_numbers(
        self, writer: Writer, columns: dict[int, _Counted], ordinals: "array[int]", firms: "array[int]", final: bool
    ) -> None:
        texts: list[str] = []
        at, kinds = array("I"), bytearray()
        for slot, kind in _NUMBER_SLOTS.items():
            if slot in columns:
                column, before = columns[slot].column, len(texts)
                texts += compress(column.texts, column.texts)
                at.extend(compress(ordinals, column.texts))
                for row, more in column.more.items():
                    texts += more
                    at.extend([ordinals[row]] * len(more))
                kinds += bytes((kind,)) * (len(texts) - before)
        numbers, ends = keys.many(texts)
        if len(numbers) < len(texts):
            good = [keys.key(text) is not None for text in texts]
            at, kinds = array("I", compress(at, good)), bytearray(compress(kinds, good))
        by_number = sorted(range(len(numbers)), key=numbers.__getitem__)
        ordered = (
            array("Q", map(numbers.__getitem__, by_number)),
            array("I", map(at.__getitem__, by_number)),
            bytes(map(kinds.__getitem__, by_number)),
        )
        layout.write_numbers(writer, *ordered)
        ends = array("I", map(ends.__getitem__, by_number))
        by_end = sorted(range(len(ends)), key=ends.__getitem__)
        layout.write_ends(writer, array("I", map(ends.__getitem__, by_end)), array("I", by_end))
        stems = [(key, ordinals[row]) for key, row in self._contacts.stems]
        layout.write_stems(writer, stems, layout.shared_stems(*ordered, firms) if final else ())


def _firms(companies: _Counted | None, order: Sequence[int]) -> "array[int]":
    if companies is None:
        return array("I", bytes(4 * len(order)))
    codes = [firm_code_of(_first(forms).decode()) for forms in companies.forms]
    return array("I", map(list(map(codes.__getitem__, companies.numbers)).__getitem__, order))


def _write_values(
    writer: Writer, slot: int, counted: _Counted, order: Sequence[int], ordinals: "array[int]", final: bool
) -> None:
    """The values of one attribute in their order, and who has each."""
    forms = counted.forms
    texts = sorted(dict.fromkeys(chain.from_iterable(forms)))  # quick where they come in order, as keys do
    ranks = dict(zip(texts, range(1, len(texts) + 1), strict=True))
    first = [ranks[each[0]] if each else 0 for each in forms]
    of = list(map(first.__getitem__, map(counted.numbers.__getitem__, order if texts else ())))
    # What is left are values with several forms, and contacts with several values.
    several = {number: [ranks[form] for form in each[1:]] for number, each in enumerate(forms) if len(each) > 1}
    found = set[tuple[int, int]]()
    if several:
        numbers = list(map(counted.numbers.__getitem__, order))
        has_several = list(map(several.__contains__, range(len(forms))))
        places = compress(range(len(order)), map(has_several.__getitem__, numbers))
        found.update((at, rank) for at in places for rank in several[numbers[at]])
    found.update((ordinals[row], ranks[form]) for row, number in counted.more() for form in forms[number])
    more = sorted(pair for pair in found if of[pair[0]] != pair[1])
    # Who has a value comes in order, for sorting leaves that as it is; first those without any, last those of `more`.
    of_all = of + [rank for _, rank in more]
    sizes = Counter(of_all)
    starts = array("I", accumulate(map(sizes.__getitem__, range(1, len(texts) + 1)), initial=0))
    posts = array("I", sorted(range(len(of_all)), key=of_all.__getitem__)[sizes[0] :])
    if more:
        posts = array("I", map([*range(len(of)), *(at for at, _ in more)].__getitem__, posts))
        for rank in {rank for _, rank in more}:
            posts[starts[rank - 1] : starts[rank]] = array("I", sorted(posts[starts[rank - 1] : starts[rank]]))
    layout.write_values(writer, slot, texts, starts, posts)
    if final and slot in WITHIN:
        write_within(writer, slot, texts)
    if slot in layout.FORWARD and texts:
        writer.section(f"v{slot}.of", [array("I", of)])


def _add_words_of(
    counted: _Counted, ordinals: "array[int]", words: defaultdict[str, list[int]], long: set[int]
) -> None:
    """Add the contacts to what their words have so far."""
    of: list[list[int]] = [[] for _ in counted.distinct]
    for number, at in zip(counted.numbers, ordinals, strict=False):
        of[number].append(at)
    for row, number in counted.more():
        of[number].append(ordinals[row])
    for found, contacts in zip(counted.words, of, strict=False):
        _add_words(found, contacts, words, long)


def _add_words(found: Sequence[str], at: Sequence[int], words: defaultdict[str, list[int]], long: set[int]) -> None:
    if len(found) > MOST_WORDS:
        long.update(at)
        found = found[:MOST_WORDS]
    for word in found:
        if len(word) > MOST_WORD:
            word = word[:MOST_WORD]
            long.update(at)
        if word.isalpha():
            words[word] += at
        else:
            for run in runs_of(word):
                words[run] += at


def _first(forms: Forms) -> bytes:
    return forms[0] if forms else b""


def _joined(groups: Iterable[Sequence[int]]) -> tuple["array[int]", "array[int]"]:
    """Where each group begins, and all of them one behind the other."""
    groups = list(groups)
    return array("I", accumulate(map(len, groups), initial=0)), array("I", chain.from_iterable(groups))
