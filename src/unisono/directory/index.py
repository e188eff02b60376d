"""All books' segments as one picture, never changed, only replaced: readers keep theirs while a new one is built."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from unisono.directory.build import build
from unisono.directory.model import Contact, Identified
from unisono.directory.segment import Segment

_NO_SEGMENT = build(())


@dataclass(frozen=True, slots=True)
class Index:
    """`segments` by book; `recent` holds contacts written since, `hidden` the ids for which `recent` (or nothing) counts."""

    segments: Mapping[str, Segment] = field(default_factory=dict)
    recent: Segment = _NO_SEGMENT
    hidden: frozenset[str] = frozenset()
    verdicts: dict[str, Identified | None] = field(default_factory=dict)
    """What stems turned out to mean; a memory that lives as long as this picture."""

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments.values()) + len(self.recent)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return sum(segment.size for segment in self.segments.values()) + self.recent.size

    def parts(self) -> Iterator[tuple[Segment, frozenset[str]]]:
        """Every segment with the ids that do not count in it."""
        if len(self.recent):
            yield self.recent, frozenset()
        for segment in self.segments.values():
            yield segment, self.hidden

    def contact(self, contact_id: str) -> Contact | None:
        """The contact with this id."""
        for segment, hidden in self.parts():
            ordinal = segment.find(contact_id)
            if ordinal is not None and contact_id not in hidden:
                return segment.contact(ordinal)
        return None

    def with_book(self, book: str, segment: Segment) -> "Index":
        """The picture after a book was read anew; what was recent in it is in its segment now."""
        recent = [c for c in self.recent.contacts() if c.book != book]
        kept = frozenset(i for i in self.hidden if segment.find(i) is None)
        return Index({**self.segments, book: segment}, build(recent), kept)

    def without_book(self, book: str) -> "Index":
        """The picture after a book was removed."""
        return Index({b: s for b, s in self.segments.items() if b != book}, self.recent, self.hidden)

    def with_changes(self, changed: Sequence[Contact], removed: Sequence[str] = ()) -> "Index":
        """The picture after a few contacts were written or removed."""
        gone = {c.id for c in changed} | set(removed)
        recent = [c for c in self.recent.contacts() if c.id not in gone]
        return Index(self.segments, build([*recent, *changed]), self.hidden | gone)
