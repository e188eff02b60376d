"""From contacts to a segment. In a thread, `pause` lets the event loop run in between."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from unisono.directory import keys
from unisono.directory.fold import folded_forms, index_words
from unisono.directory.main_number import MOST_VARYING, firm_key, may_share, shared_stem, stem
from unisono.directory.model import Contact
from unisono.directory.segment.attributes import INDEXED, KIND_NUMBER
from unisono.directory.segment.format import Writer, in_memory, write_file
from unisono.directory.segment.reader import WIDTH, Meta, Segment, id_key
from unisono.directory.segment.record import Values, encode, values_of

T = TypeVar("T")
_MAX_WORD = 64
_MAX_WORDS = 60


def folded_line(contact: Contact) -> tuple[bytes, list[str], str]:
    """What a search scores by, the words to find it by, and what it is sorted by.

    The line has the parts name, company, e-mails, other and digits, separated by tabs; every word has a blank before it and
    every part one at its end, so that ` word` finds a beginning and ` word ` a whole word.
    """
    shown = index_words(contact.name)
    name = shown
    if contact.first_name not in contact.display_name or contact.last_name not in contact.display_name:
        name = [*shown, *index_words(f"{contact.first_name} {contact.last_name}")]
    company = index_words(contact.company) if contact.company else []
    mails = index_words(" ".join(contact.emails)) if contact.emails else []
    other = index_words(f"{contact.customer_id} {contact.department} " + " ".join(a.city for a in contact.addresses))
    digits = [n.canonical for n in contact.numbers if n.canonical]
    parts = [list(dict.fromkeys(p)) for p in (name, company, mails, other, digits)]
    line = "\t".join("".join(f" {w}" for w in part) + " " for part in parts)
    found = dict.fromkeys(w[:_MAX_WORD] for part in parts[:4] for w in part)
    return line.encode(), list(found)[:_MAX_WORDS], " ".join(shown)


def _no_pause() -> None:
    """Nobody else has to run meanwhile."""


class SegmentBuilder:
    """Takes the contacts of one layer of a book one by one, gives the segment."""

    def __init__(self, book: str = "", pause: Callable[[], None] = _no_pause) -> None:
        self._book = book
        self._pause = pause
        self._masks = array("Q")
        self._records: list[bytes] = []
        self._lines: list[bytes] = []
        self._ids: list[bytes] = []
        self._sort_keys: list[str] = []
        self._words: dict[str, list[int]] = {}
        self._values: dict[int, dict[bytes, list[int]]] = {slot: {} for slot in sorted(INDEXED)}
        self._numbers: list[tuple[int, int, int, int]] = []
        self._stems: set[tuple[int, int]] = set()
        self._evidence: list[str] = []

    def __len__(self) -> int:
        return len(self._records)

    def add(self, contact: Contact) -> None:
        """Take one contact; ids must be unique."""
        row = len(self._records)
        values = values_of(contact)
        mask, record = encode(contact, values, self._book)
        line, words, sort_key = folded_line(contact)
        self._masks.append(mask)
        self._records.append(record)
        self._lines.append(line)
        self._ids.append(id_key(contact.id))
        self._sort_keys.append(sort_key)
        for word in words:
            self._words.setdefault(word, []).append(row)
        self._add_values(values, row)
        self._add_numbers(contact, row)

    def _add_values(self, values: Values, row: int) -> None:
        for slot, texts in values:
            known = self._values.get(slot)
            if known is not None:
                for text in texts:
                    for form in filter(None, folded_forms(text)):
                        rows = known.setdefault(form, [])
                        if not rows or rows[-1] != row:
                            rows.append(row)

    def _add_numbers(self, contact: Contact, row: int) -> None:
        firm = ""
        for number in contact.numbers:
            key, end = keys.key(number.canonical), keys.end_key(number.canonical)
            if key is None or end is None:
                continue
            self._numbers.append((key, end, row, KIND_NUMBER[number.kind]))
            found = keys.key(stem(number, contact))
            if found is not None:
                self._stems.add((found, row))
            elif may_share(number, contact):
                firm = firm or firm_key(contact.company)
                self._evidence.append(f"{firm}\t{len(number.canonical):02}\t{number.canonical}\t{row}")

    def finish(self, path: Path) -> str:
        """Write the segment's file, and give its digest; the builder is used up."""
        return write_file(path, self._write)

    def finish_in_memory(self) -> Segment:
        """The segment without a file; the builder is used up."""
        return Segment(in_memory(self._write))

    def _write(self, file: BinaryIO) -> str:
        order = sorted(range(len(self._records)), key=self._sort_keys.__getitem__)
        self._sort_keys.clear()
        self._pause()
        ordinals = array("I", bytes(4 * len(order)))
        for ordinal, row in enumerate(order):
            ordinals[row] = ordinal
        writer = Writer(file)
        writer.section("meta", [msgspec.msgpack.encode(Meta(self._book))])
        writer.section("mask", [array("Q", (self._masks[row] for row in order)).tobytes()])
        starts = array("I", [0])
        for row in order:
            starts.append(starts[-1] + len(self._records[row]) // 2)
        writer.section("start", [starts.tobytes()])
        writer.section("record", (self._records[row] for row in order))
        self._pause()
        ids = [self._ids[row] for row in order]
        writer.section("id", ids)
        writer.section("by_id", [array("I", sorted(range(len(ids)), key=ids.__getitem__)).tobytes()])
        _texts(writer, "line", [self._lines[row] for row in order])
        self._pause()
        self._write_words(writer, ordinals)
        self._write_numbers(writer, ordinals)
        for slot, values in self._values.items():
            self._pause()
            _write_values(writer, slot, values, ordinals)
        return writer.finish(len(order))

    def _write_words(self, writer: Writer, ordinals: "array[int]") -> None:
        words = sorted((word.encode(), rows) for word, rows in self._words.items())
        _texts(writer, "word", [word for word, _ in words])
        _postings(writer, "word", [rows for _, rows in words], ordinals)

    def _write_numbers(self, writer: Writer, ordinals: "array[int]") -> None:
        forward = sorted({(key, ordinals[row], kind) for key, _, row, kind in self._numbers})
        backward = sorted({(end, ordinals[row], kind) for _, end, row, kind in self._numbers})
        for name, numbers in (("num", forward), ("rev", backward)):
            writer.section(f"{name}.key", [array("Q", (n[0] for n in numbers)).tobytes()])
            writer.section(f"{name}.at", [array("I", (n[1] for n in numbers)).tobytes()])
            writer.section(f"{name}.kind", [bytes(n[2] for n in numbers)])
        writer.section("digits", (_digits(n[0]) for n in forward))
        self._pause()
        stems = sorted({(key, ordinals[row]) for key, row in {*self._stems, *self._shared_stems()}})
        writer.section("stem", [array("Q", (key for key, _ in stems)).tobytes()])
        writer.section("stem.at", [array("I", (ordinal for _, ordinal in stems)).tobytes()])

    def _shared_stems(self) -> Iterator[tuple[int, int]]:
        """Rule 3 of `main_number`: blocks that three or more numbers of one firm give away."""
        ordered = (line.split("\t") for line in sorted(self._evidence))
        for _, group in groupby(ordered, key=lambda e: (e[0], e[1], e[2][:-MOST_VARYING])):
            rows: dict[str, int] = {}
            for _, _, canonical, row in group:
                rows.setdefault(canonical, int(row))
            key = keys.key(shared_stem(list(rows)))
            if key is not None:
                yield key, next(iter(rows.values()))


def _texts(writer: Writer, name: str, texts: list[bytes]) -> None:
    starts = array("I", [0])
    for text in texts:
        starts.append(starts[-1] + len(text))
    writer.section(name, texts)
    writer.section(f"{name}.start", [starts.tobytes()])


def _postings(writer: Writer, name: str, groups: list[list[int]], ordinals: "array[int]") -> None:
    starts, posts = array("I", [0]), array("I")
    for rows in groups:
        posts.extend(sorted(ordinals[row] for row in rows))
        starts.append(len(posts))
    writer.section(f"{name}.posts", [starts.tobytes()])
    writer.section(f"{name}.at", [posts.tobytes()])


def _write_values(writer: Writer, slot: int, values: dict[bytes, list[int]], ordinals: "array[int]") -> None:
    ordered = sorted(values.items())
    starts = array("I", [1])
    for text, _ in ordered:
        starts.append(starts[-1] + len(text) + 1)
    writer.section(f"v{slot}.text", [b"\n", *(text + b"\n" for text, _ in ordered)])
    writer.section(f"v{slot}.start", [starts.tobytes()])
    _postings(writer, f"v{slot}", [rows for _, rows in ordered], ordinals)


def _digits(key: int) -> bytes:
    text = keys.text(key)
    return (text if text.startswith("+") else " " + text).encode().ljust(WIDTH, b"\0")


def build(contacts: Iterable[Contact], book: str = "") -> Segment:
    """The segment over these contacts, in memory."""
    builder = SegmentBuilder(book)
    for contact in contacts:
        builder.add(contact)
    return builder.finish_in_memory()
