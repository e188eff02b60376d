"""Several segments into one: the runs of a builder, or the layers of a book.

Everything in a segment is sorted, so that all is done by sorting what consists of a few sorted runs, which Python does in about
one pass, and by copying. No contact is read.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, repeat
from operator import sub
from pathlib import Path
from typing import BinaryIO

import msgspec

from unisono.directory.segment import layout
from unisono.directory.segment.attributes import INDEXED, Attribute
from unisono.directory.segment.format import Writer, write_file
from unisono.directory.segment.reader import Meta, Segment
from unisono.directory.segment.within import WITHIN, write_within


def merge(segments: Sequence[Segment], path: Path, book: str) -> str:
    """Write one segment of the contacts of several, and give its digest."""
    return write_file(path, lambda file: write_merged(file, segments, book))


def write_merged(file: BinaryIO, segments: Sequence[Segment], book: str) -> str:
    """The same into an open file."""
    return _Merge(segments).write(file, book)


class _Merge:
    """Contacts are numbered twice: their *source*, all segments one behind the other, and their ordinal in the new one."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._sections = [segment.sections for segment in segments]
        self._bases = list(accumulate(map(len, segments), initial=0))
        names = list(chain.from_iterable(self._names(number) for number in range(len(segments))))
        self._order = array("I", sorted(range(len(names)), key=names.__getitem__))
        self._place = _places(self._order)

    def _names(self, number: int) -> list[bytes]:
        sections, name = self._sections[number], f"v{int(Attribute.CN)}"
        texts = [b"", *self._texts(number, name)]
        if len(texts) == 1:
            return texts * (len(sections["start"]) // 4 - 1)
        return list(map(texts.__getitem__, sections[f"{name}.of"].cast("I")))

    def _texts(self, number: int, name: str) -> list[bytes]:
        text = bytes(self._sections[number][f"{name}.text"])
        return text[1:-1].split(b"\n") if len(text) > 1 else []

    def _all(self, name: str, kind: str) -> "array[int]":
        """A section of all segments, one behind the other."""
        found = array(kind)
        for sections in self._sections:
            found.frombytes(sections[name])
        return found

    def _ordered(self, name: str, kind: str) -> "array[int]":
        """A section with one item per contact, in the new order."""
        return array(kind, map(self._all(name, kind).__getitem__, self._order))

    def _placed(self, name: str) -> "array[int]":
        """A section of ordinals, in new ordinals."""
        found = array("I")
        for sections, base in zip(self._sections, self._bases, strict=False):
            own = self._place[base : base + len(sections["start"]) // 4 - 1]
            found.extend(map(own.__getitem__, sections[name].cast("I")))
        return found

    def write(self, file: BinaryIO, book: str) -> str:
        """Merge section by section; the digest."""
        writer = Writer(file)
        writer.section("meta", [msgspec.msgpack.encode(Meta(book))])
        layout.write_masks(writer, self._masks())
        self._write_records(writer)
        ids = self._all("id", "B").tobytes()
        layout.write_ids(writer, b"".join([ids[16 * source : 16 * source + 16] for source in self._order]))
        del ids
        firms = self._ordered("firm", "I")
        writer.section("firm", [firms])
        for slot in sorted(INDEXED):
            self._write_values(writer, slot)
        texts, _, starts, posts = self._merged("word")
        layout.write_words(writer, texts, starts, posts)
        layout.write_common(writer, texts, starts, posts, len(self._order))
        writer.section("long", [array("I", sorted(self._placed("long")))])
        self._write_numbers(writer, firms)
        return writer.finish(len(self._order))

    def _masks(self) -> Sequence[int]:
        masks: list[int] = []
        for sections in self._sections:
            count = len(sections["start"]) // 4 - 1
            of = sections["mask.of"].cast("H" if len(sections["mask.of"]) == 2 * count else "I")
            masks += map(sections["mask"].cast("Q").tolist().__getitem__, of)
        return list(map(masks.__getitem__, self._order))

    def _write_records(self, writer: Writer) -> None:
        owners = array("H")
        for number, base in enumerate(self._bases[1:]):
            owners.extend(repeat(number, base - len(owners)))
        begins, _ = self._lengths("at")
        sizes = self._all("size", "H")
        layout.write_attributes(writer, self._ordered("size", "H"), self._cut("attribute", owners, begins, sizes, 1))
        begins, lengths = self._lengths("start")
        writer.section("start", [array("I", accumulate(map(lengths.__getitem__, self._order), initial=0))])
        writer.section("record", layout.batches(self._cut("record", owners, begins, lengths, 2)))

    def _lengths(self, name: str) -> tuple["array[int]", "array[int]"]:
        """Of a section of places, by sources: where each begins, and how long it is."""
        begins, lengths = array("I"), array("I")
        for sections in self._sections:
            own = sections[name].cast("I")
            begins.extend(own[:-1])
            lengths.extend(map(sub, own[1:], own[:-1]))
        return begins, lengths

    def _cut(
        self, name: str, owners: "array[int]", begins: "array[int]", lengths: "array[int]", unit: int
    ) -> Iterator[memoryview]:
        """The pieces of a section, in the new order."""
        data = [sections[name] for sections in self._sections]
        for source in self._order:
            begin = unit * begins[source]
            yield data[owners[source]][begin : begin + unit * lengths[source]]

    def _write_values(self, writer: Writer, slot: int) -> None:
        texts, numbers, starts, posts = self._merged(f"v{slot}")
        layout.write_values(writer, slot, texts, starts, posts)
        if slot in WITHIN:
            write_within(writer, slot, texts)
        if slot in layout.FORWARD and texts:
            of = array("I")
            first = 0
            for sections in self._sections:
                count = len(sections[f"v{slot}.posts"]) // 4 - 1
                own = array("I", [0])
                own.extend(numbers[first : first + count])
                if count:
                    of.extend(map(own.__getitem__, sections[f"v{slot}.of"].cast("I")))
                else:
                    of.extend(repeat(0, len(sections["start"]) // 4 - 1))
                first += count
            writer.section(f"v{slot}.of", [array("I", map(of.__getitem__, self._order))])

    def _merged(self, name: str) -> tuple[list[bytes], "array[int]", "array[int]", "array[int]"]:
        """Distinct texts in order; for every text of the sources its new number plus one; where postings begin; postings."""
        texts = list(chain.from_iterable(self._texts(number, name) for number in range(len(self._sections))))
        begins, ends = array("Q"), array("Q")
        base = 0
        for sections in self._sections:
            own = sections[f"{name}.posts"].cast("I")
            begins.extend(map(base.__add__, own[:-1]))
            ends.extend(map(base.__add__, own[1:]))
            base += own[-1]
        placed = self._placed(f"{name}.at")
        order = sorted(range(len(texts)), key=texts.__getitem__)
        distinct: list[bytes] = []
        numbers = array("I", bytes(4 * len(texts)))
        starts, posts = array("I", [0]), array("I")
        last, several = None, False
        for at in order:
            text = texts[at]
            if text != last:
                if several:
                    _sort_last(posts, starts)
                    several = False
                if last is not None:
                    starts.append(len(posts))
                last = text
                distinct.append(text)
            else:
                several = True
            numbers[at] = len(distinct)
            posts.extend(placed[begins[at] : ends[at]])
        if several:
            _sort_last(posts, starts)
        if last is not None:
            starts.append(len(posts))
        return distinct, numbers, starts, posts

    def _write_numbers(self, writer: Writer, firms: "array[int]") -> None:
        keys, at, kinds = self._all("num.key", "Q").tolist(), self._placed("num.at"), self._all("num.kind", "B")
        order = sorted(range(len(keys)), key=keys.__getitem__)
        places = _places(order)
        numbers = (
            array("Q", map(keys.__getitem__, order)),
            array("I", map(at.__getitem__, order)),
            bytes(map(kinds.__getitem__, order)),
        )
        del keys, order
        layout.write_numbers(writer, *numbers)
        self._write_ends(writer, places)
        given: list[tuple[int, int]] = []
        for sections, base in zip(self._sections, self._bases, strict=False):
            stems = zip(sections["stem"].cast("Q"), sections["stem.at"].cast("I"), strict=True)
            given += [(stem, self._place[base + at]) for stem, at in stems if not at & layout.SHARED_STEM]
        layout.write_stems(writer, given, layout.shared_stems(*numbers, firms))

    def _write_ends(self, writer: Writer, places: "array[int]") -> None:
        ends, of = self._all("rev.key", "I"), array("I")
        base = 0
        for sections in self._sections:
            own = places[base : base + len(sections["num.kind"])]
            of.extend(map(own.__getitem__, sections["rev.num"].cast("I")))
            base += len(own)
        order = sorted(range(len(ends)), key=ends.__getitem__)
        layout.write_ends(writer, array("I", map(ends.__getitem__, order)), array("I", map(of.__getitem__, order)))


def _places(order: Sequence[int]) -> "array[int]":
    """Where in the order each source comes."""
    places = array("I", bytes(4 * len(order)))
    for place, source in enumerate(order):
        places[source] = place
    return places


def _sort_last(posts: "array[int]", starts: "array[int]") -> None:
    """Bring the postings of the last text, which come from several segments, in order."""
    posts[starts[-1] :] = array("I", sorted(posts[starts[-1] :]))
