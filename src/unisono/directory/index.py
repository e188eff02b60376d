"""All books as one picture, never changed, only replaced: readers keep theirs while a new one is built.

A book is *layers*: one large segment, smaller ones over it with what changed since, and in memory what was written just now.
A contact counts where it was written last; what a layer takes away counts nowhere below it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from unisono.directory.model import Contact, Identified
from unisono.directory.segment import Segment, build
from unisono.directory.views import EVERYTHING, View


@dataclass(frozen=True)
class Layer:
    """A segment and the ids that it takes away from the layers below, besides those of its own contacts."""

    segment: Segment
    gone: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """Names what it says: its contacts, and what it takes away."""
        if not self.gone:
            return self.segment.digest
        return f"{self.segment.digest}-{blake2b('|'.join(sorted(self.gone)).encode(), digest_size=16).hexdigest()}"


class Part(NamedTuple):
    """A layer as it counts in the picture. `hidden`: a byte per ordinal, not 0 for what counts no more; empty if all count."""

    book: str
    layer: Layer
    hidden: bytes

    @property
    def segment(self) -> Segment:
        """The layer's segment."""
        return self.layer.segment

    def counts(self, ordinal: int) -> bool:
        """Whether this contact is still what its layer says."""
        return not self.hidden or not self.hidden[ordinal]


@dataclass(frozen=True, slots=True)
class Index:
    """`books`: the parts of every book, the newest first. `recent`: what was written since the last layer, per book."""

    books: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    recent: Mapping[str, Layer] = field(default_factory=dict)
    verdicts: dict[tuple[frozenset[str] | None, str], Identified | None] = field(default_factory=dict)
    """What stems turned out to mean, per view; a memory that lives as long as this picture."""

    def __len__(self) -> int:
        return sum(self.count(book) for book in self.books)

    def count(self, book: str) -> int:
        """Contacts of a book."""
        return sum(len(part.segment) - (len(part.hidden) - part.hidden.count(0)) for part in self.books.get(book, ()))

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        return sum(part.segment.size for part in self.parts())

    def parts(self, view: View = EVERYTHING) -> Iterator[Part]:
        """Every part that may be seen."""
        for book, parts in self.books.items():
            if view.sees(book):
                yield from parts

    def contact(self, contact_id: str, view: View = EVERYTHING) -> Contact | None:
        """The contact with this id."""
        for part in self.parts(view):
            ordinal = part.segment.find(contact_id)
            if ordinal is not None and part.counts(ordinal):
                return part.segment.contact(ordinal)
        return None

    def with_book(self, book: str, *layers: Layer) -> "Index":
        """The picture after a book was read anew, the oldest layer first; what was recent in it is in them now."""
        recent = {b: layer for b, layer in self.recent.items() if b != book}
        return Index({**self.books, book: _compose(book, layers)}, recent)

    def without_book(self, book: str) -> "Index":
        """The picture after a book was removed."""
        books = {b: parts for b, parts in self.books.items() if b != book}
        return Index(books, {b: layer for b, layer in self.recent.items() if b != book})

    def with_changes(self, book: str, changed: Sequence[Contact], removed: Iterable[str] = ()) -> "Index":
        """The picture after a few contacts of a book were written or removed."""
        now = {contact.id for contact in changed}
        before = self.recent.get(book, Layer(build((), book)))
        gone = (before.gone | set(removed)) - now
        kept = [c for c in before.segment.contacts() if c.id not in now and c.id not in gone]
        recent = Layer(build([*kept, *changed], book), frozenset(gone))
        layers = [part.layer for part in self.books.get(book, ()) if part.layer is not before]
        return Index({**self.books, book: _compose(book, [*reversed(layers), recent])}, {**self.recent, book: recent})


def _compose(book: str, layers: Sequence[Layer]) -> tuple[Part, ...]:
    parts: list[Part] = []
    above: list[Layer] = []
    for layer in reversed(layers):
        parts.append(Part(book, layer, _hidden(layer.segment, above)))
        above.append(layer)
    return tuple(parts)


def _hidden(segment: Segment, above: Iterable[Layer]) -> bytes:
    hidden = bytearray()
    for layer in above:
        ids = (layer.segment.id(ordinal).decode() for ordinal in range(len(layer.segment)))
        for contact_id in (*layer.gone, *ids):
            ordinal = segment.find(contact_id)
            if ordinal is not None:
                hidden = hidden or bytearray(len(segment))
                hidden[ordinal] = 1
    return bytes(hidden)
