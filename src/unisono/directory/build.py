"""From contacts to a `Segment`. Runs in a thread beside the event loop: no single step holds the interpreter for long."""

import heapq
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from unisono.directory import keys
from unisono.directory.fold import index_words
from unisono.directory.main_number import MOST_VARYING, firm_key, may_share, shared_stem, stem
from unisono.directory.model import Contact
from unisono.directory.pack import pack
from unisono.directory.segment import WIDTH, Segment, Texts

T = TypeVar("T")

_RUN = 4096
"""Items sorted in one go; a sort is one C call and nobody else runs meanwhile."""
_STEP = 4096
"""Items of a loop between two pauses."""
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


def run_sorted(items: Iterable[T], key: Callable[[T], object], pause: Callable[[], None] = _no_pause) -> Iterator[T]:
    """Like `sorted`, in short runs that are merged; `pause` is called between them."""
    runs: list[list[T]] = []
    run: list[T] = []
    for item in items:
        run.append(item)
        if len(run) == _RUN:
            runs.append(sorted(run, key=key))  # type: ignore[arg-type]
            run = []
            pause()
    runs.append(sorted(run, key=key))  # type: ignore[arg-type]
    if len(runs) == 1:
        return iter(runs[0])
    return _with_pauses(heapq.merge(*runs, key=key), pause)  # type: ignore[arg-type]


def _with_pauses(items: Iterable[T], pause: Callable[[], None]) -> Iterator[T]:
    for count, item in enumerate(items, 1):
        if count % _STEP == 0:
            pause()
        yield item


class Builder:
    """Takes contacts one by one, gives the segment. In a thread, `pause` lets the event loop run in between."""

    def __init__(self, pause: Callable[[], None] = _no_pause) -> None:
        self._pause = pause
        self._records: list[bytes] = []
        self._folded: list[bytes] = []
        self._ids: list[bytes] = []
        self._sort_keys: list[str] = []
        self._words: dict[str, int] = {}
        self._row_words = array("I")
        self._row_starts = array("I", [0])
        # Arrays and plain texts: the garbage collector, which stops everybody, does not look into them.
        self._number_keys = array("Q")
        self._number_rows = array("I")
        self._stems: set[tuple[int, int]] = set()
        self._evidence: list[str] = []

    def __len__(self) -> int:
        return len(self._records)

    def add(self, contact: Contact) -> None:
        """Take one contact; ids must be unique."""
        row = len(self._records)
        line, found, sort_key = folded_line(contact)
        self._records.append(pack(contact))
        self._folded.append(line)
        self._ids.append(contact.id.encode())
        self._sort_keys.append(sort_key)
        words = self._words
        for word in found:
            self._row_words.append(words.setdefault(word, len(words)))
        self._row_starts.append(len(self._row_words))
        self._add_numbers(contact, row)

    def _add_numbers(self, contact: Contact, row: int) -> None:
        seen: set[int] = set()
        firm = ""
        for number in contact.numbers:
            key = keys.key(number.canonical)
            if key is None or key in seen:
                continue
            seen.add(key)
            self._number_keys.append(key)
            self._number_rows.append(row)
            found = keys.key(stem(number, contact))
            if found is not None:
                self._stems.add((found, row))
            elif may_share(number, contact):
                firm = firm or firm_key(contact.company)
                self._evidence.append(f"{firm}\t{len(number.canonical):02}\t{number.canonical}\t{row}")

    def finish(self) -> Segment:
        """The segment over all contacts added; the builder is used up."""
        pause = self._pause
        order = array("I", run_sorted(range(len(self._records)), self._sort_keys.__getitem__, pause))
        ordinals = array("I", bytes(4 * len(order)))
        for ordinal, row in enumerate(order):
            ordinals[row] = ordinal
        self._sort_keys.clear()
        by_id = array("I", run_sorted(range(len(self._ids)), self._ids.__getitem__, pause))
        words, starts, postings = self._postings(order)
        by_key = array("I", run_sorted(range(len(self._number_keys)), self._number_keys.__getitem__, pause))
        number_keys = array("Q", (self._number_keys[at] for at in by_key))
        stems = list(run_sorted({*self._stems, *self._shared_stems()}, lambda n: n, pause))
        return Segment(
            records=Texts([self._records[row] for row in order]),
            folded=Texts([self._folded[row] for row in order]),
            ids=Texts([self._ids[row] for row in by_id]),
            ids_at=array("I", (ordinals[row] for row in by_id)),
            words=words,
            posting_starts=starts,
            postings=postings,
            number_keys=number_keys,
            number_at=array("I", (ordinals[self._number_rows[at]] for at in by_key)),
            number_digits=b"".join(_digits(key) for key in _with_pauses(number_keys, pause)),
            stems=array("Q", (key for key, _ in stems)),
            stem_at=array("I", (ordinals[row] for _, row in stems)),
        )

    def _postings(self, order: "array[int]") -> tuple[Texts, "array[int]", "array[int]"]:
        by_text = list(run_sorted(self._words, str.encode, self._pause))
        rank = array("I", bytes(4 * len(by_text)))
        for place, word in enumerate(by_text):
            rank[self._words[word]] = place
        starts = array("I", bytes(4 * (len(by_text) + 1)))
        for number in _with_pauses(self._row_words, self._pause):
            starts[rank[number] + 1] += 1
        for place in range(len(by_text)):
            starts[place + 1] += starts[place]
        cursors = array("I", starts)
        postings = array("I", bytes(4 * len(self._row_words)))
        for ordinal, row in enumerate(_with_pauses(order, self._pause)):
            for number in self._row_words[self._row_starts[row] : self._row_starts[row + 1]]:
                place = rank[number]
                postings[cursors[place]] = ordinal
                cursors[place] += 1
        return Texts([word.encode() for word in by_text]), starts, postings

    def _shared_stems(self) -> Iterator[tuple[int, int]]:
        """Rule 3 of `main_number`: blocks that three or more numbers of one firm give away."""
        ordered = (line.split("\t") for line in run_sorted(self._evidence, str, self._pause))
        for _, group in groupby(ordered, key=lambda e: (e[0], e[1], e[2][:-MOST_VARYING])):
            rows: dict[str, int] = {}
            for _, _, canonical, row in group:
                rows.setdefault(canonical, int(row))
            key = keys.key(shared_stem(list(rows)))
            if key is not None:
                yield key, next(iter(rows.values()))


def _digits(key: int) -> bytes:
    text = keys.text(key)
    return (text if text.startswith("+") else " " + text).encode().ljust(WIDTH, b"\0")


def build(contacts: Iterable[Contact]) -> Segment:
    """The segment over these contacts."""
    builder = Builder()
    for contact in contacts:
        builder.add(contact)
    return builder.finish()
